"""Sends the terminal the cells that differ from what it shows, after scrolling what has only moved.

Textual's partial update begins every changed line at its first column and resets the style after every piece; its full
update sends the whole screen, several times when a screen is opened. This leans on the update classes of the Textual
version that is pinned (tests/terminal/test_screen_updates.py notices a change).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

from ebid_tui.process.output import COMMANDS
from ebid_tui.terminal import front_end
from ebid_tui.terminal.scrolls import Rows, Scroll, scrolls_between
from ebid_tui.terminal.sgr import PLAIN, SKIP, Cell, Run, SgrStyle, UpdateBytes, seen_on_blank, sgr_style_of, style_change


class End(NamedTuple):
    """How an update leaves the terminal: the cursor's place, whether it is shown from now on (None: as before), its style."""

    cursor: tuple[int, int] | None
    shows_cursor: bool | None
    pen: SgrStyle | None


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
    """Remembers what the terminal shows, cell by cell, its cursor's place and style. `erases`: `sgr.erases_in_colour`.

    `whole`: changed rows are painted whole, and with the first update after a key (`typed`) those that somebody may have composed
    over (terminal/front_end.py).
    """

    def __init__(self, *, erases: bool = False, whole: bool = False) -> None:
        self._shown: Rows = {}
        self.erases = erases
        self.whole = whole
        self.typed = False
        self._pen = PLAIN
        self._at: tuple[int, int] | None = None
        self._places: list[tuple[int, int]] = []
        """Where the cursor has stood since the last key: under a front end, who typed on at once may be composing at any of them."""
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
        pen: SgrStyle | None = None,
    ) -> RenderableType | None:
        """The update without what is shown already; None if nothing is left of it.

        `cursor` is the row and column that the terminal's cursor is left at, seen or not; `pen` the style that it is left with where
        one types: terminals draw in it what is being composed.
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
        runs = self._whole_rows(rows) if self.whole else [run for y, row in rows.items() for run in _changed(y, self._shown.get(y), row)]
        runs += unknown
        if not (
            runs
            or shows_cursor != self._cursor_shown
            or (cursor is not None and cursor != self._at)
            or (pen is not None and pen != self._pen)
        ):
            self._shown |= rows
            return None
        end = End(cursor, shows_cursor if shows_cursor != self._cursor_shown else None, pen)
        if self.whole:
            best = self._sending_whole(runs, self._shown | rows, end)
            return self._sent(rows, runs, best, shows_cursor=shows_cursor)
        best = self._sending(None, runs, self._shown | rows, end)
        for scroll in scrolls_between(self._shown, rows):
            after = {**rows, **{y: rows.get(y, self._shown[y]) for y in range(scroll.top, scroll.bottom + 1)}}
            before = self._shown | dict.fromkeys(range(scroll.top, scroll.bottom + 1)) | scroll.of(self._shown)
            others = [run for y, row in after.items() for run in _changed(y, before.get(y), row)] + unknown
            shorter = self._sending(scroll, others, self._shown | rows, end)
            if shorter.size() < best.size():
                runs, best = others, shorter
        return self._sent(rows, runs, best, shows_cursor=shows_cursor)

    def _sent(self, rows: Rows, runs: Sequence[Run], best: UpdateBytes, *, shows_cursor: bool) -> ChangedCells:
        self._shown |= rows
        if self.typed or not self._sure:
            self._places.clear()
        if best.at is not None and best.at not in self._places:
            self._places.append(best.at)
        self._pen, self._at, self._sure, self._cursor_shown = best.pen, best.at, True, shows_cursor
        self.typed = False
        return ChangedCells(runs, best.text())

    def _begun(self, end: End) -> UpdateBytes:
        sending = UpdateBytes(erases=self.erases and not self.whole, pen=self._pen, at=self._at, width=self.size[0])
        if not self._sure or self.whole:
            sending.reset()
        if end.shows_cursor is False:
            sending.show_cursor(False)
        return sending

    def _sending(self, scroll: Scroll | None, runs: Sequence[Run], rows: Rows, end: End) -> UpdateBytes:
        sending = self._begun(end)
        if scroll is not None:
            sending.scroll(*scroll)
        sending.paint(runs, rows)
        sending.put(end.cursor)
        if end.pen is not None and end.cursor is not None:
            sending.wear(end.pen)
            # Where one types first, and back there from the rest at once.
            here = [run for run in runs if scroll is None and run[0] == end.cursor[0] and run[1] <= end.cursor[1] <= run[1] + len(run[2])]
            coming_back = self._begun(end)
            coming_back.paint(here, rows)
            coming_back.put(end.cursor)
            coming_back.wear(end.pen)
            coming_back.save()
            if scroll is not None:
                coming_back.scroll(*scroll)
            coming_back.paint([run for run in runs if run not in here], rows)
            coming_back.restore(end.cursor, end.pen)
            sending = min(sending, coming_back, key=UpdateBytes.size)
        if end.shows_cursor is True:
            sending.show_cursor(True)
        return sending

    def _whole_rows(self, rows: Rows) -> list[Run]:
        """The rows that changed, and those that may show something else than they were given."""
        after = self._shown | rows
        changed = {y for y, row in rows.items() if row != self._shown.get(y)}
        if not self._sure:
            changed.update(front_end.maybe_composed_on(None, self.size[1]))
        elif self.typed:
            for place in self._places or (None,):
                changed.update(front_end.maybe_composed_on(place, self.size[1]))
        return [(y, 0, after[y]) for y in sorted(changed) if y in after]

    def _sending_whole(self, runs: Sequence[Run], rows: Rows, end: End) -> UpdateBytes:
        """Every row from a reset style, so that it looks the same to the last blank whichever others are painted with it.

        Where no key was the cause, somebody may be composing, whose cursor stays where it is.
        """
        stays = not self.typed and self._sure and end.shows_cursor is None and end.cursor == self._at
        sending = self._begun(end)
        if stays:
            sending.save()
        for run in runs:
            sending.reset(known=sending.at)
            sending.paint([run], rows)
        if stays and end.cursor is not None:
            sending.restore(end.cursor, PLAIN)
            sending.reset(known=end.cursor)
        else:
            sending.put(end.cursor)
        if end.pen is not None:
            sending.wear(end.pen)
        if end.shows_cursor is True:
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


def _laid(row: list[Cell], x: int, cells: list[Cell]) -> list[Cell]:
    """A row with cells laid over it; a wide character that they cover by half leaves a blank."""
    before, behind = row[:x], row[x + len(cells) :]
    if before and not row[x : x + 1][0][0] and cells[0][0]:
        before[-1] = (" ", seen_on_blank(before[-1][1]))
    if behind and not behind[0][0]:
        behind[0] = (" ", seen_on_blank(behind[0][1]))
    return [*before, *cells, *behind]


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
