"""The card thread: readers and events, giving up, stopping, and never dying."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from ebid_tui.card.interface import Cards, ReaderState
from ebid_tui.card.trace import ApduTrace
from ebid_tui.card.transport import ReaderSlot
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import JPKI_AID, VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.errors import CardChanged, CardError, CardMute, CardRefused, CardRemoved, SeveralCards
from tests.card.plastic import CertificateAuthority, pin
from tests.card.readers_seen import settled
from tests.patience import long, wait_until


class SlowCard:
    """A card that answers only when it is let."""

    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.atr = card.atr
        self.go = threading.Event()
        self.go.set()
        self.asked = threading.Event()

    def reset(self) -> None:
        self.card.reset()

    def answer(self, apdu: bytes) -> bytes:
        self.asked.set()
        self.go.wait(long())
        return self.card.answer(apdu)


@pytest.fixture
def slow(ca: CertificateAuthority, reader: VirtualReader) -> Iterator[SlowCard]:
    card = SlowCard(ca.card())
    reader.insert(card)
    yield card
    card.go.set()


def test_it_is_what_the_flows_know(worker: CardWorker) -> None:
    cards: Cards = worker
    assert cards is worker


async def test_insertion_and_removal_are_told(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    await settled(worker, False)
    seen: list[tuple[ReaderState, ...]] = []
    unwatch = worker.watch(seen.append)
    reader.insert(ca.card())
    await settled(worker, True)
    reader.remove()
    await settled(worker, False)
    unwatch()
    reader.insert(ca.card())
    await settled(worker, True)
    name = reader.name
    assert seen == [(ReaderState(name, True),), (ReaderState(name, False),)]


async def test_a_swap_between_two_looks_ends_the_session_and_is_told(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    told = threading.Event()
    worker.watch(lambda readers: told.set())
    reader.insert(ca.card(owner="other"))
    assert told.wait(long())
    assert not session.alive
    assert worker.readers() == (ReaderState(reader.name, True),)


def fails(readers: tuple[ReaderState, ...]) -> None:
    raise ZeroDivisionError


async def test_a_listener_that_fails_harms_nobody(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    await settled(worker, False)
    seen = threading.Event()
    worker.watch(fails)
    worker.watch(lambda readers: seen.set())
    reader.insert(ca.card())
    assert seen.wait(long())
    assert (await worker.open()).alive


async def test_two_readers_two_sessions(ca: CertificateAuthority) -> None:
    left, right = VirtualReader("left"), VirtualReader("right")
    left.insert(ca.card(owner="current"))
    right.insert(ca.card(owner="next"))
    worker = CardWorker(left, right)
    worker.start()
    current, following = await worker.open("left"), await worker.open("right")
    assert current.fingerprint != following.fingerprint
    await current.verify(pin())
    left.remove()
    await settled(worker, False, True)
    assert (current.alive, following.alive) == (False, True)
    worker.stop()


async def test_of_several_cards_none_is_taken_that_was_not_named(ca: CertificateAuthority) -> None:
    left, right = VirtualReader("left"), VirtualReader("right")
    left.insert(VirtualCard({}, aids=(JPKI_AID,)))
    worker = CardWorker(left, right)
    worker.start()
    with pytest.raises(CardRefused):
        await worker.open()
    right.insert(ca.card())
    with pytest.raises(SeveralCards):
        await worker.open()
    session = await worker.open("right")
    assert (await worker.open(fingerprint=session.fingerprint)).reader == "right"
    assert (await worker.open(beside="left")).reader == "right"
    right.insert(VirtualCard({0x9A: ca.slot("p256"), 0x9C: ca.slot("p256", owner="other")}))
    with pytest.raises(CardChanged):  # of its certificates none is asked about: neither is the one that is wanted
        await worker.open("right", fingerprint="00")
    worker.stop()


async def test_the_loop_is_free_while_the_card_works(slow: SlowCard, worker: CardWorker) -> None:
    slow.go.clear()
    opening = asyncio.create_task(worker.open())
    await asyncio.sleep(0.02)
    assert not opening.done()
    slow.go.set()
    assert (await opening).alive


async def test_an_entry_given_up_before_its_turn_is_never_sent_and_wiped(slow: SlowCard, worker: CardWorker) -> None:
    session = await worker.open()
    slow.go.clear()
    slow.asked.clear()
    waiting = asyncio.create_task(session.tries_left())
    await asyncio.to_thread(slow.asked.wait, long())
    entered = pin()
    entry = asyncio.create_task(session.verify(entered))
    await asyncio.sleep(0)
    entry.cancel()
    slow.go.set()
    assert await waiting == 3
    assert await session.tries_left() == 3
    assert len(entered) == 0
    assert not [e for e in worker.trace.exchanges if e.header[1] == 0x20 and e.sent]


async def test_an_entry_given_up_while_the_card_is_being_selected_is_not_sent(slow: SlowCard, worker: CardWorker) -> None:
    session = await worker.open()
    slow.go.clear()
    slow.asked.clear()
    entered = pin()
    entry = asyncio.create_task(session.verify(entered))
    await asyncio.to_thread(slow.asked.wait, long())
    entry.cancel()
    await asyncio.sleep(0)
    slow.go.set()
    assert await session.tries_left() == 3
    assert len(entered) == 0
    assert not [e for e in worker.trace.exchanges if e.header[1] == 0x20 and e.sent]


async def test_a_session_nobody_waits_for_any_more_is_closed(slow: SlowCard, worker: CardWorker) -> None:
    slow.go.clear()
    slow.asked.clear()
    opening = asyncio.create_task(worker.open())
    await asyncio.to_thread(slow.asked.wait, long())
    opening.cancel()
    await asyncio.sleep(0)
    slow.go.set()
    session = await worker.open()
    await session.close()
    assert not worker._sessions


async def test_a_card_that_stalls_is_told_of_in_time_and_its_thread_goes_on(slow: SlowCard, reader: VirtualReader) -> None:
    worker = CardWorker(reader, deadline=0.1)
    worker.start()
    session = await worker.open()
    slow.go.clear()
    entered = pin()
    waiting = asyncio.create_task(session.tries_left())
    await asyncio.sleep(0)
    with pytest.raises(CardMute):
        await session.verify(entered)
    with pytest.raises(CardMute):
        await waiting
    slow.go.set()
    assert await session.tries_left() == 3
    assert len(entered) == 0
    worker.stop()


async def test_an_unexpected_error_goes_to_its_caller_and_the_thread_lives(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    card = ca.card()
    reader.insert(card)
    whole = card.answer
    card.answer = lambda apdu: 1 // 0  # type: ignore[method-assign,assignment,return-value]
    with pytest.raises(CardError) as error:
        await worker.open()
    assert error.value.code == "E-CARD"
    card.answer = whole  # type: ignore[method-assign]
    assert (await worker.open()).alive


class BrokenReader(VirtualReader):
    """Its watch fails once."""

    failed = False

    def watch(self, seen: tuple[ReaderSlot, ...] | None) -> tuple[ReaderSlot, ...]:
        if not self.failed:
            self.failed = True
            raise RuntimeError("broken")
        return super().watch(seen)


async def test_a_watch_that_fails_is_taken_up_again(ca: CertificateAuthority) -> None:
    reader = BrokenReader("broken")
    worker = CardWorker(reader)
    worker.start()
    reader.insert(ca.card())
    await settled(worker, True)
    worker.stop()


def test_stop_leaves_no_thread_and_nobody_logged_in(ca: CertificateAuthority, reader: VirtualReader) -> None:
    card = ca.card()
    reader.insert(card)
    worker = CardWorker(reader)
    worker.start()

    async def signed_in() -> None:
        session = await worker.open()
        await session.verify(pin())

    asyncio.run(signed_in())
    worker.stop()
    wait_until(lambda: not any(thread.is_alive() for thread in worker._threads))
    assert card.answer(bytes.fromhex("00200080")) == b"\x63\xc3", "still logged in"


async def test_stop_does_not_wait_for_a_card_that_stalls(slow: SlowCard, worker: CardWorker) -> None:
    slow.go.clear()
    slow.asked.clear()
    opening = asyncio.create_task(worker.open())
    await asyncio.to_thread(slow.asked.wait, long())
    entered = pin()
    worker.stop()
    assert any(thread.is_alive() for thread in worker._threads), "it waited until the card answered"
    with pytest.raises(CardError):
        await worker.open()
    opening.cancel()
    assert len(entered) == 6


async def test_who_still_waits_at_the_end_is_told(slow: SlowCard, worker: CardWorker) -> None:
    session = await worker.open()
    slow.go.clear()
    slow.asked.clear()
    first = asyncio.create_task(session.tries_left())
    await asyncio.to_thread(slow.asked.wait, long())
    entered = pin()
    second = asyncio.create_task(session.verify(entered))
    await asyncio.sleep(0)
    worker.stop()
    slow.go.set()
    assert await first == 3
    with pytest.raises(CardError):
        await second
    assert len(entered) == 0


async def test_not_started(reader: VirtualReader) -> None:
    with pytest.raises(CardError):
        await CardWorker(reader).open()


async def test_a_shared_trace_counts_for_benchmarks(ca: CertificateAuthority, reader: VirtualReader) -> None:
    trace = ApduTrace(kept=2)
    worker = CardWorker(reader, trace=trace)
    worker.start()
    reader.insert(ca.card())
    await worker.open()
    assert (trace.count, len(trace.exchanges)) == (4, 2)
    worker.stop()


async def test_sessions_of_one_loop_serve_another(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    assert await asyncio.to_thread(lambda: asyncio.run(session.tries_left())) == 3
    reader.remove()
    with pytest.raises(CardRemoved):
        await session.tries_left()


def test_importing_it_costs_the_first_frame_no_library() -> None:
    code = (
        "import sys, ebid_tui.card.worker, ebid_tui.card.pcsc.readers; print({'cryptography', 'smartcard', 'textual'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_what_is_logged_stays_off_the_screen() -> None:
    code = "import logging, ebid_tui.card; logging.getLogger('ebid_tui.card.worker').error('seen')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""
