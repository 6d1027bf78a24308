"""Decisions by rule number: the same answers on the client, which tells early, and on the server, which decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from ebid_tui.domain.certificate import JAPAN, Certificate
from ebid_tui.domain.issuers import known_issuers
from ebid_tui.domain.records import Qualification, RegisteredCard, Values
from ebid_tui.domain.text import names
from ebid_tui.domain.text.names import NameComparison
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.messages import t

WEAK_HASHES: frozenset[str | None] = frozenset({None, "md5", "sha1"})
"""By which no certificate may be signed; None is a way of signing that nobody here knows."""


USAGES = frozenset({"1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4", "2.5.29.37.0"})
"""Of extendedKeyUsage: clientAuth, emailProtection, anyExtendedKeyUsage (RFC 5280, 4.2.1.12). A card signs in, and signs documents."""


HolderRule = Literal["ask", "must_match", "any"]


class HolderCheck(msgspec.Struct, frozen=True):
    """R-06, R-32: how the card's company and holder compare with the qualification's company and representative."""

    company: NameComparison
    person: NameComparison

    rule: HolderRule = "ask"

    @property
    def needs_answer(self) -> bool:
        """True where they differ, or cannot be compared: the person has to say whose card it is, unless it does not matter here."""
        return self.rule != "any" and (self.company is not NameComparison.SAME or self.person is not NameComparison.SAME)

    @property
    def refused(self) -> bool:
        """True where they surely differ and the system takes no such card."""
        return self.rule == "must_match" and NameComparison.DIFFERS in (self.company, self.person)


def compare_holder(company: Values, card_holder: Values, rule: HolderRule = "ask") -> HolderCheck:
    """R-06: block `company` of the qualification, whatever its `branch`, against block `card_holder` of the card.

    `rule` is the system's (`rules.holder`).
    """
    return HolderCheck(
        company=names.compare_company(company.get("name"), company.get("branch", ""), card_holder.get("company")),
        person=names.compare(company.get("representative"), card_holder.get("person")),
        rule=rule,
    )


def refuse_holder(check: HolderCheck) -> None:
    """R-32: a card in another name than the list's, where the system takes none."""
    if check.refused:
        raise RuleError("R-32")


def refuse_registered(registered: Iterable[RegisteredCard], realm: str, agency: str | None = None) -> None:
    """R-05, R-30: a card registers to one vendor only, within one category realm of one system.

    With `agency`, only what is registered there counts: its own vendor may register it at a further agency (R-17),
    which the server decides. What the office refused does not count; while it waits, ServerError E-WAITING says so.
    """
    for earlier in registered:
        if earlier.realm == realm and agency in (None, earlier.agency) and earlier.state != "refused":
            if earlier.state == "waiting":
                raise ServerError("card", code="E-WAITING")
            raise RuleError("R-05", earlier.trade_name, trade_name=earlier.trade_name, causes=(t("notice.renumbered"),))


def refuse_lapsed(qualification: Qualification, contact: str) -> None:
    """R-35: no registration, renewal or login on a lapsed qualification; `contact` is whom to ask."""
    if qualification.state == "lapsed":
        raise RuleError("R-35", qualification.vendor.number, contact=contact)


def refuse_kind(issuer: str) -> None:
    """R-23: cards that are recognised by their issuer in order to refuse them."""
    authority = known_issuers().find(issuer)
    if authority is not None and authority.kind == "refused":
        raise RuleError(authority.rule, issuer, what=authority.service or authority.name)


def refuse_issuer(issuer: str, trusted: Iterable[str]) -> None:
    """R-23 (cards of another purpose) and R-34 (only cards of the accepted authorities), by the issuer's name (RFC 4514).

    `trusted` are the system's authority ids. The server checks the certificate's path as well: a name proves nothing.
    """
    refuse_kind(issuer)
    authority = known_issuers().find(issuer)
    if authority is None or authority.id not in trusted:
        raise RuleError("R-34", issuer, what=issuer)


def refuse_expired(not_after: datetime, now: datetime) -> None:
    """A card whose certificate has ended cannot be registered; R-09 leads from renewal to registration."""
    if not_after < now:
        raise RuleError("R-09", not_after.isoformat(), not_after=f"{not_after.astimezone(JAPAN):%Y/%m/%d}")


def refuse_other_usage(certificate: Certificate, usages: Iterable[str]) -> None:
    """R-34 for a certificate whose extendedKeyUsage names another task only: a web server's, a time stamp's, a program's signature.

    `usages` are the OIDs that the system takes as well. Without the extension it may be used for everything (RFC 5280, 4.2.1.12).
    """
    named = certificate.extended_key_usage
    if named is not None and not USAGES.union(usages).intersection(named):
        shown = ", ".join(named[:4]) or t("common.missing")
        raise _unusable("other_usage", oids=shown)


def refuse_unusable(certificate: Certificate, now: datetime, usages: Iterable[str] = ()) -> None:
    """R-34 for a certificate that no server would take: its key, its hash, what it may be used for, its first day."""
    if certificate.algorithm is None:
        raise _unusable("weak_key", key=certificate.key)
    if certificate.signature_hash in WEAK_HASHES:
        raise _unusable("weak_hash", hash=certificate.signature_hash or t("common.missing"))
    if not certificate.may_sign:
        raise _unusable("no_signing")
    refuse_other_usage(certificate, usages)
    if certificate.not_understood:
        raise _unusable("not_understood", oids=", ".join(certificate.not_understood))
    if certificate.not_before > now:
        raise _unusable("not_yet", day=f"{certificate.not_before.astimezone(JAPAN):%Y/%m/%d}")


def _unusable(why: str, **values: object) -> RuleError:
    return RuleError("R-34", why, what=t(f"card.what_{why}"), causes=(t(f"card.unusable_{why}", **values),))
