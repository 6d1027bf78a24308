"""What goes over the wire to the terminal: the cells that differ from what it shows, a style only where it changes.

Textual's partial update begins every changed line at its first column and resets the style after every piece; its full
update sends the whole screen, several times when a screen is opened. This leans on the update classes of the Textual
version that is pinned (tests/screens/test_wire.py notices a change).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

RESET = "\x1b[0m"

NEAR = 8
"""Changed spans closer than this many cells are sent as one: moving the cursor costs as many bytes."""


class Look(NamedTuple):
    """The escape sequence that leads from any style to this one, and to what a blank shows of it."""

    codes: str
    blank: str


Cell = tuple[str, str, Look]
"""A character (empty behind a wide one), what can be seen of its style, and its style."""

Run = tuple[int, int, Sequence[Cell]]
"""Row, column, and the cells from there on."""


class Runs(CompositorUpdate):
    """An update made of runs of cells."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs

    def render_segments(self, console: Console) -> str:
        """Raw data with escape sequences; the style is reset at its end."""
        sent: list[str] = []
        now = NOTHING
        for y, x, cells in self.runs:
            sent.append(f"\x1b[{y + 1};{x + 1}H")
            for char, _, look in cells:
                if look.codes != now.codes and not (char == " " and look.blank == now.blank):
                    sent.append(look.codes)
                    now = look
                sent.append(char)
        if now.codes != RESET:
            sent.append(RESET)
        return "".join(sent)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for _, _, cells in self.runs:
            yield Segment("".join(char for char, _, _ in cells))


class Wire:
    """Remembers what the terminal shows, cell by cell."""

    def __init__(self) -> None:
        self._shown: dict[int, list[Cell]] = {}

    def forget(self) -> None:
        """The terminal may show something else: everything is sent again."""
        self._shown.clear()

    def reduced(self, update: RenderableType | None, system: ColorSystem | None) -> RenderableType | None:
        """The update without what is shown already; None if nothing is left of it."""
        parts: Iterable[tuple[int, int, Iterable[Segment]]]
        if update is None:
            return None
        if type(update) is LayoutUpdate:
            parts = ((y, update.region.x, chain.from_iterable(row)) for y, row in enumerate(update.strips, update.region.y))
        elif type(update) is ChopsUpdate:
            parts = _parts(update)
        else:
            self.forget()
            return update
        runs = [run for y, x, segments in parts for run in self._changed(y, x, _cells(segments, system))]
        return Runs(runs) if runs else None

    def _changed(self, y: int, x: int, cells: list[Cell]) -> list[Run]:
        """The runs of a row that differ from what is shown; the row is shown from now on."""
        row = self._shown.get(y)
        if row is None or len(row) < x + len(cells):
            if x == 0:
                self._shown[y] = cells
            else:
                self._shown.pop(y, None)
            return [(y, x, cells)] if cells else []
        spans: list[list[int]] = []
        for at, (char, seen, _) in enumerate(cells):
            if (char, seen) != row[x + at][:2]:
                if spans and at - spans[-1][1] <= NEAR:
                    spans[-1][1] = at + 1
                else:
                    spans.append([at, at + 1])
        for span in spans:  # never half of a wide character
            while span[0] > 0 and not cells[span[0]][0]:
                span[0] -= 1
            while span[1] < len(cells) and not cells[span[1]][0]:
                span[1] += 1
        row[x : x + len(cells)] = cells
        return [(y, x + start, cells[start:end]) for start, end in spans]


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
        look = NOTHING if style is None else _look(style, system)
        for char in text:
            if char == " ":
                cells.append((char, look.blank, look))
                continue
            wide = 1 if char.isascii() else cell_len(char)
            if wide:
                cells.append((char, look.codes, look))
                cells += [("", look.codes, look)] * (wide - 1)
            elif cells:
                before, seen, its = cells[-1]
                cells[-1] = (before + char, seen, its)
    return cells


NOTHING = Look(RESET, RESET)


@cache
def _look(style: Style, system: ColorSystem | None) -> Look:
    blank = Style(bgcolor=style.bgcolor, underline=style.underline, reverse=style.reverse)
    if style.reverse:
        blank += Style(color=style.color)
    return Look(_codes(style, system), _codes(blank, system))


def _codes(style: Style, system: ColorSystem | None) -> str:
    codes, _, _ = style.render("x", color_system=system).partition("x")
    return "\x1b[0;" + codes.removeprefix("\x1b[") if codes else RESET
