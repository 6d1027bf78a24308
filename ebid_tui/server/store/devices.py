"""Devices on which operators signed in with password and code. Each holds 256 random bits; kept here is their SHA-256."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ebid_tui.server.store.desk_tables import operator_devices
from ebid_tui.server.store.sign_ins import token_hash

MOST = 10
"""Of one operator; the one that was used longest ago makes room."""

_MINE = (operator_devices.c.system == bindparam("p_system"), operator_devices.c.login_id == bindparam("p_login_id"))
_KNOWN = select(operator_devices.c.token_hash).where(
    *_MINE, operator_devices.c.token_hash == bindparam("p_hash"), operator_devices.c.expires_at > bindparam("p_now")
)
_ADD = insert(operator_devices)
_USE = (
    update(operator_devices)
    .where(operator_devices.c.token_hash == bindparam("p_hash"))
    .values(used_at=bindparam("p_now"), expires_at=bindparam("p_until"))
)
_FORGET = delete(operator_devices).where(*_MINE)
_OLD = delete(operator_devices).where(operator_devices.c.expires_at <= bindparam("p_now"))
_NEWEST = (
    select(operator_devices.c.token_hash)
    .where(*_MINE)
    .order_by(operator_devices.c.used_at.desc(), operator_devices.c.token_hash)
    .limit(MOST - 1)
)
_MAKE_ROOM = delete(operator_devices).where(*_MINE, operator_devices.c.token_hash.not_in(_NEWEST))


def known(connection: Connection, system: str, login_id: str, token: str, now: datetime) -> str | None:
    """The hash of a token that is this operator's and has not ended; None for any other."""
    found: str | None = connection.execute(
        _KNOWN, {"p_system": system, "p_login_id": login_id, "p_hash": token_hash(token), "p_now": now}
    ).scalar_one_or_none()
    return found


def use(connection: Connection, hashed: str, now: datetime, lifetime: timedelta) -> None:
    """It signed in again, and is known for longer."""
    connection.execute(_USE, {"p_hash": hashed, "p_now": now, "p_until": now + lifetime})


def add(connection: Connection, system: str, login_id: str, now: datetime, lifetime: timedelta) -> str:
    """A token for a device that has none; it is not kept."""
    token, mine = secrets.token_urlsafe(32), {"p_system": system, "p_login_id": login_id}
    connection.execute(_OLD, {"p_now": now})
    connection.execute(_MAKE_ROOM, mine)
    row = {"token_hash": token_hash(token), "system": system, "login_id": login_id}
    connection.execute(_ADD, row | {"used_at": now, "expires_at": now + lifetime})
    return token


def forget(connection: Connection, system: str, login_id: str) -> int:
    """Every device of an operator is a stranger again; how many there were."""
    return connection.execute(_FORGET, {"p_system": system, "p_login_id": login_id}).rowcount
