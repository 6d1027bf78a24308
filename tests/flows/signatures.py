"""Whether a signed statement is signed as it says: by whom, in which role, in which order."""

from __future__ import annotations

import base64
from typing import TypeVar

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import statement
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.statement import Role, Signature, Signed

Content = TypeVar("Content", statement.SignIn, statement.Statement, statement.RenewalStatement)


def read(signed: Signed, kind: type[Content]) -> Content:
    """The statement inside."""
    return msgspec.json.decode(statement.unb64(signed.payload), type=kind)


def signers(signed: Signed, *roles: Role) -> tuple[Certificate, ...]:
    """The signers' certificates: exactly these roles in this order, all of them different cards, every signature right."""
    headers = [msgspec.json.decode(statement.unb64(s.protected), type=statement.ProtectedHeader) for s in signed.signatures]
    assert [header.role for header in headers] == list(roles)
    found = tuple(certificates.read(base64.b64decode(header.x5c[0])) for header in headers)
    assert len({certificate.fingerprint for certificate in found}) == len(found)
    for certificate, signature in zip(found, signed.signatures, strict=True):
        _verify(certificate, signed.payload, signature)
    return found


def _verify(certificate: Certificate, payload: str, signature: Signature) -> None:
    key = x509.load_der_x509_certificate(certificate.der).public_key()
    message = statement.signing_input(payload, signature.protected)
    raw = statement.unb64(signature.signature)
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(raw, message, padding.PKCS1v15(), SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
