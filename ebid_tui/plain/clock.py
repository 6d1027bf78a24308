"""The server's clock in line mode (R-01): waited for once before something is offered, and then said in a line."""

from __future__ import annotations

import asyncio
from datetime import datetime

from ebid_tui.errors import EbidError, ServerAway
from ebid_tui.messages import t
from ebid_tui.plain.pages import print_error

CLOCK_PATIENCE_SECONDS = 30.0


class ClockLine:
    """What is known of the server's time."""

    def __init__(self) -> None:
        self._decided = asyncio.Event()
        self._now: datetime | None = None
        self._problem: EbidError | None = None

    def told(self, now: datetime) -> None:
        self._now, self._problem = now, None
        self._decided.set()

    def away(self, problem: EbidError) -> None:
        """It cannot be had at present."""
        if self._problem is None and problem.retriable:
            print_error(problem)  # any other ends the visit, and is told then
        self._problem = problem
        if not problem.retriable:
            self._decided.set()  # waiting longer changes nothing

    async def wait(self) -> None:
        """R-01: nothing is offered before the server's time is shown. Raises the server's error when it does not come."""
        if not self._decided.is_set():
            print(t("plain.waiting_clock"), flush=True)
            try:
                await asyncio.wait_for(self._decided.wait(), CLOCK_PATIENCE_SECONDS)
            except TimeoutError:
                raise self._problem or ServerAway() from None
        if self._now is None and self._problem is not None and not self._problem.retriable:
            raise self._problem
        if self._now is not None:
            print(t("plain.clock", now=self._now))
            self._now = None  # said once; it is the time of asking, not of now
