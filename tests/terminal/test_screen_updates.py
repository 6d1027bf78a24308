"""Only what changed is sent; the classes of Textual that this leans on are still what they were."""

from __future__ import annotations

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from ebid_tui.terminal.screen_updates import ChangedCells, ScreenUpdates

SYSTEM = ColorSystem.EIGHT_BIT
PLAIN = Style(color="white", bgcolor="black")
BOLD = Style(color="white", bgcolor="black", bold=True)


def layout(*rows: list[Segment]) -> LayoutUpdate:
    return LayoutUpdate([[Strip(row)] for row in rows], Region(0, 0, 10, len(rows)))


def sent(update: object) -> str:
    assert isinstance(update, ChangedCells)
    return update.render_segments(Console(color_system="256", force_terminal=True))


def test_a_screen_is_sent_once() -> None:
    wire = ScreenUpdates()
    rows = [Segment("三重県ab  ", PLAIN)], [Segment("          ", PLAIN)]
    assert "三重県ab" in sent(wire.reduced(layout(*rows), SYSTEM))
    assert wire.reduced(layout(*rows), SYSTEM) is None
    wire.forget()
    assert "三重県ab" in sent(wire.reduced(layout(*rows), SYSTEM))


def test_of_a_changed_line_only_the_changed_cells_are_sent() -> None:
    wire = ScreenUpdates()
    wire.reduced(layout([Segment("三重県ab  ", PLAIN)]), SYSTEM)
    assert sent(wire.reduced(layout([Segment("三重県ax  ", PLAIN)]), SYSTEM)).startswith("\x1b[1;8H")


def test_a_partial_update_is_cut_at_both_ends() -> None:
    wire = ScreenUpdates()
    wire.reduced(layout([Segment("三重県abcd", PLAIN)]), SYSTEM)
    chops = ChopsUpdate([{0: Strip([Segment("三重県abxd", PLAIN)])}], [(0, 8, 9)], [[10]])
    text = sent(wire.reduced(chops, SYSTEM))
    assert text.startswith("\x1b[1;9H")
    assert "x" in text
    assert "三" not in text
    assert wire.reduced(layout([Segment("三重県abxd", PLAIN)]), SYSTEM) is None


def test_half_of_a_wide_character_is_never_sent() -> None:
    wire = ScreenUpdates()
    wire.reduced(layout([Segment("abcdefghij", PLAIN)]), SYSTEM)
    text = sent(wire.reduced(layout([Segment("abc県fghij", PLAIN)]), SYSTEM))
    assert text.startswith("\x1b[1;4H")
    text = sent(wire.reduced(layout([Segment("ab県efghij", PLAIN)]), SYSTEM))
    assert text.startswith("\x1b[1;3H")
    assert "県e" in text


def test_a_blank_that_only_changes_its_ink_is_not_sent() -> None:
    wire = ScreenUpdates()
    wire.reduced(layout([Segment("ab        ", PLAIN)]), SYSTEM)
    assert wire.reduced(layout([Segment("ab", PLAIN), Segment("        ", BOLD)]), SYSTEM) is None
    assert wire.reduced(layout([Segment("ab", PLAIN), Segment("        ", Style(bgcolor="blue"))]), SYSTEM) is not None


def test_the_style_is_set_only_where_it_changes_and_left_for_the_next_update() -> None:
    wire = ScreenUpdates()
    text = sent(wire.reduced(layout([Segment("ab", PLAIN), Segment("cd", PLAIN), Segment("      ", BOLD)]), SYSTEM))
    assert text == "\x1b[0m\x1b[H\x1b[37;40mabcd      "
    assert sent(wire.reduced(layout([Segment("ab", PLAIN), Segment("xd", PLAIN), Segment("      ", BOLD)]), SYSTEM)) == "\x1b[1;3Hx"
    wire.forget()
    assert sent(wire.reduced(layout([Segment("ab", PLAIN), Segment("xd      ", PLAIN)]), SYSTEM)).startswith("\x1b[0m")


def test_the_cursor_is_moved_only_where_it_is_not_there_yet_and_the_shortest_way() -> None:
    wire = ScreenUpdates()
    wire.size = (10, 1)
    rows = [Segment("[ab      ]", PLAIN)]
    sent(wire.reduced(layout(rows), SYSTEM, (0, 3), shows_cursor=True))
    assert wire.reduced(layout(rows), SYSTEM, (0, 3), shows_cursor=True) is None
    assert sent(wire.reduced(layout([Segment("[abc     ]", PLAIN)]), SYSTEM, (0, 4), shows_cursor=True)) == "c"
    assert sent(wire.reduced(None, SYSTEM, (0, 2), shows_cursor=True)) == "\b\b"
    assert sent(wire.reduced(None, SYSTEM, (0, 2))) == "\x1b[?25l"
    assert sent(wire.reduced(None, SYSTEM, (0, 0), shows_cursor=True)) == "\r\x1b[?25h"
