"""Passwords' states and wrong tries (R-03, R-15, R-33), by system and number.

A number that does not exist is counted like one that does: a lock tells nobody which numbers there are. A try is taken on before
its password is checked, and counts among the wrong ones until that is known: so many at once are no more than so many one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, case, func, insert, select, update

from ebid_tui.domain.desk import PasswordState
from ebid_tui.server.store.schema import accounts

_MINE = (accounts.c.system == bindparam("p_system"), accounts.c.number == bindparam("p_number"))
_ONE = select(accounts).where(*_MINE)
_ADD = insert(accounts)
_CHANGE = update(accounts).where(*_MINE)
_COUNT = _CHANGE.values(wrong=bindparam("p_wrong"), password_state=bindparam("p_state"))
_LOCK = _COUNT.values(unlocked_state=bindparam("p_before"))
_UNLOCK = _CHANGE.where(accounts.c.password_state == "locked").values(
    wrong=0, password_state=func.coalesce(accounts.c.unlocked_state, "initial"), unlocked_state=None
)
_CHECKING = _CHANGE.values(checking=bindparam("p_checking"), checking_at=bindparam("p_now"))
_CHECKED = _CHANGE.where(accounts.c.checking > 0).values(
    checking=accounts.c.checking - 1, checking_at=case((accounts.c.checking > 1, accounts.c.checking_at), else_=None)
)
LONGEST_CHECK = timedelta(minutes=1)
"""A try that was taken on longer ago was lost with its process."""

_SET = _CHANGE.values(password_hash=bindparam("p_hash"), password_state=bindparam("p_state"), wrong=0, changed_on=bindparam("p_today"))


@dataclass(frozen=True, slots=True)
class Account:
    """What is kept of a number's password. `password_hash` is argon2id, None where there is no password."""

    system: str
    number: str
    login_id: str | None
    password_hash: str | None
    state: PasswordState
    wrong: int
    changed_on: date | None

    def __repr__(self) -> str:
        return f"Account({self.system!r}, state={self.state!r})"


def account(connection: Connection, system: str, number: str) -> Account:
    """The account of a number; one without a password where the number is unknown."""
    row = connection.execute(_ONE, {"p_system": system, "p_number": number}).one_or_none()
    if row is None:
        return Account(system, number, None, None, "none", 0, None)
    return Account(row.system, row.number, row.login_id, row.password_hash, row.password_state, row.wrong, row.changed_on)


def add_account(connection: Connection, new: Account) -> None:
    """Enter an account. IntegrityError if the number has one."""
    row = {"system": new.system, "number": new.number, "login_id": new.login_id, "password_hash": new.password_hash}
    connection.execute(_ADD, row | {"password_state": new.state, "wrong": new.wrong, "changed_on": new.changed_on})


def take_on(connection: Connection, system: str, number: str, limit: int, now: datetime) -> bool:
    """R-33: take on one try of a number that is not locked; False where wrong ones and those being checked are `limit` already."""
    row = connection.execute(_ONE, {"p_system": system, "p_number": number}).one_or_none()
    fresh = row is not None and row.checking_at is not None and abs(now - row.checking_at) < LONGEST_CHECK
    checking = row.checking if row is not None and fresh else 0
    if checking + (row.wrong if row is not None else 0) >= limit:
        return False
    values = {"p_system": system, "p_number": number, "p_checking": checking + 1, "p_now": now}
    if connection.execute(_CHECKING, values).rowcount == 0:
        new = {"system": system, "number": number, "password_state": "none", "checking": 1, "checking_at": now}
        connection.execute(_ADD, new)
    return True


def checked(connection: Connection, system: str, number: str) -> None:
    """A try that was taken on is over, however it ended."""
    connection.execute(_CHECKED, {"p_system": system, "p_number": number})


def count_wrong(connection: Connection, system: str, number: str, limit: int) -> Account:
    """Count one wrong password and lock at `limit` in a row; the answer is the account as it is now."""
    before = account(connection, system, number)
    wrong = before.wrong + 1
    state: PasswordState = "locked" if wrong >= limit else before.state
    values = {"p_system": system, "p_number": number, "p_wrong": wrong, "p_state": state}
    locked_now = state == "locked" and before.state != "locked"
    changed = connection.execute(*((_LOCK, values | {"p_before": before.state}) if locked_now else (_COUNT, values)))
    if changed.rowcount == 0:
        connection.execute(_ADD, {"system": system, "number": number, "password_state": state, "wrong": wrong})
    return Account(system, number, before.login_id, before.password_hash, state, wrong, before.changed_on)


def forget_wrong(connection: Connection, known: Account) -> None:
    """A right password: the row of wrong ones is broken."""
    if known.wrong:
        values = {"p_system": known.system, "p_number": known.number, "p_wrong": 0, "p_state": known.state}
        connection.execute(_COUNT, values)


def unlock(connection: Connection, system: str, number: str) -> bool:
    """R-33: the password counts again as it did before it was locked; False if it was not."""
    return connection.execute(_UNLOCK, {"p_system": system, "p_number": number}).rowcount == 1


def reset_password(connection: Connection, known: Account, password_hash: str) -> None:
    """R-33: an initial password again, unlocked."""
    _set(connection, known, password_hash, "initial", None)


def set_password(connection: Connection, known: Account, password_hash: str, today: date) -> None:
    """A new password, which is no initial one any more (R-03); `today` in Japan counts for R-15."""
    _set(connection, known, password_hash, "active", today)


def _set(connection: Connection, known: Account, password_hash: str, state: PasswordState, changed_on: date | None) -> None:
    values = {"p_system": known.system, "p_number": known.number, "p_hash": password_hash, "p_state": state, "p_today": changed_on}
    connection.execute(_SET, values)
