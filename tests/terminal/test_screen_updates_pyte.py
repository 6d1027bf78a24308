"""After every update a terminal shows what a full repaint would have shown: scrolled, overlaid, with wide characters."""

from __future__ import annotations

import random
import re

import pyte
import pytest
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from ebid_tui.terminal.screen_updates import ChangedCells, ScreenUpdates
from ebid_tui.terminal.sgr import SgrStyle, sgr_style_of

SYSTEM = ColorSystem.EIGHT_BIT
CONSOLE = Console(color_system="256", force_terminal=True)
STYLES = (
    Style(color="#dadada", bgcolor="#1c1c1c"),
    Style(color="#ffffff", bgcolor="#3a3a3a"),
    Style(color="#ffd75f", bgcolor="#1c1c1c", bold=True),
    Style(color="#a8a8a8", bgcolor="#1c1c1c", underline=True),
    Style(color="red", reverse=True),
    Style(),
)
TEXTS = ("連絡先名称", "[", " " * 10, "] (※) ", "三重県伊勢市岩渕１丁目７番２９号", "123-4567", "   ", "a", " ", "ﾃｽﾄ", "株", " " * 23)

Row = list[Segment]


class Glass:
    """A terminal (pyte) that gets what the wire sends."""

    def __init__(self, width: int, height: int, *, erases: bool, whole: bool = False, system: ColorSystem = SYSTEM) -> None:
        self.screen = pyte.Screen(width, height)
        self.stream = pyte.Stream(self.screen)
        self.wire = ScreenUpdates(erases=erases, whole=whole)
        self.wire.size = (width, height)
        self.bytes = 0
        self.system = system

    def show(self, update: LayoutUpdate | ChopsUpdate | None, cursor: tuple[int, int] | None = None, pen: SgrStyle | None = None) -> str:
        reduced = self.wire.reduced(update, self.system, cursor, shows_cursor=pen is not None, pen=pen)
        text = "" if reduced is None else self.sent(reduced)
        self.stream.feed(text)
        self.bytes += len(text.encode())
        return text

    def sent(self, reduced: object) -> str:
        assert isinstance(reduced, ChangedCells)
        return reduced.render_segments(CONSOLE)

    def cells(self) -> list[list[tuple[object, ...]]]:
        return [[seen(self.screen.buffer[y][x]) for x in range(self.screen.columns)] for y in range(self.screen.lines)]


def seen(char: pyte.screens.Char) -> tuple[object, ...]:
    """What can be seen of a cell: a blank has no ink unless it is reversed."""
    if char.data == " ":
        return " ", char.bg, char.underscore, char.reverse, char.fg if char.reverse else ""
    return tuple(char)


def row(dice: random.Random, width: int) -> Row:
    pieces: Row = []
    while sum(piece.cell_length for piece in pieces) < width:
        pieces.append(Segment(dice.choice(TEXTS), dice.choice(STYLES)))
    return list(Strip(pieces).crop(0, width))


def full(rows: list[Row], width: int) -> LayoutUpdate:
    return LayoutUpdate([[Strip(r)] for r in rows], Region(0, 0, width, len(rows)))


def partly(rows: list[Row], before: list[Row], width: int) -> ChopsUpdate:
    changed = [y for y in range(len(rows)) if rows[y] != before[y]]
    return ChopsUpdate([{0: Strip(r)} for r in rows], [(y, 0, width) for y in changed], [[width]] * len(rows))


def scrolled(dice: random.Random, page: list[Row], width: int) -> list[Row]:
    """A band of the page moved by some rows, with a change here and there."""
    top = dice.randrange(0, len(page) - 4)
    bottom = dice.randrange(top + 3, len(page))
    by = dice.choice((1, 1, 1, 2, 3, 7))
    band = page[top : bottom + 1]
    fresh = [row(dice, width) for _ in range(min(by, len(band)))]
    band = (band[by:] + fresh) if dice.random() < 0.5 else (fresh + band[: len(band) - len(fresh)])
    page = [*page[:top], *band, *page[bottom + 1 :]]
    for _ in range(dice.randrange(4)):
        page[dice.randrange(len(page))] = row(dice, width)
    return page


@pytest.mark.parametrize("erases", [True, False])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 30)])
@pytest.mark.parametrize("seed", range(3))
def test_a_random_session_shows_what_full_repaints_show(width: int, height: int, erases: bool, seed: int) -> None:
    dice = random.Random(seed)
    glass = Glass(width, height, erases=erases)
    page = [row(dice, width) for _ in range(height)]
    glass.show(full(page, width))
    scrolls = 0
    for _ in range(15):
        before, page = page, scrolled(dice, page, width)
        cursor = dice.randrange(height), dice.randrange(width)
        text = glass.show(partly(page, before, width) if dice.random() < 0.5 else full(page, width), cursor)
        assert (glass.screen.cursor.y, glass.screen.cursor.x) == cursor
        scrolls += "\x1b[r" in text
        assert ("\x1b[r" in text) == bool(re.search("\x1b\\[[0-9]+;[0-9]+r", text))
        anew = Glass(width, height, erases=False)
        anew.show(full(page, width))
        assert glass.cells() == anew.cells()
    assert scrolls > 5


def test_a_page_that_moved_by_a_row_costs_a_row() -> None:
    dice = random.Random(1)
    glass = Glass(80, 24, erases=True)
    page = [row(dice, 80) for _ in range(24)]
    glass.show(full(page, 80))
    down = [*page[:2], *page[3:21], row(dice, 80), *page[21:]]
    text = glass.show(full(down, 80))
    assert "\x1b[3;21r\x1b[21H\n" in text
    assert "\x1b[r" in text
    assert len(text.encode()) < 400
    up = glass.show(full([*page[:3], *down[2:20], *page[21:]], 80))
    assert "\x1bM" in up


def test_a_panel_over_the_page_is_not_carried_away() -> None:
    """Where a row is not known as far as the terminal is wide, nothing is scrolled."""
    dice = random.Random(2)
    glass = Glass(80, 24, erases=True)
    page = [row(dice, 80) for _ in range(24)]
    glass.show(full(page, 80))
    glass.wire.forget()
    text = glass.show(full([*page[1:], page[0]], 80))
    assert "\x1b[r" not in text


@pytest.mark.parametrize("seed", range(3))
def test_small_changes_here_and_there_are_painted_in_any_order(seed: int) -> None:
    """Few runs are sent in the order that costs least, wide characters at the edges of a run and of the screen included."""
    dice = random.Random(seed)
    width, height = 80, 24
    glass = Glass(width, height, erases=True)
    page = [row(dice, width) for _ in range(height)]
    glass.show(full(page, width))
    for _ in range(25):
        before, page = page, list(page)
        for y in dice.sample(range(height), dice.randrange(1, 6)):
            x = dice.choice((0, dice.randrange(width - 2), width - 2))
            whole = Strip(page[y])
            patch = Strip([Segment(dice.choice(("県", "ab", " a", "b ", "  ")), dice.choice(STYLES))])
            page[y] = list(Strip.join([whole.crop(0, x), patch, whole.crop(x + 2, width)]))
        glass.show(partly(page, before, width), (dice.randrange(height), dice.randrange(width)))
        anew = Glass(width, height, erases=False)
        anew.show(full(page, width))
        assert glass.cells() == anew.cells()


@pytest.mark.parametrize("seed", range(3))
def test_a_terminal_that_changes_its_size_is_painted_anew(seed: int) -> None:
    dice = random.Random(seed)
    glass = Glass(80, 24, erases=True)
    glass.show(full([row(dice, 80) for _ in range(24)], 80))
    for _ in range(6):
        width, height = dice.randrange(20, 140), dice.randrange(8, 50)
        glass.screen.resize(height, width)
        glass.wire.forget()
        glass.wire.size = (width, height)
        page = [row(dice, width) for _ in range(height)]
        glass.show(full(page, width))
        for _ in range(4):
            before, page = page, scrolled(dice, page, width)
            glass.show(partly(page, before, width))
        anew = Glass(width, height, erases=False)
        anew.show(full(page, width))
        assert glass.cells() == anew.cells()


def test_a_terminal_of_all_colours_gets_the_short_name_of_those_among_the_256() -> None:
    assert sgr_style_of(Style(color="#bcbcbc", bgcolor="#1c1c1c"), ColorSystem.TRUECOLOR) == ("38;5;250", "48;5;234", frozenset())
    assert sgr_style_of(Style(color="#bcbcbd"), ColorSystem.TRUECOLOR).ink == "38;2;188;188;189"
    assert sgr_style_of(Style(color="#bcbcbe"), ColorSystem.EIGHT_BIT).ink.startswith("38;5;")
    assert sgr_style_of(Style(color="red"), ColorSystem.TRUECOLOR).ink == "31"


def test_behind_a_character_of_unsure_width_the_next_place_is_named() -> None:
    """A terminal that draws ※ in two cells is somewhere else than one that draws it in one."""
    glass = Glass(80, 24, erases=True)
    style = STYLES[0]
    glass.show(full([[Segment(" " * 80, style)] for _ in range(24)], 80), (5, 0))
    text = glass.show(full([[Segment(("※" if y == 5 else " ") + " " * 79, style)] for y in range(24)], 80), (5, 1))
    assert text.endswith("※\x1b[6;2H")
