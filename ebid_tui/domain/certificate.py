"""From an X.509 certificate to what the screens show: whose card, which serial, which issuer, until when.

Parsing is `cryptography`'s; where an issuer puts company and holder is a table (`issuers.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Literal

from ebid_tui.domain import der as der_reader
from ebid_tui.domain.der import CertificateParts, Name
from ebid_tui.domain.issuers import IssuerTable, Part, known_issuers
from ebid_tui.domain.records import CardCertificate, Values
from ebid_tui.domain.text.cleaning import shown, visible
from ebid_tui.errors import CertificateUnreadable

if TYPE_CHECKING:
    from cryptography import x509

JAPAN = timezone(timedelta(hours=9), "JST")
"""Japan has had no summer time since 1951."""

Algorithm = Literal["RS256", "ES256", "ES384"]
_EC_ALGORITHMS: Mapping[str, Algorithm] = {"P-256": "ES256", "P-384": "ES384"}

_LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=JAPAN)
"""The last second of Japan's calendar. A certificate without an end says 9999-12-31 23:59:59 UTC (RFC 5280, 4.1.2.5), which is later."""

_LONGEST_SERIAL = 32
"""Bytes; 20 are allowed (RFC 5280, 4.1.2.2), a few authorities have taken more."""

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
_SHOWN: Mapping[str, str] = {oid: short for short, oid in _OIDS.items()} | {
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
}
"""Short names in shown names; every other attribute goes by its OID."""

_KEY_USAGES = (
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)
"""By the number of their bit (RFC 5280, 4.2.1.3)."""

_SPECIAL = re.compile(r'["+,;<>\\]')
_KEY_USAGE, _ALTERNATIVE_NAME, _EXTENDED_KEY_USAGE = "2.5.29.15", "2.5.29.17", "2.5.29.37"
_NAME_CONSTRAINTS = "2.5.29.30"
_UNDERSTOOD = frozenset(f"2.5.29.{n}" for n in (14, 15, 17, 19, 30, 31, 32, 33, 35, 36, 37, 46, 54)) | {
    "1.3.6.1.5.5.7.1.1",
    "1.3.6.1.5.5.7.1.3",
    "1.3.6.1.5.5.7.48.1.5",
}
"""Extensions that may be critical: those that the server's path validation understands."""


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
    extended_key_usage: tuple[str, ...] | None = None
    """OIDs; None where the certificate does not say, empty where what it says cannot be read (RFC 5280, 4.2.1.12)."""
    signature_hash: str | None
    """`sha256` …; None where the signature algorithm has none or is not known."""
    issuer_attributes: frozenset[tuple[str, str]] = frozenset()
    """OID and text of everything in the issuer's name."""
    constrains_names: bool = False
    """Whether it says for which names its holder, an authority, may vouch (RFC 5280, 4.2.1.10)."""
    not_understood: tuple[str, ...] = ()
    """OIDs of critical extensions that nobody here understands: such a certificate is not to be used (RFC 5280, 4.2)."""

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

    if len(der) > der_reader.LARGEST:
        raise CertificateUnreadable("too long")
    table = known_issuers() if issuers is None else issuers
    try:
        parts = der_reader.parts(der)
        if not 0 < parts.serial < 1 << 8 * _LONGEST_SERIAL:
            # RFC 5280, 4.1.2.2. What is registered under its serial number needs one.
            raise CertificateUnreadable("serial number not positive, or too long")
        return _certificate(x509.load_der_x509_certificate(der), der, parts, table)
    except (ValueError, TypeError, OverflowError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise CertificateUnreadable(type(error).__name__) from error


def _certificate(parsed: x509.Certificate, der: bytes, parts: CertificateParts, table: IssuerTable) -> Certificate:
    issuer = shown_name(parts.issuer)
    names = {"subject": parts.subject, "san": _directory_name(parts)}

    def find(part: Part) -> str | None:
        for name_id, attributes in table.places(issuer, part):
            found = _attributes(names[name_id], attributes)
            if found:
                return found
        return None

    return Certificate(
        der=der,
        fingerprint=hashlib.sha256(der).hexdigest(),
        serial=parts.serial,
        issuer=issuer,
        subject=shown_name(parts.subject),
        not_before=parsed.not_valid_before_utc,
        not_after=min(parsed.not_valid_after_utc, _LATEST),
        company=find("company"),
        company_address=find("company_address"),
        holder=find("holder"),
        holder_address=find("holder_address"),
        key=_key(parsed),
        key_usage=_key_usage(parts),
        extended_key_usage=_extended_key_usage(parts),
        signature_hash=_signature_hash(parsed),
        issuer_attributes=frozenset(attribute for rdn in parts.issuer for attribute in rdn),
        constrains_names=_NAME_CONSTRAINTS in parts.extensions,
        not_understood=tuple(oid for oid, e in parts.extensions.items() if e.critical and oid not in _UNDERSTOOD),
    )


def shown_name(name: Name) -> str:
    """RFC 4514, without what could move a terminal's cursor."""
    shown = ",".join("+".join(f"{_SHOWN.get(oid, oid)}={_escaped(text)}" for oid, text in rdn) for rdn in reversed(name))
    return visible(shown)


def _escaped(text: str) -> str:
    """RFC 4514, 2.4."""
    escaped = _SPECIAL.sub(r"\\\g<0>", text).replace("\0", "\\00")
    if escaped[:1] in ("#", " "):
        escaped = f"\\{escaped}"
    return f"{escaped[:-1]}\\ " if escaped.endswith(" ") and len(text) > 1 else escaped


def _directory_name(parts: CertificateParts) -> Name | None:
    """The first directoryName of subjectAltName; None where there is none, or none that can be read."""
    alternatives = parts.extensions.get(_ALTERNATIVE_NAME)
    try:
        return next(iter(der_reader.directory_names(alternatives.value)), None) if alternatives else None
    except ValueError:
        return None


def _key_usage(parts: CertificateParts) -> frozenset[str]:
    usage = parts.extensions.get(_KEY_USAGE)
    try:
        return frozenset(_KEY_USAGES[bit] for bit in der_reader.bits(usage.value) if bit < len(_KEY_USAGES)) if usage else frozenset()
    except ValueError:
        return frozenset()


def _extended_key_usage(parts: CertificateParts) -> tuple[str, ...] | None:
    usage = parts.extensions.get(_EXTENDED_KEY_USAGE)
    try:
        return None if usage is None else der_reader.oids(usage.value)
    except ValueError:
        return ()


def _attributes(name: Name | None, attributes: tuple[str, ...]) -> str:
    """The texts of these attributes as they may be shown, joined with spaces; empty where there is none."""
    every = [attribute for rdn in name or () for attribute in rdn]
    texts: list[str] = []
    for attribute in attributes:
        wanted = _OIDS.get(attribute, attribute)
        texts += [shown(text).strip(" \u3000") for oid, text in every if oid == wanted]
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
