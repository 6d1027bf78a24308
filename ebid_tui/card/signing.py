"""What a card's key signs and what its signature is, by whatever way the card is spoken to (RFC 7518, 3.3 and 3.4)."""

from __future__ import annotations

import hashlib
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ebid_tui.card.interface import Algorithm
from ebid_tui.errors import CardGarbled

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_SHA256_INFO: Final = bytes.fromhex("3031300d060960864801650304020105000420")
_SMALLEST_RSA: Final = 2048


def algorithm_of(key: object) -> Algorithm | None:
    """How this public key's signatures are called; None where this program cannot use it: RSA of 2048 bits or more, P-256, P-384."""
    if isinstance(key, rsa.RSAPublicKey):
        return "RS256" if key.key_size >= _SMALLEST_RSA else None
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1):
        return "ES256" if key.curve.key_size == 256 else "ES384"
    return None


def digest(algorithm: Algorithm, message: bytes) -> bytes:
    return (hashlib.sha384 if algorithm == "ES384" else hashlib.sha256)(message).digest()


def digest_info(message: bytes) -> bytes:
    """What an RSA key signs before its padding (RFC 8017, 9.2)."""
    return _SHA256_INFO + hashlib.sha256(message).digest()


def jws(key: PublicKey, message: bytes, signature: bytes) -> bytes:
    """The card's signature (ECDSA in DER) in JWS form, if it is one by this key. Raises CardGarbled otherwise."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
            return signature
        key.verify(signature, message, ec.ECDSA(hashes.SHA384() if key.curve.key_size == 384 else hashes.SHA256()))
        r, s = decode_dss_signature(signature)
    except (InvalidSignature, ValueError) as error:
        raise CardGarbled("signature does not belong to the certificate") from error
    size = (key.curve.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")
