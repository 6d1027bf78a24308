"""The virtual card, APDU by APDU, as NIST SP 800-73-4 has it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ebid_tui.card.tlv import encode, find
from ebid_tui.demo.cards import make_virtual
from ebid_tui.demo.virtual_card import JPKI_AID, PIV_AID, VirtualCard
from tests.card.plastic import CertificateAuthority
from tests.card.vpcd import Cards, Plug, load_card, obey, save_card
from tests.wallets import documented

SELECT = b"\x00\xa4\x04\x00\x0b" + PIV_AID
PIN = "0020008008313233343536ffff"
WRONG = "0020008008393939393939ffff"
ASK = "00200080"


@pytest.fixture
def card(ca: CertificateAuthority) -> VirtualCard:
    card = VirtualCard({0x9A: ca.slot("p256"), 0x9C: ca.slot("rsa2048")})
    card.answer(SELECT)
    return card


def sw(card: VirtualCard, apdu: str) -> str:
    return card.answer(bytes.fromhex(apdu))[-2:].hex().upper()


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("00A404000BA000000308000010000100", "9000"),
        ("00A4040009A00000030800001000", "9000"),
        ("00A4040005A000000308", "9000"),
        ("00A4040004A0000003", "6A82"),
        ("00A4040C0AD392F000260100000001", "6A82"),
        ("00A40000023F00", "6A86"),
        ("00CB3FFF055C035FC105", "6100"),
        ("00CB3FFF055C035FC10B", "6A82"),
        ("00CB3FFF025C04", "6A80"),
        ("00CB0000055C035FC105", "6A86"),
        ("00FD0000", "9000"),
        ("00F80000", "9000"),
        ("00F70000", "6D00"),
        ("80FD0000", "6E00"),
        ("00CB3F", "6700"),
        ("00CB3FFF055C03", "6700"),
        (ASK, "63C3"),
        ("00200081", "6A88"),
        ("00200180", "6A86"),
        ("0020008006313233343536", "6A80"),
        ("00200080083132333435ffffff", "6A80"),
        ("002C008010" + "31" * 16, "6983"),
        ("0087119A047C028200", "6A80"),
        ("0087079A047C028200", "6A86"),
        ("00871199047C028200", "6A88"),
        ("0087119A267C24820081" + "20" + "00" * 32, "6982"),
    ],
)
def test_what_it_answers(card: VirtualCard, apdu: str, answer: str) -> None:
    got = sw(card, apdu)
    assert got == answer or (answer == "6100" and got[:2] == "61")


def test_before_select_it_knows_nothing(ca: CertificateAuthority) -> None:
    assert sw(ca.card(), ASK) == "6D00"


def test_the_select_answer_names_the_application(card: VirtualCard) -> None:
    template = find(card.answer(SELECT)[:-2], 0x61)
    assert template is not None
    assert find(template, 0x4F) == PIV_AID[5:]


def test_tries_are_counted_down_and_a_block_stays(card: VirtualCard) -> None:
    assert [sw(card, WRONG) for _ in range(4)] == ["63C2", "63C1", "63C0", "6983"]
    assert sw(card, PIN) == "6983"
    card.reset()
    card.answer(SELECT)
    assert sw(card, ASK) == "6983"


def test_a_right_pin_restores_the_tries(card: VirtualCard) -> None:
    assert [sw(card, WRONG), sw(card, PIN), sw(card, ASK)] == ["63C2", "9000", "9000"]
    card.reset()
    card.answer(SELECT)
    assert sw(card, ASK) == "63C3"


def test_log_out_and_wrong_pin_and_another_application_end_the_pin_state(card: VirtualCard) -> None:
    assert [sw(card, PIN), sw(card, "0020FF80"), sw(card, ASK)] == ["9000", "9000", "63C3"]
    assert [sw(card, PIN), sw(card, WRONG), sw(card, ASK)] == ["9000", "63C2", "63C2"]


def test_selecting_it_again_keeps_the_pin_state(card: VirtualCard) -> None:
    card.answer(bytes.fromhex(PIN))
    card.answer(SELECT)
    assert sw(card, ASK) == "9000"


def test_the_pin_can_be_changed(card: VirtualCard) -> None:
    assert sw(card, "0024008010" + "393939393939ffff" + "363534333231ffff") == "63C2"
    assert sw(card, "0024008010" + "313233343536ffff" + "3635ffffffffffff") == "6A80"
    assert sw(card, "0024008010" + "313233343536ffff" + "363534333231ffff") == "9000"
    assert [sw(card, PIN), sw(card, "0020008008363534333231ffff")] == ["63C2", "9000"]


def test_a_chain_broken_by_another_command_is_forgotten(card: VirtualCard) -> None:
    assert sw(card, "108711 9A02 7C24") == "9000"
    assert sw(card, ASK) == "63C3"
    assert sw(card, "0087119A02 8200") == "6A80"


def test_an_endless_chain_is_refused(card: VirtualCard) -> None:
    answers = [sw(card, "1087119AFF" + "00" * 255) for _ in range(20)]
    assert answers[0] == "9000"
    assert "6700" in answers


def test_a_long_answer_in_pieces_and_in_one(card: VirtualCard) -> None:
    pieces = bytearray()
    answer = card.answer(bytes.fromhex("00CB3FFF055C035FC10500"))
    while True:
        pieces += answer[:-2]
        if answer[-2] != 0x61:
            break
        answer = card.answer(bytes((0, 0xC0, 0, 0, answer[-1])))
    whole = card.answer(bytes.fromhex("00CB3FFF0000055C035FC1050000"))
    assert whole == bytes(pieces) + b"\x90\x00"
    assert find(find(bytes(pieces), 0x53) or b"", 0x70) == card.slots[0x9A].certificate


def test_short_only_refuses_extended_length(ca: CertificateAuthority) -> None:
    card = ca.card(extended=False)
    card.answer(SELECT)
    assert sw(card, "00CB3FFF0000055C035FC1050000") == "6700"


def test_9c_wants_the_pin_each_time_also_over_a_chain(card: VirtualCard) -> None:
    template = encode(0x7C, encode(0x82, b"") + encode(0x81, b"\x00\x01" + bytes(254)))
    first, last = (
        (b"\x10\x87\x07\x9c\xff" + template[:255]),
        (b"\x00\x87\x07\x9c" + bytes((len(template) - 255,)) + template[255:] + b"\x00"),
    )
    card.answer(bytes.fromhex(PIN))
    assert card.answer(first) == b"\x90\x00"
    assert card.answer(last)[-2] == 0x61
    assert card.answer(first) == b"\x90\x00"
    assert card.answer(last) == b"\x69\x82"


@pytest.mark.parametrize(
    "block",
    [b"\x00\x01" + b"\xff" * 218 + b"\x00" + bytes(range(35)), b"\x00\x02" + bytes(range(1, 255)), b"\x00" * 255 + b"\x01"],
    ids=["signature", "other padding", "none"],
)
def test_rsa_is_the_bare_operation_whatever_the_padding(card: VirtualCard, block: bytes) -> None:
    key = card.slots[0x9C].private_key
    assert isinstance(key, rsa.RSAPrivateKey)
    card.answer(bytes.fromhex(PIN))
    template = encode(0x7C, encode(0x82, b"") + encode(0x81, block))
    answer = card.answer(b"\x00\x87\x07\x9c\x00" + len(template).to_bytes(2, "big") + template + b"\x00\x00")
    assert answer[-2:] == b"\x90\x00"
    signature = find(find(answer[:-2], 0x7C) or b"", 0x82)
    assert signature is not None
    numbers = key.public_key().public_numbers()
    assert pow(int.from_bytes(signature, "big"), numbers.e, numbers.n) == int.from_bytes(block, "big")


def test_my_number_answers_its_select_and_nothing_else() -> None:
    card = VirtualCard({}, aids=(JPKI_AID,))
    assert card.answer(b"\x00\xa4\x04\x0c\x0a" + JPKI_AID) == b"\x90\x00"
    assert card.answer(SELECT) == b"\x6a\x82"
    assert sw(card, ASK) == "6D00"


def test_a_card_is_saved_and_loaded(ca: CertificateAuthority, tmp_path: Path) -> None:
    slot = ca.slot("p256")
    save_card(tmp_path / "c", {0x9A: slot}, pin="654321", tries=5, tries_left=2, extended=False, aids=[PIV_AID.hex()])
    card = load_card(tmp_path / "c")
    assert (card.tries, card.tries_left, card.extended, card.aids) == (5, 2, False, (PIV_AID,))
    assert card.slots[0x9A].certificate == slot.certificate
    card.answer(SELECT)
    assert sw(card, "0020008008363534333231ffff") == "9000"


def test_orders_that_cannot_be_carried_out_are_answered(ca: CertificateAuthority, tmp_path: Path) -> None:
    save_card(tmp_path / "c", {0x9A: ca.slot("p256")})
    orders = iter(["tries\n", "insert nobody\n", "nonsense\n", "accident x mute\n", "count\n", ""])
    said: list[str] = []
    obey(Plug("127.0.0.1", 1), Cards({"c": tmp_path / "c"}, None), lambda: next(orders), said.append)
    assert [line.split()[0] for line in said] == ["error", "error", "error", "error", "ok"]


async def test_the_demos_cards_are_such_cards(tmp_path: Path) -> None:
    card = await asyncio.to_thread(make_virtual, documented(tmp_path / "demo"), "aomori-next")
    card.answer(SELECT)
    assert sw(card, ASK) == "63C3"
