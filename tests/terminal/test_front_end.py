"""What is composed wears the field's style; under a front end nothing that was composed stays on the screen, and no colour blinks."""

from __future__ import annotations

import random
import re

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ebid_tui.terminal import front_end
from ebid_tui.terminal.sgr import SgrStyle, sgr_style_of
from tests.terminal.test_screen_updates_pyte import Glass, full, partly, row, scrolled

WIDTH, HEIGHT = 80, 24
FIELD = Style(color="#ffffff", bgcolor="#3a3a3a")


def pen_of(glass: Glass) -> tuple[str, str, bool, bool]:
    attributes = glass.screen.cursor.attrs
    return attributes.fg, attributes.bg, attributes.bold, attributes.underscore


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_every_update_ends_with_the_style_of_the_field(seed: int, whole: bool) -> None:
    """Scrolled or not, painted in whatever order; and the screen is the same as without."""
    dice = random.Random(seed)
    system = ColorSystem.STANDARD if whole else ColorSystem.EIGHT_BIT
    pen = sgr_style_of(FIELD, system)
    glass = Glass(WIDTH, HEIGHT, erases=True, whole=whole, system=system)
    wearing = Glass(1, 1, erases=False)
    wearing.stream.feed(f"\x1b[{pen.ink};{pen.ground}m")
    page = [row(dice, WIDTH) for _ in range(HEIGHT)]
    glass.show(full(page, WIDTH), (0, 0), pen)
    for _ in range(20):
        before, page = page, scrolled(dice, page, WIDTH) if dice.random() < 0.5 else [*page[:5], row(dice, WIDTH), *page[6:]]
        cursor = dice.randrange(HEIGHT), dice.randrange(WIDTH)
        glass.wire.typed = dice.random() < 0.5
        glass.show(partly(page, before, WIDTH), cursor, pen)
        assert pen_of(glass) == pen_of(wearing)
        assert (glass.screen.cursor.y, glass.screen.cursor.x) == cursor
        anew = Glass(WIDTH, HEIGHT, erases=False, system=system)
        anew.show(full(page, WIDTH))
        assert glass.cells() == anew.cells()


def test_where_nothing_is_typed_no_style_is_put_on_for_it() -> None:
    dice = random.Random(1)
    glass = Glass(WIDTH, HEIGHT, erases=True)
    page = [row(dice, WIDTH) for _ in range(HEIGHT)]
    glass.show(full(page, WIDTH), (3, 3))
    assert "\x1b7" not in glass.show(full([*page[:5], row(dice, WIDTH), *page[6:]], WIDTH), (3, 3))


def compose(glass: Glass, cells: int, cursor: tuple[int, int]) -> None:
    """What uim-fep does with a long composition that is cancelled: it blanks what it covered, row after row."""
    y, x = cursor
    glass.stream.feed(f"\x1b[0m\x1b[{y + 1};{x + 1}H")
    for _ in range(cells):
        if glass.screen.cursor.x >= WIDTH:
            glass.stream.feed("\r\n")
        glass.stream.feed(" ")
    glass.stream.feed(f"\x1b[{y + 1};{x + 1}H")


@pytest.mark.parametrize("seed", range(6))
def test_with_the_next_key_nothing_is_left_of_what_was_composed(seed: int) -> None:
    dice = random.Random(seed)
    glass = Glass(WIDTH, HEIGHT, erases=True, whole=True, system=ColorSystem.STANDARD)
    pen = sgr_style_of(FIELD, ColorSystem.STANDARD)
    page = [row(dice, WIDTH) for _ in range(HEIGHT)]
    cursor = dice.choice((3, 12, 22, 23)), dice.randrange(WIDTH)
    glass.show(full(page, WIDTH), cursor, pen)
    for changed in (False, True):
        compose(glass, dice.randrange(1, 150), cursor)
        glass.wire.typed = True
        before, page = page, [*page[:1], row(dice, WIDTH), *page[2:]] if changed else page
        glass.show(partly(page, before, WIDTH) if changed else None, cursor, pen)
        anew = Glass(WIDTH, HEIGHT, erases=False, system=ColorSystem.STANDARD)
        anew.show(full(page, WIDTH))
        assert glass.cells() == anew.cells()


def test_nothing_is_left_where_one_began_to_compose_before_the_page_moved() -> None:
    """A note that comes a moment after a key moves the fields, and the cursor with them."""
    dice = random.Random(2)
    glass = Glass(WIDTH, HEIGHT, erases=True, whole=True, system=ColorSystem.STANDARD)
    pen = sgr_style_of(FIELD, ColorSystem.STANDARD)
    page = [row(dice, WIDTH) for _ in range(HEIGHT)]
    glass.show(full(page, WIDTH), (10, 20), pen)
    for began, moved in (((10, 20), (14, 20)), ((14, 20), (9, 20))):
        before, page = page, [*page[:2], row(dice, WIDTH), *page[3:]]
        glass.show(partly(page, before, WIDTH), moved, pen)
        compose(glass, 9, began)
        glass.wire.typed = True
        glass.show(None, moved, pen)
        anew = Glass(WIDTH, HEIGHT, erases=False, system=ColorSystem.STANDARD)
        anew.show(full(page, WIDTH))
        assert glass.cells() == anew.cells()


def test_a_clock_that_goes_on_leaves_the_one_who_composes_alone() -> None:
    """The cursor stays where the composition is, not where the field's text ends."""
    dice = random.Random(3)
    glass = Glass(WIDTH, HEIGHT, erases=True, whole=True, system=ColorSystem.STANDARD)
    pen = sgr_style_of(FIELD, ColorSystem.STANDARD)
    page = [row(dice, WIDTH) for _ in range(HEIGHT)]
    glass.show(full(page, WIDTH), (10, 20), pen)
    glass.stream.feed("\x1b[0;4mとうろく")
    composed = glass.screen.display[10]
    text = glass.show(partly([row(dice, WIDTH), *page[1:]], page, WIDTH), (10, 20), pen)
    assert text
    assert glass.screen.display[10] == composed
    assert (glass.screen.cursor.y, glass.screen.cursor.x) == (10, 28)


def test_no_colour_is_taken_for_blinking_and_every_update_begins_anew() -> None:
    """`5` is blinking to uim-fep wherever it stands, and a wheel of scrolling would carry what it composed along."""
    dice = random.Random(4)
    glass = Glass(WIDTH, HEIGHT, erases=True, whole=True, system=ColorSystem.STANDARD)
    pen = sgr_style_of(FIELD, front_end.understood(ColorSystem.TRUECOLOR))
    page = [row(dice, WIDTH) for _ in range(HEIGHT)]
    sent = [glass.show(full(page, WIDTH), (5, 5), pen)]
    for _ in range(20):
        before, page = page, scrolled(dice, page, WIDTH)
        glass.wire.typed = True
        sent.append(glass.show(partly(page, before, WIDTH), (5, 5), pen))
    for text in filter(None, sent):
        assert text.startswith("\x1b[0m")
        assert "\x1b[r" not in text
        numbers = {number for codes in re.findall(r"\x1b\[([0-9;]*)m", text) for number in codes.split(";")}
        assert not numbers & {"5", "38", "48"}


def test_half_a_row_is_painted_from_its_beginning() -> None:
    style = Style(color="red")
    page = [[Segment("a" * WIDTH, style)] for _ in range(HEIGHT)]
    glass = Glass(WIDTH, HEIGHT, erases=True, whole=True, system=ColorSystem.STANDARD)
    glass.show(full(page, WIDTH), (20, 0))
    other = [*page[:4], list(Strip([Segment("a" * 70, style), Segment("b" * 10, style)])), *page[5:]]
    assert "a" * 70 + "b" * 10 in glass.show(partly(other, page, WIDTH), (20, 0))


@pytest.mark.parametrize(
    ("environment", "under"), [({}, False), ({"UIM_FEP_PID": ""}, False), ({"UIM_FEP_PID": "123"}, True), ({"UIM_FEP": "anthy"}, False)]
)
def test_a_front_end_is_known_by_what_it_leaves_in_the_environment(environment: dict[str, str], under: bool) -> None:
    assert front_end.under_front_end(environment) is under


def test_colours_that_it_understands() -> None:
    assert front_end.understood(None) is None
    assert front_end.understood(ColorSystem.EIGHT_BIT) is ColorSystem.STANDARD
    assert sgr_style_of(FIELD, ColorSystem.STANDARD) == SgrStyle("97", "100")
