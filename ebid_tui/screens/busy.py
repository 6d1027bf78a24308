"""The overlay while the card or the server works: nothing typed counts (R-02)."""

from __future__ import annotations

from ebid_tui.messages import t
from ebid_tui.screens.overlay import Overlay
from ebid_tui.widgets.frame import PageFrame
from ebid_tui.widgets.styled_lines import Line, line, paragraph

STEP = 0.25
"""Seconds between two looks of the progress bar."""

TRACK, BLOCK = 24, 6
"""Cells of the bar, and of the block that wanders in it."""


class BusyOverlay(Overlay):
    """Says what is going on, and that it goes on. `say` adds a line (a wish to quit that has to wait)."""

    def __init__(self, office: PageFrame, message: str) -> None:
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
        self.repaint()

    def say(self, text: str) -> None:
        self.said = text
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
