"""The audit log's rows: chained in the order in which they came, and gone with what is given up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, create_engine

from ebid_tui.server.store import audit
from ebid_tui.server.store.audit_chain import EMPTY, AuditEntry, ChainHead, linked
from tests.clock import NOW
from tests.server.filling import committing


def link(name: str, at: datetime = NOW) -> AuditEntry:
    return AuditEntry(at, "ise", name, "actor", "subject", None, "agency", "content")


def chain(connection: Connection) -> list[str]:
    """The names of the rows; each holds the one before."""
    number, previous, names = 0, EMPTY.hash, []
    for found, row, value in audit.rows(connection, batch=2):
        number, previous = number + 1, linked(previous, number + 1, row)
        assert (found, value) == (number, previous)
        names.append(row.event)
    assert audit.head(connection) == ChainHead(number, previous)
    return names


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_rows_follow_each_other_however_many_are_written_at_once(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(audit, "PART", 2)
    assert chain(connection) == []
    for first in (0, count):
        for n in range(first, first + count):
            audit.add(connection, link(f"{n}", NOW + timedelta(n)))
        committing(connection)
        begun(connection)
    assert chain(connection) == [f"{n}" for n in range(2 * count)]
    rows = [row for _, row, _ in audit.rows(connection)]
    assert rows[0] == link("0")
    assert [row.at for row in rows] == [NOW + timedelta(n) for n in range(2 * count)]


def begun(connection: Connection) -> None:
    """What a transaction's beginning does, in the same one."""
    connection.info[audit._PENDING], connection.info[audit._MARKS] = [], []


def test_many_rows_at_once(connection: Connection) -> None:
    audit.add_all(connection, [tuple(link(name)) for name in "ab"])  # type: ignore[misc]
    audit.add(connection, link("c"))
    committing(connection)
    assert chain(connection) == ["a", "b", "c"]


def test_a_transaction_that_tells_nothing_moves_nothing(connection: Connection) -> None:
    committing(connection)
    assert chain(connection) == []
    assert audit.head(connection) == EMPTY


def test_what_a_savepoint_undoes_leaves_no_row(connection: Connection) -> None:
    audit.add(connection, link("before"))
    with connection.begin_nested():
        audit.add(connection, link("kept"))
        with connection.begin_nested() as inner:
            audit.add(connection, link("undone"))
            inner.rollback()
        audit.add(connection, link("kept, too"))
    with connection.begin_nested() as outer:
        audit.add(connection, link("undone"))
        with connection.begin_nested():
            audit.add(connection, link("undone with it"))
        outer.rollback()
    audit.add(connection, link("after"))
    committing(connection)
    assert chain(connection) == ["before", "kept", "kept, too", "after"]


def test_what_a_transaction_gave_up_is_not_the_next_ones(connection: Connection) -> None:
    engine = connection.engine
    connection.rollback()
    with engine.connect() as other, other.begin() as first:
        audit.add(other, link("given up"))
        first.rollback()
    with engine.connect() as other, other.begin() as second:
        committing(other)
        assert chain(other) == []
        second.rollback()


def test_an_engine_that_does_not_chain_loses_no_row() -> None:
    with create_engine("sqlite://").connect() as connection, pytest.raises(KeyError):
        audit.add(connection, link("lost"))
