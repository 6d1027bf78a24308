"""The app at a kiosk: one visitor, then its process ends. No key leaves it but with the administrator's secret."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from textual import events

from ebid_tui.app import EbidApp, Flow, ReadersChanged
from ebid_tui.domain.systems import Profile
from ebid_tui.errors import EbidError
from ebid_tui.flows.ui import Ui
from ebid_tui.kiosk.keeper import LEAVE
from ebid_tui.kiosk.screens import CountdownOverlay, SecretOverlay, StartScreen
from ebid_tui.kiosk.secret import Secret
from ebid_tui.screens.card import CardScreen

logger = logging.getLogger(__name__)

TICK = 0.25
"""Seconds between looks at the time."""

SIGN_OUT = 2.0
"""Seconds that the server has for the end of a session; afterwards the session ends by its own time limit."""


class KioskApp(EbidApp):
    """`visit` is the visitor's flow, started by a card or a key. `idle` and `countdown` are seconds; `sign_out` ends the session."""

    CLOSING: ClassVar[int] = 0

    def __init__(
        self,
        profile: Profile,
        visit: Flow,
        *,
        secret: Secret,
        idle: float,
        countdown: float,
        sign_out: Callable[[], Awaitable[None]],
        monotonic: Callable[[], float] = time.monotonic,
        **more: Any,
    ) -> None:
        super().__init__(profile, self._one_visit, **more)
        self._visit_flow = visit
        self._secret = secret
        self._idle = idle
        self._countdown = min(countdown, idle)
        self._sign_out = sign_out
        self._monotonic = monotonic
        self._last = monotonic()
        self._present: dict[str, bool] = {}
        self._pulled = False
        self._ended = False
        self.visiting = False
        """Whether somebody is there."""

    async def on_mount(self) -> None:
        self.set_interval(TICK, self.tick)

    async def _one_visit(self, ui: Ui) -> None:
        start = StartScreen(self.office)
        await self.show(start)
        await start.answer
        self._last = self._monotonic()
        self.visiting = True
        await self._visit_flow(ui)
        await self.end_visit()

    # -- what ends a visit

    async def tick(self) -> None:
        """Look whether the visit is over: the card is out, or nobody has pressed a key for long. Work is never cut (R-02)."""
        now = self._monotonic()
        if self._layers.work.going:
            self._last = now
            return
        if self._pulled:
            await self.end_visit()
            return
        left = self._idle - (now - self._last)
        asked = isinstance(self.screen, SecretOverlay)
        if not self.visiting and not asked:
            return
        if left <= 0:
            await self.end_visit()
        elif left <= self._countdown and self.visiting and not asked:
            seconds = int(-(-left // 1))
            if isinstance(self.screen, CountdownOverlay):
                self.screen.say(seconds)
            else:
                self.push_screen(CountdownOverlay(self.office, seconds))

    def on_readers_changed(self, message: ReadersChanged) -> None:
        """A card taken out ends the visit, but not where a card is asked for: there the person swaps it (R-08)."""
        now = {reader.name: reader.present for reader in message.readers}
        if self.visiting and any(self._present.values()) and not any(now.values()):
            self._pulled = not any(isinstance(screen, CardScreen) for screen in self.screen_stack)
        elif any(now.values()) and not any(self._present.values()):
            self._last = self._monotonic()
        self._present = now

    async def end_visit(self) -> None:
        """Forget everything, end the server's session, and end this process: the next visitor gets another one."""
        if self._ended:
            return
        self._ended = True
        self.voice.forget()
        try:
            await asyncio.wait_for(self._sign_out(), SIGN_OUT)
        except (EbidError, TimeoutError) as error:
            logger.info("sign-out: %s", type(error).__name__)
        self.exit(return_code=self.CLOSING)

    # -- keys

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            self._last = self._monotonic()
            if self._ended:
                return
            if isinstance(self.screen, CountdownOverlay):
                self.pop_screen()  # the key says that somebody is there, and nothing else
                return
        await super().on_event(event)

    def action_ask_quit(self) -> None:
        """Only the administrator ends a kiosk."""
        if not self._layers.work.going and not isinstance(self.screen, SecretOverlay):
            self.push_screen(SecretOverlay(self.office, self._secret, lambda: self.exit(return_code=LEAVE)))
