"""A panel over the page with a short list, of which one is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ebid_tui.messages import t
from ebid_tui.screens.base import Choosing, Overlay
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.frame import PageFrame
from ebid_tui.widgets.keys import bindings, keys_of
from ebid_tui.widgets.styled_lines import Line, line

T = TypeVar("T")


class ListOverlay(Overlay, Choosing, Generic[T]):
    """A number or Enter takes one of `items`. Closes itself then. What is in the list a subclass says (`rows`)."""

    BINDINGS = bindings("page.accept", "page.back", "page.up", "page.down")

    def __init__(self, office: PageFrame, items: Sequence[T], take: Callable[[T], None]) -> None:
        super().__init__(office)
        self.items = items
        self.cursor = Cursor(len(items))
        self._take = take

    def rows(self, width: int) -> list[Line]:
        """Heading and items."""
        raise NotImplementedError

    def lines(self, width: int) -> list[Line]:
        keys = f"{keys_of('page.accept')[0]} {t('screen.key.accept')}  {keys_of('page.back')[0]} {t('common.close')}"
        return [*self.rows(min(width, 70)), (), line((keys, "dim"))]

    def turn(self, steps: int) -> None:
        self.cursor.turn(steps)
        self.resize_panel()
        self.repaint()

    def action_accept(self) -> None:
        self.app.pop_screen()
        self._take(self.items[self.cursor.at])
