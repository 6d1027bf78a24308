"""The least that has to be sent to a terminal to have cells painted: styles as differences, short cursor moves, erased blanks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.style import Style

RESET = "\x1b[0m"

OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29", "21": "24", "53": "55"}
"""What ends an attribute (ECMA-48, 8.3.117)."""

ON_BLANKS = frozenset(("4", "7", "9", "21", "53"))
"""Attributes that a blank shows."""

BLANKS = 11
"""From this many blanks on, erasing them and moving behind them is shorter."""

LAST_BLANKS = 6
"""From this many blanks on, erasing them is shorter where nothing follows."""

FEW = 24
"""Up to so many runs are put in a good order."""

SKIP = 5
"""Bytes of a cursor move within a row."""


class Pen(NamedTuple):
    """A style as SGR parameters: ink and ground (empty: the terminal's own), attributes."""

    ink: str = ""
    ground: str = ""
    on: frozenset[str] = frozenset()


Cell = tuple[str, Pen]
"""A character (empty behind a wide one) and what can be seen of its style."""

Run = tuple[int, int, Sequence[Cell]]
"""Row, column, and the cells from there on."""

PLAIN = Pen()


@cache
def pen_of(style: Style, system: ColorSystem | None) -> Pen:
    """A style in the colours that the terminal has."""
    codes, _, _ = style.render("x", color_system=system).partition("x")
    given = codes.removeprefix("\x1b[").removesuffix("m").split(";") if codes else []
    ink, ground, on = "", "", set()
    while given:
        code = given.pop(0)
        if code in ("38", "48"):
            count = 2 if given[0] == "5" else 4
            code, given = ";".join((code, *given[:count])), given[count:]
        number = int(code.partition(";")[0])
        if number in (39, 49):
            continue
        if 30 <= number <= 38 or 90 <= number <= 97:
            ink = code
        elif 40 <= number <= 48 or 100 <= number <= 107:
            ground = code
        else:
            on.add(code)
    return Pen(ink, ground, frozenset(on))


@cache
def seen_on_blank(pen: Pen) -> Pen:
    """What a blank shows of a style."""
    return Pen(pen.ink if "7" in pen.on else "", pen.ground, pen.on & ON_BLANKS)


@cache
def step(now: Pen, char: str, seen: Pen) -> tuple[str, Pen]:
    """What leads from a style to that of a cell, and the style after that. A blank leaves alone what it does not show."""
    to = seen
    if char == " ":
        to = Pen(seen.ink if "7" in seen.on else now.ink, seen.ground, seen.on | (now.on - ON_BLANKS))
    if to == now:
        return "", now
    ends = {OFF[code] for code in now.on - to.on}
    begun = {code for code in to.on if code not in now.on or OFF[code] in ends}
    codes = sorted(ends) + sorted(begun)
    codes += [to.ink or "39"] if to.ink != now.ink else []
    codes += [to.ground or "49"] if to.ground != now.ground else []
    anew = ["0", *sorted(seen.on), *(code for code in (seen.ink, seen.ground) if code)]
    short, long = ";".join(codes), ";".join(anew)
    if len(short) <= len(long):
        return f"\x1b[{short}m", to
    return f"\x1b[{long}m", seen


class Sending:
    """Puts together what is sent for one update; `erases`: erased cells take the ground's colour (terminfo bce)."""

    def __init__(self, *, erases: bool) -> None:
        self._erases = erases
        self._sent: list[str] = []
        self._pen = PLAIN
        self._at: tuple[int, int] | None = None
        self._margins = False

    def scroll(self, top: int, bottom: int, rows: int) -> None:
        """Move the rows from top to bottom up (rows > 0) or down. What comes in is in the terminal's own colours or not: paint it.

        By margins and line feeds, which every terminal knows; the margins are lifted at the end, and hold nothing else
        back, since every other move is absolute.
        """
        self._sent.append(f"\x1b[{top + 1};{bottom + 1}r")
        edge = bottom if rows > 0 else top
        self._sent.append(f"\x1b[{edge + 1}H" if edge else "")  # setting the margins went home
        self._sent.append("\n" * rows if rows > 0 else "\x1bM" * -rows)
        self._at = (edge, 0)
        self._margins = True

    def paint(self, runs: Sequence[Run]) -> None:
        """Cells; what is cheapest to go on with, and to come back from, comes next."""
        left = list(runs)
        while left:
            best = min(left, key=self._way) if len(left) <= FEW else left[0]
            left.remove(best)
            self._paint(*best)

    def text(self) -> str:
        """Everything, with margins and style put back."""
        end = ("\x1b[r" if self._margins else "") + (RESET if self._pen != PLAIN else "")
        return "".join(self._sent) + end

    def _way(self, run: Run) -> int:
        y, x, cells = run
        there, pen = step(self._pen, *cells[0])
        for char, seen in cells[1:]:
            pen = step(pen, char, seen)[1]
        back = step(pen, "x", self._pen)[0] if pen.ground != self._pen.ground else ""
        return len(self._move(y, x)) + len(there) + len(back)

    def _move(self, y: int, x: int) -> str:
        if self._at == (y, x):
            return ""
        if self._at is not None and self._at[0] == y:
            return f"\x1b[{x + 1}G" if x else "\r"
        return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"

    def _paint(self, y: int, x: int, cells: Sequence[Cell]) -> None:
        at = 0
        while at < len(cells):
            char, seen = cells[at]
            move = self._move(y, x + at)
            codes, self._pen = step(self._pen, char, seen)
            count = blanks(cells, at) if self._erases and char == " " and not seen.on else 1
            if count >= (BLANKS if at + count < len(cells) else LAST_BLANKS):
                self._sent.append(f"{move}{codes}\x1b[{count}X")
                self._at = (y, x + at)
            else:
                count = 1
                self._sent.append(f"{move}{codes}{char}")
                self._at = (y, x + at + 1)
            at += count


def blanks(cells: Sequence[Cell], start: int) -> int:
    """How many cells from here on are the same blank."""
    first, end = cells[start], start + 1
    while end < len(cells) and cells[end] == first:
        end += 1
    return end - start


def erases_in_colour() -> bool:
    """Whether the terminal erases in the colour of the ground (terminfo bce); False where that is not known."""
    try:
        import curses  # 1 ms; not everywhere

        curses.setupterm(os.environ.get("TERM", "dumb"), 1)
        return curses.tigetflag("bce") > 0
    except (ImportError, OSError, ValueError):
        return False
    except curses.error:
        return False
