"""A token's certificates as keys to sign with: which can be used at all, what they are given to sign, whether the answer is right."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ebid_tui.card import signing
from ebid_tui.card.interface import Algorithm
from ebid_tui.errors import CardGarbled

warnings.filterwarnings("ignore", category=UserWarning, module=__name__.replace(".", r"\."))
"""What a token holds may be against RFC 5280 in ways that are let pass: no reason to write on somebody's screen."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """One certificate whose key this program can use; `id` is its CKA_ID, hex."""

    der: bytes = field(repr=False)
    id: str
    algorithm: Algorithm
    certificate: x509.Certificate = field(repr=False)
    public_key: signing.PublicKey = field(repr=False)

    def mechanism(self, offered: Sequence[str]) -> str:
        """How the token is asked to sign; empty where it offers no way. RSA: hashing by itself where it can; ECDSA: where it must."""
        hashing = "ECDSA_SHA384" if self.algorithm == "ES384" else "ECDSA_SHA256"
        ways = ("SHA256_RSA_PKCS", "RSA_PKCS") if self.algorithm == "RS256" else ("ECDSA", hashing)
        return next((way for way in ways if way in offered), "")

    def to_sign(self, mechanism: str, message: bytes) -> bytes:
        """What C_Sign is given (PKCS #11 2.40 mechanisms 2.1.6, 2.1.11, 2.3.6, 2.3.7)."""
        if "SHA" in mechanism:
            return message
        return signing.digest_info(message) if mechanism == "RSA_PKCS" else signing.digest(self.algorithm, message)

    def checked(self, message: bytes, signature: bytes) -> bytes:
        """The signature in JWS form, if it is one by this certificate's key. Raises CardGarbled otherwise."""
        if isinstance(self.public_key, ec.EllipticCurvePublicKey):
            size = (self.public_key.curve.key_size + 7) // 8
            if len(signature) == 2 * size:  # as the standard has it; some modules hand on what the card gave
                signature = encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
        return signing.jws(self.public_key, message, signature)


def keys_of(opened: dict[str, Any]) -> list[TokenKey]:
    """The certificates that have a key on this token, as far as it shows keys before the PIN; for signatures, and of a known kind.

    A token that shows private keys is taken at its word; of one that shows public keys only, those count where any has one.
    Raises CardGarbled (E-CERT) where there are certificates and none can be read.
    """
    listed = [one for one in opened["certificates"] if isinstance(one, dict)]
    if opened["private_keys"] and any(one["private"] for one in listed):
        listed = [one for one in listed if one["private"]]
    elif opened["public_keys"] and any(one["public"] for one in listed):
        listed = [one for one in listed if one["public"]]
    keys, unreadable = [], 0
    for one in listed:
        der = base64.b64decode(one["der"])
        certificate = parsed(der)
        if certificate is None:
            unreadable += 1
        elif (key := _key(der, one["id"], certificate)) is not None and key.mechanism(opened["mechanisms"]):
            keys.append(key)
    if unreadable and not keys:
        raise CardGarbled("no readable certificate", code="E-CERT")
    return keys


def chain_of(leaf: TokenKey, opened: dict[str, Any]) -> tuple[bytes, ...]:
    """The authorities' certificates that the token holds above this one, each issued by the next; DER."""
    others = [base64.b64decode(one["der"]) for one in opened["certificates"]]
    left = {der: certificate for der in others if der != leaf.der and (certificate := parsed(der)) is not None}
    chain: list[bytes] = []
    last = leaf.certificate
    while last.issuer != last.subject:
        above = next(((der, one) for der, one in left.items() if _issued(last, one)), None)
        if above is None:
            break
        chain.append(above[0])
        last = left.pop(above[0])
    return tuple(chain)


def parsed(der: bytes) -> x509.Certificate | None:
    """The certificate, if it is one; its lazily read parts were read."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.extensions, certificate.issuer, certificate.subject  # noqa: B018
    except (ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm):
        return None
    return certificate


def _key(der: bytes, key_id: str, certificate: x509.Certificate) -> TokenKey | None:
    if _is_authority(certificate) or not _for_signatures(certificate):
        return None
    try:
        public_key = certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    algorithm = signing.algorithm_of(public_key)
    if algorithm is None or not isinstance(public_key, signing.PublicKey):
        return None
    return TokenKey(der, key_id, algorithm, certificate, public_key)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _for_signatures(certificate: x509.Certificate) -> bool:
    """keyUsage digitalSignature or nonRepudiation; no keyUsage restricts nothing (RFC 5280, 4.2.1.3)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
