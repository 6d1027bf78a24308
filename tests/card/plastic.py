"""A small CA and the cards it issues, for the card tests."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ebid_tui.card.pin import Pin
from ebid_tui.demo.virtual_card import SlotKey, VirtualCard

Kind = Literal["rsa1024", "rsa2048", "rsa3072", "p256", "p384"]
PIN = b"123456"
ISSUER = "OU=TEST CA,O=TEST CA,C=JP"


@cache
def private_key(kind: Kind, owner: str = "") -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """One key of each kind and owner a test run."""
    match kind:
        case "rsa1024":
            return rsa.generate_private_key(65537, 1024)
        case "rsa2048":
            return rsa.generate_private_key(65537, 2048)
        case "rsa3072":
            return rsa.generate_private_key(65537, 3072)
        case "p256":
            return ec.generate_private_key(ec.SECP256R1())
        case "p384":
            return ec.generate_private_key(ec.SECP384R1())


@dataclass(frozen=True)
class Usage:
    """The keyUsage of a certificate; None leaves the extension out."""

    signature: bool = True
    commitment: bool = False
    encipherment: bool = False


@dataclass
class CertificateAuthority:
    """Issues certificates under any name."""

    issuer: str = ISSUER
    now: datetime.datetime = field(kw_only=True)
    """Its cards are of yesterday, and for a year."""
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def certificate(
        self,
        kind: Kind,
        *,
        owner: str = "",
        usage: Usage | None = Usage(),
        serial: int = 683,
        not_before: datetime.datetime | None = None,
        not_after: datetime.datetime | None = None,
        padding: int = 0,
    ) -> bytes:
        """`padding`: bytes of an extension that says nothing."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name.from_rfc4514_string(f"CN=KOJIN JURO{owner},O=TEST KOJI,C=JP"))
            .issuer_name(x509.Name.from_rfc4514_string(self.issuer))
            .public_key(private_key(kind, owner).public_key())
            .serial_number(serial)
            .not_valid_before(not_before or self.now - datetime.timedelta(days=1))
            .not_valid_after(not_after or self.now + datetime.timedelta(days=365))
        )
        if usage is not None:
            builder = builder.add_extension(
                x509.KeyUsage(usage.signature, usage.commitment, usage.encipherment, False, False, False, False, False, False),
                critical=True,
            )
        if padding:
            nothing = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), bytes(padding))
            builder = builder.add_extension(nothing, critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.DER)

    def slot(self, kind: Kind, *, owner: str = "", usage: Usage | None = Usage(), compressed: bool = False) -> SlotKey:
        return SlotKey(private_key(kind, owner), self.certificate(kind, owner=owner, usage=usage), compressed)

    def card(self, kind: Kind = "p256", *, slot: int = 0x9A, owner: str = "", **more: object) -> VirtualCard:
        """A card with one key."""
        return VirtualCard({slot: self.slot(kind, owner=owner)}, PIN, **more)  # type: ignore[arg-type]


def pin(text: bytes = PIN) -> Pin:
    """A PIN as typed."""
    return Pin.from_bytes(bytearray(text))
