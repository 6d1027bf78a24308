"""Readers, the card thread and the client for all accidents of one flow; everything is held to account after each."""

from __future__ import annotations

import asyncio
import logging
from functools import cache
from typing import Any

from ebid_tui.card.worker import CardWorker
from ebid_tui.client.api import HttpServer
from ebid_tui.demo import cards as demo_cards
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.domain.records import Receipt
from ebid_tui.flows.ui import Done
from tests.accidents.counter import Counter
from tests.accidents.kinds import Kind
from tests.accidents.person import Person
from tests.accidents.reader import TroubledReader, carries_a_pin
from tests.accidents.ways import Way
from tests.flows.script import outcome
from tests.patience import long

MOST_BEGINNINGS = 4


class Faults(logging.Handler):
    """What a log would show at ERROR or above."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


class Stage:
    """Readers, the card thread, the client: made once for all accidents of one flow, and held to account after each."""

    def __init__(self, way: Way, wallet: demo_cards.Wallet, counter: Counter, faults: Faults) -> None:
        self.way, self.counter, self.faults = way, counter, faults
        self.readers = tuple(TroubledReader(f"Reader {n}") for n in range(way.readers))
        self.worker = CardWorker(*self.readers)
        self.client: HttpServer = counter.server.client()
        self._wallet = wallet
        self._patience()
        self.worker.start()
        self._loop = asyncio.get_running_loop()
        for reader in self.readers:
            reader.when_stalled, reader.when_over = self._no_patience, self._patience

    def _no_patience(self) -> None:
        """Time passes: the call that waits for the stalled card has waited long enough, and so has every one until it is over.

        Nothing can be answered meanwhile, so that it does not matter how short this is.
        """
        self.worker._deadline = 0.02
        job = self.worker._job
        if job is not None:
            self._loop.call_soon_threadsafe(job.expire)

    def _patience(self) -> None:
        """Whatever is called from now on may take the time it takes."""
        self.worker._deadline = long()

    def _calm(self) -> None:
        for reader in self.readers:
            reader.let_go()

    def card(self, name: str, slots: tuple[int, ...] = (0x9A, 0x9C)) -> VirtualCard:
        """A fresh card: no try spent, its own PIN."""
        plastic = _plastic(self._wallet, name)
        return VirtualCard({s: k for s, k in plastic.slots.items() if s in slots}, tries=3, aids=plastic.aids)

    async def prepared(self) -> None:
        """What was done before the flow."""
        if self.way.before is not None:
            person = Person(self.way, None, self.readers, [], None)
            assert isinstance(await self.way.before(person, self.worker, self.client, self.way.place), Receipt)

    async def once(self, kind: Kind | None, reader: int = 0, at: int = 0, *, inserted: bool = False) -> Person:
        """The flow with this accident, started over as often as the person is sent back; then everything is looked at."""
        for each in self.readers:
            each.clear()
        own = [self.card(name, self.way.slots) for name in self.way.cards]
        if inserted:
            self.readers[0].insert(own[0])
        other = self.card(kind.other or kind.first) if kind and (kind.other or kind.first) else None
        if kind is not None:
            self.readers[reader].order(at, kind.happening, other)
        person = Person(self.way, kind, self.readers, own, other)
        before = self.counter.contents()
        result: Any = None
        for _ in range(MOST_BEGINNINGS):
            result = await asyncio.wait_for(outcome(self.way.run(person, self.worker, self.client, self.way.place)), long())
            if self.way.reached(result):
                break
            assert not person.asked(Done), "a receipt was shown and the flow went on"
            assert self.counter.contents() == before, "the server was changed and no receipt was shown"
            person.forget()
        self._calm()
        await self.worker.call(lambda: None)  # behind what was late: a logout that stalled is done, too
        assert self.way.reached(result), f"it ended with {result}"
        await self._server(person, result, before)
        logging_out = self.readers[reader].hit[1:3] == b"\x20\xff"
        self._tries(person, own, other, lied=logging_out and kind is not None and kind.name == "bare-ok")
        self._messages(person, kind, self.readers[reader])
        await self._afterwards(person)
        return person

    async def left(self, kind: Kind, reader: int, at: int) -> None:
        """The flow with this accident, and a person who leaves after it: nothing is changed, nothing stays open."""
        for each in self.readers:
            each.clear()
        own = [self.card(name, self.way.slots) for name in self.way.cards]
        self.readers[reader].order(at, kind.happening)
        person = Person(self.way, kind, self.readers, own, None)
        person.gives_up = True
        before = self.counter.contents()
        result = await asyncio.wait_for(outcome(self.way.run(person, self.worker, self.client, self.way.place)), long())
        self._calm()
        if person.asked(Done):
            self.counter.restore()
            await self.prepared()
        else:
            assert self.counter.contents() == before, "the server was changed and no receipt was shown"
            assert not isinstance(result, Receipt)
        await self.worker.call(lambda: None)
        self._tries(person, own, None, lied=False)
        self._messages(person, kind, self.readers[reader])
        await self._afterwards(person)

    async def _server(self, person: Person, result: Any, before: dict[str, list[Any]]) -> None:
        after = self.counter.contents()
        if not self.way.writes:
            assert after == before
            return
        (done,) = person.asked(Done)
        assert done.receipt == result
        new = {name: len(rows) - len(before[name]) for name, rows in after.items()}
        assert new["evidence"] == 1, "registered more than once"
        self.counter.restore()
        await self.prepared()

    def _tries(self, person: Person, own: list[VirtualCard], other: VirtualCard | None, *, lied: bool) -> None:
        for card in own:
            sent = sum(reader.pins.get(id(card), 0) for reader in self.readers)
            entered = person.entered.get(id(card), 0)
            assert sent <= entered, f"{sent} PINs were sent, {entered} entered"
            assert card.tries_left + person.wrong >= 3, "a try is gone"
            assert not card._verified or lied, "the card was not logged out"
        if other is not None:
            assert not any(reader.pins.get(id(other)) for reader in self.readers), "another card got a PIN"
        assert not any(any(pin._buffer) for pin in person.given), "a PIN was not wiped"

    def _messages(self, person: Person, kind: Kind | None, reader: TroubledReader) -> None:
        told = {error.code for error in person.told}
        if self.way.typo or "E-PIN-CHANGE-UNSURE" in told:
            told.discard("E-WRONG-PIN")
        if kind is None:
            assert told == set()
            return
        assert told <= kind.codes, f"told {sorted(told)}"
        assert all(error.title and error.remedy for error in person.told)
        pin = bool(reader.hit) and carries_a_pin(reader.hit)
        if "E-CARD-REMOVED-PIN" in told:
            assert pin, "no PIN was under way"
        if "E-CARD-REMOVED" in told:
            assert not pin, "told that no try was spent; nobody knows"
        if "E-PIN-CHANGE-UNSURE" in told:
            assert reader.hit[1] == 0x24, "no change was under way"
        elif pin and reader.hit[1] == 0x24 and not (told and kind.name == "reset"):
            assert not told, f"told {sorted(told)}, and not that the PIN may have changed"

    async def _afterwards(self, person: Person) -> None:
        assert await asyncio.wait_for(self.worker.call(lambda: 5), long()) == 5
        assert not self.worker._sessions, "a session is left"
        assert person.busy_now == 0
        assert not self.faults.found, self.faults.found

    def give_up(self) -> None:
        """After something went wrong: end what can be ended."""
        self._calm()
        self.worker.stop()

    def close(self) -> None:
        """End, and see that nothing hangs."""
        self._calm()
        self.worker.stop()
        for thread in self.worker._threads:
            thread.join(long())
        assert not any(thread.is_alive() for thread in self.worker._threads), "a thread hangs"


@cache
def _plastic(wallet: demo_cards.Wallet, name: str) -> VirtualCard:
    return demo_cards.make_virtual(wallet, name)
