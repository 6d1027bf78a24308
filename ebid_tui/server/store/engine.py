"""Engines for reading and for writing: the only file that knows how a database differs from another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
"""WAL lets readers go on while one writes; FULL puts every commit on the disk before it is acknowledged."""
MIGRATING = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF", "busy_timeout=5000")
"""SQLite changes a table by making it anew: what refers to it is checked when that is done (`refuse_broken_references`)."""

BULK = ("cache_size=-131072", "wal_autocheckpoint=65536", "journal_size_limit=67108864")
"""128 MiB of memory, so that a transaction writes each page once; the log is copied back every 256 MiB and then cut off."""


def writing_engine(url: str) -> Engine:
    """One connection at a time; a transaction takes the write lock when it begins."""
    return _sqlite(url, "BEGIN IMMEDIATE", PRAGMAS) if _is_sqlite(url) else create_engine(url, hide_parameters=True)


def bulk_engine(url: str) -> Engine:
    """A writing engine for one long job of a process of its own."""
    return _sqlite(url, "BEGIN IMMEDIATE", (*PRAGMAS, *BULK)) if _is_sqlite(url) else create_engine(url, hide_parameters=True)


def reading_engine(url: str) -> Engine:
    """Connections that cannot change anything."""
    return _sqlite(url, "BEGIN", (*PRAGMAS, "query_only=ON")) if _is_sqlite(url) else create_engine(url, hide_parameters=True)


def migrating_engine(url: str) -> Engine:
    """As `writing_engine`, for changing the tables themselves."""
    return _sqlite(url, "BEGIN IMMEDIATE", MIGRATING) if _is_sqlite(url) else create_engine(url, hide_parameters=True)


def refuse_broken_references(connection: Connection) -> None:
    """Raise ValueError where a row refers to one that is not there; only a migration on SQLite can bring that about."""
    if connection.dialect.name == "sqlite":
        broken = {str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        if broken:
            raise ValueError(f"references are broken in {', '.join(sorted(broken))}")


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _sqlite(url: str, begin: str, pragmas: tuple[str, ...]) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True)

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


def insertion(dialect: str, table: Table) -> Any:
    """An INSERT that has `on_conflict_do_nothing` and `on_conflict_do_update`, for the database of this dialect."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def is_there(url: str) -> bool:
    """False where connecting would make a new, empty database: an SQLite file that does not exist yet."""
    file = make_url(url).database
    return not _is_sqlite(url) or bool(file and Path(file).is_file())
