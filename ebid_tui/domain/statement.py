"""What a card signs: the exact content confirmed on screen, as a JWS (RFC 7515) payload.

A signed statement travels and is kept in the JWS general JSON form (RFC 7515 section 7.2.1), with one signature for a
sign-in, a registration and an amendment, and two for a renewal (current card first). Every signature's protected header
has `alg`, `typ`, `x5c` (the card's certificate, and those above it that the card has) and `role` (`card`, or `current` and `new`).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec

from ebid_tui.domain.records import CardCertificate, Values

TYPE = "ebid-statement+json"

Role = Literal["card", "current", "new"]


class ComparedRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of 電子証明書更新確認 (R-08). `field` is `block.field`; a notable row's note says what the difference means."""

    field: str
    current: str
    new: str
    verdict: Literal["equal", "changed", "notable"]
    note: str = ""


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sign-in proves possession of the card and of its PIN to one server, once."""

    v: Literal[1] = 1
    operation: Literal["sign_in"] = "sign_in"
    system: str
    origin: str
    nonce: str
    issued_at: datetime


class OperatorSignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same for an operator's card. No bidder's sign-in can be taken for it, nor it for one."""

    v: Literal[1] = 1
    operation: Literal["operator_sign_in"] = "operator_sign_in"
    system: str
    origin: str
    nonce: str
    issued_at: datetime


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A registration or amendment as confirmed: every value of every block that the confirmation showed."""

    v: Literal[1] = 1
    operation: Literal["registration", "amendment"]
    system: str
    agency: str
    category: str
    origin: str
    nonce: str
    issued_at: datetime
    vendor: str
    """`vendor_no` or `user_id`, whichever is the key of the system."""
    blocks: dict[str, Values]
    card: CardCertificate
    holder_confirmed: bool
    """True when the person was asked and said that the card is the company's own (R-06)."""
    propagate: bool = False
    """An amendment's choice to copy it to the vendor's other agencies (R-16)."""


class RenewalStatement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """ICカード更新 as confirmed: both cards, and every row that 電子証明書更新確認 showed. Signed by both, current card first."""

    v: Literal[1] = 1
    operation: Literal["renewal"] = "renewal"
    system: str
    agency: str
    category: str
    origin: str
    nonce: str
    issued_at: datetime
    vendor: str
    current: CardCertificate
    new: CardCertificate
    rows: tuple[ComparedRow, ...]
    holder_confirmed: bool
    """True when the person was asked about notable rows and said that it is right all the same (R-06, R-08)."""
    propagate: bool = False


ZonedTime = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its zone; refused as a fault of the content otherwise, for nobody signs there."""


class CardFree(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """R-36: a registration without a card, as confirmed; proven by the session's user ID and password, not by a signature."""

    v: Literal[1] = 1
    operation: Literal["registration"] = "registration"
    system: str
    agency: str
    category: str
    origin: str
    issued_at: ZonedTime
    vendor: str
    blocks: dict[str, Values]


class CardFreeAmendment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """R-36: 変更 of what was registered without a card, as confirmed; proven as `CardFree` is."""

    v: Literal[1] = 1
    operation: Literal["amendment"] = "amendment"
    system: str
    agency: str
    category: str
    origin: str
    issued_at: ZonedTime
    vendor: str
    blocks: dict[str, Values]
    propagate: bool = False
    """R-16."""


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signature of a JWS in general JSON form; both parts base64url without padding."""

    protected: Annotated[str, msgspec.Meta(max_length=64 * 1024)]
    signature: Annotated[str, msgspec.Meta(max_length=4 * 1024)]


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A JWS in general JSON form."""

    payload: Annotated[str, msgspec.Meta(max_length=200 * 1024)]
    signatures: Annotated[tuple[Signature, ...], msgspec.Meta(max_length=8)]


LONGEST_CHAIN = 4
"""Certificates in one header: the signer's and three above it."""


class ProtectedHeader(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """The protected header of one signature."""

    alg: Literal["RS256", "ES256", "ES384"]
    typ: Literal["ebid-statement+json"] = "ebid-statement+json"
    role: Role
    x5c: tuple[str, ...]
    """Base64 (not url) DER certificates, the signer's first (RFC 7515 section 4.1.6)."""


def b64(data: bytes) -> str:
    """base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """Inverse of `b64`. ValueError on anything else: padding, another alphabet, stray bits in the last character."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if b64(data) != text:
        raise ValueError("not base64url without padding")
    return data


def payload(statement: SignIn | OperatorSignIn | Statement | RenewalStatement | CardFree | CardFreeAmendment) -> str:
    """The payload as it is signed: base64url of its JSON, keys in the order of the definition."""
    return b64(msgspec.json.encode(statement))


def protected(alg: Literal["RS256", "ES256", "ES384"], role: Role, certificate: bytes, chain: Sequence[bytes] = ()) -> str:
    """The protected header for one signature by `certificate`, with the authorities' above it as far as the card has them (all DER)."""
    sent = (certificate, *chain)[:LONGEST_CHAIN]
    header = ProtectedHeader(alg=alg, role=role, x5c=tuple(base64.b64encode(der).decode("ascii") for der in sent))
    return b64(msgspec.json.encode(header))


def signing_input(payload_part: str, protected_part: str) -> bytes:
    """The bytes that the card signs (RFC 7515 section 5.1, step 5)."""
    return f"{protected_part}.{payload_part}".encode("ascii")


def check_value(payload_part: str) -> str:
    """The short proof printed on a receipt: first 16 hex digits of the SHA-256 of the signed payload."""
    import hashlib  # here: the first frame does without

    return hashlib.sha256(unb64(payload_part)).hexdigest()[:16]


def now() -> datetime:
    """The machine's time, for `issued_at` only: what is shown is the server's (R-01)."""
    return datetime.now(UTC).replace(microsecond=0)
