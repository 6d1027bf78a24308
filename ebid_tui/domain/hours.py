"""R-22: whether a system is open, and when it opens next, by its hours, Japan's holidays and the agency's closing days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.profile.systems import Agency, Hours

LONGEST_CLOSED = 366
"""Days after which it is a mistake in the data rather than a holiday."""


def is_open(hours: Hours, agency: Agency, now: datetime) -> bool:
    """Whether `now` (aware) lies within the service hours; the closing minute itself is closed."""
    local = now.astimezone(JAPAN)
    if any(start <= local < end for start, end in _windows(hours, agency)):
        return False
    return _open_day(hours, agency, local.date()) and time.fromisoformat(hours.open) <= local.time() < time.fromisoformat(hours.close)


def opens_next(hours: Hours, agency: Agency, now: datetime) -> datetime | None:
    """The next opening after `now`, in Japan time; None if nothing opens within a year."""
    local = now.astimezone(JAPAN)
    days = (local.date() + timedelta(days=ahead) for ahead in range(LONGEST_CLOSED))
    mornings = [datetime.combine(day, time.fromisoformat(hours.open), JAPAN) for day in days]
    ends = [end for _, end in _windows(hours, agency) if end <= mornings[-1]]
    return next((at for at in sorted([*mornings, *ends]) if at > local and is_open(hours, agency, at)), None)


def _windows(hours: Hours, agency: Agency) -> list[tuple[datetime, datetime]]:
    return [
        (datetime.fromisoformat(window.start).replace(tzinfo=JAPAN), datetime.fromisoformat(window.end).replace(tzinfo=JAPAN))
        for window in (*hours.closed, *agency.closed)
    ]


def _open_day(hours: Hours, agency: Agency, day: date) -> bool:
    if day.weekday() not in hours.weekdays:
        return False
    if {day.isoformat(), f"{day:%m-%d}"} & {*hours.closed_days, *agency.closed_days}:
        return False
    return not (hours.holidays and _holiday(day))


def _holiday(day: date) -> bool:
    import jpholiday  # 25 ms: only when somebody asks

    return bool(jpholiday.is_holiday(day))
