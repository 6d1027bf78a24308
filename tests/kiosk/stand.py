"""A kiosk's app with one visitor, driven without a terminal: its time, its readers and its server are a test's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from argon2 import PasswordHasher

from ebid_tui.app import ReadersChanged
from ebid_tui.card.interface import ReaderState
from ebid_tui.client.interface import Server
from ebid_tui.domain.records import Challenge
from ebid_tui.errors import EbidError
from ebid_tui.flows.ui import Report, Ui
from ebid_tui.kiosk.admin_secret import AdminSecret, write_private
from ebid_tui.kiosk.app import KioskApp
from ebid_tui.messages import t
from ebid_tui.screens.base import Step
from tests.e2e.program import PATIENCE
from tests.screens import scripted
from tests.screens.stage import Stage, still

WORD = "correct horse"
START = t("kiosk.start.card")


def keep_secret(file: Path, secret: bytes) -> None:
    """As `set_secret`, with a hash that is cheap to make and to check: a hash says itself what it costs."""
    write_private(file, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(secret) + "\n")


class Window:
    """Of a server what the start needs. `clock_error`, `door_error`: what it says instead; `silent`: it says nothing."""

    origin = "https://office.example"

    def __init__(self) -> None:
        self.clock_error: EbidError | None = None
        self.door_error: EbidError | None = None
        self.asked: list[str] = []
        self.speaks = asyncio.Event()
        self.speaks.set()
        self.now = scripted.NOW
        self.signed_out = 0

    async def clock(self) -> datetime:
        await self.speaks.wait()
        if self.clock_error is not None:
            raise self.clock_error
        return self.now

    async def challenge(self, system: str, agency: str = "") -> Challenge:
        self.asked.append(agency)
        if self.door_error is not None:
            raise self.door_error
        return Challenge(nonce="n", expires_at=self.now + timedelta(minutes=5))

    async def sign_out(self) -> None:
        self.signed_out += 1


def server(window: Window) -> Server:
    """A window as the app takes it."""
    return cast(Server, window)


class Kiosk(Stage):
    """One visitor's app; `now` is its time."""

    app: KioskApp
    window: Window
    now = 0.0

    async def until(self, *texts: str) -> str:
        await self.came(lambda: self._seen() and all(text in self.text() for text in texts))
        return self.text()

    def _seen(self) -> bool:
        return not isinstance(self.app.screen, Step) or self.app.screen.seen_at < float("inf")

    async def came(self, true: Callable[[], object]) -> None:
        """As long as a loaded machine may take."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, f"it did not come:\n{self.text()}"
            await asyncio.sleep(0.005)

    async def later(self, seconds: float) -> None:
        """So much time passes, and the app looks at it; twice, as work that was going on delays the first look."""
        self.now += seconds
        self.app.tick()
        self.app.tick()
        await self._pause()

    async def cards(self, *present: bool | int) -> None:
        """What the readers say: for each whether a card is in it, or the count of the card in it."""
        states = tuple(ReaderState(f"Reader {i}", bool(there), int(there)) for i, there in enumerate(present))
        self.app.post_message(ReadersChanged(states))
        await self._pause()

    async def _pause(self) -> None:
        """As the pilot does; a screen that goes meanwhile takes along what the pilot waits for, so then the next one is asked."""
        while not self.app._exit:
            screen = self.app.screen
            pausing = asyncio.ensure_future(self.pilot.pause())
            while not pausing.done() and not self.app._exit and self.app.screen is screen:
                await asyncio.wait((pausing,), timeout=0.02)
            if pausing.done():
                return pausing.result()
            pausing.cancel()

    async def woken(self) -> None:
        await self.until(START)
        await self.press("enter")
        await self.until("SECRET")

    def ended(self) -> bool:
        return self.app._exit and self.app.return_code == 0


async def reading(ui: Ui) -> None:
    """A visitor with something on the screen, for ever."""
    await ui.read(Report("report", "visit", (), "SECRET", "close"))
    await asyncio.Event().wait()


@asynccontextmanager
async def kiosk(
    directory: Path, flow: Callable[[Ui], Awaitable[object]] = reading, window: Window | None = None, **more: Any
) -> AsyncIterator[Kiosk]:
    if not (directory / "secret").exists():
        keep_secret(directory / "secret", WORD.encode())
    there: list[Kiosk] = []
    window = window or Window()
    app = KioskApp(
        scripted.profile(),
        flow,
        server(window),
        secret=AdminSecret(directory / "secret", directory / "attempts", lambda: there[0].now if there else 0.0),
        idle=60,
        countdown=10,
        monotonic=lambda: there[0].now if there else 0.0,
        clock=still(),
        reports=directory,
        **more,
    )
    async with app.run_test(size=(80, 24)) as pilot:
        there.append(Kiosk(app, pilot))
        there[0].window = window
        await pilot.pause()
        yield there[0]
