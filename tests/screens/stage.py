"""Runs the app headless with one flow, types into it, and reads what is on the screen, wide characters and overlays included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual import events
from textual._compositor import LayoutUpdate
from textual.pilot import Pilot

from ebid_tui.app import EbidApp
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.flows.ui import Ui
from ebid_tui.printing.targets import PrintTargets
from ebid_tui.screens.base import Page, Step
from ebid_tui.screens.overlay import Overlay
from ebid_tui.widgets.clock import ServerClock
from tests.flows.script import outcome
from tests.patience import looking
from tests.screens import scripted
from tests.screens.plastic import Hand


def still() -> ServerClock:
    """A clock on which no time passes."""
    return ServerClock(monotonic=lambda: 0.0)


class Stage:
    """One running app. `result` is what the flow returned, once it has."""

    def __init__(self, app: EbidApp, pilot: Pilot[object]) -> None:
        self.app = app
        self.pilot = pilot
        self._struck = 0.0
        """When the last key was pressed; a test may press one later than it is."""

    @property
    def page(self) -> Any:
        """What is on top."""
        screen = self.app.screen
        assert isinstance(screen, (Page, Overlay)), screen
        return screen

    def text(self) -> str:
        """The whole screen as the terminal shows it."""
        update = self.app.screen._compositor.render_update(full=True, screen_stack=self.app._background_screens)
        assert isinstance(update, LayoutUpdate)
        return "\n".join("".join(strip.text for strip in row).rstrip() for row in update.strips)

    async def until(self, *texts: str) -> str:
        """Wait until the screen shows all of these and has been seen; returns it."""
        async for _ in looking():
            shown = self.text()
            seen = not isinstance(self.app.screen, Step) or self.app.screen.seen_at < float("inf")
            if seen and all(text in shown for text in texts):
                return shown
        raise AssertionError(f"{texts} did not come:\n{self.text()}")

    async def gone(self, text: str) -> str:
        """Wait until the screen no longer shows this."""
        async for _ in looking():
            shown = self.text()
            if text not in shown:
                return shown
        raise AssertionError(f"{text!r} is still there:\n{self.text()}")

    async def came(self, true: Callable[[], object]) -> None:
        """Wait until something is so."""
        async for _ in looking():
            if true():
                return
        raise AssertionError(f"it did not come:\n{self.text()}")

    async def press(self, *keys: str) -> str:
        """Keys by name; returns the screen after them."""
        for key in keys:
            event = events.Key(key, key if len(key) == 1 else None)
            if key == "escape":
                event.time = max(event.time, self._struck + 1.0)  # as people press it: not in the middle of a composition
            self._struck = max(self._struck, event.time)
            self.app.post_message(event)
        await self.pilot.pause()
        return self.text()

    async def type(self, text: str) -> str:
        """Characters, as an input method commits them: one key event each."""
        return await self.press(*text)

    async def paste(self, text: str) -> str:
        self.app.post_message(events.Paste(text))
        await self.pilot.pause()
        return self.text()


@asynccontextmanager
async def stage(
    flow: Callable[[Ui], Awaitable[object]],
    *,
    size: tuple[int, int] = (80, 24),
    hand: Hand | None = None,
    reports: Path | None = None,
    clock: ServerClock | None = None,
    outlet: Callable[[Profile], PrintTargets] | None = None,
) -> AsyncIterator[Stage]:
    """The app with a flow, until the block ends."""
    app = EbidApp(scripted.profile(), flow, tray=hand, cards=hand, clock=clock or still(), reports=reports, outlet=outlet)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Stage(app, pilot)


def asking(request: Callable[[Ui], Awaitable[object]]) -> tuple[Callable[[Ui], Awaitable[object]], list[object]]:
    """A flow of one request, and the list its answer goes into; afterwards it waits, so that the app stays."""
    answers: list[object] = []

    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        answers.append(await outcome(request(ui)))
        await asyncio.Event().wait()

    return flow, answers
