"""Runs the desk's app headless against a server, and types into it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from ebid_tui.client.desk import DeskServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.commands.desk_app import DeskApp
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.flows.desk.session import DeskState, SignInWay
from ebid_tui.flows.desk.visit import desk_visit
from ebid_tui.screens.base import Step
from tests.patience import long
from tests.screens.plastic import Hand
from tests.screens.stage import Stage, still
from tests.server.operating import PASSWORD, SYSTEM, Clerk
from tests.server.running_server import ORIGIN, Running

PATIENCE = long()
"""Seconds: a slow machine is waited for."""


class Counter(Stage):
    """An operator's screen. `clerk` knows the codes of the authenticator app."""

    def __init__(self, app: DeskApp, pilot: Any, clerk: Clerk, state: DeskState, ended: list[bool]) -> None:
        super().__init__(app, pilot)
        self.clerk, self.state, self.ended = clerk, state, ended

    async def until(self, *texts: str) -> str:
        """Wait until the screen shows all of these and has been seen; returns it."""
        shown = ""

        def there() -> bool:
            nonlocal shown
            shown = self.text()
            screen = self.app.screen
            seen = not isinstance(screen, Step) or (screen.seen_at < float("inf") and not screen.answered)
            return seen and all(text in shown for text in texts)

        await self.came(there, f"{texts} did not come")
        return shown

    async def came(self, true: Callable[[], object], what: str = "it did not come") -> None:
        """Wait until something is so."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, f"{what}:\n{self.text()}"
            await asyncio.sleep(0.005)

    async def sign_in(self) -> str:
        """As a person does, with password and code; nothing where that was done before."""
        if self.state.who is not None:
            return await self.until("検索・閲覧・操作は", "調べ方")
        await self.until("ログインの方法")
        await self.press("1")
        await self.until("職員ID", "認証コード")
        for text in (self.clerk.name, PASSWORD, self.clerk.code()):
            await self.press("ctrl+u")
            await self.type(text)
            await self.press("enter")
        return await self.until("検索・閲覧・操作は", "調べ方")

    async def search(self, text: str, *expected: str) -> str:
        """Type into the search, and wait for what it finds."""
        await self.press("ctrl+u")
        await self.type(text)
        return await self.until(*expected)


@asynccontextmanager
async def counter(
    server: Running,
    name: str = "desk",
    *,
    desk: Any = None,
    size: tuple[int, int] = (80, 24),
    used: int = 0,
    signed_in: bool = True,
    cards: Any = None,
    outlet: Any = None,
) -> AsyncIterator[Counter]:
    """The desk's app, until the block ends. `used`: codes up to this step were used before."""
    clerk, state, ended = Clerk(server, name), DeskState(), []
    clerk.used = used
    client = desk or DeskServer(ServerAddress(ORIGIN, ORIGIN, server.socket, (ORIGIN,)))
    if signed_in:
        state.who, state.method = await client.sign_in(SYSTEM, name, PASSWORD, clerk.code()), SignInWay.PASSWORD
    hand = cards or Hand()

    async def flow(ui: Any) -> None:
        ended.append(await desk_visit(ui, client, hand, profile_of(SYSTEM), state, training=True))

    app = DeskApp(profile_of(SYSTEM), flow, clock=still(), cards=cards, outlet=outlet)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Counter(app, pilot, clerk, state, ended)
