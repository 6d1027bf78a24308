"""Sends the terminal the cells that differ from what it shows, after scrolling what has only moved.

Textual's partial update begins every changed line at its first column and resets the style after every piece; its full
update sends the whole screen, several times when a screen is opened. This leans on the update classes of the Textual
version that is pinned (tests/terminal/test_screen_updates.py notices a change).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import ne
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

from ebid_tui.process.output import COMMANDS
from ebid_tui.terminal.sgr import PLAIN, SKIP, Cell, Run, UpdateBytes, seen_on_blank, sgr_style_of, style_change

Rows = dict[int, list[Cell]]

FEWEST = 4
"""Rows that must have changed before it is worth looking whether they have only moved."""

SHIFTS = 3
"""How many distances of a move are looked at."""


class Scroll(NamedTuple):
    """The rows from `top` to `bottom` move up by `rows`, or down if negative."""

    top: int
    bottom: int
    rows: int

    def of(self, shown: Mapping[int, list[Cell]]) -> Rows:
        """What is shown after it; the rows that came in are missing."""
        return {y: shown[y + self.rows] for y in range(self.top, self.bottom + 1) if self.top <= y + self.rows <= self.bottom}


class ChangedCells(CompositorUpdate):
    """An update as it will be sent."""

    def __init__(self, runs: Sequence[Run], sent: str) -> None:
        self.runs = runs
        self.sent = sent

    def render_segments(self, console: Console) -> str:
        """Raw data with escape sequences; the style is left as it is."""
        return self.sent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for _, _, cells in self.runs:
            yield Segment("".join(char for char, _ in cells))


class ScreenUpdates:
    """Remembers what the terminal shows, cell by cell, its cursor's place and style. `erases`: `sgr.erases_in_colour`."""

    def __init__(self, *, erases: bool = False) -> None:
        self._shown: Rows = {}
        self.erases = erases
        self._pen = PLAIN
        self._at: tuple[int, int] | None = None
        self._sure = False
        """Whether the terminal's style is what `_pen` says."""
        self._cursor_shown = False
        self.size = (0, 0)
        """Columns and rows of the terminal, once they are known."""

    def forget(self) -> None:
        """The terminal may show something else: everything is sent again."""
        self._shown.clear()
        self._at, self._sure = None, False

    def reduced(
        self,
        update: RenderableType | None,
        system: ColorSystem | None,
        cursor: tuple[int, int] | None = None,
        *,
        shows_cursor: bool = False,
    ) -> RenderableType | None:
        """The update without what is shown already; None if nothing is left of it.

        `cursor` is the row and column that the terminal's cursor is left at, seen or not.
        """
        parts: Iterable[tuple[int, int, Iterable[Segment]]]
        if type(update) is LayoutUpdate:
            parts = ((y, update.region.x, chain.from_iterable(row)) for y, row in enumerate(update.strips, update.region.y))
        elif type(update) is ChopsUpdate:
            parts = _parts(update)
        elif update is None:
            parts = ()
        else:
            self.forget()
            return update
        rows, unknown = self._wanted(parts, system)
        runs = [run for y, row in rows.items() for run in _changed(y, self._shown.get(y), row)] + unknown
        if not (runs or shows_cursor != self._cursor_shown or (cursor is not None and cursor != self._at)):
            self._shown |= rows
            return None
        toggled = shows_cursor if shows_cursor != self._cursor_shown else None
        best = self._sending(None, runs, self._shown | rows, cursor, toggled)
        for scroll in self._scrolls(rows):
            after = {**rows, **{y: rows.get(y, self._shown[y]) for y in range(scroll.top, scroll.bottom + 1)}}
            before = self._shown | dict.fromkeys(range(scroll.top, scroll.bottom + 1)) | scroll.of(self._shown)
            others = [run for y, row in after.items() for run in _changed(y, before.get(y), row)] + unknown
            shorter = self._sending(scroll, others, self._shown | rows, cursor, toggled)
            if len(shorter.text().encode()) < len(best.text().encode()):
                runs, best = others, shorter
        self._shown |= rows
        self._pen, self._at, self._sure, self._cursor_shown = best.pen, best.at, True, shows_cursor
        return ChangedCells(runs, best.text())

    def _sending(
        self, scroll: Scroll | None, runs: Sequence[Run], rows: Rows, cursor: tuple[int, int] | None, shows_cursor: bool | None
    ) -> UpdateBytes:
        sending = UpdateBytes(erases=self.erases, pen=self._pen, at=self._at, width=self.size[0])
        if not self._sure:
            sending.reset()
        if shows_cursor is False:
            sending.show_cursor(False)
        if scroll is not None:
            sending.scroll(*scroll)
        sending.paint(runs, rows)
        sending.put(cursor)
        if shows_cursor is True:
            sending.show_cursor(True)
        return sending

    def _wanted(self, parts: Iterable[tuple[int, int, Iterable[Segment]]], system: ColorSystem | None) -> tuple[Rows, list[Run]]:
        """The rows as they will be, and what belongs to rows that are not known."""
        rows: Rows = {}
        unknown: list[Run] = []
        for y, x, segments in parts:
            cells = _cells(segments, system)
            row = rows.get(y) or self._shown.get(y)
            if row is not None and len(row) >= x + len(cells):
                rows[y] = _laid(row, x, cells)
            elif x == 0 and cells:
                self._shown.pop(y, None)
                rows[y] = cells
            elif cells:
                self._shown.pop(y, None)
                rows.pop(y, None)
                unknown.append((y, x, cells))
        return rows, unknown

    def _scrolls(self, rows: Rows) -> list[Scroll]:
        """Moves after which there may be less to send."""
        shown = self._shown
        moved = [y for y, row in rows.items() if row != shown.get(y)]
        if len(moved) < FEWEST or any(y not in shown for y in rows) or len({len(row) for row in shown.values()}) != 1:
            return []
        height = len(shown)
        if set(shown) != set(range(height)):
            return []
        texts = {y: _text(row) for y, row in shown.items()}
        votes: Counter[int] = Counter()
        for y in moved:
            text = _text(rows[y])
            votes.update(was - y for was, other in texts.items() if was != y and other == text and text.strip())
        found = (_band(shown, shown | rows, shift) for shift, _ in votes.most_common(SHIFTS))
        return [scroll for scroll in found if scroll is not None]


def _band(before: Rows, after: Rows, shift: int) -> Scroll | None:
    """The rows for which it pays most to move by a distance: those where the cells that differ become fewer by most in all."""
    best, gained = None, 0
    start, sum_ = 0, 0
    for y in range(max(0, -shift), min(len(before), len(before) - shift)):
        gain = _differing(before[y], after[y]) - _differing(before[y + shift], after[y])
        if sum_ <= 0:
            start, sum_ = y, 0
        sum_ += gain
        if sum_ > gained:
            gained, best = sum_, (start, y)
    if best is None:
        return None
    first, last = best
    return Scroll(min(first, first + shift), max(last, last + shift), shift)


def _differing(one: list[Cell], other: list[Cell]) -> int:
    return 0 if one is other or one == other else sum(map(ne, one, other))


def _laid(row: list[Cell], x: int, cells: list[Cell]) -> list[Cell]:
    """A row with cells laid over it; a wide character that they cover by half leaves a blank."""
    before, behind = row[:x], row[x + len(cells) :]
    if before and not row[x : x + 1][0][0] and cells[0][0]:
        before[-1] = (" ", seen_on_blank(before[-1][1]))
    if behind and not behind[0][0]:
        behind[0] = (" ", seen_on_blank(behind[0][1]))
    return [*before, *cells, *behind]


def _text(row: list[Cell]) -> str:
    return "".join(char for char, _ in row)


def _changed(y: int, row: list[Cell] | None, cells: list[Cell]) -> list[Run]:
    """The runs of a row that differ from what is shown."""
    if row is None:
        return [(y, 0, cells)]
    if row == cells:
        return []
    spans: list[list[int]] = []
    for at, (was, cell) in enumerate(zip(row, cells, strict=False)):
        if was != cell:
            if spans and _over(cells[spans[-1][1] - 1 : at + 1]) <= SKIP:
                spans[-1][1] = at + 1
            else:
                spans.append([at, at + 1])
    for span in spans:  # never half of a wide character
        while span[0] > 0 and not cells[span[0]][0]:
            span[0] -= 1
        while span[1] < len(cells) and not cells[span[1]][0]:
            span[1] += 1
    return [(y, start, cells[start:end]) for start, end in spans]


def _over(cells: list[Cell]) -> int:
    """Bytes for going over the cells between the first and the last by sending them again."""
    pen, length = cells[0][1], 0
    for char, seen in cells[1:-1]:
        codes, pen = style_change(pen, char, seen)
        length += len(codes) + len(char.encode())
        if length > SKIP:
            return length
    return length


def _parts(update: ChopsUpdate) -> Iterable[tuple[int, int, Iterable[Segment]]]:
    """The changed parts of a partial update, cut at both ends."""
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < x2 and end > x1:
                start = max(x1, x)
                yield y, start, strip.crop(start - x, min(end, x2) - x)


def _cells(segments: Iterable[Segment], system: ColorSystem | None) -> list[Cell]:
    cells: list[Cell] = []
    for text, style, _ in segments:
        pen = PLAIN if style is None else sgr_style_of(style, system)
        blank = (" ", seen_on_blank(pen))
        if not text.isprintable():  # which U+3000 is not either
            text = COMMANDS.sub(_stand_in, text)
        for char in text:
            if char == " ":
                cells.append(blank)
                continue
            wide = 1 if char.isascii() else cell_len(char)
            if wide:
                cells.append((char, pen))
                cells += [("", pen)] * (wide - 1)
            elif cells:
                before, seen = cells[-1]
                cells[-1] = (before + char, seen)
    return cells


def _stand_in(command: re.Match[str]) -> str:
    """What is painted of a character that the terminal would not take as text: as many cells as the page was laid out with."""
    return "?" * cell_len(command[0])
