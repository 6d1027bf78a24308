"""A panel of values that a field could be filled with: the towns of one postal code, the codes of one address, what a paste meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual import events

from ebid_tui.forms.assist import narrowed
from ebid_tui.forms.known import Suggestion
from ebid_tui.forms.text_field import TextField
from ebid_tui.messages import t
from ebid_tui.screens.choose_one import ListOverlay
from ebid_tui.screens.one_line import TypesOneLine
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.frame import KeyLabel, PageFrame
from ebid_tui.widgets.keys import key_label
from ebid_tui.widgets.styled_lines import Line, cut, fit, line, with_cursor

AT_ONCE = 9
"""Rows in sight; so many are chosen by their digit, of more than that what is typed chooses."""

QUERY = 24
"""Cells of the input in which one narrows."""


def known_overlay(
    office: PageFrame, items: Sequence[Suggestion], take: Callable[[Suggestion], None], heading: str = ""
) -> ListOverlay[Suggestion]:
    """The panel for so many."""
    kind = KnownOverlay if len(items) <= AT_ONCE else NarrowedOverlay
    return kind(office, items, take, heading)


class KnownOverlay(ListOverlay[Suggestion]):
    """A short list, chosen from by a digit."""

    def __init__(self, office: PageFrame, items: Sequence[Suggestion], take: Callable[[Suggestion], None], heading: str = "") -> None:
        super().__init__(office, items, take)
        self.heading = heading

    def rows(self, width: int) -> list[Line]:
        rows = [line((self.heading or t("screen.form.choose_known"), "heading")), self.below_heading()]
        shown = self.cursor.in_sight(AT_ONCE)
        for index in shown:
            here = index == self.cursor.at
            told = cut(f" {self.number(index)}{self.items[index].told} ", width - 2)
            rows.append(line(("> " if here else "  ", "marker"), (told, "selected" if here else "text")))
        if len(self.items) > len(shown):
            rows.append(line((t("assist.more", count=len(self.items) - len(shown)), "dim")))
        elif not self.items:
            rows.append(line((t("assist.none_left"), "warning")))
        return rows

    def below_heading(self) -> Line:
        """The row between the heading and what there is."""
        return ()

    def number(self, index: int) -> str:
        """What stands before an item."""
        return f"{index + 1}  "

    def action_accept(self) -> None:
        if self.items:
            super().action_accept()


class NarrowedOverlay(KnownOverlay, TypesOneLine):
    """A long list: it says how many more there are, and what is typed narrows it."""

    takes_paste = True
    types = True

    def __init__(self, office: PageFrame, items: Sequence[Suggestion], take: Callable[[Suggestion], None], heading: str = "") -> None:
        super().__init__(office, items, take, heading)
        self.every = items
        self.editor = TextField()

    def below_heading(self) -> Line:
        label = t("assist.query") + " "
        rows, (row, column) = self.editor.rows(QUERY)
        self.types_at = cell_len(label) + 1 + column, 1
        return line((label + "[", "label"), *with_cursor(fit(rows[row], QUERY), column), ("] ", "label"), (t("assist.narrow"), "dim"))

    def number(self, index: int) -> str:
        return ""

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept"), key_label("page.back", t("common.close"))]

    def take_key(self, event: events.Key) -> bool:
        return TypesOneLine.take_key(self, event)

    def edited(self) -> None:
        self.items = narrowed(self.every, self.editor.value)
        self.cursor = Cursor(len(self.items))
        self.repaint()
