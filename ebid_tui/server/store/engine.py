"""Engines for reading and for writing: the only file that knows how a database differs from another.

On both databases transactions that write come one after the other, whatever process they are of: SQLite has one writer
anyway, and on PostgreSQL each begins by taking one advisory lock. So what a transaction has read is true until it ends, two
processes can race for nothing, and nobody has to be asked again because of a serialization failure. Reading waits for nobody.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ebid_tui.process import private_files
from ebid_tui.server.store import audit, deferred_inserts

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
"""WAL lets readers go on while one writes; FULL puts every commit on the disk before it is acknowledged."""
MIGRATING = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF", "busy_timeout=5000")
"""SQLite changes a table by making it anew: what refers to it is checked when that is done (`refuse_broken_references`)."""

BULK = ("cache_size=-131072", "wal_autocheckpoint=65536", "journal_size_limit=67108864")
"""128 MiB of memory, so that a transaction writes each page once; the log is copied back every 256 MiB and then cut off."""

SERVING = {"statement_timeout": "10s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "10s"}
"""A server process that hangs while it has the lock loses its connection, and the others go on."""
WORKING = {"lock_timeout": "60s", "idle_in_transaction_session_timeout": "60s"}
"""A long job waits its turn; what it does may take long."""
LOOKING = SERVING | {"default_transaction_isolation": "repeatable read", "default_transaction_read_only": "on"}
"""One consistent view of the database, that cannot change anything."""

REACHING = {"connect_timeout": "5", "keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3"}
"""libpq's, for a database on another machine: silence is noticed within half a minute. What the URL says goes before."""
FRESH = 1800
"""Seconds after which a connection is opened anew: a database's own memory of it grows."""

WRITING_LOCK = 0x65626964
"""The advisory lock of all that write. The number says nothing; it must only be the same in every version of this program."""

_DEFECTS = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE}
_STATES = ("08", "25", "40", "53", "55", "57", "58")
"""PostgreSQL's classes of errors that say nothing of the statement: connection, read only, deadlock, disk full, locks, shutdown."""


def writing_engine(url: str) -> Engine:
    """One connection at a time; a transaction takes the write lock when it begins, and chains its audit rows when it ends."""
    return _with_rows_at_the_end(_sqlite(url, "BEGIN IMMEDIATE", PRAGMAS) if _is_sqlite(url) else _postgresql(url, SERVING, locks=True))


def _with_rows_at_the_end(engine: Engine) -> Engine:
    """The audit log's rows are the very last ones: they tell of receipts."""
    return audit.attach(deferred_inserts.attach(engine))


def bulk_engine(url: str) -> Engine:
    """A writing engine for one long job of a process of its own."""
    made = _sqlite(url, "BEGIN IMMEDIATE", (*PRAGMAS, *BULK)) if _is_sqlite(url) else _postgresql(url, WORKING, locks=True)
    return _with_rows_at_the_end(made)


def reading_engine(url: str) -> Engine:
    """Connections that cannot change anything."""
    return _sqlite(url, "BEGIN", (*PRAGMAS, "query_only=ON")) if _is_sqlite(url) else _postgresql(url, LOOKING, locks=False)


def long_reading_engine(url: str) -> Engine:
    """As `reading_engine`, for one long look of a process of its own."""
    if _is_sqlite(url):
        return reading_engine(url)
    patient = {name: value for name, value in LOOKING.items() if name.startswith("default_transaction")}
    return _postgresql(url, patient, locks=False)


def migrating_engine(url: str) -> Engine:
    """As `writing_engine`, for changing the tables themselves."""
    return _sqlite(url, "BEGIN IMMEDIATE", MIGRATING) if _is_sqlite(url) else _postgresql(url, {"lock_timeout": "60s"}, locks=True)


@contextmanager
def disposing(engine: Engine) -> Iterator[Engine]:
    """An engine whose connections are closed at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


def refuse_broken_references(connection: Connection) -> None:
    """Raise ValueError where a row refers to one that is not there; only a migration on SQLite can bring that about."""
    if connection.dialect.name == "sqlite":
        broken = {str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        if broken:
            raise ValueError(f"references are broken in {', '.join(sorted(broken))}")


def refuse_other_encodings(connection: Connection) -> None:
    """Raise ValueError for a database that cannot keep every name: PostgreSQL's may have been made for one language."""
    if connection.dialect.name == "postgresql":
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise ValueError(f"the database's encoding is {encoding}, not UTF8")


def is_trouble(error: Exception) -> bool:
    """Whether an error is the database's own (gone, full, locked, too slow), and not the program's or what it was given."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(code, int):
        return isinstance(error.orig, sqlite3.DatabaseError) and _is_trouble_of_sqlite(error.orig, code & 0xFF)
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    return type(error.orig).__name__ == "OperationalError" if state is None else str(state).startswith(_STATES)


def is_gone(error: Exception) -> bool:
    """Whether the connection was lost with whatever was under way on it."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _is_trouble_of_sqlite(error: sqlite3.DatabaseError, code: int) -> bool:
    return not isinstance(error, sqlite3.IntegrityError | sqlite3.DataError | sqlite3.ProgrammingError) and code not in _DEFECTS


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _sqlite(url: str, begin: str, pragmas: tuple[str, ...]) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "do_connect")
    def _connecting(*_: object) -> None:
        # SQLite would make the file as the umask says; those beside it (-wal, -shm, -journal) it makes as this one.
        if (file := _file(url)) is not None:
            with suppress(OSError):  # what cannot be made is told by SQLite in its own words
                os.close(private_files.new(file))

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # The driver's own transactions would commit before a savepoint: begin ourselves.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _file(url: str) -> Path | None:
    """Of an SQLite database; None for one in memory, and for PostgreSQL's."""
    name = make_url(url).database or ":memory:"
    if not _is_sqlite(url) or name == ":memory:":
        return None
    return Path(unquote(urlsplit(name).path) if name.startswith("file:") else name)


def opened_to_others(url: str) -> tuple[Path, ...]:
    """The files of an SQLite database that were open to others than their owner and group; those of this user are not any more.

    Earlier versions made them as the umask said. A group may read on purpose (who backs up): that stays as it is.
    """
    file = _file(url)
    files = () if file is None else tuple(file.with_name(file.name + end) for end in ("", "-wal", "-shm", "-journal"))
    return tuple(one for one in files if one.exists() and private_files.opened_to_others(one))


def _postgresql(url: str, settings: dict[str, str], *, locks: bool) -> Engine:
    given = make_url(url).query
    reaching = {name: value for name, value in REACHING.items() if name not in given}
    engine = create_engine(url, connect_args=reaching, hide_parameters=True, pool_recycle=FRESH)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        for name, value in settings.items():
            connection.execute(f"SET {name} = '{value}'")
        # An acknowledged receipt is on the disk, whatever this database does for others.
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        )
        connection.commit()

    @event.listens_for(engine, "handle_error")
    def _silenced(context: Any) -> None:
        # The lines after the first name the failing row's values: personal data, and errors are logged.
        for error in (context.original_exception, context.sqlalchemy_exception):
            if error is not None and error.args:
                error.args = ((str(error.args[0]).splitlines() or [""])[0], *error.args[1:])

    if locks:

        @event.listens_for(engine, "begin")
        def _begun(connection: Connection) -> None:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITING_LOCK})")

    return engine


def insertion(dialect: str, table: Table) -> Any:
    """An INSERT that has `on_conflict_do_nothing` and `on_conflict_do_update`, for the database of this dialect.

    Its `rowcount` says how many rows were written, which is not kept otherwise.
    """
    made: Any = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return made.execution_options(preserve_rowcount=True)


def continue_numbers(connection: Connection, tables: Iterable[Table]) -> None:
    """After rows were put in with their numbers: the database goes on behind the highest. SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        key = table.autoincrement_column
        if key is not None and key.type.python_type is int:
            sequence = connection.execute(select(func.pg_get_serial_sequence(table.name, key.name))).scalar_one()
            if sequence is not None:
                highest = select(func.coalesce(func.max(key), 0) + 1).scalar_subquery()
                connection.execute(select(func.setval(sequence, highest, False)))


def is_there(url: str) -> bool:
    """False where connecting would make a new, empty database: an SQLite file that does not exist yet."""
    file = make_url(url).database
    return not _is_sqlite(url) or bool(file and Path(file).is_file())
