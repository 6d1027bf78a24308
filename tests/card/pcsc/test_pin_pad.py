"""Readers with keys of their own, through a real `pcscd` and a driver that has them: the PIN never enters this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.card.interface import PinRules
from ebid_tui.card.pcsc import pin_pad
from ebid_tui.card.pcsc.readers import PcscBackend
from ebid_tui.card.pin import Pin
from ebid_tui.card.worker import CardWorker
from ebid_tui.errors import (
    CardBlocked,
    CardError,
    CardMute,
    CardRemoved,
    PinPadBroken,
    PinPadCancelled,
    PinPadTimeout,
    PinUnusable,
    WrongPin,
)
from tests.card import pin_pad as pads
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.card.pin_pad import PinPad
from tests.card.plastic import CertificateAuthority
from tests.card.readers_seen import inserted, settled
from tests.card.vpcd import save_card
from tests.clock import NOW

pytestmark = pytest.mark.pcscd

RULES = PinRules(min_length=6, max_length=8, digits_only=True)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    ca = CertificateAuthority(now=NOW)
    root = tmp_path_factory.mktemp("cards")
    save_card(root / "ec", {0x9A: ca.slot("p256")})
    save_card(root / "other", {0x9A: ca.slot("p256", owner="other")})
    return {name: root / name for name in ("ec", "other")}


@pytest.fixture
def pad(short_dir: Path) -> Iterator[PinPad]:
    if lacking := pads.missing() or missing():
        pytest.skip(lacking)
    with PinPad(short_dir, slots=0b01) as made:
        yield made


@pytest.fixture
def pcscd(pad: PinPad, tmp_path: Path, pcscd_socket: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivatePcscd]:
    """A daemon whose first slot has keys."""
    monkeypatch.setitem(os.environ, "PCSCLITE_CSOCK_NAME", str(pcscd_socket))
    with PrivatePcscd(tmp_path, pcscd_socket, driver=pad.driver, environment=pad.environment) as daemon:
        yield daemon


@pytest.fixture
def cards(pcscd: PrivatePcscd, stock: dict[str, Path]) -> Iterator[CardProcess]:
    with CardProcess(pcscd.ports[0], stock) as process:
        yield process


async def test_the_right_pin_on_the_pad(pcsc_worker: CardWorker, cards: CardProcess, pad: PinPad, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a PIN buffer was made")

    monkeypatch.setattr(Pin, "__init__", never)
    session = await inserted(pcsc_worker, cards, "ec")
    assert session.pin_pad
    assert await session.tries_left() == 3
    pad.press("keys 123456")
    await session.verify_on_pin_pad()
    assert await session.sign(b"x")
    await session.close()
    assert pcsc_worker.trace.count == cards.count(), "the pad's APDU is one of them"
    assert cards.tries_left() == 3
    (structure,) = pad.structures
    assert structure == pin_pad.verify_structure(bytes.fromhex("00200080"), RULES)
    assert structure.hex() == "3c3c8208000806" + "02ff1104000000000d000000" + "0020008008" + "ff" * 8


async def test_wrong_pins_are_counted_to_the_lock(pcsc_worker: CardWorker, cards: CardProcess, pad: PinPad) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    for left in (2, 1):
        pad.press("keys 999999")
        with pytest.raises(WrongPin) as wrong:
            await session.verify_on_pin_pad()
        assert wrong.value.tries_left == left == await session.tries_left()
    pad.press("keys 999999")
    with pytest.raises(CardBlocked):
        await session.verify_on_pin_pad()
    assert await session.tries_left() == 0


@pytest.mark.parametrize(
    ("keys", "error"),
    [
        ("cancel", PinPadCancelled),
        ("timeout", PinPadTimeout),
        ("broken", PinPadBroken),
        ("nothing", PinPadBroken),
        ("keys 12345", PinUnusable),
    ],
)
async def test_what_the_pad_did_not_send_costs_no_try(
    pcsc_worker: CardWorker, cards: CardProcess, pad: PinPad, keys: str, error: type[CardError]
) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    pad.press(keys)
    with pytest.raises(error):
        await session.verify_on_pin_pad()
    assert cards.tries_left() == 3
    assert "00200080" not in pcsc_worker.trace.headers()[-1:]
    pad.press("keys 123456")
    await session.verify_on_pin_pad()
    assert await session.sign(b"x")


async def test_a_card_pulled_while_the_pad_waits(pcsc_worker: CardWorker, cards: CardProcess, pad: PinPad) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    entry = asyncio.ensure_future(session.verify_on_pin_pad())
    await asyncio.to_thread(pad.wait_for_entry)
    cards.remove()
    with pytest.raises(CardRemoved) as removed:
        await entry
    assert removed.value.code == "E-CARD-REMOVED-PIN"
    assert not session.alive
    await settled(pcsc_worker, False, False)
    again = await inserted(pcsc_worker, cards, "ec")
    assert await again.tries_left() == 3


async def test_a_card_swapped_while_the_pad_waits_gets_nothing(pcsc_worker: CardWorker, cards: CardProcess, pad: PinPad) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    entry = asyncio.ensure_future(session.verify_on_pin_pad())
    await asyncio.to_thread(pad.wait_for_entry)
    cards.insert("other")
    pad.press("keys 999999")
    with pytest.raises((CardRemoved, CardMute)):
        await entry
    assert cards.tries_left() == 3
    with pytest.raises(CardError):
        await session.sign(b"x")


async def test_only_the_slot_with_keys_has_a_pad(pcscd: PrivatePcscd, pcsc_worker: CardWorker, stock: dict[str, Path]) -> None:
    with CardProcess(pcscd.ports[0], stock) as left, CardProcess(pcscd.ports[1], stock) as right:
        left.insert("ec")
        right.insert("other")
        await settled(pcsc_worker, True, True)
        assert [(await pcsc_worker.open(name)).pin_pad for name in pcscd.readers] == [True, False]


async def test_a_pad_that_is_switched_off_is_not_used(pcscd: PrivatePcscd, cards: CardProcess) -> None:
    worker = CardWorker(PcscBackend(pin_pads=False))
    worker.start()
    session = await inserted(worker, cards, "ec")
    assert not session.pin_pad
    with pytest.raises(PinPadBroken):
        await session.verify_on_pin_pad()
    worker.stop()


async def test_the_program_can_end_while_the_pad_waits(pcsc_worker: CardWorker, cards: CardProcess, pad: PinPad) -> None:
    session = await inserted(pcsc_worker, cards, "ec")
    entry = asyncio.ensure_future(session.verify_on_pin_pad())
    await asyncio.to_thread(pad.wait_for_entry)
    begun = asyncio.get_running_loop().time()
    pcsc_worker.stop()
    assert asyncio.get_running_loop().time() - begun < 0.12
    entry.cancel()
    pad.press("cancel")


def test_features_that_are_cut_short_or_of_another_length_are_left_out() -> None:
    assert pin_pad.features(bytes.fromhex("060442000db20a0442000db3070442")) == {6: 0x42000DB2, 10: 0x42000DB3}
    assert pin_pad.features(b"") == {}
    assert pin_pad.features(bytes.fromhex("060542000db2")) == {}
