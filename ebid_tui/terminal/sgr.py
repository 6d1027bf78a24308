"""The least that has to be sent to a terminal to have cells painted: styles as differences, short cursor moves, erased blanks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import permutations
from typing import NamedTuple
from unicodedata import east_asian_width

from rich.color import Color, ColorSystem
from rich.style import Style

RESET = "\x1b[0m"

OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29", "21": "24", "53": "55"}
"""What ends an attribute (ECMA-48, 8.3.117)."""

_STEPS = (0, 95, 135, 175, 215, 255)
PALETTE: dict[tuple[int, ...], int] = {
    **{(_STEPS[n // 36], _STEPS[n // 6 % 6], _STEPS[n % 6]): 16 + n for n in range(216)},
    **{(8 + 10 * n,) * 3: 232 + n for n in range(24)},
}
"""The upper 240 of the 256 colours, which every terminal draws alike, by red, green and blue."""

ON_BLANKS = frozenset(("4", "7", "9", "21", "53"))
"""Attributes that a blank shows."""

BLANKS = 11
"""From this many blanks on, erasing them and moving behind them is shorter."""

LAST_BLANKS = 4
"""From this many blanks on, erasing them is shorter where nothing follows."""

FEW = 24
"""Up to so many runs are put in a good order."""

MANY_CELLS = 480
"""From this many cells on, looking for an order takes longer than sending them in any."""

VERY_FEW = 5
"""Up to so many, in the best."""

SKIP = 4
"""Bytes of a cursor move within a row."""


class SgrStyle(NamedTuple):
    """A style as SGR parameters: ink and ground (empty: the terminal's own), attributes."""

    ink: str = ""
    ground: str = ""
    on: frozenset[str] = frozenset()


Cell = tuple[str, SgrStyle]
"""A character (empty behind a wide one) and what can be seen of its style."""

Run = tuple[int, int, Sequence[Cell]]
"""Row, column, and the cells from there on."""

PLAIN = SgrStyle()


@cache
def sgr_style_of(style: Style, system: ColorSystem | None) -> SgrStyle:
    """A style in the colours that the terminal has."""
    if system in (ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR):
        style += Style(color=_numbered(style.color), bgcolor=_numbered(style.bgcolor))
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
    return SgrStyle(ink, ground, frozenset(on))


def _numbered(colour: Color | None) -> Color | None:
    """The same colour by its number, where the 256 have exactly this one: shorter, and not the neighbour that Rich rounds greys to."""
    if colour is None or colour.triplet is None or colour.triplet not in PALETTE:
        return colour
    return Color.from_ansi(PALETTE[colour.triplet])


@cache
def seen_on_blank(pen: SgrStyle) -> SgrStyle:
    """What a blank shows of a style."""
    return SgrStyle(pen.ink if "7" in pen.on else "", pen.ground, pen.on & ON_BLANKS)


@cache
def style_change(now: SgrStyle, char: str, seen: SgrStyle) -> tuple[str, SgrStyle]:
    """What leads from a style to that of a cell, and the style after that. A blank leaves alone what it does not show."""
    to = seen
    if char == " ":
        to = SgrStyle(seen.ink if "7" in seen.on else now.ink, seen.ground, seen.on | (now.on - ON_BLANKS))
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


class UpdateBytes:
    """Puts together what is sent for one update; `erases`: erased cells take the ground's colour (terminfo bce).

    It goes on where the last update ended: with its pen, at its place (None: nobody knows where the cursor is). The style is
    not put back at an update's end: what the next one begins with is nearly always near to it (`stop` in driver.py does).
    """

    def __init__(self, *, erases: bool, pen: SgrStyle = PLAIN, at: tuple[int, int] | None = None, width: int = 0) -> None:
        """`width` is that of the terminal, 0 where it is not known."""
        self._erases = erases
        self._sent: list[str] = []
        self.pen = pen
        self.at = at
        self._width = width
        self._margins = False

    def reset(self, known: tuple[int, int] | None = None) -> None:
        """Go on from a known style: somebody else may have written. `known` is where the cursor is all the same."""
        self._sent.append(RESET)
        self.pen, self.at = PLAIN, known

    def wear(self, pen: SgrStyle) -> None:
        """Leave this style behind."""
        codes, self.pen = style_change(self.pen, "x", pen)
        self._sent.append(codes)

    def save(self) -> None:
        """Remember the cursor's place and its style (DECSC)."""
        self._sent.append("\x1b7")

    def restore(self, at: tuple[int, int], pen: SgrStyle) -> None:
        """Go back there, and to the style (DECRC)."""
        if self._margins:
            self._sent.append("\x1b[r")
            self._margins = False
        self._sent.append("\x1b8")
        self.at, self.pen = at, pen

    def scroll(self, top: int, bottom: int, rows: int) -> None:
        """Move the rows from top to bottom up (rows > 0) or down. What comes in is in the terminal's own colours or not: paint it.

        By margins and line feeds, which every terminal knows; the margins are lifted at the end, and hold nothing else
        back, since every other move is absolute meanwhile.
        """
        self._sent.append(f"\x1b[{top + 1};{bottom + 1}r")
        edge = bottom if rows > 0 else top
        self._sent.append(f"\x1b[{edge + 1}H" if edge else "")  # setting the margins went home
        self._sent.append("\n" * rows if rows > 0 else "\x1bM" * -rows)
        self.at = (edge, 0)
        self._margins = True

    def paint(self, runs: Sequence[Run], rows: Mapping[int, Sequence[Cell]] | None = None) -> None:
        """Cells, in the order that is cheapest; `rows` is what the terminal will show, where that is known as a whole."""
        for run in self._ordered(list(runs)):
            self._paint(*run, (rows or {}).get(run[0], ()))

    def put(self, at: tuple[int, int] | None) -> None:
        """Lift the margins, and leave the cursor there."""
        if self._margins:
            self._sent.append("\x1b[r")
            self._margins, self.at = False, None  # which goes home, but not everywhere
        if at is not None:
            self._sent.append(self._move(*at))
            self.at = at

    def show_cursor(self, shown: bool) -> None:
        self._sent.append("\x1b[?25h" if shown else "\x1b[?25l")

    def text(self) -> str:
        """Everything so far."""
        return "".join(self._sent)

    def size(self) -> int:
        """Bytes so far."""
        return len(self.text().encode())

    def _ordered(self, left: list[Run]) -> list[Run]:
        """Few runs in the best order there is, more by what is cheapest to go on with each time, many as they come."""
        if len(left) > FEW or sum(len(cells) for _, _, cells in left) > MANY_CELLS:
            return left
        if len(left) <= VERY_FEW:
            return list(min(permutations(left), key=self._cost))
        found: list[Run] = []
        pen, at = self.pen, self.at
        while left:
            best = min(left, key=lambda run: self._way(pen, at, run))
            left.remove(best)
            found.append(best)
            pen, at = self._after(pen, best)
        return found

    def _cost(self, runs: Iterable[Run]) -> int:
        pen, at, cost = self.pen, self.at, 0
        for run in runs:
            cost += len(self._move_from(at, run[0], run[1])) + len(style_change(pen, *run[2][0])[0])
            pen, at = self._after(pen, run)
        return cost

    def _way(self, pen: SgrStyle, at: tuple[int, int] | None, run: Run) -> int:
        """Bytes to go to a run, and to come back from its style."""
        y, x, cells = run
        there, _ = style_change(pen, *cells[0])
        after = self._after(pen, run)[0]
        back = style_change(after, "x", pen)[0] if after.ground != pen.ground else ""
        return len(self._move_from(at, y, x)) + len(there) + len(back)

    def _after(self, pen: SgrStyle, run: Run) -> tuple[SgrStyle, tuple[int, int] | None]:
        """Style and place behind a run."""
        y, x, cells = run
        for char, seen in cells:
            pen = style_change(pen, char, seen)[1]
        return pen, self._place(y, x + len(cells))

    def _place(self, y: int, x: int) -> tuple[int, int] | None:
        """Where the cursor is after a cell was painted before this column: behind the last one nobody knows."""
        return None if not self._width or x >= self._width else (y, x)

    def _move(self, y: int, x: int) -> str:
        return self._move_from(self.at, y, x)

    def _move_from(self, at: tuple[int, int] | None, y: int, x: int) -> str:
        """The shortest way."""
        if at == (y, x):
            return ""
        absolute = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"
        if at is None or (self._margins and at[0] != y):
            return absolute
        across = _across(at[1], x)
        return min(across if at[0] == y else _by("A" if y < at[0] else "B", abs(y - at[0])) + across, absolute, key=len)

    def _paint(self, y: int, x: int, cells: Sequence[Cell], row: Sequence[Cell]) -> None:
        at, sure = 0, True
        while at < len(cells):
            char, seen = cells[at]
            move = self._move(y, x + at) if self.at != (y, x + at) and sure else "" if self.at == (y, x + at) else f"\x1b[{x + at + 1}G"
            codes, self.pen = style_change(self.pen, char, seen)
            count = blanks(cells, at) if char == " " and not seen.on and (self._erases or not seen.ground) else 1
            if count >= LAST_BLANKS and at + count == len(cells) and self._to_the_end(row, x + at):
                self._sent.append(f"{move}{codes}\x1b[K")
                self.at = (y, x + at)
            elif self._erases and count >= (BLANKS if at + count < len(cells) else LAST_BLANKS):
                self._sent.append(f"{move}{codes}\x1b[{count}X")
                self.at = (y, x + at)
            else:
                count = next((n for n in range(1, len(cells) - at) if cells[at + n][0]), len(cells) - at)
                self._sent.append(f"{move}{codes}{char}")
                self.at = (y, x + at + count)
                sure = sure and not width_unsure(char)
            at += count
        if not sure or self.at is None or self.at[1] >= (self._width or x + len(cells)):
            self.at = None  # behind the last cell of a row nobody knows

    def _to_the_end(self, row: Sequence[Cell], x: int) -> bool:
        """Whether the row holds nothing but this blank from here on."""
        return len(row) == self._width > 0 and all(cell == row[x] for cell in row[x:])


def _across(now: int, to: int) -> str:
    """The shortest way within a row."""
    if now == to:
        return ""
    if to == 0:
        return "\r"
    if to < now <= to + 3:
        return "\b" * (now - to)
    return min(f"\x1b[{to + 1}G", _by("C" if to > now else "D", abs(to - now)), key=len)


def _by(way: str, count: int) -> str:
    return f"\x1b[{way}" if count == 1 else f"\x1b[{count}{way}"


@cache
def width_unsure(char: str) -> bool:
    """Whether terminals differ in how far they go on for a character (UAX #11, ambiguous)."""
    return not char.isascii() and (len(char) > 1 or east_asian_width(char) == "A")


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
