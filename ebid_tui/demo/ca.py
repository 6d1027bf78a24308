"""What the demo's certification authorities sign.

Keys are P-256, made on first use and kept in a `KeyDirectory`. A certificate is not kept: keys, facts and day make the same one, byte for
byte, whenever and in whichever process it is asked for. The cards' facts are in `cards.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from ebid_tui.demo import days
from ebid_tui.demo.authorities import AUTHORITIES, Attributes, DemoAuthority
from ebid_tui.demo.key_directory import KeyDirectory

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

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
class CertificateRequest:
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


def trust_anchor(vault: KeyDirectory, day: date, authority_id: str) -> bytes:
    """The authority's own certificate on that day, DER."""
    return _issue(vault, day, AUTHORITIES[authority_id])[1].public_bytes(serialization.Encoding.DER)


def certified_key(
    vault: KeyDirectory, day: date, entry: str, authority_id: str, request: CertificateRequest, key_kind: str
) -> tuple[bytes, bytes]:
    """A key (`RSA-2048` or `P-256`, PKCS#8 DER), kept under `entry`, and its certificate (DER) by the authority as it is on that day."""
    ca_key, ca_certificate = _issue(vault, day, AUTHORITIES[authority_id])
    key = _key(vault, entry, key_kind)
    return _der(key), _certify(request, key, ca_key, ca_certificate)


def _key(vault: KeyDirectory, entry: str, kind: str) -> PrivateKey:
    """The key of this entry, made now if the vault does not have it."""

    def make() -> bytes:
        return _der(ec.generate_private_key(ec.SECP256R1()) if kind == "P-256" else rsa.generate_private_key(65537, 2048))

    return opened(vault.key(entry, kind, make))


def opened(der: bytes) -> PrivateKey:
    """A key of the vault. Not examined: it was made here, and the examination of an RSA key takes 40 ms."""
    key = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return key


def _issue(vault: KeyDirectory, day: date, authority: DemoAuthority) -> tuple[PrivateKey, x509.Certificate]:
    """The authority's key and certificate."""
    key = _key(vault, f"ca-{authority.id}", "P-256")
    name = name_of(authority.name)
    builder = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1)
        .not_valid_before(days.moved(_CA_FROM, day))
        .not_valid_after(days.moved(_CA_UNTIL, day))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return key, _signed(builder, key)


def _certify(request: CertificateRequest, key: PrivateKey, ca_key: PrivateKey, ca_certificate: x509.Certificate) -> bytes:
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
    return _signed(builder, ca_key).public_bytes(serialization.Encoding.DER)


def _signed(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    """Without chance (RFC 6979): the app and the demo's server each make their own, and mean the same one."""
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)


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
