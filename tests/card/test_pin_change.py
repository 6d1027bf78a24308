"""CHANGE REFERENCE DATA on a PIV card: sent once, wiped always, and honest where nobody knows what became of it."""

from __future__ import annotations

import logging

import pytest

from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.demo.virtual_reader import Accident, VirtualReader
from ebid_tui.errors import CardBlocked, CardChanged, CardError, CardRemoved, PinUnusable, WrongPin
from tests.card.plastic import PIN, CertificateAuthority, pin

NEW = b"87654321"


def takes(card: VirtualCard, text: bytes) -> bool:
    """Whether this is the card's PIN; asked of the card itself, which is given its tries back."""
    card.reset()
    card.answer(bytes.fromhex("00A4040009A00000030800001000"))
    right = card.answer(bytes.fromhex("0020008008") + text.ljust(8, b"\xff")) == b"\x90\x00"
    card.tries_left = card.tries
    return right


def changes(worker: CardWorker) -> list[str]:
    return [str(exchange) for exchange in worker.trace.exchanges if exchange.header[1] == 0x24]


async def test_the_pin_is_changed_by_one_command(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    card = ca.card(tries_left=2)
    reader.insert(card)
    session = await worker.open()
    assert session.pin_changeable
    old, new = pin(), pin(NEW)
    await session.change_pin(old, new)
    assert changes(worker) == ["00 24 00 80 +16 -> 0 bytes 9000"]
    assert not any(old._buffer)
    assert not any(new._buffer)
    assert card.tries_left == 3
    await session.verify(pin(NEW))
    assert await session.sign(b"x")
    await session.close()
    assert takes(card, NEW)
    assert not takes(card, PIN)


async def test_r07_a_wrong_old_pin_costs_one_try_and_changes_nothing(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    card = ca.card()
    reader.insert(card)
    session = await worker.open()
    for left in (2, 1):
        with pytest.raises(WrongPin) as wrong:
            await session.change_pin(pin(b"999999"), pin(NEW))
        assert wrong.value.tries_left == left == await session.tries_left()
    with pytest.raises(CardBlocked):
        await session.change_pin(pin(b"999999"), pin(NEW))
    with pytest.raises(CardBlocked):
        await session.change_pin(pin(), pin(NEW))
    assert len(changes(worker)) == 4
    card.tries_left = 3
    assert takes(card, PIN)


@pytest.mark.parametrize(("old", "new"), [(b"12345", NEW), (PIN, b"12345"), (PIN, b"123456789"), (PIN, b"abcdef"), (b"", b"")])
async def test_an_unusable_one_is_never_sent(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, old: bytes, new: bytes
) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    before, entered = worker.trace.count, (pin(old), pin(new))
    with pytest.raises(PinUnusable):
        await session.change_pin(*entered)
    assert worker.trace.count == before
    assert not any(byte for one in entered for byte in one._buffer)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (b"\x6a\x80", PinUnusable, "E-NEW-PIN"),
        (b"\x69\x85", CardError, "E-PIN-FIXED"),
        (b"\x6d\x00", CardError, "E-PIN-FIXED"),
        (b"\x63\xc1", WrongPin, "E-WRONG-PIN"),
        (b"\x63\xc0", CardBlocked, "R-07"),
        (b"\x69\x83", CardBlocked, "R-07"),
        (b"\x63\x00", WrongPin, "E-WRONG-PIN"),
        (b"\x12\x34", CardError, "E-PIN-CHANGE-UNSURE"),
    ],
)
async def test_what_the_card_says_is_told(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, answer: bytes, kind: type[CardError], code: str
) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    reader.accident(1, answer)
    with pytest.raises(kind) as told:
        await session.change_pin(pin(), pin(NEW))
    assert told.value.code == code
    assert told.value.title
    assert told.value.remedy


@pytest.mark.parametrize("what", ["remove", "mute", b"", b"\x90", b"\x00\x00"], ids=str)
async def test_an_accident_while_it_is_changed_says_that_nobody_knows(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, what: Accident
) -> None:
    card = ca.card()
    reader.insert(card)
    session = await worker.open()
    reader.accident(1, what)
    old, new = pin(), pin(NEW)
    with pytest.raises(CardError) as told:
        await session.change_pin(old, new)
    assert told.value.code == "E-PIN-CHANGE-UNSURE"
    assert not any(old._buffer)
    assert not any(new._buffer)
    assert len(changes(worker)) == 1
    assert card.tries_left == 3


async def test_pulled_or_swapped_before_nothing_is_sent(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    reader.remove()
    with pytest.raises(CardRemoved):
        await session.change_pin(pin(), pin(NEW))
    reader.insert(ca.card())
    session = await worker.open()
    other = ca.card(owner="other")
    reader.insert(other)
    with pytest.raises(CardChanged):
        await session.change_pin(pin(), pin(NEW))
    assert changes(worker) == []
    assert takes(other, PIN)


async def test_neither_pin_is_logged(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reader.insert(ca.card())
    session = await worker.open()
    await session.change_pin(pin(), pin(NEW))
    for text in (PIN, NEW):
        assert text.decode() not in caplog.text
        assert text.hex() not in caplog.text


@pytest.mark.parametrize(
    ("block", "answer"),
    [
        (b"123456\xff\xff87654321", "9000"),
        (b"123456\xff\xff876543\xff\xff", "9000"),
        (b"123456\xff\xff87654\xff\xff\xff", "6a80"),
        (b"123456\xff\xff876543\x001", "6a80"),
        (b"123456\xff\xff876543\xff1", "6a80"),
        (b"123456\xff\xff", "6a80"),
        (b"999999\xff\xff87654321", "63c2"),
        (b"123456\x00\x0087654321", "6a80"),
    ],
)
def test_the_virtual_card_answers_as_a_real_one(ca: CertificateAuthority, block: bytes, answer: str) -> None:
    card = ca.card()
    card.answer(bytes.fromhex("00A4040009A00000030800001000"))
    assert card.answer(b"\x00\x24\x00\x80" + bytes((len(block),)) + block).hex() == answer
    assert card.tries_left == (2 if answer == "63c2" else 3)
    assert card.answer(bytes.fromhex("00200080")).hex() == ("63c2" if answer == "63c2" else "63c3"), "a changed PIN is not a verified one"
