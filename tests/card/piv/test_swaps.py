"""Another card in the place of the right one at each critical moment, and other programs at the same card, through a real `pcscd`.

What never happens: a PIN at a card that is not the session's, a try that nobody spent, a signature by another card.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from smartcard import scard

from ebid_tui.card.worker import CardWorker
from ebid_tui.errors import CardBusy, CardChanged, CardError, CardMute, CardRemoved, CardReset, NoCard, SeveralCards
from tests.card.pcsc.test_pcscd import OtherProgram
from tests.card.pcscd import CardProcess, PrivatePcscd
from tests.card.plastic import CertificateAuthority, pin
from tests.card.readers_seen import inserted, settled
from tests.card.vpcd import save_cards
from tests.clock import NOW

pytestmark = pytest.mark.pcscd

WRONG = b"999999"
Step = Callable[[Any], Awaitable[object]]


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    ca = CertificateAuthority(now=NOW)
    cards = {"ec": {0x9A: ca.slot("p256")}, "other": {0x9A: ca.slot("p256", owner="other")}}
    return save_cards(tmp_path_factory.mktemp("cards"), cards)


@pytest.fixture
def cards(pcscd: PrivatePcscd, stock: dict[str, Path]) -> Iterator[CardProcess]:
    with CardProcess(pcscd.ports[0], stock) as process:
        yield process


async def nothing(session: Any) -> None:
    """The card has only been recognised."""


async def counter(session: Any) -> None:
    assert await session.tries_left() == 3


async def unlocked(session: Any) -> None:
    await session.verify(pin())


async def signed(session: Any) -> None:
    await session.verify(pin())
    assert await session.sign(b"x")


async def reset_by_another(session: Any) -> None:
    OtherProgram(session.reader).leave(scard.SCARD_RESET_CARD)


async def unlocked_and_reset(session: Any) -> None:
    await session.verify(pin())
    await reset_by_another(session)


BEFORE: tuple[Step, ...] = (nothing, counter, unlocked, signed, reset_by_another, unlocked_and_reset)
AFTER: dict[str, Step] = {
    "tries": lambda session: session.tries_left(),
    "pin": lambda session: session.verify(pin(WRONG)),
    "sign": lambda session: session.sign(b"x"),
}


@pytest.mark.parametrize("speed", ["fast", "slow"])
@pytest.mark.parametrize("then", AFTER)
@pytest.mark.parametrize("before", BEFORE, ids=lambda step: step.__name__)
async def test_a_swap_at_each_moment(pcsc_worker: CardWorker, cards: CardProcess, before: Step, then: str, speed: str) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    await before(session)
    sent = pcsc_worker.trace.count
    if speed == "slow":
        cards.remove()
        await settled(pcsc_worker, False, False)
        cards.insert("other")
        await settled(pcsc_worker, True, False)
    else:
        cards.insert("other")
    for _ in range(2):
        with pytest.raises((CardRemoved, CardChanged, CardMute)) as told:
            await AFTER[then](session)
    if speed == "slow":
        assert isinstance(told.value, CardChanged)
        assert not session.alive
    assert cards.tries_left() == 3
    pins = [exchange for exchange in list(pcsc_worker.trace.exchanges)[sent:] if exchange.header.hex() == "00200080" and exchange.sent]
    assert [exchange for exchange in pins if exchange.sw is not None] == [], "a card other than the session's answered a PIN"
    await settled(pcsc_worker, *((True, False) if speed == "slow" else (False, False)))
    with pytest.raises((CardChanged, NoCard)):
        await pcsc_worker.open(fingerprint=session.fingerprint)


async def test_swapped_in_the_middle_of_the_pin(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    cards.accident(1, "remove")
    with pytest.raises(CardRemoved) as removed:
        await session.verify(pin(WRONG))
    assert removed.value.code == "E-CARD-REMOVED-PIN"
    await settled(pcsc_worker, False, False)
    await inserted(pcsc_worker, cards, "other")
    with pytest.raises(CardChanged):
        await session.verify(pin(WRONG))
    assert cards.tries_left() == 3


async def test_the_same_card_back_in_is_still_a_removal(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    await session.verify(pin())
    cards.remove()
    await settled(pcsc_worker, False, False)
    again = await inserted(pcsc_worker, cards, "ec")
    with pytest.raises(CardRemoved):
        await session.sign(b"x")
    with pytest.raises(CardReset):
        await again.sign(b"x")
    assert again.fingerprint == session.fingerprint


@pytest.mark.parametrize("how", ["disconnect", "reconnect"])
async def test_however_another_program_resets_it_the_pin_is_wanted_again(pcsc_worker: CardWorker, cards: CardProcess, how: str) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    await session.verify(pin())
    other = OtherProgram(session.reader)
    if how == "reconnect":
        result, _ = scard.SCardReconnect(other.card, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_ANY, scard.SCARD_RESET_CARD)
        assert result == 0
        other.leave()
    else:
        other.leave(scard.SCARD_RESET_CARD)
    with pytest.raises(CardReset):
        await session.sign(b"x")
    assert session.alive
    assert await session.tries_left() == 3
    await session.verify(pin())
    assert await session.sign(b"x")
    assert cards.tries_left() == 3


async def test_a_card_that_another_program_unpowers_is_told_as_an_accident_and_costs_no_try(
    pcsc_worker: CardWorker, cards: CardProcess
) -> None:
    """pcsc-lite does not power it up for those who were there before; a virtual card that is spoken to without power falls out."""
    session = await inserted(pcsc_worker, cards, "ec")
    await session.verify(pin())
    OtherProgram(session.reader).leave(scard.SCARD_UNPOWER_CARD)
    for _ in range(2):
        with pytest.raises((CardReset, CardMute, CardRemoved)):
            await session.verify(pin(WRONG))
    assert cards.tries_left() == 3
    await settled(pcsc_worker, False, False)
    again = await inserted(pcsc_worker, cards, "ec")
    await again.verify(pin())
    assert await again.sign(b"x")


async def test_nobody_can_take_the_card_for_himself_while_it_is_in_use_here(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    result, _, _ = scard.SCardConnect(context, session.reader, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_ANY)
    assert result & 0xFFFFFFFF == 0x8010000B
    scard.SCardReleaseContext(context)
    await session.verify(pin())


async def test_a_reader_held_exclusively_does_not_hide_the_other_one(
    pcscd: PrivatePcscd, pcsc_worker: CardWorker, stock: dict[str, Path]
) -> None:
    with CardProcess(pcscd.ports[0], stock) as left, CardProcess(pcscd.ports[1], stock) as right:
        left.insert("ec")
        right.insert("other")
        await settled(pcsc_worker, True, True)
        holder = OtherProgram(pcscd.readers[0], scard.SCARD_SHARE_EXCLUSIVE)
        survey = await pcsc_worker.survey()
        assert survey.silent == (pcscd.readers[0],)
        with pytest.raises(SeveralCards):
            await pcsc_worker.open()
        session = await pcsc_worker.open(pcscd.readers[1])
        with pytest.raises(CardBusy):
            await pcsc_worker.open(pcscd.readers[0])
        holder.leave()
        with pytest.raises(CardError):
            await pcsc_worker.open(pcscd.readers[0], fingerprint=session.fingerprint)
