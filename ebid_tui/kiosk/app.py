"""The app at a kiosk: one visitor, then its process ends. No key leaves it but with the administrator's secret."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import msgspec
from textual import events

from ebid_tui.app import EbidApp, Flow, ReadersChanged
from ebid_tui.client.interface import Server
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import CardRemoved, EbidError
from ebid_tui.flows.ui import Ui
from ebid_tui.kiosk import opening
from ebid_tui.kiosk.admin_secret import AdminSecret
from ebid_tui.kiosk.keeper import LEAVE
from ebid_tui.kiosk.opening import OpeningWatch
from ebid_tui.kiosk.screens import CountdownOverlay, EndOverlay, SecretOverlay
from ebid_tui.kiosk.start import StartScreen
from ebid_tui.kiosk.visitor_cards import VisitorCards
from ebid_tui.messages import t
from ebid_tui.screens.card import CardScreen
from ebid_tui.screens.done import DoneScreen
from ebid_tui.terminal.screen_parts import ended

logger = logging.getLogger(__name__)

TICK = 0.25
"""Seconds between looks at the time."""

SIGN_OUT = 2.0
"""Seconds that the server has for the end of a session; afterwards the session ends by its own time limit."""

PRINTING = 60.0
"""Seconds that a print server has for taking a receipt, when the visitor has gone."""


class KioskApp(EbidApp):
    """`visit` is the visitor's flow, started by a card or a key when `server` is there and open. `idle`, `countdown`: seconds."""

    CLOSING: ClassVar[int] = 0

    def __init__(
        self,
        profile: Profile,
        visit: Flow,
        server: Server,
        *,
        secret: AdminSecret,
        idle: float,
        countdown: float,
        monotonic: Callable[[], float] = time.monotonic,
        **more: Any,
    ) -> None:
        super().__init__(profile, self._one_visit, **more)
        self.office = msgspec.structs.replace(self.office, quit=False)
        self._visit_flow = visit
        self._server = server
        self._secret = secret
        self._idle = idle
        self._countdown = min(countdown, idle)
        self._monotonic = monotonic
        self._last = monotonic()
        self._here = VisitorCards()
        self._pulled = False
        self._pulled_at = 0.0
        self._worked = False
        self._end: asyncio.Task[None] | None = None
        self._start: StartScreen | None = None
        self.visiting = False
        """Whether somebody is there."""

    async def on_mount(self) -> None:
        self.set_interval(TICK, self.tick)

    async def _one_visit(self, ui: Ui) -> None:
        self._start = StartScreen(self.office, self.readers)
        await self.show(self._start)
        asking = self.run_worker(opening.watch(self._server, self.office.profile, self), name="door", group="door")
        await self._start.answer
        asking.cancel()
        self._last = self._monotonic()
        self._here.begin()
        self.visiting = True
        await self._visit_flow(ui)
        await asyncio.shield(self.end_visit())  # which ends this flow before it ends itself

    def door_told(self, now: OpeningWatch) -> None:
        """Whether the server is there, and open."""
        if self._start is not None:
            self._start.door_told(now)

    # -- what ends a visit

    def tick(self) -> None:
        """Look whether the visit is over: the card is out, or nobody has pressed a key for long. Work is never cut (R-02)."""
        now = self._monotonic()
        if self._end is not None:
            return
        if self._layers.work.going:
            self._last, self._worked = now, True
            return
        if self._worked:
            self._worked = False  # what comes of the work is shown first
            return
        if self._pulled:
            self._pulled = False
            self._without_a_card(now)
            return
        left = self._idle - (now - self._last)
        asked = bool(self.screen_stack) and isinstance(self.screen, SecretOverlay)  # none is left while the app ends
        if not self.visiting and not asked:
            return
        if left <= 0:
            self.end_visit()
        else:
            self._count_down(left)

    def _without_a_card(self, now: float) -> None:
        """The visitor goes. Who took the card out while the last work was going on has not seen the receipt: it stays a moment."""
        done = next((screen for screen in self.screen_stack if isinstance(screen, DoneScreen)), None)
        if done is None or done.seen_at < self._pulled_at:
            self.end_visit()
        else:
            self._last = now - self._idle + self._countdown

    def _count_down(self, left: float) -> None:
        if isinstance(self.screen, CountdownOverlay):
            if left > self._countdown:
                self.pop_screen()
            else:
                self.screen.say(_whole(left))
        elif left <= self._countdown and self.visiting and not self._layers.too_small and not isinstance(self.screen, SecretOverlay):
            self.push_screen(CountdownOverlay(self.office, _whole(left)))

    def on_readers_changed(self, message: ReadersChanged) -> None:
        """A card taken out ends the visit, but not where a card is asked for: there the person swaps it (R-08)."""
        came, left = self._here.told(message.readers)
        if self.visiting and left:
            self._pulled = not any(_swaps(screen) for screen in self.screen_stack)
            self._pulled_at = time.monotonic()
        if came:
            self._last = self._monotonic()

    def end_visit(self) -> asyncio.Task[None]:
        """R-21: print what was to be printed, end the session, forget everything, end this process: the next visitor has another."""
        if self._end is None:
            self._end = asyncio.create_task(self._ending())
        return self._end

    async def _ending(self) -> None:
        try:
            await self._last_things()
        finally:
            self.exit(return_code=self.CLOSING)

    async def _last_things(self) -> None:
        printout = self.voice.printout
        printing = printout is not None and printout.busy
        await self.push_screen(EndOverlay(self.office, t("kiosk.end.printing" if printing else "kiosk.end.wiping")))
        if printout is not None and printing:
            await _within(PRINTING, printout.sent())
        await _within(SIGN_OUT, self._flow_ended())
        await _within(SIGN_OUT, self._server.sign_out())
        self.voice.forget()

    async def _flow_ended(self) -> None:
        """The flow lets go of the card, of the session, and of what was typed."""
        flows = [worker for worker in self.workers if worker.group == "flow"]
        for worker in flows:
            worker.cancel()
        await ended(flows)

    # -- keys

    async def take(self, event: events.Key | events.Paste) -> None:
        self._last = self._monotonic()
        if self._end is not None:
            return
        if isinstance(self.screen, CountdownOverlay):
            self.pop_screen()  # the key says that somebody is there, and nothing else
            return
        await super().take(event)

    def action_ask_quit(self) -> None:
        """Only the administrator ends a kiosk."""
        if not self._layers.work.going and not self._layers.too_small and not isinstance(self.screen, SecretOverlay):
            self.push_screen(SecretOverlay(self.office, self._secret, lambda: self.exit(return_code=LEAVE)))


async def _within(seconds: float, last: Awaitable[None]) -> None:
    """One of the last things; the others do not wait for it longer than this."""
    try:
        await asyncio.wait_for(last, seconds)
    except (EbidError, TimeoutError) as error:
        logger.info("the end of a visit: %s", type(error).__name__)


def _swaps(screen: object) -> bool:
    """Whether a card is asked for in the place of the one that is in. After a removal that is noticed late, none is."""
    return isinstance(screen, CardScreen) and not isinstance(screen.request.problem, CardRemoved)


def _whole(seconds: float) -> int:
    return int(-(-seconds // 1))
