"""Which process does what `serve` does at set times: one at a time, and once for each time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from ebid_tui.server.store import scheduled_jobs
from ebid_tui.server.store.schema import jobs as table
from tests.clock import NOW
from tests.server.filling import rows

MINUTE, MOMENT = timedelta(minutes=1), timedelta(microseconds=1)
SLOT, UNTIL = NOW - MINUTE, NOW + MINUTE


def claim(connection: Connection, holder: str, name: str = "night", slot: timedelta = timedelta(), after: timedelta = timedelta()) -> str:
    return scheduled_jobs.claim(connection, name, holder, SLOT + slot, NOW + after, UNTIL + after)


def test_one_at_a_time_until_it_is_given_back_or_left_behind(connection: Connection) -> None:
    assert claim(connection, "first") == "mine"
    assert claim(connection, "other", "refresh") == "mine"
    assert claim(connection, "second") == "held"
    assert claim(connection, "second", after=MINUTE) == "held"
    scheduled_jobs.release(connection, "night", "second")
    scheduled_jobs.finish(connection, "night", "second", SLOT)
    assert claim(connection, "second") == "held"
    scheduled_jobs.release(connection, "night", "first")
    assert rows(connection, table, "name", "holder", "held_until") == [("night", None, None), ("refresh", "other", UNTIL)]
    assert claim(connection, "second") == "mine"
    assert claim(connection, "third", after=MINUTE + MOMENT) == "mine"
    assert rows(connection, table, "name", "holder") == [("night", "third"), ("refresh", "other")]


def test_who_is_still_at_it_keeps_it(connection: Connection) -> None:
    claim(connection, "first")
    claim(connection, "other", "refresh")
    assert scheduled_jobs.keep(connection, "night", "first", UNTIL + MINUTE)
    assert not scheduled_jobs.keep(connection, "night", "second", UNTIL + 9 * MINUTE)
    assert claim(connection, "second", after=MINUTE + MOMENT) == "held"
    assert claim(connection, "second", after=2 * MINUTE + MOMENT) == "mine"
    assert not scheduled_jobs.keep(connection, "night", "first", UNTIL + 9 * MINUTE)
    assert rows(connection, table, "name", "held_until")[1] == ("refresh", UNTIL)


def test_what_is_done_for_a_time_is_done_once(connection: Connection) -> None:
    claim(connection, "first")
    claim(connection, "other", "refresh")
    scheduled_jobs.finish(connection, "night", "first", SLOT)
    assert claim(connection, "second") == "done"
    assert claim(connection, "second", slot=-MOMENT) == "done"
    assert claim(connection, "second", slot=MOMENT) == "mine"
    assert claim(connection, "third", slot=MOMENT) == "held"
    assert rows(connection, table, "name", "holder", "done_for") == [("night", "second", SLOT), ("refresh", "other", None)]
    scheduled_jobs.finish(connection, "night", "second", SLOT + MOMENT)
    assert rows(connection, table, "name", "holder", "held_until")[0] == ("night", None, None)
