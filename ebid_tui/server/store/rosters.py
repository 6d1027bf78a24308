"""What an import of the roster reads and writes, in batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from ebid_tui.domain.records import QualificationState, Values
from ebid_tui.domain.text import names
from ebid_tui.server.store.engine import insertion
from ebid_tui.server.store.schema import accounts, qualification_changes, qualifications
from ebid_tui.server.store.sign_ins import end_sessions_of

KEY = ("agency", "category", "number")
Key = tuple[str, str, str]
"""Agency, category, number."""


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
_ACCOUNTS = select(accounts.c.number, accounts.c.password_hash, accounts.c.login_id).where(
    accounts.c.system == bindparam("p_system"), accounts.c.number.in_(bindparam("p_numbers", expanding=True))
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


def accounts_of(connection: Connection, system: str, numbers: Collection[str]) -> dict[str, tuple[str | None, str | None]]:
    """By number: the password's hash and the login id, None where there is none."""
    found = connection.execute(_ACCOUNTS, {"p_system": system, "p_numbers": list(numbers)})
    return {r.number: (r.password_hash, r.login_id) for r in found}


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


_INITIAL = (
    update(accounts)
    .where(
        accounts.c.system == bindparam("p_system"),
        accounts.c.number == bindparam("p_number"),
        accounts.c.password_state == "none",
        accounts.c.password_hash.is_not(None),
    )
    .values(password_state="initial", wrong=0)
)


def put_accounts(connection: Connection, system: str, rows: Iterable[tuple[str, str, str | None]]) -> None:
    """Number, login id (empty: as it is) and an initial password's hash (None: as it is) of vendors."""
    values = [
        {
            "system": system,
            "number": n,
            "login_id": login or None,
            "password_hash": hashed,
            "password_state": "initial" if hashed else "none",
            "wrong": 0,
        }
        for n, login, hashed in rows
    ]
    if values:
        connection.execute(_put_account(connection.dialect.name), values)
        with_password = [{"p_system": system, "p_number": one["number"]} for one in values if one["password_hash"]]
        if with_password:
            connection.execute(_INITIAL, with_password)


_REPLACE = (
    update(accounts)
    .where(
        accounts.c.system == bindparam("p_system"),
        accounts.c.number == bindparam("p_number"),
        accounts.c.password_hash == bindparam("p_before"),
    )
    .values(password_hash=bindparam("p_hash"), password_state="initial", wrong=0, changed_on=None, unlocked_state=None)
)


def replace_passwords(connection: Connection, system: str, rows: Iterable[tuple[str, str, str]]) -> None:
    """Number, hash that was read before and hash that takes its place: as notified, unlocked (R-33); sessions by the old one end.

    Where somebody changed it since it was read it stays.
    """
    for number, before, hashed in rows:
        values = {"p_system": system, "p_number": number, "p_before": before, "p_hash": hashed}
        if connection.execute(_REPLACE, values).rowcount:
            end_sessions_of(connection, system, number)
