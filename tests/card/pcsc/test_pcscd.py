"""The card thread through a real `pcscd`: each thing that it was seen to do, met one by one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from smartcard import scard

from ebid_tui.card.pcsc.readers import PcscBackend
from ebid_tui.card.worker import CardWorker
from ebid_tui.errors import CardBusy, CardChanged, CardError, CardMute, CardRefused, CardRemoved, CardReset, NoCard, NoReader, WrongPin
from tests.card.pcscd import CardProcess, PrivatePcscd
from tests.card.plastic import CertificateAuthority, pin
from tests.card.readers_seen import inserted, settled
from tests.card.vpcd import save_card
from tests.clock import NOW
from tests.wallets import of_today

pytestmark = pytest.mark.pcscd

MY_NUMBER = "D392F000260100000001"


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Card directories by name."""
    ca = CertificateAuthority(now=NOW)
    root = tmp_path_factory.mktemp("cards")
    save_card(root / "rsa", {0x9A: ca.slot("rsa2048")})
    save_card(root / "ec", {0x9A: ca.slot("p256")})
    save_card(root / "short", {0x9A: ca.slot("rsa2048", owner="short")}, extended=False)
    save_card(root / "mynumber", {}, aids=[MY_NUMBER])
    return {name: root / name for name in ("rsa", "ec", "short", "mynumber")}


@pytest.fixture
def cards(pcscd: PrivatePcscd, stock: dict[str, Path]) -> Iterator[CardProcess]:
    """Cards for the first slot."""
    with CardProcess(pcscd.ports[0], stock) as process:
        yield process


@pytest.fixture
def odd_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the daemon is going to call its reader: the end of the name would be read backwards."""
    monkeypatch.setattr("tests.card.pcscd.READER", "Virtual\u202e PCD")


def test_a_reader_whose_name_could_not_be_shown_is_left_out(odd_name: None, pcscd: PrivatePcscd) -> None:
    """One is reached by its name and chosen by it: a cleaned name would be another reader's."""
    _, context = scard.SCardEstablishContext(0)
    assert scard.SCardListReaders(context, [])[1] == [f"Virtual\u202e PCD 00 0{n}" for n in range(2)]
    scard.SCardReleaseContext(context)
    backend = PcscBackend()
    assert backend.look() == ()
    backend.close()


class OtherProgram:
    """Another program at the same card."""

    def __init__(self, reader: str, share: int = scard.SCARD_SHARE_SHARED) -> None:
        _, self._context = scard.SCardEstablishContext(0)
        result, self.card, _ = scard.SCardConnect(self._context, reader, share, scard.SCARD_PROTOCOL_ANY)
        assert result == 0, hex(result & 0xFFFFFFFF)

    def leave(self, disposition: int = scard.SCARD_LEAVE_CARD) -> None:
        scard.SCardDisconnect(self.card, disposition)
        scard.SCardReleaseContext(self._context)


@pytest.mark.parametrize("name", ["rsa", "ec"])
async def test_a_registration_in_at_most_ten_apdus(pcsc_worker: CardWorker, cards: CardProcess, name: str) -> None:
    session = await inserted(pcsc_worker, cards, name)
    assert await session.tries_left() == 3
    await session.verify(pin())
    assert await session.sign(b"sign-in")
    assert await session.sign(b"statement")
    await session.close()
    assert pcsc_worker.trace.count == cards.count() <= 10


async def test_a_card_that_knows_short_apdus_only(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    session = await inserted(pcsc_worker, cards, "short")
    await session.verify(pin())
    assert len(await session.sign(b"x")) == 256


async def test_a_wrong_pin_and_one_never_sent(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    with pytest.raises(WrongPin) as wrong:
        await session.verify(pin(b"999999"))
    assert wrong.value.tries_left == 2
    with pytest.raises(CardError):
        await session.verify(pin(b"12345"))
    assert cards.tries_left() == 2


async def test_r23_my_number(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    with pytest.raises(CardRefused) as refused:
        await inserted(pcsc_worker, cards, "mynumber")
    assert refused.value.code == "R-23"
    assert cards.count() == 1


async def test_removal_ends_the_session(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    cards.remove()
    await settled(pcsc_worker, False, False)
    assert not session.alive
    with pytest.raises(CardRemoved):
        await session.sign(b"x")
    with pytest.raises(NoCard):
        await pcsc_worker.open()


@pytest.mark.parametrize(("at", "code"), [(0, "E-CARD-REMOVED"), (1, "E-CARD-REMOVED-PIN")])
async def test_pulled_while_the_pin_is_on_its_way(pcsc_worker: CardWorker, cards: CardProcess, at: int, code: str) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    cards.accident(at, "remove")
    with pytest.raises(CardRemoved) as removed:
        await session.verify(pin())
    assert removed.value.code == code


async def test_swapped_faster_than_the_reader_looks(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    cards.insert("rsa")
    for _ in range(3):
        with pytest.raises((CardRemoved, CardChanged, CardMute)):
            await session.verify(pin(b"999999"))
    assert not session.alive
    assert cards.tries_left() == 3
    await settled(pcsc_worker, False, False)
    other = await inserted(pcsc_worker, cards, "rsa")
    with pytest.raises(CardChanged):
        await session.sign(b"x")
    assert other.algorithm == "RS256"


async def test_reset_by_another_program(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    await session.verify(pin())
    OtherProgram(session.reader).leave(scard.SCARD_RESET_CARD)
    with pytest.raises(CardReset):
        await session.sign(b"x")
    assert await session.tries_left() == 3
    await session.verify(pin())
    assert await session.sign(b"x")


async def test_held_exclusively_by_another_program(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    cards.insert("ec")
    await settled(pcsc_worker, True, False)
    other = OtherProgram(pcsc_worker.readers()[0].name, scard.SCARD_SHARE_EXCLUSIVE)
    with pytest.raises(CardBusy):
        await pcsc_worker.open()
    looks = await pcsc_worker.inspect()
    assert [look and (look.kind, look.reason) for _, look in looks] == [("busy", "E-CARD-BUSY"), None]
    other.leave()
    assert (await pcsc_worker.open()).alive


async def test_another_programs_transaction_is_waited_for_and_then_told(pcscd: PrivatePcscd, cards: CardProcess) -> None:
    worker = CardWorker(PcscBackend(), deadline=0.3)
    worker.start()
    session = await inserted(worker, cards, "ec")
    other = OtherProgram(session.reader)
    assert scard.SCardBeginTransaction(other.card) == 0
    entered = pin(b"999999")
    with pytest.raises(CardBusy):
        await session.verify(entered)
    scard.SCardEndTransaction(other.card, scard.SCARD_LEAVE_CARD)
    other.leave()
    assert await session.tries_left() == 3, "an entry that was given up was sent"
    assert len(entered) == 0
    worker.stop()


async def test_no_transaction_is_held_between_two_steps(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    await session.tries_left()
    other = OtherProgram(session.reader)
    assert scard.SCardBeginTransaction(other.card) == 0  # it would wait for as long as another is held
    other.leave()


async def test_the_daemon_restarts(pcscd: PrivatePcscd, pcsc_worker: CardWorker, stock: dict[str, Path]) -> None:
    with CardProcess(pcscd.ports[0], stock) as cards:
        session = await inserted(pcsc_worker, cards, "ec")
        pcscd.stop()
        await settled(pcsc_worker)
        with pytest.raises((NoReader, CardRemoved)):
            await session.sign(b"x")
        assert not session.alive
        with pytest.raises(NoReader) as away:
            await pcsc_worker.open()
        assert away.value.code == "E-NO-PCSCD"
    pcscd.start()
    await settled(pcsc_worker, False, False)
    with CardProcess(pcscd.ports[0], stock) as cards:
        again = await inserted(pcsc_worker, cards, "ec")
        assert again.fingerprint == session.fingerprint
        await again.verify(pin())


async def test_a_restart_between_two_calls_is_survived(pcscd: PrivatePcscd, pcsc_worker: CardWorker, stock: dict[str, Path]) -> None:
    with CardProcess(pcscd.ports[0], stock) as cards:
        session = await inserted(pcsc_worker, cards, "ec")
    pcscd.stop()
    pcscd.start()
    with pytest.raises((NoReader, CardRemoved)):
        await session.verify(pin())
    await settled(pcsc_worker, False, False)
    with CardProcess(pcscd.ports[0], stock) as cards:
        assert (await inserted(pcsc_worker, cards, "ec")).alive


async def test_started_before_the_daemon(pcscd: PrivatePcscd) -> None:
    pcscd.stop()
    worker = CardWorker(PcscBackend())
    worker.start()
    with pytest.raises(NoReader) as away:
        await worker.open()
    assert away.value.code == "E-NO-PCSCD"
    pcscd.start()
    await settled(worker, False, False)
    worker.stop()


async def test_two_readers(pcscd: PrivatePcscd, pcsc_worker: CardWorker, stock: dict[str, Path]) -> None:
    with CardProcess(pcscd.ports[0], stock) as left, CardProcess(pcscd.ports[1], stock) as right:
        left.insert("ec")
        right.insert("rsa")
        await settled(pcsc_worker, True, True)
        first, second = [await pcsc_worker.open(name) for name in pcscd.readers]
        assert (first.algorithm, second.algorithm) == ("ES256", "RS256")
        left.remove()
        await settled(pcsc_worker, False, True)
        assert (first.alive, second.alive) == (False, True)
        await second.verify(pin())


async def test_idle_costs_nothing(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    await inserted(pcsc_worker, cards, "ec")
    await asyncio.sleep(0.7)
    clocks = [time.pthread_getcpuclockid(thread.ident) for thread in pcsc_worker._threads if thread.ident]
    before = [time.clock_gettime(clock) for clock in clocks]
    await asyncio.sleep(1.0)
    assert sum(time.clock_gettime(clock) - b for clock, b in zip(clocks, before, strict=True)) < 0.0005


async def test_stop_does_not_wait_for_a_daemon_that_hangs(pcscd: PrivatePcscd, pcsc_worker: CardWorker, cards: CardProcess) -> None:
    await settled(pcsc_worker, False, False)
    pcscd.freeze()
    pcsc_worker.stop()
    assert any(thread.is_alive() for thread in pcsc_worker._threads), "it waited until the daemon answered"
    pcscd.freeze(False)


async def test_a_card_that_stalls(pcscd: PrivatePcscd, cards: CardProcess) -> None:
    worker = CardWorker(PcscBackend(), deadline=0.5)
    worker.start()
    session = await inserted(worker, cards, "ec")
    cards.accident(0, "mute")
    with pytest.raises(CardMute):
        await session.tries_left()
    worker.stop()


async def test_the_demos_cards_sit_in_it_too(pcscd: PrivatePcscd, pcsc_worker: CardWorker, tmp_path: Path) -> None:
    with CardProcess(pcscd.ports[0], demo=of_today(tmp_path / "demo")) as cards:
        session = await inserted(pcsc_worker, cards, "nagasaki-next")
        await session.verify(pin())
        assert await session.sign(b"x")
