"""Random sessions over the real screens: a terminal (pyte) that got only the differences shows what a full repaint would show."""

from __future__ import annotations

import contextlib
import os
import random

import pyte
import pytest
from rich.color import ColorSystem
from rich.console import Console, RenderableType
from textual.geometry import Size
from textual.pilot import Pilot
from textual.screen import Screen

from ebid_tui.app import EbidApp
from ebid_tui.flows.ui import Ui
from ebid_tui.terminal.screen_updates import ChangedCells, ScreenUpdates
from tests.patience import looking
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import still
from tests.terminal.test_screen_updates_pyte import seen

CONSOLE = Console(color_system="256", force_terminal=True)
KEYS = (
    *("tab", "tab", "down", "shift+tab", "up", "left", "right", "home", "end", "pagedown", "pageup", "backspace", "delete", "f5"),
    *("1", "2", "a", "9", "営", "業", "ﾃ", "①", "　", " ", "enter", "escape", "f1", "f10", "f9", "ctrl+l", "ctrl+u", "f6", "f7"),
)
STEPS = int(os.environ.get("WIRE_STEPS", "25"))
"""Keys and resizes of one session; more by the environment."""


class Watched(EbidApp):
    """The app whose updates go to a terminal of pyte's instead of one of its own."""

    COLOURS = ColorSystem.EIGHT_BIT

    def begin(self, width: int, height: int) -> None:
        self.glass = pyte.Screen(width, height)
        self.stream = pyte.Stream(self.glass)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if self._running and not self._batch_count:
            self.console._color_system = self.COLOURS
            reduced = self._reduced(renderable)
            if reduced is not None:
                assert isinstance(reduced, ChangedCells)
                self.stream.feed(reduced.sent)

    def same(self) -> None:
        """What is shown is what everything sent anew would show; so is the place of the cursor."""
        wire = ScreenUpdates(erases=False)
        anew = pyte.Screen(self.glass.columns, self.glass.lines)
        whole = wire.reduced(self.screen._compositor.render_update(full=True, screen_stack=self._background_screens), self.COLOURS)
        assert isinstance(whole, ChangedCells)
        pyte.Stream(anew).feed(whole.sent)
        for y in range(anew.lines):
            ours = [seen(self.glass.buffer[y][x]) for x in range(anew.columns)]
            theirs = [seen(anew.buffer[y][x]) for x in range(anew.columns)]
            assert ours == theirs, f"row {y}:\n{self.glass.display[y]}\n{anew.display[y]}"
        column, row = self.screen.outer_size.clamp_offset(self.cursor_position)
        assert (self.glass.cursor.y, self.glass.cursor.x) == (row, column)


async def settled(app: Watched, pilot: Pilot[object]) -> None:
    """Until everything is painted and the same; what stays different is a fault."""
    async for _ in looking(0.05):
        await pilot.pause()
        with contextlib.suppress(AssertionError):
            app.same()
            return
    app.same()


async def flow(ui: Ui) -> None:
    """Screens of every kind, over and over."""
    ui.clock(scripted.NOW)
    while True:
        await ui.choose(scripted.menu())
        await ui.fill(scripted.search(ui.typed("search")))
        await ui.fill(scripted.registration(ui.typed("registration") or scripted.filled()))
        await ui.review(scripted.review())
        await ui.trouble(scripted.trouble())
        await ui.done(scripted.done())


@pytest.mark.parametrize("seed", range(int(os.environ.get("WIRE_SESSIONS", "4"))))
async def test_a_random_session(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(seed)
    if seed % 4 == 2:
        monkeypatch.setenv("NO_COLOR", "1")
    app = Watched(scripted.profile(), flow, tray=(hand := Hand()), cards=hand, clock=still(), own_cursor=seed % 2 == 0)
    app.begin(80, 24)
    app._wire.erases = seed % 4 != 3
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for _ in range(STEPS):
            if dice.random() < 0.1:
                width, height = dice.choice(((80, 24), (100, 30), (80, 24), (60, 20), (81, 25)))
                app.glass.resize(height, width)
                await pilot.resize_terminal(width, height)
                await pilot.pause()
            else:
                await pilot.press(dice.choice(KEYS))
            await settled(app, pilot)
        assert app.size == Size(app.glass.columns, app.glass.lines)
