"""Whether the card or the server works now, so that nothing typed counts (R-02)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App
from textual.timer import Timer

from ebid_tui.widgets.frame import PageFrame

if TYPE_CHECKING:
    from ebid_tui.screens.busy import BusyOverlay

PATIENCE = 0.15
"""Seconds that work may take before the overlay says so."""


class Work:
    """Counts the work that is going on, and shows the overlay if it lasts. Work may be nested."""

    def __init__(self, app: App[object], office: PageFrame, covered: Callable[[], bool], pop: Callable[[], object]) -> None:
        """`covered` tells whether something lies over the step: the overlay does not go over that. `pop` closes it."""
        self._app = app
        self._office = office
        self._covered = covered
        self._pop = pop
        self._depth = 0
        self._message = ""
        self._timer: Timer | None = None
        self.overlay: BusyOverlay | None = None

    @property
    def going(self) -> bool:
        return self._depth > 0

    def begin(self, message: str) -> None:
        self._depth += 1
        self._message = message
        if self.overlay is not None:
            self.overlay.show_message(message)
        elif self._timer is None:
            self._timer = self._app.set_timer(PATIENCE, self.show)

    def end(self) -> None:
        """One work is over; the overlay stays until `close`."""
        self._depth -= 1
        if not self._depth:
            self._stop_timer()

    def show(self) -> None:
        """Show the overlay now, if there is work and nothing lies over the step."""
        self._stop_timer()
        if self.going and self.overlay is None and not self._covered():
            from ebid_tui.screens.busy import BusyOverlay

            self.overlay = BusyOverlay(self._office, self._message)
            self._app.push_screen(self.overlay)

    def say(self, text: str) -> None:
        """Show the overlay now, with one more line."""
        self.show()
        if self.overlay is not None:
            self.overlay.say(text)

    def close(self) -> None:
        """Take the overlay away, if it is on top."""
        self._stop_timer()
        if self.overlay is not None and self._app.screen is self.overlay:
            self.overlay = None
            self._pop()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
