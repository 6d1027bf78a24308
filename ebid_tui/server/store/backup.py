"""Backups: one SQLite file with everything, whatever database it comes from, made while others go on writing.

It is a database like the server's own: `admin verify-evidence --database` verifies it where it lies, and `restore` puts it into
an empty database of either kind. Of PostgreSQL rows are copied from one state of the database; SQLite copies itself.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select

from ebid_tui.messages import t
from ebid_tui.process import private_files
from ebid_tui.server.store import engine as engines
from ebid_tui.server.store.migrate import make_ready, revision
from ebid_tui.server.store.schema import REVISION, metadata

BATCH = 500
FORGOTTEN = ("challenges", "sessions", "rate_limits")
"""Who is signed in at the moment is nobody's business later, and a copy of a session would be a second one."""


def backup(connection: Connection, file: Path) -> int:
    """Write everything that `connection` sees into a new file; how many rows. Raises ValueError if what was written is not sound."""
    url = f"sqlite:///{file}"
    if connection.dialect.name == "sqlite":
        _itself(connection, file)
    else:
        make_ready(url)
        _into(connection, url)
    return _sound(url)


def restore(file: Path, url: str) -> int:
    """Put a backup into an empty database; how many rows. Raises ValueError if the backup is not sound, or the database not empty."""
    source_url = f"sqlite:///{file}"
    rows = _sound(source_url)
    with engines.disposing(engines.long_reading_engine(source_url)) as source, source.connect() as connection, connection.begin():
        found = revision(connection)
        if found != REVISION:
            raise ValueError(f"{found or '-'} / {REVISION}")
        if not make_ready(url) and not _empty(url):
            raise ValueError(t("backup.not_empty"))
        _into(connection, url)
    return rows


def _empty(url: str) -> bool:
    """Made, but nothing in it: also after a restoration that was broken off."""
    with engines.disposing(engines.long_reading_engine(url)) as engine, engine.connect() as connection:
        return not any(connection.execute(select(table).limit(1)).first() for table in metadata.sorted_tables)


def _itself(connection: Connection, file: Path) -> None:
    """Page by page, what the connection sees; then without what is to be forgotten."""
    os.close(private_files.new(file))
    with closing(sqlite3.connect(file, isolation_level=None)) as copy:
        source: Any = connection.connection.driver_connection
        source.backup(copy)
        # One file, without another beside it; and what goes leaves no bytes in it.
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("PRAGMA secure_delete=ON")
        for name in FORGOTTEN:
            copy.execute(f"DELETE FROM {name}")


def _into(connection: Connection, url: str) -> None:
    """Copy every row, in one transaction."""
    with engines.disposing(engines.bulk_engine(url)) as target, target.begin() as copy:
        for table in metadata.sorted_tables:
            if table.name not in FORGOTTEN:
                for rows in _rows(connection, table):
                    copy.execute(table.insert(), rows)
        engines.continue_numbers(copy, metadata.sorted_tables)


def _rows(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    with connection.execute(select(table), execution_options={"yield_per": BATCH}) as found:
        rows = found.mappings()
        while batch := [dict(row) for row in islice(rows, BATCH)]:
            yield batch


def _sound(url: str) -> int:
    """How many rows a backup has; ValueError where SQLite finds it damaged or a reference leads nowhere."""
    with engines.disposing(engines.long_reading_engine(url)) as engine, engine.connect() as connection:
        if connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
            raise ValueError(t("backup.damaged"))
        engines.refuse_broken_references(connection)
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in metadata.sorted_tables)
