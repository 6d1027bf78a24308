"""The audit log: rows that are chained when their transaction commits.

Rows are collected while a transaction runs, and written right before its commit, in one go: the lock on the log's head is
held for no longer than that, a group of jobs pays for it once, and what a savepoint undoes leaves no trace. `attach` makes
an engine do so; on any other engine `add` fails, rather than losing a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event, exists, insert, literal, select, update

from ebid_tui.server.store.audit_chain import EMPTY, AuditEntry, ChainHead, chained, moment
from ebid_tui.server.store.schema import audit, audit_head

COLUMNS = ("id", *AuditEntry._fields, "hash")
PART = 500
"""Rows of one statement."""
_PENDING = "ebid audit rows"
_MARKS = "ebid audit savepoints"

_HEAD = select(audit_head.c.number, audit_head.c.hash).where(audit_head.c.id == 1)
_LOCKED_HEAD = _HEAD.with_for_update()
_FIRST_HEAD = insert(audit_head).from_select(
    ["id", "number", "hash"], select(literal(1), literal(EMPTY.number), literal(EMPTY.hash)).where(~exists().where(audit_head.c.id == 1))
)
_MOVE = update(audit_head).where(audit_head.c.id == 1)
_ROWS = select(*(audit.c[name] for name in COLUMNS)).order_by(audit.c.id)


def add(connection: Connection, row: AuditEntry) -> None:
    """Write down who did what; it stands in the log with the commit."""
    connection.info[_PENDING].append(row)


Members = tuple[datetime, str, str, str, str, str | None, str | None, str | None]
"""Of a `AuditEntry`: the night makes hundreds of thousands, and one without names takes a third of the time."""


def add_all(connection: Connection, rows: Iterable[Members]) -> None:
    """The same for many rows."""
    connection.info[_PENDING].extend(rows)


def head(connection: Connection) -> ChainHead:
    """The last row's number and hash, as the log's head has it."""
    found = connection.execute(_HEAD).one_or_none()
    return EMPTY if found is None else ChainHead(found.number, found.hash)


def rows(connection: Connection, batch: int = 1000) -> Iterator[tuple[int, AuditEntry, str]]:
    """(number, row, hash) in the order of the chain, without having all in memory."""
    with connection.execute(_ROWS, execution_options={"yield_per": batch}) as result:
        for number, *members, value in result:
            yield number, AuditEntry(*members), value


def attach(engine: Engine) -> Engine:
    """Make every transaction of this engine chain its audit rows before it commits."""

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.info[_PENDING], connection.info[_MARKS] = [], []

    @event.listens_for(engine, "savepoint")
    def _marked(connection: Connection, _name: str | None) -> None:
        connection.info[_MARKS].append(len(connection.info[_PENDING]))

    @event.listens_for(engine, "rollback_savepoint")
    def _undone(connection: Connection, _name: str, _context: object) -> None:
        if connection.invalidated:
            return  # it is lost with everything on it
        del connection.info[_PENDING][connection.info[_MARKS].pop() :]

    @event.listens_for(engine, "release_savepoint")
    def _kept(connection: Connection, _name: str, _context: object) -> None:
        connection.info[_MARKS].pop()

    @event.listens_for(engine, "rollback")
    def _given_up(connection: Connection) -> None:
        if not connection.invalidated:
            connection.info.pop(_PENDING, None)

    @event.listens_for(engine, "commit")
    def _committing(connection: Connection) -> None:
        pending = connection.info.pop(_PENDING, None)
        if pending:
            _write(connection, pending)

    return engine


def _write(connection: Connection, pending: list[Members]) -> None:
    number, previous = _take_head(connection)
    insertion = _insertion(connection)
    stored: Callable[[datetime], Any] = _stored_moment(connection)
    times = {at: (moment(at), stored(at)) for at in {row[0] for row in pending}}
    # A part at a time: hundreds of thousands of small objects alive at once would cost more than what they are for.
    for start in range(0, len(pending), PART):
        part = pending[start : start + PART]
        hashes = chained(previous, [(number + n, times[row[0]][0], *row[1:]) for n, row in enumerate(part, 1)])
        insertion([(number + n, times[row[0]][1], *row[1:], value) for n, (row, value) in enumerate(zip(part, hashes, strict=True), 1)])
        number, previous = number + len(part), hashes[-1]
    connection.execute(_MOVE, {"number": number, "hash": previous})


def _take_head(connection: Connection) -> ChainHead:
    """The head, which is this transaction's until it ends."""
    found = connection.execute(_LOCKED_HEAD).one_or_none()
    if found is None:
        connection.execute(_FIRST_HEAD)
        found = connection.execute(_LOCKED_HEAD).one()
    return ChainHead(found.number, found.hash)


def _insertion(connection: Connection) -> Callable[[list[tuple[Any, ...]]], object]:
    """Inserts rows by the driver itself: the night writes hundreds of thousands."""
    statement, by_position = _compiled(connection.dialect.name, connection.dialect)
    if by_position:
        return lambda rows: connection.exec_driver_sql(statement, rows)
    return lambda rows: connection.exec_driver_sql(statement, [dict(zip(COLUMNS, values, strict=True)) for values in rows])


_statements: dict[str, tuple[str, bool]] = {}


def _compiled(name: str, dialect: Dialect) -> tuple[str, bool]:
    """The statement, and whether it takes a row as it is. Compiling it costs as much as writing twenty rows."""
    if name not in _statements:
        compiled = insert(audit).compile(dialect=dialect, column_keys=list(COLUMNS))
        _statements[name] = str(compiled), compiled.positiontup == list(COLUMNS)
    return _statements[name]


def _stored_moment(connection: Connection) -> Callable[[datetime], Any]:
    processor = audit.c.at.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return processor if processor is not None else (lambda at: at)
