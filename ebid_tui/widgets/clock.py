"""The server's clock on the screen: told once, carried on by this machine's monotonic clock (R-01)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from ebid_tui.messages import t


class ServerClock:
    """The server's time. This machine's own time of day is never shown; only how much of it has passed is used."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._told: datetime | None = None
        self._at = 0.0
        self.problem = ""
        """Why the time has not come yet."""

    def tell(self, now: datetime) -> None:
        """The server's time has come."""
        self._told, self._at, self.problem = now, self._monotonic(), ""

    @property
    def known(self) -> bool:
        """Whether the server's time has come; until then actions wait (R-01)."""
        return self._told is not None

    def now(self) -> datetime | None:
        """The server's time now; None until it was told."""
        if self._told is None:
            return None
        return self._told + timedelta(seconds=self._monotonic() - self._at)

    def text(self) -> str:
        """Date and time to the minute, as the header shows them."""
        now = self.now()
        if now is None:
            return t("screen.clock_unknown")
        two = {"month": now.month, "day": now.day, "hour": now.hour, "minute": now.minute}
        return t("screen.clock", year=now.year, **{name: f"{value:02}" for name, value in two.items()})

    def seconds_to_next_minute(self) -> float:
        """How long the text stays true, in seconds; 60 where nothing is known."""
        now = self.now()
        return 60.0 if now is None else 60.05 - now.second - now.microsecond / 1_000_000
