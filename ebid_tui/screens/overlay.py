"""A panel over the page, of the size of its lines; of what is below nothing is seen on its rows."""

from __future__ import annotations

from typing import cast

from textual.screen import ModalScreen

from ebid_tui.screens.base import Page, Surface
from ebid_tui.widgets.frame import MARGIN, PageFrame, boxed, quiet
from ebid_tui.widgets.sheet import Sheet
from ebid_tui.widgets.styled_lines import Line


class Overlay(ModalScreen[None], Surface, inherit_bindings=False):
    """A panel over the page. Its size is that of its lines, and it has its rows for itself: what it would cut is not shown."""

    types_at: tuple[int, int] | None = None
    """Column and row in `lines` at which one types, for the terminal's cursor."""

    def __init__(self, office: PageFrame) -> None:
        Surface.__init__(self, office)
        self.styles.background = "transparent"  # not by CSS, which comes a moment too late: the page would vanish for a frame
        self.sheet = Sheet(self._paint, office.panel)
        self._columns = 0, 0

    def lines(self, width: int) -> list[Line]:
        """The panel's lines, for a width of at most so many cells."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.resize_panel()
        self.repaint_page()

    def on_screen_resume(self) -> None:
        self.repaint_page()

    def repaint_page(self) -> None:
        """The page and panels below show this panel's keys, and nothing of their own that would be taken for them."""
        stack = self.app.screen_stack
        page = max((at for at, screen in enumerate(stack) if isinstance(screen, Page)), default=len(stack))
        for screen in stack[page:]:
            if isinstance(screen, Surface):
                screen.repaint()

    def repaint(self) -> None:
        """Show what changed; of how many lines it is may have changed too."""
        if self.is_mounted:
            self.resize_panel()
        super().repaint()

    def resize_panel(self) -> None:
        """Give the panel as many rows as its lines need, as far as the terminal has room."""
        width, height = cast("tuple[int, int]", self.app.size)
        self.sheet.styles.height = min(len(self.lines(_room(width))) + 2 * MARGIN[1], height)

    def on_resize(self) -> None:
        self.resize_panel()

    def pointed(self, x: int, y: int) -> bool:
        """A click beside the panel has no meaning, whatever stands on its row."""
        return not self._columns[0] <= x < self._columns[1]

    def action_back(self) -> None:
        self.app.pop_screen()

    def _paint(self, width: int, height: int) -> list[Line]:
        lines = self.lines(_room(width))
        rows, self._columns = boxed(lines if self.app.screen is self else [quiet(row) for row in lines], width)
        if self.types_at is not None:
            self.cell = self._columns[0] + MARGIN[0] + self.types_at[0], MARGIN[1] + self.types_at[1]
        return rows[:height]


def _room(width: int) -> int:
    """Cells of a panel's lines on a terminal of this width."""
    return max(width - 8, 10)
