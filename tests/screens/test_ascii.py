"""The mode without characters of ambiguous width: none on any screen, nothing moved, no value changed."""

from __future__ import annotations

import sys
from typing import Literal
from unicodedata import east_asian_width

import pytest
from rich.cells import cell_len
from textual import events

from ebid_tui.app import PROBED_WIDE, EbidApp
from ebid_tui.flows.ui import Ui
from ebid_tui.screens.base import Page
from ebid_tui.screens.form import FormScreen
from ebid_tui.screens.overlay import Overlay
from ebid_tui.terminal.driver import PROBE
from ebid_tui.widgets.ascii_mode import ascii_for, in_ascii
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import Stage, still

REQUESTS = {
    "categories": lambda ui: ui.choose(scripted.categories()),
    "menu": lambda ui: ui.choose(scripted.menu()),
    "card": lambda ui: ui.insert_card(scripted.card()),
    "pin": lambda ui: ui.ask_pin(scripted.pin()),
    "search": lambda ui: ui.fill(scripted.search()),
    "not found": lambda ui: ui.fill(scripted.search({}, scripted.not_found())),
    "form": lambda ui: ui.fill(scripted.registration(scripted.filled())),
    "holder": lambda ui: ui.confirm(scripted.holder()),
    "review": lambda ui: ui.review(scripted.review()),
    "trouble": lambda ui: ui.trouble(scripted.trouble()),
    "done": lambda ui: ui.done(scripted.done()),
}


def ambiguous(text: str) -> set[str]:
    return {char for char in text if east_asian_width(char) == "A"}


def texts(app: EbidApp) -> list[str]:
    return [screen.sheet.text() for screen in app.screen_stack if isinstance(screen, (Overlay, Page))]


@pytest.mark.parametrize("request_name", REQUESTS)
async def test_no_screen_draws_any(request_name: str) -> None:
    """Each screen at 80x24, scrolled to its end, with its help, the question whether to quit, and the demo's reader."""

    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await REQUESTS[request_name](ui)

    app = EbidApp(scripted.profile(), flow, tray=(hand := Hand()), cards=hand, clock=still(), ambiguous="ascii")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = Stage(app, pilot)
        for keys in ((), ("end",), ("f1",), ("end",), ("escape",), ("f9",), ("escape",), ("ctrl+q",)):
            await shown.press(*keys)
            await pilot.pause()
            for text in texts(app):
                assert ambiguous(text) == set()


async def test_what_is_typed_stays_what_it_is_and_nothing_moves() -> None:
    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await ui.fill(scripted.registration())

    lines = {}
    for mode in ("narrow", "ascii"):
        app = EbidApp(scripted.profile(), flow, clock=still(), ambiguous=mode)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            shown = Stage(app, pilot)
            await shown.press("tab", "tab", "①", "営", "→", "Ω")
            screen = app.screen
            assert isinstance(screen, FormScreen)
            assert screen.model.entry.editor.value == "①営→Ω"
            lines[mode] = screen.sheet.lines
    for was, now in zip(lines["narrow"], lines["ascii"], strict=True):
        assert [cell_len(text) for text, _ in was] == [cell_len(text) for text, _ in now]
        assert [role for _, role in was] == [role for _, role in now]
    text = "".join(piece for row in lines["ascii"] for piece, _ in row)
    assert "1営>?" in text
    assert "(*)" in text


def test_every_character_of_ambiguous_width_has_one_of_the_same_width() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if east_asian_width(char) == "A":
            other = ascii_for(char)
            assert other.isascii()
            assert cell_len(other) == cell_len(char), hex(code)


def test_other_characters_stay() -> None:
    text = "三重県ｱ１a～（株）𠮷〒"
    assert in_ascii(((text, "text"),)) == ((text, "text"),)


@pytest.mark.parametrize(("mode", "column", "becomes"), [("auto", 2, True), ("auto", 1, False), ("narrow", 2, False), ("ascii", 1, True)])
async def test_a_terminal_that_draws_them_wide_gets_none(mode: Literal["auto", "narrow", "ascii"], column: int, becomes: bool) -> None:
    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await ui.fill(scripted.registration())

    app = EbidApp(scripted.profile(), flow, clock=still(), ambiguous=mode)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.post_message(events.CursorPosition(column, PROBED_WIDE[1]))
        for _ in range(200):
            await pilot.pause(0.01)
            if app.ascii_only == becomes:
                break
        await pilot.pause()
        assert app.ascii_only == becomes
        assert (ambiguous("".join(texts(app))) == set()) == becomes


def test_the_probe_is_not_answered_like_a_key() -> None:
    """`ESC [ 1 ; 3 R` is Alt+F3 with some terminals: the probe asks from the second row."""
    assert PROBE.startswith("\x1b[2H")
    assert cell_len(PROBE[4]) == 1
    assert east_asian_width(PROBE[4]) == "A"
