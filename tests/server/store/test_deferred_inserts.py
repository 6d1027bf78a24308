"""Rows that are written before the commit: by kind, in the order in which the kinds came first, and not what was undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine

from ebid_tui.server.store import deferred_inserts
from ebid_tui.server.store.schema import challenges
from tests.clock import NOW
from tests.server.filling import committing, rows

Writes = list[tuple[str, list[Any]]]


def kind(name: str, writes: Writes) -> Callable[[Connection, list[Any]], None]:
    return lambda _connection, rows: writes.append((name, list(rows)))


def test_each_kind_is_written_once_in_the_order_in_which_it_came(connection: Connection) -> None:
    writes: Writes = []
    one, two = kind("one", writes), kind("two", writes)
    for write, row in ((two, 1), (one, 2), (two, 3), (one, 4)):
        deferred_inserts.add(connection, write, row)
    assert writes == []
    committing(connection)
    assert writes == [("two", [1, 3]), ("one", [2, 4])]
    committing(connection)
    assert len(writes) == 2


def test_rows_go_into_their_table(connection: Connection) -> None:
    write = deferred_inserts.into(challenges)
    for nonce in "ab":
        deferred_inserts.add(connection, write, {"nonce": nonce, "system": "ise", "expires_at": NOW})
    assert rows(connection, challenges, "nonce") == []
    deferred_inserts.settle(connection)
    assert rows(connection, challenges, "nonce") == ["a", "b"]


def test_only_what_came_after_a_savepoint_is_undone_with_it(connection: Connection) -> None:
    writes: Writes = []
    one = kind("one", writes)
    deferred_inserts.add(connection, one, "before")
    with connection.begin_nested() as savepoint:
        assert writes == [("one", ["before"])]
        deferred_inserts.add(connection, one, "undone")
        savepoint.rollback()
    with connection.begin_nested():
        deferred_inserts.add(connection, one, "kept")
    committing(connection)
    assert writes == [("one", ["before"]), ("one", ["kept"])]


def test_what_a_transaction_gave_up_is_not_the_next_ones(connection: Connection) -> None:
    writes: Writes = []
    connection.rollback()
    with connection.engine.connect() as other:
        with other.begin() as first:
            deferred_inserts.add(other, kind("one", writes), "given up")
            first.rollback()
        assert deferred_inserts._PENDING not in other.info
        with other.begin() as second:
            committing(other)
            second.rollback()
    assert writes == []


def test_an_engine_without_leaves_loses_no_row() -> None:
    with create_engine("sqlite://").connect() as connection, pytest.raises(KeyError):
        deferred_inserts.add(connection, deferred_inserts.into(challenges), {})
