"""A panel over the page with a short list, of which one is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from textual import events

from ebid_tui.messages import t
from ebid_tui.screens.base import Overlay, number_of
from ebid_tui.widgets.frame import Office
from ebid_tui.widgets.ink import Line, line
from ebid_tui.widgets.keys import bindings, keys_of

T = TypeVar("T")


class ListOverlay(Overlay, Generic[T]):
    """A number or Enter takes one of `items`. Closes itself then. What is in the list a subclass says (`rows`)."""

    BINDINGS = bindings("page.accept", "page.back", "page.up", "page.down")

    def __init__(self, office: Office, items: Sequence[T], take: Callable[[T], None]) -> None:
        super().__init__(office)
        self.items = items
        self.chosen = 0
        self._take = take

    def rows(self, width: int) -> list[Line]:
        """Heading and items."""
        raise NotImplementedError

    def lines(self, width: int) -> list[Line]:
        keys = f"{keys_of('page.accept')[0]} {t('screen.key.accept')}  {keys_of('page.back')[0]} {t('common.close')}"
        return [*self.rows(min(width, 70)), (), line((keys, "dim"))]

    def take_key(self, event: events.Key) -> bool:
        """A number takes that one."""
        chosen = number_of(event, len(self.items))
        if chosen is None:
            return False
        self.chosen = chosen
        self.action_accept()
        return True

    def action_up(self) -> None:
        self._move(-1)

    def action_down(self) -> None:
        self._move(1)

    def _move(self, steps: int) -> None:
        self.chosen = (self.chosen + steps) % len(self.items)
        self.resize_panel()
        self.repaint()

    def action_accept(self) -> None:
        self.app.pop_screen()
        self._take(self.items[self.chosen])

    def action_back(self) -> None:
        self.app.pop_screen()
