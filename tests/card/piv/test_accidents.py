"""Cards pulled, swapped, reset, silent or talking nonsense: a true message each time, and never a try that nobody entered."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ebid_tui.card.interface import CardSession
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.demo.virtual_reader import Accident, VirtualReader
from ebid_tui.errors import (
    CardBusy,
    CardChanged,
    CardError,
    CardGarbled,
    CardMute,
    CardRefused,
    CardRemoved,
    CardReset,
    NoCard,
    NoReader,
    WrongPin,
)
from tests.card.plastic import CertificateAuthority, pin
from tests.patience import long

Step = Callable[[CardSession], Awaitable[object]]


async def registration(worker: CardWorker, before: Callable[[str], None] = lambda step: None) -> None:
    """The card's part of a registration."""
    session = await worker.open()
    before("tries")
    await session.tries_left()
    before("pin")
    await session.verify(pin())
    before("sign")
    await session.sign(b"sign-in")
    before("statement")
    await session.sign(b"statement")
    before("close")
    await session.close()


async def outcome(work: Awaitable[object]) -> CardError | None:
    """What went wrong, if anything did."""
    try:
        await work
    except CardError as error:
        return error
    return None


APDUS, LOGOUT = 10, 9
GARBAGE: list[bytes] = [
    b"",
    b"\x90",
    b"\x12\x34",
    b"\x00\x00",
    b"\x53\x84\xff\xff\x90\x00",
    b"\x7c\x02\x82\x20\x90\x00",
    bytes(70000) + b"\x90\x00",
]


async def test_the_registration_has_as_many_apdus_as_the_tests_below_assume(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    reader.insert(ca.card())
    await registration(worker)
    assert worker.trace.count == APDUS


@pytest.mark.parametrize("at", range(APDUS))
@pytest.mark.parametrize("what", ["remove", "reset", "mute", *GARBAGE], ids=lambda w: w if isinstance(w, str) else f"{len(w)}-bytes")
async def test_an_accident_at_any_apdu(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, at: int, what: Accident
) -> None:
    card = ca.card()
    reader.insert(card)
    reader.accident(at, what)
    error = await outcome(registration(worker))
    if error is not None:
        assert error.title
        assert error.remedy
    if what == "remove":
        # Logging out of a card that is gone is no error.
        assert isinstance(error, CardRemoved) or (error is None and at >= LOGOUT)
    elif what in ("reset", "mute"):
        # Extended APDUs that stay unanswered are tried again as short ones, and a reset while recognising looks again.
        assert error is None or isinstance(error, CardReset | CardMute)
    else:
        # Garbage may pass for "no such application", or for an application that refuses the card.
        assert error is None or isinstance(error, CardGarbled | CardMute | CardReset | CardRefused)
    assert card.tries_left == 3
    reader.insert(card)
    await registration(worker)


@pytest.mark.parametrize("step", ["tries", "pin", "sign", "statement"])
async def test_pulled_before_a_step(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, step: str) -> None:
    reader.insert(ca.card())
    with pytest.raises(CardRemoved):
        await registration(worker, lambda now: reader.remove() if now == step else None)
    with pytest.raises(NoCard):
        await worker.open()


async def test_pulled_at_the_pin_is_a_removal_and_says_that_only_the_counter_knows(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    reader.accident(1, "remove")
    entered = pin()
    with pytest.raises(CardRemoved) as removed:
        await session.verify(entered)
    assert removed.value.code == "E-CARD-REMOVED-PIN"
    assert len(entered) == 0
    assert not session.alive


@pytest.mark.parametrize(
    "step", [lambda s: s.tries_left(), lambda s: s.verify(pin()), lambda s: s.sign(b"x")], ids=["tries", "pin", "sign"]
)
async def test_another_card_between_two_steps_never_gets_anything(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, step: Step
) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    other = ca.card(owner="other")
    reader.insert(other)
    with pytest.raises(CardChanged):
        await step(session)
    assert not session.alive
    assert other.tries_left == 3
    assert not [h for h in worker.trace.headers() if h.startswith("0020")]


async def test_a_my_number_card_instead_is_another_card(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    reader.insert(VirtualCard({}, aids=(bytes.fromhex("D392F000260100000001"),)))
    with pytest.raises(CardChanged):
        await session.verify(pin())


async def test_the_same_card_taken_out_and_put_back_is_a_removal(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    card = ca.card()
    reader.insert(card)
    session = await worker.open()
    await session.verify(pin())
    reader.insert(card)
    for _ in range(2):
        with pytest.raises(CardRemoved):
            await session.sign(b"x")
    again = await worker.open()
    assert again.fingerprint == session.fingerprint


async def test_a_reset_by_another_program_wants_the_pin_again_and_costs_no_try(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    card = ca.card()
    reader.insert(card)
    session = await worker.open()
    await session.verify(pin())
    reader.reset_by_another()
    with pytest.raises(CardReset):
        await session.sign(b"x")
    assert session.alive
    assert await session.tries_left() == 3
    reader.reset_by_another()
    await session.verify(pin())
    assert await session.sign(b"x")


async def test_after_a_reset_the_certificate_is_compared_before_the_pin(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    card, other = ca.card(), ca.card(owner="other")
    reader.insert(card)
    session = await worker.open()
    reader.reset_by_another()
    card.answer = other.answer  # type: ignore[method-assign]
    with pytest.raises(CardChanged):
        await session.verify(pin())
    assert other.tries_left == 3


@pytest.mark.parametrize("doubt", ["mute", b"\x12"], ids=["silence", "garbage"])
async def test_after_a_doubtful_answer_the_certificate_is_compared_before_the_pin(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, doubt: Accident
) -> None:
    card, other = ca.card(), ca.card(owner="other")
    reader.insert(card)
    session = await worker.open()
    reader.accident(0, doubt)
    with pytest.raises((CardMute, CardGarbled)):
        await session.tries_left()
    card.answer, same = other.answer, card.answer  # type: ignore[method-assign]
    with pytest.raises(CardChanged):
        await session.verify(pin())
    assert other.tries_left == 3
    card.answer = same  # type: ignore[method-assign]
    again = await worker.open()
    reader.accident(0, doubt)
    with pytest.raises((CardMute, CardGarbled)):
        await again.tries_left()
    await again.verify(pin())


async def test_a_wrong_pin_after_an_accident_is_counted_once(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    card = ca.card()
    reader.insert(card)
    session = await worker.open()
    reader.reset_by_another()
    with pytest.raises(WrongPin):
        await session.verify(pin(b"999999"))
    assert card.tries_left == 2


async def test_no_card(worker: CardWorker) -> None:
    with pytest.raises(NoCard):
        await worker.open()


async def test_no_such_reader(worker: CardWorker) -> None:
    with pytest.raises(NoReader):
        await worker.open("another reader")


async def test_upside_down(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(ca.card(), upside_down=True)
    with pytest.raises(CardMute):
        await worker.open()


async def test_held_by_another_program(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(ca.card())
    reader.hold_by_another()
    with pytest.raises(CardBusy):
        await worker.open()
    reader.hold_by_another(False)
    session = await worker.open()
    reader.hold_by_another()
    with pytest.raises(CardBusy):
        await session.verify(pin())
    reader.hold_by_another(False)
    await session.verify(pin())


# --- what a flow leaves behind


async def stalled(reader: VirtualReader, worker: CardWorker, monkeypatch: pytest.MonkeyPatch, at: int) -> asyncio.Event:
    """From the `at`-th APDU on the card takes its time: the reader holds the card thread until the event is set."""
    loop, go_on = asyncio.get_running_loop(), threading.Event()
    free = asyncio.Event()
    exchange, seen = VirtualReader.exchange, itertools.count()

    def slow(self: VirtualReader, *args: Any) -> bytes:
        if next(seen) == at:
            assert go_on.wait(long())
        return exchange(self, *args)

    async def release() -> None:
        await free.wait()
        go_on.set()

    loop.create_task(release())
    monkeypatch.setattr(VirtualReader, "exchange", slow)
    monkeypatch.setattr(worker, "_deadline", 0.05)
    return free


async def test_letting_go_of_a_card_that_does_not_answer_is_no_error_and_done_later(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = ca.card()
    reader.insert(card)
    session = await worker.open()
    await session.verify(pin())
    free = await stalled(reader, worker, monkeypatch, 0)
    with pytest.raises(CardMute):
        await session.sign(b"x")
    await session.close()
    while_it_stalls = card._verified
    monkeypatch.setattr(worker, "_deadline", 10.0)
    free.set()
    await worker.call(lambda: None)
    assert (while_it_stalls, card._verified) == (True, False)
    assert not worker._sessions


async def test_a_change_of_pin_that_takes_too_long_says_that_nobody_knows(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    free = await stalled(reader, worker, monkeypatch, 1)
    with pytest.raises(CardMute) as silent:
        await session.change_pin(pin(), pin(b"87654321"))
    assert silent.value.code == "E-PIN-CHANGE-UNSURE"
    free.set()


@pytest.mark.parametrize("answer", ["mute", b"", b"\x12\x34", b"\x61\x00"], ids=["silence", "nothing", "nonsense", "more"])
async def test_a_card_that_may_have_taken_the_pin_is_logged_out_of(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, answer: Accident, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It took it, and the answer was lost: nobody else is to find it open."""
    card = ca.card()
    reader.insert(card)
    session = await worker.open()
    reader.accident(1, answer)
    with pytest.raises((CardMute, CardGarbled)):
        await session.verify(pin())
    card._verified = True
    await session.close()
    assert not card._verified
    assert worker.trace.headers()[-1] == "0020ff80"


async def test_verify_answered_with_data_is_not_a_yes(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    reader.accident(1, b"\x7c\x00\x90\x00")
    with pytest.raises(CardGarbled):
        await session.verify(pin())
