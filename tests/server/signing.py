"""Cards without plastic: a key and its certificate, and what they sign."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

from ebid_tui.demo import cards
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import statement
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.statement import OperatorSignIn, RenewalStatement, Role, Signature, Signed, SignIn, Statement

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Card:
    """A card's key and certificate (DER)."""

    key: PrivateKey
    der: bytes

    @property
    def certificate(self) -> Certificate:
        return certificates.read(self.der)

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint

    @property
    def alg(self) -> Any:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return "RS256"
        return "ES384" if self.key.curve.key_size == 384 else "ES256"

    def signature(self, payload: str, role: Role = "card", alg: str | None = None, **header: object) -> Signature:
        """One signature over a payload part; `header` adds members to the protected header."""
        if header:
            members = {"alg": alg or self.alg, "typ": statement.TYPE, "role": role, "x5c": [base64.b64encode(self.der).decode()]}
            protected = statement.b64(msgspec.json.encode(members | header))
        else:
            protected = statement.protected(alg or self.alg, role, self.der)  # type: ignore[arg-type]
        return Signature(protected, statement.b64(self.sign(statement.signing_input(payload, protected))))

    def sign(self, message: bytes) -> bytes:
        """A JWS signature (RFC 7518) over a message."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        size = (self.key.curve.key_size + 7) // 8
        hashed = hashes.SHA384() if size == 48 else hashes.SHA256()
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(hashed)))
        return r.to_bytes(size) + s.to_bytes(size)

    def signed(self, content: SignIn | OperatorSignIn | Statement) -> Signed:
        """A statement with this card's signature."""
        payload = statement.payload(content)
        return Signed(payload, (self.signature(payload),))


def signed_by_both(content: RenewalStatement, current: Card, new: Card) -> Signed:
    """A renewal with both cards' signatures, the current one first."""
    payload = statement.payload(content)
    return Signed(payload, (current.signature(payload, "current"), new.signature(payload, "new")))


def demo_card(wallet: cards.Wallet, name: str) -> Card:
    """A demo card, opened."""
    slot = cards.make_virtual(wallet, name).slots[cards.SLOT_AUTHENTICATION]
    return Card(slot.private_key, slot.certificate)


class Authority:
    """A certification authority of a test's own, that makes any kind of bad card. Its name is one that every system accepts."""

    def __init__(self, name: str = "AOSign TEST AUTHORITY", *, now: datetime) -> None:
        self.now = now
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)])
        self.der = self._certify(self.name, self.key, x509.BasicConstraints(True, 1), _usage("key_cert_sign"), timedelta(days=3650))

    def below(self) -> Authority:
        """Another one, with a certificate from this one."""
        made = Authority("AOSign TEST ISSUER", now=self.now)
        made.der = self._certify(made.name, made.key, x509.BasicConstraints(True, 0), _usage("key_cert_sign"), timedelta(days=3650))
        return made

    def card(
        self,
        company: str,
        person: str,
        key: PrivateKey | None = None,
        usage: Sequence[str] = ("digital_signature",),
        lifetime: timedelta = timedelta(days=365),
        begins: timedelta = timedelta(0),
        ends: datetime | None = None,
    ) -> Card:
        """A card for a holder; `lifetime` may be negative: then it has expired. `ends`: for one that has minutes left."""
        if ends is not None:
            lifetime = ends - self.now - begins
        key = key or ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, company),
                x509.NameAttribute(NameOID.COMMON_NAME, person),
            ]
        )
        return Card(key, self._certify(name, key, x509.BasicConstraints(False, None), _usage(*usage), lifetime, begins))

    def _certify(
        self,
        name: x509.Name,
        key: PrivateKey,
        constraints: x509.BasicConstraints,
        usage: x509.KeyUsage,
        lifetime: timedelta,
        begins: timedelta = timedelta(0),
    ) -> bytes:
        builder = (
            x509.CertificateBuilder(self.name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(self.now + begins - timedelta(days=400))
            .not_valid_after(self.now + begins + lifetime)
            .add_extension(constraints, critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _usage(*granted: str) -> x509.KeyUsage:
    every = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
        "key_cert_sign crl_sign encipher_only decipher_only"
    ).split()
    return x509.KeyUsage(**{usage: usage in granted for usage in every})
