"""Challenges and sessions: what a sign-in leaves in the database. Nothing of either lives in a process."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ebid_tui.domain.records import Challenge, Vendor
from ebid_tui.errors import ChallengeGone
from ebid_tui.server.store.schema import challenges, sessions
from ebid_tui.server.store.vendor_rows import vendor_of

_ADD_CHALLENGE = insert(challenges)
_USE_CHALLENGE = (
    update(challenges)
    .where(
        challenges.c.nonce == bindparam("p_nonce"),
        challenges.c.system == bindparam("p_system"),
        challenges.c.used_at.is_(None),
        challenges.c.expires_at > bindparam("p_now"),
    )
    .values(used_at=bindparam("p_now"))
)
_OLD_CHALLENGES = delete(challenges).where(challenges.c.expires_at < bindparam("p_before"))
_ADD_SESSION = insert(sessions)
_SESSION = select(sessions).where(sessions.c.token_hash == bindparam("p_hash"), sessions.c.expires_at > bindparam("p_now"))
_EXTEND = update(sessions).where(sessions.c.token_hash == bindparam("p_hash")).values(expires_at=bindparam("p_until"))
_PROVE = (
    update(sessions)
    .where(sessions.c.token_hash == bindparam("p_hash"))
    .values(agency=bindparam("p_agency"), category=bindparam("p_category"), number=bindparam("p_number"))
)
_END_OF_NUMBER = delete(sessions).where(
    sessions.c.system == bindparam("p_system"), sessions.c.number == bindparam("p_number"), sessions.c.fingerprint.is_(None)
)
_END = delete(sessions).where(sessions.c.token_hash == bindparam("p_hash"))
_OLD_SESSIONS = delete(sessions).where(sessions.c.expires_at < bindparam("p_before"))


_END_OF_CARD = delete(sessions).where(sessions.c.system == bindparam("p_system"), sessions.c.fingerprint == bindparam("p_fingerprint"))
_END_OF_OPERATOR = delete(sessions).where(sessions.c.system == bindparam("p_system"), sessions.c.operator == bindparam("p_operator"))

Kind = Literal["card", "password", "card_free", "operator", "voucher"]
"""How somebody signed in. `password` is for looking only, `card_free` may register without a card (R-36), `operator` is the desk's.

A `voucher` is nobody's session: a registered card has left it for another card of its vendor.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BidderSession:
    """Who is signed in. `vendor` is what a search proved, None before; without a card it is there from the beginning."""

    token_hash: str = field(repr=False)
    system: str
    origin: str
    """As signed at the sign-in; empty without a card."""
    kind: Kind
    fingerprint: str
    certificate: bytes = field(repr=False)
    """The card's (DER); it and the fingerprint are empty without a card."""
    created_at: datetime
    expires_at: datetime
    vendor: Vendor | None
    operator: str = ""
    """Of an operator's session: the login ID."""

    @property
    def owner(self) -> str:
        """Whose receipts and keys: the card's, or the number's where there is no card."""
        return self.fingerprint or number_owner(self.vendor.number if self.vendor else "")


def number_owner(number: str) -> str:
    """How a vendor without a card is called where otherwise a card's fingerprint stands."""
    return f"number:{number}"


def token_hash(token: str) -> str:
    """What is kept of a session's token: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_challenge(connection: Connection, system: str, now: datetime, lifetime: timedelta) -> Challenge:
    """A nonce of 256 bits; those that ended long ago are swept out on the way."""
    challenge = Challenge(nonce=secrets.token_urlsafe(32), expires_at=now + lifetime)
    connection.execute(_OLD_CHALLENGES, {"p_before": now - lifetime})
    connection.execute(_ADD_CHALLENGE, {"nonce": challenge.nonce, "system": system, "expires_at": challenge.expires_at})
    return challenge


def use_challenge(connection: Connection, nonce: str, system: str, now: datetime) -> None:
    """Use a nonce, once. ChallengeGone if it is unknown, of another system, used or expired."""
    if connection.execute(_USE_CHALLENGE, {"p_nonce": nonce, "p_system": system, "p_now": now}).rowcount != 1:
        raise ChallengeGone()


def open_card_session(
    connection: Connection, system: str, origin: str, fingerprint: str, certificate: bytes, now: datetime, until: datetime
) -> str:
    """Start the session of a card; the answer is its token, which is not kept."""
    row = {"system": system, "origin": origin, "kind": "card", "fingerprint": fingerprint, "certificate": certificate}
    return _open(connection, row, now, until)


def open_voucher(connection: Connection, by: BidderSession, now: datetime, until: datetime) -> str:
    """What a card leaves for another one; the answer is its token, which is not kept."""
    row = {"system": by.system, "origin": by.origin, "kind": "voucher", "fingerprint": by.fingerprint}
    return _open(connection, row, now, until)


def open_session(connection: Connection, kind: Kind, vendor: Vendor, now: datetime, until: datetime) -> str:
    """Start the session of a vendor that has proven its password; the answer is its token, which is not kept."""
    return _open(connection, msgspec.structs.asdict(vendor) | {"origin": "", "kind": kind}, now, until)


def open_operator_session(connection: Connection, system: str, login_id: str, origin: str, now: datetime, until: datetime) -> str:
    """Start the session of an operator; the answer is its token, which is not kept."""
    return _open(connection, {"system": system, "origin": origin, "kind": "operator", "operator": login_id}, now, until)


def _open(connection: Connection, row: dict[str, Any], now: datetime, until: datetime) -> str:
    token = secrets.token_urlsafe(32)
    connection.execute(_OLD_SESSIONS, {"p_before": now})
    connection.execute(_ADD_SESSION, row | {"token_hash": token_hash(token), "created_at": now, "expires_at": until})
    return token


def session(connection: Connection, hashed: str, now: datetime) -> BidderSession | None:
    """The session of a token's hash, if it has not ended."""
    row = connection.execute(_SESSION, {"p_hash": hashed, "p_now": now}).one_or_none()
    if row is None:
        return None
    return BidderSession(
        token_hash=row.token_hash,
        system=row.system,
        origin=row.origin,
        kind=row.kind,
        fingerprint=row.fingerprint or "",
        certificate=row.certificate or b"",
        created_at=row.created_at,
        expires_at=row.expires_at,
        vendor=vendor_of(row) if row.number is not None else None,
        operator=row.operator or "",
    )


def extend(connection: Connection, hashed: str, until: datetime) -> None:
    connection.execute(_EXTEND, {"p_hash": hashed, "p_until": until})


def prove(connection: Connection, hashed: str, vendor: Vendor | None) -> None:
    """Remember which vendor the last search proved; None forgets the one before."""
    values = {f"p_{name}": getattr(vendor, name, None) for name in ("agency", "category", "number")}
    connection.execute(_PROVE, values | {"p_hash": hashed})


def end_session(connection: Connection, hashed: str) -> None:
    connection.execute(_END, {"p_hash": hashed})


def end_sessions_of(connection: Connection, system: str, number: str) -> None:
    """End every session that a number's password opened: the password is another one now."""
    connection.execute(_END_OF_NUMBER, {"p_system": system, "p_number": number})


def end_sessions_of_card(connection: Connection, system: str, fingerprint: str) -> None:
    """End every session of a card."""
    connection.execute(_END_OF_CARD, {"p_system": system, "p_fingerprint": fingerprint})


def end_sessions_of_operator(connection: Connection, system: str, login_id: str) -> None:
    """End every session of an operator."""
    connection.execute(_END_OF_OPERATOR, {"p_system": system, "p_operator": login_id})
