"""A look at the cards in all readers: what each is, and never a PIN command to one that is refused (R-23, R-34)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ebid_tui.card.interface import CardLook
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import JPKI_AID, PIV_AID, VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from tests.card.plastic import PIN, CertificateAuthority, Usage, pin
from tests.clock import NOW

CORPORATE = "CN=Registrar of Tokyo,OU=Ministry of Justice,O=Japanese Government,C=JP"
LICENCE = bytes.fromhex("A0000002310100000000000000000000")
PIN_COMMANDS = ("20", "24", "2c", "87", "f7")
"""VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, GENERAL AUTHENTICATE, and Yubico's GET METADATA (which tells the tries)."""


async def look(reader: VirtualReader, worker: CardWorker, card: VirtualCard, trusted: tuple[str, ...] = ()) -> CardLook:
    reader.insert(card)
    ((name, found),) = await worker.inspect(trusted)
    assert name == reader.name
    assert found is not None
    assert found.reader == name
    return found


def pin_commands(worker: CardWorker) -> list[str]:
    return [header for header in worker.trace.headers() if header[2:4] in PIN_COMMANDS]


async def test_an_accepted_card(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    card = ca.card(tries_left=2)
    found = await look(reader, worker, card)
    assert found == CardLook(reader.name, "piv", True, "", 2, (card.slots[0x9A].certificate,))
    assert await worker.inspect(["test-ca"]) == ((reader.name, found),)


async def test_a_blocked_one_is_accepted_with_no_tries(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    found = await look(reader, worker, ca.card(tries_left=0))
    assert (found.accepted, found.tries_left) == (True, 0)


async def test_r34_of_another_authority(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    nobody = await look(reader, worker, CertificateAuthority("O=Nobody,C=JP", now=NOW).card())
    assert (nobody.kind, nobody.accepted, nobody.reason, nobody.tries_left, len(nobody.certificates)) == ("piv", False, "R-34", None, 1)
    elsewhere = await look(reader, worker, ca.card(), ("test-ca2",))
    assert (elsewhere.kind, elsewhere.accepted, elsewhere.reason) == ("piv", False, "R-34")
    assert pin_commands(worker) == []


@pytest.mark.parametrize(
    ("card", "kind", "reason", "headers"),
    [
        (VirtualCard({}, aids=(JPKI_AID,)), "mynumber", "R-23", {"00a4"}),
        (VirtualCard({}, aids=(bytes.fromhex("D3921000310001010408"),)), "mynumber", "R-23", {"00a4"}),
        (VirtualCard({}, aids=(LICENCE,)), "unknown", "R-34", {"00a4"}),
        (VirtualCard({}, PIN), "piv", "R-34", {"00a4", "00cb"}),
        (CertificateAuthority(CORPORATE, now=NOW).card(), "corporate", "R-23", {"00a4", "00cb"}),
        (CertificateAuthority("OU=x,O=JPKI,C=JP", now=NOW).card(), "mynumber", "R-23", {"00a4", "00cb"}),
        (CertificateAuthority(now=NOW).card(aids=(PIV_AID, JPKI_AID)), "mynumber", "R-23", {"00a4"}),
    ],
    ids=["mynumber", "mynumber-other", "licence", "empty", "corporate", "mynumber-issuer", "mynumber-and-piv"],
)
async def test_r23_r34_refused_ones_get_select_and_get_data_only(
    reader: VirtualReader, worker: CardWorker, card: VirtualCard, kind: str, reason: str, headers: set[str]
) -> None:
    found = await look(reader, worker, card)
    assert (found.kind, found.accepted, found.reason, found.tries_left) == (kind, False, reason, None)
    assert {header[:4] for header in worker.trace.headers()} <= headers
    assert pin_commands(worker) == []


async def test_one_that_does_not_sign_and_one_that_is_garbled(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    enciphers = VirtualCard({0x9A: ca.slot("p256", usage=Usage(signature=False, encipherment=True))}, PIN)
    assert (await look(reader, worker, enciphers)).reason == "R-34"
    reader.insert(ca.card())
    reader.accident(2, b"\x12\x34")
    ((_, found),) = await worker.inspect()
    assert found is not None
    assert (found.kind, found.accepted, found.reason) == ("piv", False, "E-CARD-GARBLED")


async def test_two_peoples_certificates_are_both_told(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    card = VirtualCard({0x9A: ca.slot("p256", owner="1"), 0x9C: ca.slot("p256", owner="2")}, PIN)
    found = await look(reader, worker, card)
    assert found.accepted
    assert found.certificates == tuple(slot.certificate for slot in card.slots.values())


async def test_another_programs_pin_state_is_left_alone(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    card = ca.card()
    reader.insert(card)
    session = await worker.open()
    await session.verify(pin())
    ((_, found),) = await worker.inspect()
    assert found is not None
    assert found.accepted
    assert found.tries_left is None
    assert await session.sign(b"still unlocked")


@pytest.fixture
def three() -> Iterator[tuple[list[VirtualReader], CardWorker]]:
    readers = [VirtualReader(f"reader {n}") for n in range(3)]
    worker = CardWorker(*readers, deadline=0.5)
    worker.start()
    yield readers, worker
    worker.stop()


async def test_every_reader_is_told_an_empty_and_a_mute_one_too(
    ca: CertificateAuthority, three: tuple[list[VirtualReader], CardWorker]
) -> None:
    readers, worker = three
    readers[0].insert(ca.card(), upside_down=True)
    readers[2].insert(ca.card())
    found = await worker.inspect()
    assert [name for name, _ in found] == [reader.name for reader in readers]
    looks = [look and (look.kind, look.accepted, look.reason) for _, look in found]
    assert looks == [("mute", False, "E-CARD-MUTE"), None, ("piv", True, "")]


@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("what", ["remove", "reset", "mute"])
async def test_an_accident_at_any_apdu_is_a_look_all_the_same(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, at: int, what: str
) -> None:
    card = ca.card()
    reader.insert(card)
    reader.accident(at, what)  # type: ignore[arg-type]
    ((_, found),) = await worker.inspect()
    if what == "remove":
        assert found is None
    else:
        assert found is not None
        assert found.accepted or found.kind == "mute"
    assert card.tries_left == 3
