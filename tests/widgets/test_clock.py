"""The server's clock on the screen (R-01)."""

from __future__ import annotations

from datetime import timedelta

from ebid_tui.widgets.clock import ServerClock
from tests.screens import scripted


def test_it_is_unknown_until_the_server_has_told_it() -> None:
    clock = ServerClock()
    assert not clock.known
    assert clock.text() == "----年--月--日 --時--分"


def test_it_goes_on_by_the_time_that_has_passed_and_not_by_this_machines_clock() -> None:
    passed = [100.0]
    clock = ServerClock(monotonic=lambda: passed[0])
    clock.tell(scripted.NOW)
    assert clock.text() == "2026年11月21日 18時11分"
    passed[0] += 54.0
    assert clock.text() == "2026年11月21日 18時11分"
    passed[0] += 1.0
    assert clock.text() == "2026年11月21日 18時12分"
    assert clock.now() == scripted.NOW + timedelta(seconds=55)


def test_the_next_look_is_when_the_minute_changes() -> None:
    clock = ServerClock(monotonic=lambda: 0.0)
    clock.tell(scripted.NOW)
    assert 55.0 < clock.seconds_to_next_minute() < 55.2
