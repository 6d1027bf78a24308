"""Whether a card's certificate is accepted: kind of card, key, time, usage, and the path to a trusted authority.

Path validation (RFC 5280) is `pyhanko-certvalidator`'s, with the system's own anchors and no other; key sizes are
checked here, it does not. Revocation is not looked at yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import rules
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.issuers import known_issuers
from ebid_tui.domain.systems import Profile
from ebid_tui.errors import CertificateUnreadable, RuleError
from ebid_tui.messages import t
from ebid_tui.server.verdicts import Verdict

if TYPE_CHECKING:
    from asn1crypto import x509

VERDICTS = 10_000
"""The most verdicts kept at a time."""
CURVES = ("P-256", "P-384", "P-521")
"""What an authority may sign with, beside RSA of 2048 bits or more; cards are held to `Certificate.algorithm`."""


class Trust:
    """The trusted authorities by id, and what was found about certificates seen before.

    A verdict is the same for every process that has the same anchors, so keeping it is no state. It is kept for a
    certificate until the first certificate of its path ends.
    """

    def __init__(self, anchors: Mapping[str, Sequence[bytes]]) -> None:
        self._anchors = anchors
        self._verdicts: dict[tuple[str, str], Verdict] = {}

    async def accept(self, profile: Profile, certificate: Certificate, chain: Sequence[bytes], now: datetime) -> Verdict:
        """What was found, if this system accepts the certificate now.

        `chain` is DER, the card's first. Raises RuleError R-23 (My Number and corporate cards), R-09 (expired) or
        R-34 (anything else that is no accepted card).
        """
        _refuse_by_kind(certificate)
        rules.refuse_expired(certificate.not_after, now)
        if certificate.algorithm is None or certificate.signature_hash in (None, "md5", "sha1"):
            raise _refused("weak")
        if not certificate.may_sign:
            raise _refused("no_signing")
        if certificate.not_before > now:
            raise _refused("not_yet")
        known = (profile.id, certificate.fingerprint)
        kept = self._verdicts.get(known)
        if kept is not None and kept.valid_until > now:
            return kept
        verdict = await self._validated(profile, chain, now)
        if len(self._verdicts) >= VERDICTS:
            self._verdicts.clear()
        self._verdicts[known] = verdict
        return verdict

    async def _validated(self, profile: Profile, chain: Sequence[bytes], now: datetime) -> Verdict:
        """The path. RuleError R-34 where there is no path."""
        from asn1crypto import x509
        from pyhanko_certvalidator import CertificateValidator, ValidationContext
        from pyhanko_certvalidator.errors import PathError, ValidationError

        anchors = [x509.Certificate.load(der) for ca in profile.trusted for der in self._anchors.get(ca, ())]
        if not anchors:
            raise _refused("untrusted")
        context = ValidationContext(trust_roots=anchors, moment=now, allow_fetching=False)
        try:
            leaf, *between = [x509.Certificate.load(der, strict=True) for der in chain]
            path = await CertificateValidator(leaf, between, context).async_validate_path()
            members: list[x509.Certificate] = list(path)
            if any(_weak(member) for member in members):
                raise _refused("weak")
            end: datetime = min(member.not_valid_after for member in members)
            return Verdict(tuple(member.dump() for member in members), (), (), "unchecked", end)
        except (PathError, ValidationError, ValueError) as error:
            raise _refused("untrusted") from error


def _refuse_by_kind(certificate: Certificate) -> None:
    """R-23: cards that are recognised by their issuer in order to refuse them."""
    issuer = known_issuers().find(certificate.issuer)
    if issuer is not None and issuer.kind == "refused":
        raise RuleError(issuer.rule, certificate.issuer, what=issuer.service or issuer.name)


def _refused(why: str) -> RuleError:
    return RuleError("R-34", why, what=t(f"server.card_{why}"))


def _weak(member: x509.Certificate) -> bool:
    """Whether a certificate of a path has a key that is not taken; also one that cannot be read."""
    try:
        key = certificates.read(member.dump()).key
    except CertificateUnreadable:
        return True
    return int(key[4:]) < 2048 if key.startswith("RSA-") else key not in CURVES
