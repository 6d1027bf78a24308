"""A terminal smaller than 80x24: says so, keeps everything, and goes away by itself when there is room again."""

from __future__ import annotations

from textual.app import ComposeResult

from ebid_tui.messages import t
from ebid_tui.screens.overlay import Overlay
from ebid_tui.widgets.frame import PageFrame
from ebid_tui.widgets.sheet import Sheet
from ebid_tui.widgets.styled_lines import Line, paragraph


class TooSmallOverlay(Overlay):
    """Covers everything. `needed` are the columns and rows that would do."""

    def __init__(self, office: PageFrame, needed: tuple[int, int]) -> None:
        super().__init__(office)
        self.sheet = Sheet(self._whole, office.page)
        self.needed = needed
        self.said = ""

    def compose(self) -> ComposeResult:
        yield self.sheet

    def say(self, text: str) -> None:
        self.said = text
        self.repaint()

    def resize_panel(self) -> None:
        self.sheet.styles.width = "100%"
        self.sheet.styles.height = "100%"

    def _whole(self, width: int, height: int) -> list[Line]:
        lines = paragraph(t("error.E-TERM-SIZE.title"), width, "error", first="! ", indent="  ")
        lines += paragraph(t("screen.small.needed", width=self.needed[0], height=self.needed[1]), width)
        lines += paragraph(t("screen.small.now", width=width, height=height), width)
        lines += paragraph(t("screen.small.kept"), width, "dim")
        return lines + paragraph(self.said, width, "warning") if self.said else lines
