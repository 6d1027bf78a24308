"""The agency's operators: who they are, what they see, and how they sign in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ebid_tui.domain.desk import Role
from ebid_tui.server.store.desk_tables import operators

_MINE = (operators.c.system == bindparam("p_system"), operators.c.login_id == bindparam("p_login_id"))
_ONE = select(operators).where(*_MINE)
_OF_CARD = select(operators).where(operators.c.system == bindparam("p_system"), operators.c.fingerprint == bindparam("p_fingerprint"))
_ALL = select(operators).order_by(operators.c.system, operators.c.login_id)
_ADD = insert(operators)
_CHANGE = update(operators).where(*_MINE)
_USE_STEP = _CHANGE.where(operators.c.totp_step < bindparam("p_step")).values(totp_step=bindparam("p_step"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One operator. `agencies` None: every one of the system. Without a password it is the card that signs in."""

    system: str
    login_id: str
    role: Role
    agencies: tuple[str, ...] | None
    password_hash: str | None = field(repr=False)
    totp_secret: bytes | None = field(repr=False)
    """Encrypted (`secret_keys`)."""
    totp_step: int = field(default=0, repr=False)
    fingerprint: str | None
    state: Literal["active", "disabled"]
    created_at: datetime


def operator(connection: Connection, system: str, login_id: str) -> Operator | None:
    row = connection.execute(_ONE, {"p_system": system, "p_login_id": login_id}).one_or_none()
    return None if row is None else _operator(row)


def of_card(connection: Connection, system: str, fingerprint: str) -> Operator | None:
    """Whose card this is."""
    row = connection.execute(_OF_CARD, {"p_system": system, "p_fingerprint": fingerprint}).one_or_none()
    return None if row is None else _operator(row)


def every(connection: Connection) -> list[Operator]:
    return [_operator(row) for row in connection.execute(_ALL)]


def add(connection: Connection, new: Operator) -> None:
    """Enter an operator. IntegrityError where the login ID, or the card, is another's already."""
    columns = ("system", "login_id", "role", "password_hash", "totp_secret", "totp_step", "fingerprint", "state", "created_at")
    row: dict[str, Any] = {name: getattr(new, name) for name in columns}
    connection.execute(_ADD, row | {"agencies": _listed(new.agencies)})


def change(connection: Connection, system: str, login_id: str, **values: Any) -> bool:
    """Write some columns; False where there is no such operator."""
    return connection.execute(_CHANGE.values(values), {"p_system": system, "p_login_id": login_id}).rowcount == 1


def use_step(connection: Connection, who: Operator, step: int) -> bool:
    """A code counts once; False if it, or a later one, was used before."""
    parameters = {"p_system": who.system, "p_login_id": who.login_id, "p_step": step}
    return connection.execute(_USE_STEP, parameters).rowcount == 1


def _listed(agencies: Sequence[str] | None) -> list[str] | None:
    return None if agencies is None else list(agencies)


def _operator(row: Row[Any]) -> Operator:
    values = {name: value for name, value in row._mapping.items() if name != "agencies"}
    return Operator(**values, agencies=None if row.agencies is None else tuple(row.agencies))
