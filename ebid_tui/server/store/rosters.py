"""What an import of the roster reads and writes, in batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, bindparam, case, func, insert, or_, select, update

from ebid_tui.domain.desk import PasswordState
from ebid_tui.domain.records import QualificationState, Values
from ebid_tui.domain.text import names
from ebid_tui.server.store.engine import insertion
from ebid_tui.server.store.schema import accounts, qualification_changes, qualifications
from ebid_tui.server.store.sign_ins import end_sessions_of

KEY = ("agency", "category", "number")
Key = tuple[str, str, str]
"""Agency, category, number."""


class KeptPassword(NamedTuple):
    """What is kept of a number's password. `state` is the one it has once it is unlocked."""

    password_hash: str | None
    login_id: str | None
    state: PasswordState
    changed_on: date | None


NO_PASSWORD = KeptPassword(None, None, "none", None)


class AccountChange(NamedTuple):
    """What an import changes of an account: empty, or None, is what stays. `before` is the hash that was read."""

    number: str
    login_id: str
    hashed: str | None
    before: str | None
    state: Literal["initial", "active"] | None
    changed_on: date | None


class RosterStanding(NamedTuple):
    """A qualification as it stands."""

    state: QualificationState
    trade_name: str
    company: Values


_q = qualifications.c
_ROWS = select(_q.agency, _q.category, _q.number, _q.state, _q.trade_name, _q.company).where(_q.system == bindparam("p_system"))
_OF = _ROWS.where(_q.number.in_(bindparam("p_numbers", expanding=True)))
_ALL = _ROWS.where(_q.state != "lapsed").order_by(_q.agency, _q.category, _q.number)
_IN_FORCE = select(func.count()).select_from(qualifications).where(_q.system == bindparam("p_system"), _q.state != "lapsed")
_a = accounts.c
_STATE = case((_a.password_state == "locked", func.coalesce(_a.unlocked_state, "initial")), else_=_a.password_state).label("state")
_ACCOUNTS = select(_a.number, _a.password_hash, _a.login_id, _STATE, _a.changed_on).where(
    _a.system == bindparam("p_system"), _a.number.in_(bindparam("p_numbers", expanding=True))
)
_LAPSE = (
    update(qualifications)
    .where(_q.system == bindparam("p_system"), *(_q[name] == bindparam(f"p_{name}") for name in KEY))
    .values(state="lapsed")
)
_CHANGED = insert(qualification_changes)


def standing(connection: Connection, system: str, numbers: Sequence[str]) -> dict[Key, RosterStanding]:
    """What stands under these numbers."""
    found = connection.execute(_OF, {"p_system": system, "p_numbers": list(numbers)})
    return {(r.agency, r.category, r.number): RosterStanding(r.state, r.trade_name, r.company) for r in found}


def not_lapsed(connection: Connection, system: str, batch: int = 1000) -> Iterator[tuple[Key, RosterStanding]]:
    """Every qualification that is not lapsed, in the order of its key."""
    with connection.execute(_ALL, {"p_system": system}, execution_options={"yield_per": batch}) as found:
        for r in found:
            yield (r.agency, r.category, r.number), RosterStanding(r.state, r.trade_name, r.company)


def in_force(connection: Connection, system: str) -> int:
    """How many qualifications have not lapsed."""
    return connection.execute(_IN_FORCE, {"p_system": system}).scalar_one()


def accounts_of(connection: Connection, system: str, numbers: Collection[str]) -> dict[str, KeptPassword]:
    """What there is, by number."""
    found = connection.execute(_ACCOUNTS, {"p_system": system, "p_numbers": list(numbers)})
    return {r.number: KeptPassword(r.password_hash, r.login_id, r.state, r.changed_on) for r in found}


@cache
def _put(dialect: str) -> Any:
    made = insertion(dialect, qualifications)
    new = {name: made.excluded[name] for name in ("state", "trade_name", "folded_name", "company")}
    return made.on_conflict_do_update(index_elements=["system", *KEY], set_=new)


def put(connection: Connection, system: str, rows: Iterable[tuple[Key, RosterStanding]]) -> None:
    """Enter or replace qualifications."""
    values = [
        dict(zip(KEY, key, strict=True))
        | {
            "system": system,
            "state": s.state,
            "trade_name": s.trade_name,
            "company": s.company,
            "folded_name": names.search_key(s.trade_name),
        }
        for key, s in rows
    ]
    if values:
        connection.execute(_put(connection.dialect.name), values)


def lapse(connection: Connection, system: str, keys: Iterable[Key]) -> None:
    """R-35: these are in the roster no more."""
    values = [{"p_system": system} | {f"p_{name}": value for name, value in zip(KEY, key, strict=True)} for key in keys]
    if values:
        connection.execute(_LAPSE, values)


def note_changes(connection: Connection, system: str, at: datetime, rows: Iterable[tuple[Key, dict[str, list[str]], bool]]) -> None:
    """Mark what changed: key, fields, and whether it is pending."""
    values = [
        dict(zip(KEY, key, strict=True)) | {"system": system, "at": at, "fields": fields, "pending": pending}
        for key, fields, pending in rows
    ]
    if values:
        connection.execute(_CHANGED, values)


@cache
def _put_account(dialect: str) -> Any:
    made = insertion(dialect, accounts)
    nothing_yet = accounts.c.password_hash.is_(None)
    kept = {
        "login_id": func.coalesce(made.excluded.login_id, accounts.c.login_id),
        "password_hash": func.coalesce(accounts.c.password_hash, made.excluded.password_hash),
    }
    # What was locked stays so; a password that there is stays the vendor's own.
    return made.on_conflict_do_update(
        index_elements=["system", "number"], set_=kept, where=or_(nothing_yet, made.excluded.login_id.is_not(None))
    )


_ACCOUNT = (accounts.c.system == bindparam("p_system"), accounts.c.number == bindparam("p_number"))
_LOCKED = accounts.c.password_state == "locked"
_FIRST = (
    update(accounts)
    .where(*_ACCOUNT, accounts.c.password_state == "none", accounts.c.password_hash.is_not(None))
    .values(password_state=bindparam("p_state"), changed_on=bindparam("p_changed_on"), wrong=0)
)
_FIRST_LOCKED = (
    update(accounts)
    .where(*_ACCOUNT, _LOCKED, accounts.c.unlocked_state == "none", accounts.c.password_hash.is_not(None))
    .values(unlocked_state=bindparam("p_state"), changed_on=bindparam("p_changed_on"))
)
"""Tried before it had a password, until it was locked: unlocked, it has this one."""
_THAT_WAS_READ = accounts.c.password_hash == bindparam("p_before")
_REPLACE = (
    update(accounts)
    .where(*_ACCOUNT, _THAT_WAS_READ)
    .values(
        password_hash=bindparam("p_hash"),
        password_state=bindparam("p_state"),
        changed_on=bindparam("p_changed_on"),
        wrong=0,
        unlocked_state=None,
    )
)
_SETTLE = (
    update(accounts)
    .where(*_ACCOUNT, _THAT_WAS_READ)
    .values(
        password_state=case((_LOCKED, "locked"), else_=bindparam("p_state")),
        unlocked_state=case((_LOCKED, bindparam("p_state")), else_=None),
        changed_on=bindparam("p_changed_on"),
    )
)


def put_accounts(connection: Connection, system: str, rows: Collection[AccountChange]) -> None:
    """Login ids, first passwords, passwords that take another's place, and what is said anew of those that stay.

    One that takes another's place ends a lock (R-33) and the sessions by the old one; where somebody changed the old one since it was
    read, it stays. What is only said anew leaves locks and wrong tries as they are.
    """
    values = [
        {
            "system": system,
            "number": one.number,
            "login_id": one.login_id or None,
            "password_hash": None if one.before else one.hashed,
            "password_state": one.state if one.hashed and not one.before else "none",
            "changed_on": one.changed_on if one.hashed and not one.before else None,
            "wrong": 0,
        }
        for one in rows
        if one.login_id or not one.before
    ]
    if values:
        connection.execute(_put_account(connection.dialect.name), values)
    for one in rows:
        if one.state is None:
            continue
        about = {"p_system": system, "p_number": one.number, "p_state": one.state, "p_changed_on": one.changed_on}
        if one.before is None:
            connection.execute(_FIRST, about)
            connection.execute(_FIRST_LOCKED, about)
        elif one.hashed is None:
            connection.execute(_SETTLE, about | {"p_before": one.before})
        elif connection.execute(_REPLACE, about | {"p_before": one.before, "p_hash": one.hashed}).rowcount:
            end_sessions_of(connection, system, one.number)
