"""The demo's certification authorities, with the issuer names that the documents print, and what they sign.

Keys are P-256, made on first use and kept in a `Vault`. The cards' facts are in `cards.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from ebid_tui.demo.vault import Vault

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

Attributes = tuple[tuple[str, str], ...]
"""A name, in the order of the certificate: country first."""

_OIDS = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
}
_CA_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_CA_UNTIL = datetime(2039, 12, 31, 14, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Authority:
    """A demo authority. `accepted` False: its cards are refused everywhere (R-34), it is no trust anchor."""

    id: str
    name: Attributes
    accepted: bool = True


AUTHORITIES: Mapping[str, Authority] = {
    authority.id: authority
    for authority in (
        Authority("test-ca", (("C", "JP"), ("O", "TEST CA"), ("OU", "TEST CA"))),
        Authority("bidca4", (("C", "JP"), ("ST", "Kanagawa"), ("O", "pki4"), ("OU", "bidca4"))),
        Authority("test-ca2", (("C", "JP"), ("O", "TEST CA2"), ("OU", "TEST CA2"))),
        Authority("organization-ca-u8", (("C", "JP"), ("O", "LGPKI"), ("OU", "Organization CA U8"))),
        Authority("other-ca", (("C", "JP"), ("O", "OTHER CA"), ("OU", "OTHER CA")), accepted=False),
    )
}
"""By the id that `issuers.toml` and the systems' `trusted` use."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a card's certificate is to say. `japanese` goes to subjectAltName's directoryName, where there is any."""

    serial: int
    subject: Attributes
    japanese: Attributes
    not_before: datetime
    not_after: datetime
    non_repudiation: bool = False
    """keyUsage nonRepudiation in the place of digitalSignature."""


def name_of(attributes: Attributes) -> x509.Name:
    return x509.Name([x509.NameAttribute(_OIDS[short], value) for short, value in attributes])


def _issue(vault: Vault, authority: Authority) -> tuple[PrivateKey, x509.Certificate]:
    """The authority's key and certificate, made now if the vault does not have them. The vault must be locked."""
    stamp = _stamp(authority, _CA_FROM, _CA_UNTIL)
    kept = vault.look(f"ca-{authority.id}", stamp)
    if kept is not None:
        key = serialization.load_der_private_key(kept["key"], None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key, x509.load_der_x509_certificate(kept["certificate"])
    key = ec.generate_private_key(ec.SECP256R1())
    name = name_of(authority.name)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1)
        .not_valid_before(_CA_FROM)
        .not_valid_after(_CA_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    vault.put(f"ca-{authority.id}", stamp, {"key": _der(key), "certificate": certificate.public_bytes(serialization.Encoding.DER)})
    return key, certificate


def trust_anchor(vault: Vault, authority_id: str) -> bytes:
    """The authority's own certificate, DER."""
    with vault.lock():
        _, certificate = _issue(vault, AUTHORITIES[authority_id])
    return certificate.public_bytes(serialization.Encoding.DER)


def certified_key(vault: Vault, entry: str, authority_id: str, request: Request, key_kind: str) -> tuple[bytes, bytes]:
    """A key (`RSA-2048` or `P-256`, PKCS#8 DER) and its certificate (DER), kept under `entry` and made anew when what it
    is to say changes, or its authority."""
    authority = AUTHORITIES[authority_id]
    with vault.lock():
        ca_key, ca_certificate = _issue(vault, authority)
        stamp = _stamp(authority, request, key_kind, ca_certificate.fingerprint(hashes.SHA256()).hex())
        kept = vault.look(entry, stamp)
        if kept is not None:
            return kept["key"], kept["certificate"]
        key: PrivateKey = ec.generate_private_key(ec.SECP256R1()) if key_kind == "P-256" else rsa.generate_private_key(65537, 2048)
        made = _der(key), _certify(request, key, ca_key, ca_certificate)
        vault.put(entry, stamp, {"key": made[0], "certificate": made[1]})
        return made


def _certify(request: Request, key: PrivateKey, ca_key: PrivateKey, ca_certificate: x509.Certificate) -> bytes:
    ca_identifier = ca_certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateBuilder(
            issuer_name=ca_certificate.subject,
            subject_name=name_of(request.subject),
            public_key=key.public_key(),
            serial_number=request.serial,
        )
        .not_valid_before(request.not_before)
        .not_valid_after(request.not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage("content_commitment" if request.non_repudiation else "digital_signature"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_identifier), critical=False)
    )
    if request.japanese:
        alternative = x509.SubjectAlternativeName([x509.DirectoryName(name_of(request.japanese))])
        builder = builder.add_extension(alternative, critical=False)
    return builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _key_usage(*granted: str) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{usage: usage in granted for usage in every})


def _der(key: PrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _stamp(*facts: object) -> str:
    """Changes when any of the facts does."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()
