"""Certificates, lists and responders' words made by hand, member by member: also such as no authority's program would make."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import core, crl, ocsp, x509
from cryptography import x509 as made
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.clock import NOW

DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Hash = hashes.SHA1 | hashes.SHA256


def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def named(text: str) -> made.Name:
    return made.Name([made.NameAttribute(NameOID.ORGANIZATION_NAME, text)])


def usage(*granted: str) -> made.KeyUsage:
    every = "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign".split()
    return made.KeyUsage(**{one: one in granted for one in (*every, "encipher_only", "decipher_only")})


RESPONDER = made.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
UNCHECKED = made.OCSPNoCheck()


def certificate(
    subject: str,
    theirs: Key,
    issuer: str,
    by: Key,
    *extensions: made.ExtensionType,
    begins: datetime = NOW - DAY,
    ends: datetime = NOW + DAY,
    serial: int | None = None,
) -> x509.Certificate:
    """A certificate with these extensions and no others."""
    builder = made.CertificateBuilder(named(issuer), named(subject), theirs.public_key(), serial or made.random_serial_number())
    builder = builder.not_valid_before(begins).not_valid_after(ends)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return x509.Certificate.load(builder.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.DER))


def listed(
    issuer: str,
    by: Key,
    *entries: made.RevokedCertificate,
    extensions: Sequence[made.ExtensionType] = (),
    begins: datetime = NOW - DAY,
    ends: datetime = NOW + DAY,
) -> bytes:
    """A list of revoked certificates, DER."""
    builder = made.CertificateRevocationListBuilder(named(issuer), begins, ends)
    for entry in entries:
        builder = builder.add_revoked_certificate(entry)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def otherwise(body: bytes, by: ec.EllipticCurvePrivateKey, hashed: Hash, *, endless: bool = False) -> bytes:
    """The same list signed with another hash, or without an end."""
    tbs = crl.CertificateList.load(body)["tbs_cert_list"]
    algorithm = tbs["signature"] = {"algorithm": f"{hashed.name}_ecdsa"}
    if endless:
        del tbs["next_update"]
    signature = by.sign(tbs.dump(force=True), ec.ECDSA(hashed))
    whole: bytes = crl.CertificateList({"tbs_cert_list": tbs, "signature_algorithm": algorithm, "signature": signature}).dump()
    return whole


def revoked(serial: int, extension: made.ExtensionType | None = None, at: datetime = NOW - DAY) -> made.RevokedCertificate:
    builder = made.RevokedCertificateBuilder(serial, at)
    return (builder if extension is None else builder.add_extension(extension, critical=False)).build()


def about(
    one: x509.Certificate,
    issuer: x509.Certificate,
    hashed: str = "sha1",
    status: str = "good",
    begins: datetime = NOW - DAY,
    ends: datetime | None = NOW + DAY,
    **other: object,
) -> dict[str, Any]:
    """What a responder says of one certificate; `other` members of its identity."""
    identity = {
        "hash_algorithm": {"algorithm": hashed},
        "issuer_name_hash": hashlib.new(hashed, one.issuer.dump()).digest(),
        "issuer_key_hash": hashlib.new(hashed, bytes(issuer.public_key["public_key"])).digest(),
        "serial_number": one.serial_number,
    }
    said = {"revocation_time": NOW - DAY} if status == "revoked" else None
    found: dict[str, Any] = {"cert_id": identity | other, "cert_status": ocsp.CertStatus({status: said}), "this_update": begins}
    return found if ends is None else found | {"next_update": ends}


def word(
    by: ec.EllipticCurvePrivateKey,
    responder: x509.Certificate,
    *said: dict[str, Any],
    along: Sequence[x509.Certificate] = (),
    by_key: bool = False,
    nonce: bytes | None = None,
    hashed: Hash | None = None,
) -> bytes:
    """A responder's word about certificates (`about`), DER."""
    whose = ("by_key", responder.public_key.sha1) if by_key else ("by_name", responder.subject)
    tbs: dict[str, Any] = {"responder_id": ocsp.ResponderId(*whose), "produced_at": NOW - DAY, "responses": list(said)}
    if nonce is not None:
        tbs["response_extensions"] = [{"extn_id": "nonce", "critical": False, "extn_value": nonce}]
    data = ocsp.ResponseData(tbs)
    chosen = hashed or hashes.SHA256()
    basic = ocsp.BasicOCSPResponse(
        {
            "tbs_response_data": data,
            "signature_algorithm": {"algorithm": f"{chosen.name}_ecdsa"},
            "signature": by.sign(data.dump(), ec.ECDSA(chosen)),
            **({"certs": list(along)} if along else {}),
        }
    )
    return response(basic.dump())


class _Bytes(core.Sequence):  # type: ignore[misc]
    _fields = [("kind", core.ObjectIdentifier), ("response", core.OctetString)]


class _Response(core.Sequence):  # type: ignore[misc]
    _fields = [("status", ocsp.OCSPResponseStatus), ("body", _Bytes, {"explicit": 0, "optional": True})]


def response(basic: bytes, kind: str = "1.3.6.1.5.5.7.48.1.1", status: str = "successful") -> bytes:
    """The envelope of a responder's word, around anything."""
    whole: bytes = _Response({"status": status, "body": {"kind": kind, "response": basic}}).dump()
    return whole
