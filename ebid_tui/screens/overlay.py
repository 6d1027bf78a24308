"""A panel over the page, of the size of its lines."""

from __future__ import annotations

from typing import cast

from textual.screen import ModalScreen

from ebid_tui.screens.base import Page, Surface
from ebid_tui.widgets.frame import PageFrame, boxed
from ebid_tui.widgets.sheet import Sheet
from ebid_tui.widgets.styled_lines import Line, width_of


class Overlay(ModalScreen[None], Surface, inherit_bindings=False):
    """A panel over the page. Its size is that of its lines."""

    def __init__(self, office: PageFrame) -> None:
        Surface.__init__(self, office)
        self.styles.background = "transparent"  # not by CSS, which comes a moment too late: the page would vanish for a frame
        self.sheet = Sheet(self._paint, office.panel)

    def lines(self, width: int) -> list[Line]:
        """The panel's lines, for a width of at most so many cells."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.resize_panel()
        self.repaint_below()

    def on_screen_resume(self) -> None:
        self.repaint_below()

    def repaint_below(self) -> None:
        """The page below shows this panel's keys, and nothing of its own that would be taken for them."""
        below = [screen for screen in self.app.screen_stack if isinstance(screen, Page)]
        if below:
            below[-1].repaint()

    def say_again(self) -> None:
        super().say_again()
        self.resize_panel()

    def resize_panel(self) -> None:
        """Give the panel the size of its lines, as far as the terminal has room."""
        width, height = cast("tuple[int, int]", self.app.size)
        lines = self.lines(max(width - 8, 10))
        self.sheet.styles.width = min(max((width_of(row) for row in lines), default=0) + 4, width)
        self.sheet.styles.height = min(len(lines) + 2, height)

    def on_resize(self) -> None:
        self.resize_panel()

    def action_back(self) -> None:
        self.app.pop_screen()

    def _paint(self, width: int, height: int) -> list[Line]:
        return boxed(self.lines(width - 4), width)[:height]
