"""A panel over the page with a short list, of which one is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ebid_tui.messages import t
from ebid_tui.screens.base import Choosing
from ebid_tui.screens.choose import number_keys
from ebid_tui.screens.overlay import Overlay
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.frame import KeyLabel, PageFrame
from ebid_tui.widgets.keys import READING, bindings, key_label
from ebid_tui.widgets.styled_lines import Line

T = TypeVar("T")

PAGE = 5
"""Rows of a list that a page key moves."""


class ListOverlay(Overlay, Choosing, Generic[T]):
    """A number or Enter takes one of `items`. Closes itself then. What is in the list a subclass says (`rows`)."""

    BINDINGS = bindings("page.accept", "page.back", *READING)

    def __init__(self, office: PageFrame, items: Sequence[T], take: Callable[[T], None]) -> None:
        super().__init__(office)
        self.items = items
        self.cursor = Cursor(len(items))
        self._take = take

    def rows(self, width: int) -> list[Line]:
        """Heading and items."""
        raise NotImplementedError

    def lines(self, width: int) -> list[Line]:
        return self.rows(min(width, 70))

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept"), key_label("page.back", t("common.close")), *number_keys(len(self.items))]

    def _move(self, rows: int) -> None:
        self.cursor.move(rows)
        self.moved()

    def action_page_down(self) -> None:
        self._move(PAGE)

    def action_page_up(self) -> None:
        self._move(-PAGE)

    def action_top(self) -> None:
        self._move(-self.cursor.count)

    def action_bottom(self) -> None:
        self._move(self.cursor.count)

    def action_accept(self) -> None:
        self.app.pop_screen()
        self._take(self.items[self.cursor.at])
