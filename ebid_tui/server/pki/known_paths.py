"""Paths from an anchor to an authority, kept once they are found right, so that of the next plain card only the card is checked.

RFC 5280, section 6.1, goes through a path certificate by certificate, from the anchor down, and what it brings to the last one
depends on those before alone. So a card by an authority whose way is known needs the last step only. It is made here for plain
cards below plain authorities; with anything else, and with every doubt, all is left to the validator. Never does this say no.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.server.pki.path import CURVES, RSA_BITS

if TYPE_CHECKING:
    from asn1crypto import x509 as asn1
    from cryptography import x509

MOST_PATHS = 200
"""The most that are kept."""
PLAIN = frozenset(f"2.5.29.{n}" for n in (14, 15, 17, 19, 31, 32, 35, 37)) | {"1.3.6.1.5.5.7.1.1"}
"""Extensions that bring nothing to the last step where any policy will do: identifiers of keys, usages, alternative name, basic
constraints (the validator has looked at an authority's), where lists are, policies, where the authority is. What restrains names or
policies is not among them."""
SIGNED = frozenset({*(f"1.2.840.113549.1.1.{n}" for n in (11, 12, 13)), *(f"1.2.840.10045.4.3.{n}" for n in (2, 3, 4))})
"""SHA-2 with RSA (PKCS #1 v1.5) or ECDSA."""
_ISSUERS_KEY = "2.5.29.35"


@dataclass(frozen=True, slots=True)
class KnownPath:
    """Certificates from the anchor down to the one that issues cards, found right by the validator."""

    path: tuple[asn1.Certificate, ...]
    der: tuple[bytes, ...]
    issuer: x509.Certificate
    begins: datetime
    ends: datetime
    """Between these all of them are valid."""


@dataclass(frozen=True, slots=True)
class CardPath:
    """A card's path that was found so; `ends` is the first end of a certificate on it."""

    der: tuple[bytes, ...]
    ends: datetime
    way: KnownPath


class KnownPaths:
    """Of one system's anchors and rules."""

    def __init__(self, anchors: Sequence[asn1.Certificate], rules: TrustRules) -> None:
        self._known: dict[tuple[bytes, bytes], KnownPath] = {}
        self._anchors = frozenset(anchor.public_key.dump() for anchor in anchors)
        # Where only some policies will do, what those of the whole path come to decides.
        self._any = not rules.policies and not rules.explicit_policy

    def learn(self, path: Sequence[asn1.Certificate]) -> None:
        """A whole path, anchor first, that the validator has found right just now."""
        from cryptography import x509

        anchor, *below, leaf = path
        try:
            members = [x509.load_der_x509_certificate(member.dump()) for member in (anchor, *below)]
            wanted = _wanted(x509.load_der_x509_certificate(leaf.dump()))
            if not self._any or not all(map(_plain, members[1:])) or anchor.name_constraints_value is not None:
                return
        except Exception:  # noqa: BLE001 - a doubt, whatever its kind: the validator decides
            return
        if len(self._known) >= MOST_PATHS:
            self._known.clear()
        begins = max(member.not_valid_before_utc for member in members)
        ends = min(member.not_valid_after_utc for member in members)
        self._known[wanted] = KnownPath((anchor, *below), tuple(member.dump() for member in path[:-1]), members[-1], begins, ends)

    def along(self, der: bytes, now: datetime) -> CardPath | None:
        """The path of a card by an authority whose way is known; None where it is for the validator to say."""
        from cryptography import x509

        try:
            card = x509.load_der_x509_certificate(der)
            way = self._known.get(_wanted(card))
            if way is None or not way.begins <= now <= way.ends or not _plain(card) or not self._is_card(card):
                return None
            ends = card.not_valid_after_utc
            if not card.not_valid_before_utc <= now <= ends:
                return None
            # The issuer's name byte by byte, one signature algorithm inside and outside, and the signature itself.
            card.verify_directly_issued_by(way.issuer)
        except Exception:  # noqa: BLE001 - the same
            return None
        return CardPath((*way.der, der), min(way.ends, ends), way)

    def _is_card(self, card: x509.Certificate) -> bool:
        """Strong, and neither one of the anchors under another signature nor an authority that speaks of itself."""
        from cryptography.hazmat.primitives.asymmetric import ec, rsa
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        key = card.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            strong = key.key_size >= RSA_BITS
        else:
            strong = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES
        return (
            strong
            and card.signature_algorithm_oid.dotted_string in SIGNED
            and card.subject != card.issuer
            and key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) not in self._anchors
        )


def _wanted(card: x509.Certificate) -> tuple[bytes, bytes]:
    """What a card says of its issuer: the name, and the key's identifier. Raises ValueError."""
    identifier = next((e.value.public_bytes() for e in card.extensions if e.oid.dotted_string == _ISSUERS_KEY), b"")
    return card.issuer.public_bytes(), identifier


def _plain(certificate: x509.Certificate) -> bool:
    """Whether it has no extension that asks for more. Raises ValueError for one that cannot be read or stands twice."""
    return all(extension.oid.dotted_string in PLAIN for extension in certificate.extensions)
