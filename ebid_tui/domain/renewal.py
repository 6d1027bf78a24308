"""R-08: the current card and the new one side by side; what differs, what that means, and whether it stops a renewal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from ebid_tui.domain import rules
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Values
from ebid_tui.domain.statement import ComparedRow
from ebid_tui.domain.text import names
from ebid_tui.domain.text.names import NameComparison
from ebid_tui.errors import RuleError
from ebid_tui.language import SOURCE, speaking, speaking_of
from ebid_tui.messages import t

COMPANY_ROWS = frozenset({"card_holder.company", "card_holder.person", "card_holder.company_address", "card_holder.address"})
"""Rows where a difference asks whether it is still the same company, person and place."""


def rows(profile: Profile, company: Values, current: Certificate, new: Certificate) -> tuple[ComparedRow, ...]:
    """The rows of the profile, compared. `company` is block 企業情報 of the registration, the same on both sides.

    They are signed, and the server makes them for itself: they are Japanese in the system's words, whatever is spoken.
    """
    with speaking(SOURCE), speaking_of(profile.words):
        left, right = _values(profile, company, current), _values(profile, company, new)
        return tuple(_row(field, left[field], right[field]) for field in profile.renewal.rows)


def _values(profile: Profile, company: Values, certificate: Certificate) -> Mapping[str, str]:
    card = {
        "serial": serial(profile, certificate),
        "issuer": certificate.issuer,
        "not_after": certificate.not_after_text,
    }
    blocks = {"company": company, "card_holder": certificate.card_holder, "card_certificate": card}
    shown = (row.split(".", 1) for row in profile.renewal.rows)
    return {f"{block}.{field}": blocks.get(block, {}).get(field, "") for block, field in shown}


def serial(profile: Profile, certificate: Certificate) -> str:
    """証明書シリアル番号 as this system's 電子証明書更新確認 shows it."""
    if profile.card.renewal_serial == "decimal":
        return certificate.serial_decimal
    return t("flow.serial.both", decimal=certificate.serial_decimal, hex=certificate.serial_hex)


def _row(field: str, current: str, new: str) -> ComparedRow:
    verdict, meaning = _verdict(field, current, new)
    return ComparedRow(field, current, new, verdict, t(meaning) if meaning else "")


def note(row: ComparedRow) -> str:
    """What the row's difference means, in the language spoken now."""
    meaning = _verdict(row.field, row.current, row.new)[1]
    return t(meaning) if meaning else ""


def _verdict(field: str, current: str, new: str) -> tuple[Literal["equal", "changed", "notable"], str]:
    """How the two compare, and the key of the sentence that says what that means."""
    if current == new:
        return "equal", ""
    if field == "card_certificate.issuer":
        return "notable", "flow.renewal.other_ca"
    if field in COMPANY_ROWS:
        result = names.compare(current, new)
        if result is NameComparison.SAME:
            return "changed", "flow.renewal.other_spelling"
        part = field.removeprefix("card_holder.")
        return "notable", f"flow.renewal.{part}_{'differs' if result is NameComparison.DIFFERS else 'unknown'}"
    return "changed", ""


def refuse(profile: Profile, current: Certificate, new: Certificate, now: datetime) -> None:
    """Everything about the two cards that ends a renewal before the new one's PIN is asked.

    Raises RuleError: R-08 for the same card put back in, for another authority and another company where the system
    stops there; R-09 for an ended current card, R-34 for a card of no accepted authority.
    """
    if current.fingerprint == new.fingerprint:
        raise RuleError("R-08", "same card", causes=(t("flow.renewal.same_card"),))
    rules.refuse_expired(current.not_after, now)
    rules.refuse_issuer(new.issuer, profile.trusted)
    rules.refuse_expired(new.not_after, now)
    if current.issuer != new.issuer and profile.renewal.different_ca == "stop":
        raise RuleError("R-08", "authority", causes=(t("flow.renewal.other_ca"),))
    if profile.renewal.different_company == "stop":
        _refuse_other_company(current, new)


def _refuse_other_company(current: Certificate, new: Certificate) -> None:
    for part, left, right in (
        ("company", current.company, new.company),
        ("company_address", current.company_address, new.company_address),
        ("person", current.holder, new.holder),
        ("address", current.holder_address, new.holder_address),
    ):
        if (left or right) and left != right and names.compare(left, right) is NameComparison.DIFFERS:
            raise RuleError("R-08", part, causes=(t(f"flow.renewal.{part}_differs"),))


def needs_answer(compared: tuple[ComparedRow, ...]) -> bool:
    """R-08, R-06: True where a row is notable: the person has to say that the renewal is right all the same."""
    return any(row.verdict == "notable" for row in compared)
