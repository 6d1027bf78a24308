"""Rows that were found good, on the disk and in order, until all of them are known to be: memory stays small.

A scratch file that is gone with the process. Passwords never come into it, only the hashes made of them.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Literal

import msgspec

from ebid_tui.process import private_files
from ebid_tui.process.private_files import file_trouble
from ebid_tui.server.roster.checking import RosterVendor
from ebid_tui.server.store.rosters import AccountChange, KeptPassword, Key, RosterStanding

BATCH = 500

_TABLES = """
CREATE TABLE rows (agency TEXT, category TEXT, number TEXT, line INTEGER, login_id TEXT, has_password INTEGER, body BLOB,
                   PRIMARY KEY (agency, category, number)) WITHOUT ROWID;
CREATE TABLE logins (login_id TEXT PRIMARY KEY, number TEXT, line INTEGER) WITHOUT ROWID;
CREATE TABLE puts (agency TEXT, category TEXT, number TEXT, body BLOB);
CREATE TABLE lapses (agency TEXT, category TEXT, number TEXT, state TEXT);
CREATE TABLE changes (agency TEXT, category TEXT, number TEXT, fields BLOB, pending INTEGER);
CREATE TABLE accounts (number TEXT PRIMARY KEY, login_id TEXT, wants INTEGER, before TEXT, before_state TEXT, before_on TEXT,
                       hash TEXT, state TEXT, changed_on TEXT) WITHOUT ROWID;
CREATE TABLE hashes (number TEXT, field TEXT, hash TEXT, PRIMARY KEY (number, field)) WITHOUT ROWID;
"""


@contextmanager
def _told() -> Iterator[None]:
    """No room for the scratch file, as EbidError E-FILE; the real database's troubles have come through SQLAlchemy, and stay theirs."""
    try:
        yield
    except sqlite3.Error as error:
        raise file_trouble(Path(tempfile.gettempdir()), ValueError(str(error))) from None


class Staging:
    """What is to be done, collected."""

    def __enter__(self) -> Staging:
        with ExitStack() as stack:
            stack.enter_context(_told())
            try:
                self._directory = tempfile.TemporaryDirectory(prefix="ebid-roster-")
                file = Path(stack.enter_context(self._directory)) / "rows"
                os.close(private_files.new(file))
            except OSError as error:
                raise file_trouble(Path(tempfile.gettempdir()), error) from None
            self._db = stack.enter_context(closing(sqlite3.connect(file, isolation_level=None)))
            self._db.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384; {_TABLES} BEGIN;")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, trace)

    def add(self, taken: RosterVendor) -> int | None:
        """Keep a row; None, or the line of an earlier one of the same vendor."""
        body = msgspec.msgpack.encode((taken.state, taken.trade_name, taken.company))
        row = (taken.agency, taken.category, taken.number, taken.line, taken.login_id, bool(taken.password), body)
        if self._db.execute("INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", row).rowcount:
            return None
        key = (taken.agency, taken.category, taken.number)
        (line,) = self._db.execute("SELECT line FROM rows WHERE agency = ? AND category = ? AND number = ?", key).fetchone()
        return int(line)

    def add_login(self, taken: RosterVendor) -> int | None:
        """Keep whose login id this is; None, or the line where another vendor has it."""
        row = (taken.login_id, taken.number, taken.line)
        if not taken.login_id or self._db.execute("INSERT OR IGNORE INTO logins VALUES (?, ?, ?)", row).rowcount:
            return None
        number, line = self._db.execute("SELECT number, line FROM logins WHERE login_id = ?", (taken.login_id,)).fetchone()
        return None if number == taken.number else int(line)

    def batches(self) -> Iterator[list[tuple[Key, RosterStanding]]]:
        """Everything that was kept, by number."""
        rows = self._db.execute("SELECT agency, category, number, body FROM rows ORDER BY number, agency, category")
        made = ((key, RosterStanding(*msgspec.msgpack.decode(body))) for *key, body in rows)
        while batch := [((a, c, n), standing) for (a, c, n), standing in islice(made, BATCH)]:
            yield batch

    def holds(self, key: Key) -> bool:
        return self._db.execute("SELECT 1 FROM rows WHERE agency = ? AND category = ? AND number = ?", key).fetchone() is not None

    def vendors(self) -> Iterator[list[tuple[str, str, bool]]]:
        """(number, login id, whether a password is given) of every number that has either."""
        rows = self._db.execute(
            "SELECT number, max(login_id), max(has_password) FROM rows WHERE login_id <> '' OR has_password GROUP BY number ORDER BY number"
        )
        while batch := [(number, login, bool(given)) for number, login, given in islice(rows, BATCH)]:
            yield batch

    def plan_put(self, rows: Iterable[tuple[Key, RosterStanding]]) -> None:
        self._db.executemany("INSERT INTO puts VALUES (?, ?, ?, ?)", [(*key, msgspec.msgpack.encode(tuple(s))) for key, s in rows])

    def plan_lapse(self, rows: Iterable[tuple[Key, str]]) -> None:
        """With the state before."""
        self._db.executemany("INSERT INTO lapses VALUES (?, ?, ?, ?)", [(*key, state) for key, state in rows])

    def plan_change(self, rows: Iterable[tuple[Key, dict[str, list[str]], bool]]) -> None:
        self._db.executemany(
            "INSERT INTO changes VALUES (?, ?, ?, ?, ?)", [(*key, msgspec.msgpack.encode(f), pending) for key, f, pending in rows]
        )

    def plan_account(self, number: str, login_id: str, wants_password: bool, kept: KeptPassword) -> None:
        """`kept` is what there is: whether the list's takes its place is known when it is looked at."""
        before = (kept.password_hash, kept.state, _day(kept.changed_on))
        self._db.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL)", (number, login_id, wants_password, *before))

    def wants_password(self, number: str) -> bool:
        return self._db.execute("SELECT 1 FROM accounts WHERE number = ? AND wants", (number,)).fetchone() is not None

    def kept_password(self, number: str) -> KeptPassword:
        """The password that there is, of a number that was planned."""
        row = self._db.execute("SELECT before, login_id, before_state, before_on FROM accounts WHERE number = ?", (number,)).fetchone()
        hashed, login, state, day = row
        return KeptPassword(hashed, login, state, day and date.fromisoformat(day))

    def put_password(self, number: str, hashed: str | None, settled: tuple[str, date | None] | None) -> None:
        """What was made of the password (None: its hash stays), and what it is from now on (None: it stays as it is)."""
        state, day = settled or (None, None)
        self._db.execute(
            "UPDATE accounts SET hash = ?, state = ?, changed_on = ?, wants = 0 WHERE number = ?", (hashed, state, _day(day), number)
        )

    def first_secret(self, number: str, field: str) -> bool:
        """Whether no value of this field was seen for the number before."""
        return bool(self._db.execute("INSERT OR IGNORE INTO hashes VALUES (?, ?, NULL)", (number, field)).rowcount)

    def put_secret(self, number: str, field: str, hashed: str) -> None:
        self._db.execute("UPDATE hashes SET hash = ? WHERE number = ? AND field = ?", (hashed, number, field))

    def secrets(self) -> Iterator[list[tuple[str, str, str]]]:
        """(number, field, hash) of those that are new."""
        rows = self._db.execute("SELECT number, field, hash FROM hashes WHERE hash IS NOT NULL")
        while batch := list(islice(rows, BATCH)):
            yield batch

    def puts(self) -> Iterator[list[tuple[Key, RosterStanding]]]:
        rows = self._db.execute("SELECT agency, category, number, body FROM puts")
        while batch := [((a, c, n), RosterStanding(*msgspec.msgpack.decode(body))) for a, c, n, body in islice(rows, BATCH)]:
            yield batch

    def lapses(self) -> Iterator[list[tuple[Key, str]]]:
        rows = self._db.execute("SELECT agency, category, number, state FROM lapses")
        while batch := [((a, c, n), state) for a, c, n, state in islice(rows, BATCH)]:
            yield batch

    def changes(self) -> Iterator[list[tuple[Key, dict[str, list[str]], bool]]]:
        rows = self._db.execute("SELECT agency, category, number, fields, pending FROM changes")
        while batch := [((a, c, n), msgspec.msgpack.decode(f), bool(pending)) for a, c, n, f, pending in islice(rows, BATCH)]:
            yield batch

    def accounts(self) -> Iterator[list[AccountChange]]:
        """Of those that something changes for."""
        rows = self._db.execute(
            "SELECT number, login_id, hash, before, state, changed_on FROM accounts WHERE login_id <> '' OR state IS NOT NULL"
        )
        while batch := [_change(*row) for row in islice(rows, BATCH)]:
            yield batch


def _change(
    number: str, login_id: str, hashed: str | None, before: str | None, state: Literal["initial", "active"] | None, day: str | None
) -> AccountChange:
    return AccountChange(number, login_id, hashed, before, state, date.fromisoformat(day) if day else None)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
