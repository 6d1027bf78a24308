"""The demo's calendar: its dates are the documents' own on one day, and move along with every other.

So the demo lives for ever. On any day its cards have as many days left as on the documented one; what has ended there has always ended.
The day is decided once, where a demo starts, and handed over: all that it shows is of one day, also after midnight.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

JAPAN = timezone(timedelta(hours=9))
DOCUMENTED = date(2026, 11, 21)
"""On this day the demo shows the dates that the documents print."""


def of(now: datetime) -> date:
    """Japan's day at this moment."""
    return now.astimezone(JAPAN).date()


def moved(documented: datetime, day: date, documented_on: date = DOCUMENTED) -> datetime:
    """What a documented moment is in a demo of that day."""
    return documented + (day - documented_on)
