"""How often something was done: every sequence of tries is allowed as often as a bucket that fills up again allows."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ebid_tui.server.settings import Rate
from ebid_tui.server.store import limits
from ebid_tui.server.store.desk_tables import rate_limits
from tests.clock import NOW
from tests.server.filling import put, rows

MILLISECOND = timedelta(milliseconds=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(burst=st.integers(1, 4), every=st.integers(1, 9), pauses=st.lists(st.integers(0, 12), max_size=12))
def test_every_sequence_of_tries(connection: Connection, burst: int, every: int, pauses: list[int]) -> None:
    """Tokens come back one by one; with one there a try is allowed, else it waits for the next. All are counted."""
    with connection.begin_nested() as savepoint:
        rate, at, debt = Rate(burst, every * MILLISECOND), 0, 0
        for pause in pauses:
            at, debt = at + pause, max(0, debt - pause)
            now = NOW + at * MILLISECOND
            assert limits.wait(connection, "key", rate, now) == max(0, debt - every * (burst - 1)) / 1000
            assert limits.wait(connection, "other", rate, now) == 0
            limits.count(connection, "key", rate, now)
            debt = min(debt + every, every * burst)
        savepoint.rollback()


def test_a_rate_below_a_millisecond_is_one(connection: Connection) -> None:
    rate = Rate(1, timedelta(microseconds=1))
    limits.count(connection, "key", rate, NOW)
    assert limits.wait(connection, "key", rate, NOW) == 0.001


@pytest.mark.parametrize("drawn", [0, 1])
def test_buckets_that_are_empty_are_taken_away_now_and_then(connection: Connection, monkeypatch: pytest.MonkeyPatch, drawn: int) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda below: drawn if below == limits.SWEEP else None)
    now = int(NOW.timestamp() * 1000)
    put(connection, rate_limits, *({"key": key, "empty_at": now + n} for key, n in (("before", -1), ("now", 0), ("after", 1))))
    limits.count(connection, "new", Rate(1, MILLISECOND), NOW)
    assert rows(connection, rate_limits, "key") == (["after", "new", "now"] if drawn == 0 else ["after", "before", "new", "now"])


@given(st.lists(st.lists(st.text(max_size=3), min_size=1, max_size=3), min_size=2, max_size=2, unique_by=tuple))
def test_no_two_buckets_have_one_name(two: list[list[str]]) -> None:
    separated = [tuple(part for part in "\0".join(what).split("\0")) for what in two]
    assert (limits.bucket(*two[0]) == limits.bucket(*two[1])) == (separated[0] == separated[1])
