"""Which reader a module's token is in, by SoftHSM under a reader's name; and that no module is asked while a refused card is in."""

from __future__ import annotations

import pytest

from ebid_tui.card.pkcs11 import slot_readers
from ebid_tui.card.pkcs11.module_process import ModuleProcess
from ebid_tui.card.pkcs11.modules import TokenSlot
from ebid_tui.demo.virtual_card import JPKI_AID, VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.errors import (
    CardError,
    CardRefused,
    CardRemoved,
)
from tests.card.plastic import CertificateAuthority, pin
from tests.card.softhsm import PIN, Rogue, SoftHsm, Start, Stored, verified

UNKNOWN = VirtualCard({}, aids=())


@pytest.fixture
def named(hsm: SoftHsm, ca: CertificateAuthority, rogue: Rogue) -> Rogue:
    """A SoftHSM token whose module says that it is in the reader `Virtual PCD 00 00`."""
    hsm.token("ise", Stored(ca.slot("p256")))
    rogue.order("C_GetSlotInfo name=Virtual_PCD_00_00")
    return rogue


async def test_what_a_module_tells_of_its_slots_is_text(start: Start, named: Rogue) -> None:
    named.order("C_GetSlotInfo name=PCD\x1b]0;x\x07\u202e\x9b")
    worker = start(named.path)
    session = await worker.open()
    assert session.reader == "PCD]0;x [ise]"


async def test_a_token_belongs_to_the_reader_of_its_name_and_dies_with_it(start: Start, named: Rogue) -> None:
    left, right = VirtualReader("Virtual PCD 00 00"), VirtualReader("Virtual PCD 00 01")
    worker = start(named.path, backends=[left, right])
    right.insert(UNKNOWN)
    with pytest.raises(CardRefused) as refused:
        await worker.open()
    assert refused.value.code == "R-34"
    left.insert(VirtualCard({}, aids=()))
    session = await worker.open(left.name)
    assert session.reader == left.name
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"x", await session.sign(b"x"))
    assert [reader.name for reader in worker.readers()] == [left.name, right.name]
    left.remove()
    with pytest.raises(CardRemoved):
        await session.sign(b"x")
    assert not session.alive
    assert worker._tokens is not None
    assert not any(process.running for process in worker._tokens.modules())


async def test_another_insertion_gets_no_pin(start: Start, named: Rogue) -> None:
    reader = VirtualReader("Virtual PCD 00 00")
    worker = start(named.path, backends=[reader])
    reader.insert(UNKNOWN)
    session = await worker.open()
    reader.insert(UNKNOWN)
    with pytest.raises(CardRemoved):
        await session.verify(pin(PIN))
    assert not any(line.startswith("login") for line in named.calls)


async def test_r23_a_my_number_card_starts_no_module(start: Start, named: Rogue) -> None:
    reader = VirtualReader("Virtual PCD 00 00")
    reader.insert(VirtualCard({}, aids=(JPKI_AID,)))
    worker = start(named.path, backends=[reader])
    with pytest.raises(CardRefused) as refused:
        await worker.open()
    assert refused.value.code == "R-23"
    assert (await worker.inspect())[0][1].kind == "mynumber"  # type: ignore[union-attr]
    assert named.calls == []
    assert set(worker.trace.headers()) == {"00a4040c"}


async def test_a_card_held_by_another_program_keeps_modules_away(start: Start, named: Rogue) -> None:
    left, right = VirtualReader("Virtual PCD 00 00"), VirtualReader("Other Reader 00")
    left.insert(UNKNOWN)
    right.insert(UNKNOWN)
    right.hold_by_another()
    worker = start(named.path, backends=[left, right])
    with pytest.raises(CardError) as kept:
        await worker.open(left.name)
    assert kept.value.code == "E-OTHER-READER"
    assert right.name in kept.value.remedy
    assert named.calls == []
    right.hold_by_another(False)
    assert (await worker.open(left.name)).alive


def slots(*descriptions: str) -> list[TokenSlot]:
    process = ModuleProcess("/lib/x.so")
    return [TokenSlot(process, number, text, {"flags": 0x400, "label": "", "serial": ""}) for number, text in enumerate(descriptions)]


LONG = "A Reader With Quite A Long Name Of Its Own, Longer Than The Field Is 00 0"


@pytest.mark.parametrize(
    ("described", "reader", "readers", "found"),
    [
        (["Virtual PCD 00 00"], "Virtual PCD 00 00", ["Virtual PCD 00 00", "Virtual PCD 00 01"], [0]),
        (["Virtual PCD 00 00", "Virtual PCD 00 01"], "Virtual PCD 00 01", ["Virtual PCD 00 00", "Virtual PCD 00 01"], [1]),
        (["Virtual PCD 00 00", "Virtual PCD 00 00", "Virtual PCD 00 01"], "Virtual PCD 00 00", ["Virtual PCD 00 00"], [0, 1]),
        ([LONG[:64]], LONG + "0", [LONG + "0"], [0]),
        ([LONG[:64], LONG[:64]], LONG + "1", [LONG + "0", LONG + "1"], [1]),
        (["virtual  pcd 00 00"], "Virtual PCD 00 00", ["Virtual PCD 00 00"], [0]),
        (["Virtual PCD"], "Virtual PCD 00 00", ["Virtual PCD 00 00"], [0]),
        (["Virtual PCD"], "Virtual PCD 00 00", ["Virtual PCD 00 00", "Virtual PCD 00 01"], []),
        ([""], "Virtual PCD 00 00", ["Virtual PCD 00 00"], []),
        (["V"], "Virtual PCD 00 00", ["Virtual PCD 00 00"], []),
        (["SoftHSM slot ID 0x1"], "Virtual PCD 00 00", ["Virtual PCD 00 00"], []),
        ([("読取装置" * 10).encode()[:64].decode("utf-8", "replace")], "読取装置" * 10, ["読取装置" * 10], [0]),
    ],
)
def test_a_slots_reader_is_found_by_its_name(described: list[str], reader: str, readers: list[str], found: list[int]) -> None:
    listed = slots(*described)
    assert [slot.id for slot in slot_readers.in_reader(listed, reader, readers)] == found
    if not found:
        assert slot_readers.in_no_reader(listed, readers) == listed
