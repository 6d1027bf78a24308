"""The overlay while the card or the server works: nothing typed counts (R-02)."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App
from textual.timer import Timer

from ebid_tui.messages import t
from ebid_tui.screens.base import Overlay
from ebid_tui.widgets.frame import Office
from ebid_tui.widgets.ink import Line, line, paragraph

PATIENCE = 0.15
"""Seconds that work may take before the overlay says so."""

STEP = 0.25
"""Seconds between two looks of the progress bar."""

TRACK, BLOCK = 24, 6
"""Cells of the bar, and of the block that wanders in it."""


class BusyOverlay(Overlay):
    """Says what is going on, and that it goes on. `say` adds a line (a wish to quit that has to wait)."""

    def __init__(self, office: Office, message: str) -> None:
        super().__init__(office)
        self.message = message
        self.said = ""
        self._tick = 0

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(STEP, self._advance)

    def _advance(self) -> None:
        self._tick += 1
        self.repaint()

    def show_message(self, message: str) -> None:
        self.message = message
        self.resize_panel()
        self.repaint()

    def say(self, text: str) -> None:
        self.said = text
        self.resize_panel()
        self.repaint()

    def lines(self, width: int) -> list[Line]:
        rows = paragraph(self.message, min(width, 64), "text")
        rows += [(), line(("[" + bar(self._tick) + "]", "good"))]
        rows += [(), *paragraph(t("screen.busy.wait"), min(width, 64), "dim")]
        if self.said:
            rows += paragraph(self.said, min(width, 64), "warning", first="! ", indent="  ")
        return rows


def bar(tick: int) -> str:
    """A block of `=` that wanders to and fro."""
    way = TRACK - BLOCK
    at = tick * 2 % (2 * way)
    at = at if at <= way else 2 * way - at
    return " " * at + "=" * BLOCK + " " * (way - at)


class Work:
    """Whether the card or the server works now, and the overlay that says so if it lasts. Work may be nested."""

    def __init__(self, app: App[object], office: Office, covered: Callable[[], bool], pop: Callable[[], None]) -> None:
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
