"""Which of a card's certificates: refused issuers first, then usage, issuer, validity; asked where more than one will do.

The same for every way of speaking to a card. Names and dates are looked at, trust is not: the server checks paths.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol, TypeVar

from ebid_tui.card.refused_cards import refusal, refuse_issuer
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.issuers import IssuerTable, known_issuers
from ebid_tui.errors import CardGarbled, CardRefused, CertificateUnreadable, SeveralCertificates

TOGETHER = timedelta(days=1)
"""Two certificates of one holder that end this close to each other were issued as a pair: either will do."""


class HasCertificate(Protocol):
    """A key of a card, as far as choosing goes."""

    @property
    def der(self) -> bytes:
        """Its certificate."""


K = TypeVar("K", bound=HasCertificate)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted of a card. `trusted`: ids of the issuers' table, none given means every authority that is not refused."""

    trusted: frozenset[str] = frozenset()
    fingerprint: str = ""
    now: datetime | None = None
    """None: whether one is valid plays no part."""

    def of(self, keys: Sequence[K]) -> K:
        """The key to sign with, among those that can, in the card's order of preference.

        Raises CardRefused (R-23; R-34 where there is none), CardGarbled (E-CERT) where none can be read, SeveralCertificates.
        """
        if not keys:
            raise refusal("R-34", "no_certificate")
        asked_for = [key for key in keys if self.fingerprint and fingerprint(key.der) == self.fingerprint]
        left = [(key, read(key.der)) for key in self._not_refused(asked_for or keys)]
        for good in (lambda c: c.may_sign, self.accepts, self._valid):
            left = [(key, found) for key, found in left if good(found)] or left
        first, card = left[0]
        others = [(key, found) for key, found in left[1:] if not _pair(card, found)]
        if others:
            raise SeveralCertificates((first.der, *_first_of_each(others)))
        return first

    def accepts(self, certificate: Certificate) -> bool:
        """Whether the issuer's name is one of an authority that is accepted (R-34)."""
        authority = known_issuers().find(certificate.issuer)
        return authority is not None and authority.kind != "refused" and (not self.trusted or authority.id in self.trusted)

    def _not_refused(self, keys: Sequence[K]) -> list[K]:
        """The keys whose certificates are not of a refused issuer (R-23). A My Number certificate refuses the whole card."""
        left: list[K] = []
        refused: CardRefused | None = None
        for key in keys:
            try:
                refuse_issuer(read(key.der))
                left.append(key)
            except CardRefused as error:
                if error.detail == "mynumber":
                    raise
                refused = refused or error
        if refused is not None and not left:
            raise refused
        return left

    def _valid(self, certificate: Certificate) -> bool:
        return self.now is None or certificate.not_before <= self.now <= certificate.not_after


def fingerprint(der: bytes) -> str:
    """SHA-256, lower-case hex."""
    return hashlib.sha256(der).hexdigest()


def read(der: bytes) -> Certificate:
    """As the domain reads it; raises CardGarbled with code E-CERT: what this card holds is no certificate."""
    try:
        return _read(der, known_issuers())
    except CertificateUnreadable as error:
        raise CardGarbled(error.detail, code=CertificateUnreadable.code) from error


def _pair(one: Certificate, other: Certificate) -> bool:
    """Whether it makes no difference to the person: one holder, one issuer, ending together (as PIV's 9A and 9C do)."""
    same = (one.issuer, one.subject, one.company, one.holder) == (other.issuer, other.subject, other.company, other.holder)
    return same and abs(one.not_after - other.not_after) <= TOGETHER


def _first_of_each(keys: Sequence[tuple[K, Certificate]]) -> list[bytes]:
    """One certificate of each pair, DER."""
    found: list[tuple[K, Certificate]] = []
    for key, certificate in keys:
        if not any(_pair(certificate, other) for _, other in found):
            found.append((key, certificate))
    return [key.der for key, _ in found]


@lru_cache(maxsize=4)
def _read(der: bytes, issuers: IssuerTable) -> Certificate:
    """Recognising a card reads its certificates again and again while the card waits: 0.5 ms each time."""
    return certificates.read(der, issuers)
