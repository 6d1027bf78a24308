"""Rows that nothing in their own transaction reads: collected while it runs, and written by kind in one go, before it commits.

A group of jobs pays once for what each of them would pay for, and on another machine's database once for the way there and back.
What a savepoint undoes leaves no trace. `attach` makes an engine do so; on any other engine `add` fails, rather than losing a row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, Table, event, insert

Write = Callable[[Connection, list[Any]], None]
"""Writes all rows of a kind."""

_PENDING = "ebid leaves"


def add(connection: Connection, write: Write, row: Any) -> None:
    """A row to be written; kinds are written in the order in which they came first."""
    connection.info[_PENDING].append((write, row))


def into(table: Table) -> Write:
    """Writes rows, which are mappings with the same columns each, into a table."""
    statement = insert(table)

    def write(connection: Connection, rows: list[Any]) -> None:
        connection.execute(statement, rows)

    return write


def settle(connection: Connection) -> None:
    """Write now what waits: who wants to know whose rows the database refuses does so at the end of a job."""
    pending = connection.info[_PENDING]
    kinds: dict[Write, list[Any]] = {}
    for write, row in pending:
        kinds.setdefault(write, []).append(row)
    pending.clear()
    for write, rows in kinds.items():
        write(connection, rows)


def attach(engine: Engine) -> Engine:
    """Make every transaction of this engine write its leaves before it commits."""

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.info[_PENDING] = []

    @event.listens_for(engine, "savepoint")
    def _marked(connection: Connection, _name: str | None) -> None:
        # What waits is from before the savepoint, and must be written before it: then only rows of its own can be undone.
        settle(connection)

    @event.listens_for(engine, "rollback_savepoint")
    def _undone(connection: Connection, _name: str, _context: object) -> None:
        if not connection.invalidated:
            connection.info[_PENDING].clear()

    @event.listens_for(engine, "rollback")
    def _given_up(connection: Connection) -> None:
        if not connection.invalidated:
            connection.info.pop(_PENDING, None)

    @event.listens_for(engine, "commit")
    def _committing(connection: Connection) -> None:
        if connection.info.get(_PENDING):
            settle(connection)

    return engine
