"""R-22: open or closed, and when it opens next: weekends, holidays, substitute holidays, closing days, New Year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.hours import is_open, opens_next
from ebid_tui.domain.profile.parts import ClosedWindow
from ebid_tui.domain.profile.systems import Agency, Hours, profile_of

HOURS = profile_of("ise").hours
AGENCY = Agency(id="ise", name="伊勢市")


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=JAPAN)


def opening(text: str, hours: Hours = HOURS, agency: Agency = AGENCY) -> str:
    found = opens_next(hours, agency, at(text))
    assert found is not None
    assert is_open(hours, agency, found)
    return f"{found:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("time", "open_"),
    [("08:29", False), ("08:30", True), ("12:00", True), ("19:59", True), ("20:00", False), ("00:00", False)],
)
def test_hours_of_a_working_day(time: str, open_: bool) -> None:
    assert is_open(HOURS, AGENCY, at(f"2026-11-20 {time}")) is open_


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-11-21", "a Saturday"),
        ("2026-11-22", "a Sunday"),
        ("2026-11-23", "勤労感謝の日"),
        ("2026-05-06", "the substitute for 憲法記念日, which is a Sunday in 2026"),
        ("2026-09-22", "a day between two holidays is one"),
        ("2026-03-20", "春分の日, which the sun decides"),
        ("2026-12-29", "the year's end, by the system's file"),
        ("2027-01-01", "元日"),
        ("2027-01-03", "the New Year, by the system's file"),
    ],
)
def test_closed_days(day: str, why: str) -> None:
    assert not is_open(HOURS, AGENCY, at(f"{day} 12:00")), why


def test_a_day_after_holidays_is_open() -> None:
    assert is_open(HOURS, AGENCY, at("2026-05-07 12:00"))


def test_holidays_count_only_where_the_system_says_so() -> None:
    every = Hours(holidays=False)
    assert is_open(every, AGENCY, at("2026-11-23 12:00"))


@pytest.mark.parametrize(("day", "closed"), [("2026-06-01", True), ("2027-06-01", False), ("2026-07-15", True), ("2027-07-15", True)])
def test_closing_days_of_one_year_and_of_every_year(day: str, closed: bool) -> None:
    hours = Hours(closed_days=("2026-06-01", "07-15"))
    assert is_open(hours, AGENCY, at(f"{day} 12:00")) is not closed


def test_an_agencys_own_closing_days_are_its_own() -> None:
    own = Agency(id="b", name="川越市", closed_days=("12-01",))
    assert not is_open(HOURS, own, at("2026-12-01 12:00"))
    assert is_open(HOURS, AGENCY, at("2026-12-01 12:00"))
    assert opening("2026-11-30 20:00", agency=own) == "2026-12-02 08:30"


def test_the_time_is_japans_wherever_the_server_stands() -> None:
    assert is_open(HOURS, AGENCY, datetime(2026, 11, 19, 23, 30, tzinfo=UTC))
    assert not is_open(HOURS, AGENCY, datetime(2026, 11, 20, 11, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-20 08:00", "2026-11-20 08:30"),
        ("2026-11-20 08:30", "2026-11-24 08:30"),
        ("2026-11-19 20:00", "2026-11-20 08:30"),
        ("2026-11-20 20:00", "2026-11-24 08:30"),
        ("2026-12-28 20:00", "2027-01-04 08:30"),
        ("2026-12-31 23:59", "2027-01-04 08:30"),
        ("2026-05-01 21:00", "2026-05-07 08:30"),
    ],
)
def test_the_next_opening(now: str, then: str) -> None:
    assert opening(now) == then


def test_a_system_that_never_opens_has_no_next_opening() -> None:
    assert opens_next(Hours(weekdays=()), AGENCY, at("2026-11-20 12:00")) is None


def test_a_system_open_one_day_a_year_is_found() -> None:
    assert (
        opening("2026-11-21 12:00", Hours(weekdays=(0, 1, 2, 3, 4, 5, 6), holidays=False, closed_days=closed_but("11-21")))
        == "2027-11-21 08:30"
    )


def closed_but(day: str) -> tuple[str, ...]:
    every = (f"{month:02}-{number:02}" for month in range(1, 13) for number in range(1, 32))
    return tuple(d for d in every if d != day)


WINDOW = ClosedWindow(start="2026-11-20T10:00", end="2026-11-20T13:00")


@pytest.mark.parametrize(("time", "open_"), [("09:59", True), ("10:00", False), ("12:59", False), ("13:00", True)])
def test_a_window_closes_within_the_hours(time: str, open_: bool) -> None:
    assert is_open(Hours(closed=(WINDOW,)), AGENCY, at(f"2026-11-20 {time}")) is open_


def test_the_next_opening_is_the_last_windows_end_or_the_next_morning() -> None:
    touching = ClosedWindow(start="2026-11-20T13:00", end="2026-11-20T15:30")
    own = Agency(id="b", name="川越市", closed=(touching,))
    assert opening("2026-11-20 11:00", Hours(closed=(WINDOW,))) == "2026-11-20 13:00"
    assert opening("2026-11-20 11:00", Hours(closed=(WINDOW,)), own) == "2026-11-20 15:30"
    evening = ClosedWindow(start="2026-11-20T17:00", end="2026-11-23T09:00")
    assert opening("2026-11-20 18:00", Hours(closed=(evening,))) == "2026-11-24 08:30"
    long = ClosedWindow(start="2026-11-20T17:00", end="2026-11-24T09:15")
    assert opening("2026-11-20 18:00", Hours(closed=(long,))) == "2026-11-24 09:15"


FIRST = datetime(2026, 12, 25, tzinfo=JAPAN)
QUARTERS = st.integers(0, 4 * 24 * 14)


def later(quarters: int) -> datetime:
    return FIRST + timedelta(minutes=15 * quarters)


@given(st.lists(st.tuples(QUARTERS, st.integers(1, 400)), max_size=4), QUARTERS)
def test_nothing_is_open_before_the_opening_that_is_told(windows: list[tuple[int, int]], moment: int) -> None:
    closed = tuple(ClosedWindow(start=f"{later(a):%Y-%m-%dT%H:%M}", end=f"{later(a + n):%Y-%m-%dT%H:%M}") for a, n in windows)
    hours = Hours(closed=closed[:2])
    agency = Agency(id="b", name="川越市", closed=closed[2:])
    now = later(moment)
    if is_open(hours, agency, now):
        return
    told = opens_next(hours, agency, now)
    assert told is not None
    assert told > now
    assert is_open(hours, agency, told)
    between = range(1, (told - now) // timedelta(minutes=15))
    assert not any(is_open(hours, agency, now + timedelta(minutes=15 * n)) for n in between)
