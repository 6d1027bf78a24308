"""Choosing one of many things: 54 agencies. What is typed finds it, by its name, its reading or its number."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rich.cells import cell_len
from textual import events

from ebid_tui.assist.writing import narrowing
from ebid_tui.domain.text.cleaning import visible
from ebid_tui.flows.ui import Option, Question
from ebid_tui.forms.text_field import TextField
from ebid_tui.messages import t
from ebid_tui.screens.choose import ChooseScreen
from ebid_tui.terminal.keys import typed
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import key_label
from ebid_tui.widgets.styled_lines import Line, cut_left, line, paragraph

LONGEST_QUERY = 60
"""Characters that are kept of what is typed or pasted."""


class LongChoiceScreen(ChooseScreen):
    """As a short list, with a line to type in: a number goes to that one, anything else leaves those that fit."""

    takes_text = True

    def __init__(self, office: PageFrame, question: Question) -> None:
        super().__init__(office, question)
        self.query_line = TextField()
        self.found = tuple(range(len(question.options)))
        """Which options fit, in their order."""

    # -- what is typed

    def take_key(self, event: events.Key) -> bool:
        char = typed(event)
        if char is not None and (char.strip() or self.query_line.value):
            if len(self.query_line.value) < LONGEST_QUERY:
                self.query_line.insert(char)
        elif event.key != "backspace" or not self.query_line.value:
            return False
        else:
            self.query_line.press("backspace")
        self._look()
        return True

    def take_paste(self, text: str) -> None:
        self.query_line.insert(visible(text[:LONGEST_QUERY]).strip())
        self._look()

    @property
    def number(self) -> int:
        """The number that is typed, from 1; 0 where it is none of the list's."""
        query = unicodedata.normalize("NFKC", self.query_line.value).strip()
        count = len(self.question.options)
        return int(query) if query.isascii() and query.isdigit() and len(query) <= len(str(count)) and int(query) <= count else 0

    def _look(self) -> None:
        """Every option and the one with the number, or those in which the words stand, beginning with the first."""
        options, number = self.question.options, self.number
        fits = narrowing("" if number else self.query_line.value)
        self.found = tuple(index for index, option in enumerate(options) if fits(option.label, option.reading))
        self.cursor = Cursor(len(self.found), max(0, number - 1))
        self.moved()

    # -- what is shown

    def head(self, width: int) -> Sequence[Line]:
        """The line in which one types, and how many there are."""
        count, found = len(self.question.options), len(self.found)
        told = t("screen.choose.count", count=count) if found == count else t("screen.choose.found", count=count, found=found)
        label = f" {t('screen.choose.query')} "
        shown = cut_left(self.query_line.value, max(1, width - cell_len(label) - cell_len(told) - 2))
        gap = " " * max(1, width - cell_len(label) - cell_len(shown) - cell_len(told) - 1)
        typed_in = (shown, "text") if shown else (t("screen.choose.how"), "dim")
        gap = gap if shown else " " * max(1, width - cell_len(label) - cell_len(typed_in[0]) - cell_len(told) - 1)
        return (line((label, "label"), typed_in, (gap, "text"), (told, "dim")),)

    def paint(self, width: int, height: int) -> list[Line]:
        """Also notes where one types: in the head."""
        rows = super().paint(width, height)
        self.types = True
        self.cell = cell_len(f" {t('screen.choose.query')} {cut_left(self.query_line.value, width)}"), self.body_at - 1
        return rows

    def body(self, width: int) -> PageBody:
        """One row each, so that many are seen at a time; what is said of the chosen one stands below it."""
        body = PageBody([()])
        if self.question.lead and not self.query_line.value:
            body.lines += [*paragraph(self.question.lead, width - 2, indent="  "), ()]
        body.lines += self.waiting_lines(width)
        for place, index in enumerate(self.found):
            start = len(body.lines)
            option = self.question.options[index]
            body.lines += self.option_lines(index, option if place == self.cursor.at else _name_of(option), width, place == self.cursor.at)
            body.stops.append((start, len(body.lines) - 1))
            if place == self.cursor.at:
                body.stop, body.cursor = place, (2, start)
        if not self.found:
            body.lines += paragraph(t("assist.none_left"), width - 2, "warning", first="  ! ", indent="    ")
        return body

    @property
    def chosen(self) -> Option | None:
        return self.question.options[self.found[self.cursor.at]] if self.found else None

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept"), *([key_label("page.back")] if self.question.back else [])]


def _name_of(option: Option) -> Option:
    """An option with nothing but its name, and why it cannot be chosen."""
    return Option(option.id, option.label, unavailable=option.unavailable)
