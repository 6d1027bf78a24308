"""From an X.509 certificate to what the screens show: whose card, which serial, which issuer, until when.

Parsing is `cryptography`'s; where an issuer puts company and holder is a table (`issuers.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Literal

from ebid_tui.domain.cleaning import tidy
from ebid_tui.domain.issuers import IssuerTable, Part, known_issuers
from ebid_tui.domain.records import CardCertificate, Values
from ebid_tui.errors import CertificateUnreadable

if TYPE_CHECKING:
    from cryptography import x509

JAPAN = timezone(timedelta(hours=9), "JST")
"""Japan has had no summer time since 1951."""

Algorithm = Literal["RS256", "ES256", "ES384"]
_EC_ALGORITHMS: Mapping[str, Algorithm] = {"P-256": "ES256", "P-384": "ES384"}

_LARGEST = 65_536
"""Bytes: no card's certificate comes near it."""

_OIDS: Mapping[str, str] = {
    "C": "2.5.4.6",
    "ST": "2.5.4.8",
    "L": "2.5.4.7",
    "STREET": "2.5.4.9",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "CN": "2.5.4.3",
    "SN": "2.5.4.4",
    "GN": "2.5.4.42",
    "T": "2.5.4.12",
    "SERIALNUMBER": "2.5.4.5",
}
_KEY_USAGES: Mapping[str, str] = {
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a card's certificate says. A part it does not say is None, and is shown as missing."""

    der: bytes = field(repr=False)
    fingerprint: str
    """SHA-256 of the DER, lower-case hex."""
    serial: int
    issuer: str
    """RFC 4514, most specific first: `OU=TEST CA,O=TEST CA,C=JP`."""
    subject: str
    not_before: datetime
    not_after: datetime
    company: str | None
    company_address: str | None
    holder: str | None
    holder_address: str | None
    key: str
    """`RSA-2048`, `P-256`, `P-384` …, `unknown`."""
    key_usage: frozenset[str]
    """RFC 5280 names (`digitalSignature`); empty where the certificate does not say."""
    signature_hash: str | None
    """`sha256` …; None where the signature algorithm has none or is not known."""

    @property
    def serial_decimal(self) -> str:
        return str(self.serial)

    @property
    def serial_hex(self) -> str:
        """Lower-case, without 0x: `2ab`."""
        return f"{self.serial:x}"

    @property
    def not_after_text(self) -> str:
        """The last day as the screens print it, in Japan time: `2028/02/29`."""
        return f"{self.not_after.astimezone(JAPAN):%Y/%m/%d}"

    @property
    def may_sign(self) -> bool:
        """keyUsage has digitalSignature or nonRepudiation; a certificate that says nothing is not taken."""
        return bool(self.key_usage & {"digitalSignature", "nonRepudiation"})

    @property
    def algorithm(self) -> Algorithm | None:
        """The JWS algorithm (RFC 7518) of its key; None for keys that are not taken (RSA below 2048 bits, other curves)."""
        if self.key.startswith("RSA-"):
            return "RS256" if int(self.key[4:]) >= 2048 else None
        return _EC_ALGORITHMS.get(self.key)

    def expired(self, now: datetime) -> bool:
        """R-09: past its last second."""
        return now > self.not_after

    def days_left(self, now: datetime) -> int:
        """R-25: days of Japan's calendar until the last one, which is 0; negative exactly when it has expired."""
        days = (self.not_after.astimezone(JAPAN).date() - now.astimezone(JAPAN).date()).days
        return min(days, -1) if self.expired(now) else days

    @property
    def card_holder(self) -> Values:
        """Block `card_holder`: company, company_address, person, address; empty where missing."""
        return {
            "company": self.company or "",
            "company_address": self.company_address or "",
            "person": self.holder or "",
            "address": self.holder_address or "",
        }

    @property
    def record(self) -> CardCertificate:
        """ICカード情報, as kept with a registration."""
        return CardCertificate(fingerprint=self.fingerprint, serial=self.serial_decimal, issuer=self.issuer, not_after=self.not_after)


def read(der: bytes, issuers: IssuerTable | None = None) -> Certificate:
    """Read a certificate (DER, nothing after it) by the issuers' table; by default the one that comes with the program.

    Raises CertificateUnreadable for anything that is no certificate. Trust is not looked at: the server decides.
    """
    from cryptography import x509  # 40 ms: only when there is a certificate to read
    from cryptography.exceptions import UnsupportedAlgorithm

    if len(der) > _LARGEST:
        raise CertificateUnreadable("too long")
    table = known_issuers() if issuers is None else issuers
    try:
        return _certificate(x509.load_der_x509_certificate(der), der, table)
    except (ValueError, TypeError, OverflowError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise CertificateUnreadable(type(error).__name__) from error


def _certificate(parsed: x509.Certificate, der: bytes, table: IssuerTable) -> Certificate:
    issuer = _shown(parsed.issuer)
    names = {"subject": parsed.subject, "san": _directory_name(parsed)}

    def find(part: Part) -> str | None:
        for name_id, attributes in table.places(issuer, part):
            found = _attributes(names[name_id], attributes)
            if found:
                return found
        return None

    return Certificate(
        der=der,
        fingerprint=hashlib.sha256(der).hexdigest(),
        serial=parsed.serial_number,
        issuer=issuer,
        subject=_shown(parsed.subject),
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        company=find("company"),
        company_address=find("company_address"),
        holder=find("holder"),
        holder_address=find("holder_address"),
        key=_key(parsed),
        key_usage=_key_usage(parsed),
        signature_hash=_signature_hash(parsed),
    )


def _shown(name: x509.Name) -> str:
    """RFC 4514, without what could move a terminal's cursor."""
    from cryptography.x509 import ObjectIdentifier

    names = {ObjectIdentifier(oid): short for short, oid in _OIDS.items()}
    return tidy(name.rfc4514_string(names)).text


def _extension_errors() -> tuple[type[Exception], ...]:
    """What `cryptography` raises for an extension that is absent, doubled, or not as RFC 5280 has it."""
    from cryptography import x509

    return (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError, TypeError)


def _directory_name(parsed: x509.Certificate) -> x509.Name | None:
    """The first directoryName of subjectAltName; None where there is none, or none that can be read."""
    from cryptography import x509

    try:
        alternatives = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return next(iter(alternatives.get_values_for_type(x509.DirectoryName)), None)
    except _extension_errors():
        return None


def _key_usage(parsed: x509.Certificate) -> frozenset[str]:
    from cryptography import x509

    try:
        usage = parsed.extensions.get_extension_for_class(x509.KeyUsage).value
    except _extension_errors():
        return frozenset()
    return frozenset(name for attribute, name in _KEY_USAGES.items() if getattr(usage, attribute))


def _attributes(name: x509.Name | None, attributes: tuple[str, ...]) -> str:
    """The texts of these attributes, joined with spaces; empty where there is none."""
    if name is None:
        return ""
    texts: list[str] = []
    for attribute in attributes:
        wanted = _OIDS.get(attribute, attribute)
        texts += [tidy(a.value).text.strip(" \u3000") for a in name if a.oid.dotted_string == wanted and isinstance(a.value, str)]
    return " ".join(text for text in texts if text)


def _key(parsed: x509.Certificate) -> str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        key = parsed.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return "unknown"
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA-{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}.get(key.curve.name, key.curve.name)
    return type(key).__name__.removesuffix("PublicKey").lstrip("_")


def _signature_hash(parsed: x509.Certificate) -> str | None:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        algorithm = parsed.signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError):
        return None
    return algorithm.name if algorithm else None
