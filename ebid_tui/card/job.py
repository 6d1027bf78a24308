"""A call for the card thread: its work, and the future that waits for its result. Made by the worker for every call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from ebid_tui.errors import CardError, CardMute

logger = logging.getLogger(__name__)


class CardJob:
    """Work for the card thread and the future that waits for it.

    `silence`: what the caller is told if no answer comes in time.
    """

    def __init__(
        self,
        work: Callable[[], Any],
        loop: asyncio.AbstractEventLoop,
        future: asyncio.Future[Any],
        dropped: Callable[[], None] | None,
        unclaimed: Callable[[Any], None],
    ) -> None:
        self.silence: Callable[[str], CardError] = CardMute
        self.future = future
        self._work = work
        self._loop = loop
        self._dropped = dropped
        self._unclaimed = unclaimed

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits: not cancelled, not told already that no answer came. Readable from any thread."""
        return not self.future.done()

    def run(self) -> None:
        """On the card thread. Nothing that goes wrong here ends the thread: it goes to the caller."""
        if not self.wanted:
            self.drop()
            return
        try:
            result = self._work()
        except CardError as error:
            self.fail(error)
        except Exception as error:
            logger.exception("card job")
            self.fail(CardError(type(error).__name__))
        else:
            if not self._hand_over(self.future.set_result, result):
                self._unclaimed(result)

    def fail(self, error: CardError) -> None:
        """Give the caller this error."""
        self._hand_over(self.future.set_exception, error)

    def drop(self) -> None:
        """The work will not be done."""
        if self._dropped:
            self._dropped()

    def expire(self) -> None:
        """On the caller's loop: it has waited long enough."""
        if not self.future.done():
            self.future.set_exception(self.silence("no answer in time"))

    def _hand_over(self, settle: Callable[[Any], None], value: object) -> bool:
        """Settle the future on its own loop; False where that loop is closed."""

        def deliver() -> None:
            if not self.future.done():
                settle(value)
            elif not isinstance(value, CardError):
                self._unclaimed(value)

        try:
            self._loop.call_soon_threadsafe(deliver)
        except RuntimeError:
            return False
        return True
