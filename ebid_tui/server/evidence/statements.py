"""Whether a signed statement is what it says: form, algorithm, key and signature (RFC 7515, RFC 7518).

Who may sign, and whether the content is true, is decided elsewhere.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import statement, strict_json
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.statement import OperatorSignIn, ProtectedHeader, RenewalStatement, Role, Signed, SignIn, Statement
from ebid_tui.errors import CertificateUnreadable, ServerError

ALGORITHMS = ("RS256", "ES256", "ES384")

Content = TypeVar("Content", SignIn, OperatorSignIn, Statement, RenewalStatement)
T = TypeVar("T")


class _Registry(jws.JWSRegistry):
    """Room for certificates in the header and for a whole form in the payload; the body's limit stands before this."""

    max_header_length = 64 * 1024
    max_payload_length = 256 * 1024


class _Strict(ProtectedHeader, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A protected header with nothing beside what is defined: no `crit`, no `jwk`, no `b64`."""


_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who made one signature. `chain` is DER, the signer's own certificate first."""

    role: Role
    certificate: Certificate
    chain: tuple[bytes, ...]
    key: RSAKey | ECKey


def verify(signed: Signed, roles: Sequence[Role]) -> tuple[Signer, ...]:
    """The signers of a statement whose every signature is right, in the order of `roles`.

    There must be exactly these roles, one signature each, by distinct certificates and keys. Raises ServerError E-SIGNATURE.
    """
    if len(signed.signatures) != len(roles):
        raise refused("signatures")
    signers = tuple(_signer(signature.protected) for signature in signed.signatures)
    if [signer.role for signer in signers] != list(roles):
        raise refused("roles")
    if len({signer.certificate.fingerprint for signer in signers}) != len(signers):
        raise refused("same certificate")
    if len(signers) > 1 and len({signer.key.thumbprint() for signer in signers}) != len(signers):
        raise refused("same key")
    for signer, signature in zip(signers, signed.signatures, strict=True):
        _refuse_unlike(signature.signature)
        alone: jws.GeneralJSONSerialization = {
            "payload": signed.payload,
            "signatures": [{"protected": signature.protected, "signature": signature.signature}],
        }
        try:
            jws.deserialize_json(alone, signer.key, registry=_REGISTRY)
        except (JoseError, ValueError) as error:
            raise refused("signature") from error
    return signers


def content(signed: Signed, kind: type[Content]) -> Content:
    """The statement inside. Raises ServerError E-SIGNATURE for anything else than this kind, in JSON that every program reads alike."""
    try:
        raw = statement.unb64(signed.payload)
        said: Content = _read(raw, kind)
        if not _covers(msgspec.to_builtins(said), msgspec.json.decode(raw)):
            raise ValueError("a member that nobody knows")
    except (ValueError, msgspec.MsgspecError) as error:
        raise refused("payload") from error
    return said


def _covers(known: Any, told: Any) -> bool:
    """Whether every member that was signed is one that is looked at, however deep it stands."""
    if isinstance(told, dict):
        return told.keys() <= known.keys() and all(_covers(known[name], value) for name, value in told.items())
    return not isinstance(told, list) or all(map(_covers, known, told))


def _refuse_unlike(signature: str) -> None:
    """A signature is written in one way only (RFC 7515 section 2): no padding, no other letters, no stray bits."""
    try:
        statement.unb64(signature)
    except ValueError as error:
        raise refused("signature") from error


def _read(raw: bytes, kind: type[T]) -> T:
    """What a signature covers: the value and nothing around it. Raises ValueError, msgspec.MsgspecError."""
    if raw.strip() != raw:
        raise ValueError("space around it")
    return strict_json.read(raw, kind, whole_numbers=True)


def refused(why: str) -> ServerError:
    return ServerError(why, code="E-SIGNATURE")


def _signer(protected: str) -> Signer:
    try:
        header = _read(statement.unb64(protected), _Strict)
        chain = tuple(_der(text) for text in header.x5c)
    except (ValueError, msgspec.MsgspecError) as error:
        raise refused("header") from error
    if not 0 < len(chain) <= statement.LONGEST_CHAIN:
        raise refused("x5c")
    try:
        certificate = certificates.read(chain[0])
    except CertificateUnreadable as error:
        raise refused("certificate") from error
    if certificate.algorithm is not None and header.alg != certificate.algorithm:
        raise refused("alg")
    return Signer(header.role, certificate, chain, _key(chain[0]))


def _der(text: str) -> bytes:
    """ValueError for base64 that could be written in another way."""
    der = base64.b64decode(text, validate=True)
    if base64.b64encode(der).decode("ascii") != text:
        raise ValueError("not base64")
    return der


def _key(der: bytes) -> RSAKey | ECKey:
    try:
        public = x509.load_der_x509_certificate(der).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise refused("key") from error
    if isinstance(public, rsa.RSAPublicKey):
        return RSAKey(public, public)
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1 | ec.SECP384R1):
        return ECKey(public, public)
    raise refused("key")
