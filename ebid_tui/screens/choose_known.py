"""A panel of values that a field could be filled with: the towns of one postal code, the codes of one address, what a paste meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events

from ebid_tui.forms.assist import narrowed
from ebid_tui.forms.known import Suggestion
from ebid_tui.forms.text_field import TextField
from ebid_tui.messages import t
from ebid_tui.screens.choose_one import ListOverlay
from ebid_tui.terminal.keys import typed
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.frame import PageFrame
from ebid_tui.widgets.styled_lines import Line, cut, line

AT_ONCE = 9
"""Rows in sight; so many are chosen by their digit, of more than that what is typed chooses."""


class KnownOverlay(ListOverlay[Suggestion]):
    """A short list is chosen from by a digit. A long one says how many more there are, and is narrowed by typing."""

    def __init__(self, office: PageFrame, items: Sequence[Suggestion], take: Callable[[Suggestion], None], heading: str = "") -> None:
        super().__init__(office, items, take)
        self.every = items
        self.heading = heading
        self.typed = TextField()

    def rows(self, width: int) -> list[Line]:
        rows = [line((self.heading or t("screen.form.choose_known"), "heading"))]
        long = len(self.every) > AT_ONCE
        if long and self.typed.value:
            rows.append(line((t("assist.query") + " ", "label"), (self.typed.value, "text")))
        else:
            rows.append(line((t("assist.narrow"), "dim")) if long else ())
        shown = self.cursor.in_sight(AT_ONCE)
        for index in shown:
            here = index == self.cursor.at
            number = "" if long else f"{index + 1}  "
            told = cut(f" {number}{self.items[index].told} ", width - 2)
            rows.append(line(("> " if here else "  ", "marker"), (told, "selected" if here else "text")))
        if len(self.items) > len(shown):
            rows.append(line((t("assist.more", count=len(self.items) - len(shown)), "dim")))
        elif not self.items:
            rows.append(line((t("assist.none_left"), "warning")))
        return rows

    def take_key(self, event: events.Key) -> bool:
        if len(self.every) <= AT_ONCE:
            return super().take_key(event)
        if (char := typed(event)) is not None:
            self.typed.insert(char)
        elif event.key not in ("backspace", "ctrl+h", "ctrl+u", "ctrl+w") or not self.typed.press(event.key):
            return False
        self.items = narrowed(self.every, self.typed.value)
        self.cursor = Cursor(len(self.items))
        self.resize_panel()
        self.repaint()
        return True

    def action_accept(self) -> None:
        if self.items:
            super().action_accept()
