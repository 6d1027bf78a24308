"""Between a command and the wire: encoding, chaining both ways, 6Cxx, extended APDUs tried once (ISO/IEC 7816-4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ebid_tui.card.apdu import Apdu, Channel, encode, says_extended
from ebid_tui.card.trace import ApduTrace
from ebid_tui.demo.card_objects import make_atr
from ebid_tui.errors import CardError, CardGarbled, CardMute

SILENT_ATR = bytes.fromhex("3B8001 81")


class Script:
    """A connection that answers by a function and keeps what it was sent."""

    pin_pad = False

    def __init__(self, answer: Callable[[bytes], tuple[bytes, int] | CardError], atr: bytes = SILENT_ATR, *, t0: bool = False) -> None:
        self.atr = atr
        self.t0 = t0
        self.sent: list[bytes] = []
        self._answer = answer

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        self.sent.append(bytes(apdu))
        answer = self._answer(self.sent[-1])
        if isinstance(answer, CardError):
            raise answer
        return answer

    def verify_on_pin_pad(self, structure: bytes) -> int:
        raise AssertionError("there are no keys on this reader")

    def begin(self) -> None: ...
    def end(self) -> None: ...
    def reconnect(self) -> None: ...
    def disconnect(self, *, reset: bool = False) -> None: ...


@pytest.mark.parametrize(
    ("command", "short", "extended"),
    [
        (Apdu(0, 0x20, 0, 0x80), "00200080", "00200080"),
        (Apdu(0, 0xC0, 0, 0, le=256), "00C0000000", "00C00000000100"),
        (Apdu(0, 0xA4, 4, 0x0C, b"\xa0\x01"), "00A4040C02A001", "00A4040C000002A001"),
        (Apdu(0, 0xA4, 4, 0, b"\xa0\x01", 256), "00A4040002A00100", "00A40400000002A0010100"),
    ],
)
def test_the_four_cases(command: Apdu, short: str, extended: str) -> None:
    assert encode(command, extended=False).hex().upper() == short
    assert encode(command, extended=True).hex().upper() == extended


def test_the_most_an_extended_apdu_asks_for() -> None:
    assert encode(Apdu(0, 0xCB, 0x3F, 0xFF, b"\x5c", le=65536), extended=True).hex() == "00cb3fff0000015c0000"


def test_t0_leaves_le_out_beside_data() -> None:
    assert encode(Apdu(0, 0xA4, 4, 0, b"\xa0", 256), extended=False, t0=True).hex() == "00a4040001a0"
    assert encode(Apdu(0, 0x20, 0, 0x80), extended=False, t0=True).hex() == "0020008000"


def test_long_data_is_chained_where_extended_apdus_are_unknown() -> None:
    card = Script(lambda apdu: (b"", 0x9000), make_atr(extended=False))
    assert Channel(card, ApduTrace()).send(Apdu(0, 0x87, 7, 0x9A, bytes(range(256)) + b"end", le=256)) == (b"", 0x9000)
    first, last = card.sent
    assert first == b"\x10\x87\x07\x9a\xff" + bytes(range(255))
    assert last == b"\x00\x87\x07\x9a\x04\xffend\x00"


def test_a_chain_that_is_refused_stops() -> None:
    card = Script(lambda apdu: (b"", 0x6884), make_atr(extended=False))
    assert Channel(card, ApduTrace()).send(Apdu(0, 0x87, 7, 0x9A, bytes(600))) == (b"", 0x6884)
    assert len(card.sent) == 1


def test_a_long_answer_is_fetched_to_its_end() -> None:
    answers = iter([(b"a" * 256, 0x6100), (b"b" * 256, 0x6103), (b"ccc", 0x9000)])
    card = Script(lambda apdu: next(answers))
    data, sw = Channel(card, ApduTrace()).send(Apdu(0, 0xCB, 0x3F, 0xFF, b"x", le=256))
    assert (data, sw) == (b"a" * 256 + b"b" * 256 + b"ccc", 0x9000)
    assert [apdu.hex() for apdu in card.sent[1:]] == ["00c0000000", "00c0000003"]


def test_an_endless_answer_is_garbled() -> None:
    with pytest.raises(CardGarbled):
        Channel(Script(lambda apdu: (b"a" * 256, 0x6100)), ApduTrace()).send(Apdu(0, 0xCB, 0x3F, 0xFF, b"x", le=256))
    with pytest.raises(CardGarbled):
        Channel(Script(lambda apdu: (b"", 0x6100)), ApduTrace()).send(Apdu(0, 0xCB, 0x3F, 0xFF, b"x", le=256))


def test_a_wrong_length_is_asked_again_with_the_right_one() -> None:
    card = Script(lambda apdu: (b"xyz", 0x9000) if apdu[-1] == 3 else (b"", 0x6C03))
    assert Channel(card, ApduTrace()).send(Apdu(0, 0xCB, 0, 0, b"x", le=256)) == (b"xyz", 0x9000)


def test_a_verify_is_never_sent_twice() -> None:
    card = Script(lambda apdu: (b"", 0x6C08))
    assert Channel(card, ApduTrace()).send(Apdu(0, 0x20, 0, 0x80, b"123456\xff\xff", once=True)) == (b"", 0x6C08)
    assert len(card.sent) == 1


LONG = Apdu(0, 0xCB, 0x3F, 0xFF, b"x", le=65536)


@pytest.mark.parametrize("refusal", [(b"", 0x6700), (b"", 0x6E00), (b"", 0x6D00), CardMute()])
def test_extended_apdus_are_tried_once(refusal: tuple[bytes, int] | CardError) -> None:
    card = Script(lambda apdu: refusal if apdu[4] == 0 else (b"ok", 0x9000))
    channel = Channel(card, ApduTrace())
    assert channel.send(LONG) == (b"ok", 0x9000)
    assert channel.send(LONG) == (b"ok", 0x9000)
    assert [apdu[4] == 0 for apdu in card.sent] == [True, False, False]


def test_once_proved_extended_apdus_stay() -> None:
    answers = iter([(b"ok", 0x9000), (b"", 0x6700)])
    card = Script(lambda apdu: next(answers))
    channel = Channel(card, ApduTrace())
    assert [channel.send(LONG)[1], channel.send(LONG)[1]] == [0x9000, 0x6700]


def test_extended_apdus_are_not_tried_where_the_card_or_t0_rules_them_out() -> None:
    for card in (Script(lambda apdu: (b"", 0x9000), make_atr(extended=False)), Script(lambda apdu: (b"", 0x9000), t0=True)):
        Channel(card, ApduTrace()).send(LONG)
        assert card.sent[0][4] == 1


@pytest.mark.parametrize(
    ("atr", "known"),
    [
        (make_atr(extended=True), True),
        (make_atr(extended=False), False),
        (bytes.fromhex("3BFD1300008131FE158073C021C057597562694B657940"), True),
        (bytes.fromhex("3BF81300008131FE15597562696B657934D4"), None),
        (SILENT_ATR, None),
        (b"\x3b", None),
        (bytes.fromhex("3BFD13"), None),
        (bytes.fromhex("3B8201807300"), None),
    ],
)
def test_what_an_atr_says_of_extended_apdus(atr: bytes, known: bool | None) -> None:
    assert says_extended(atr) is known


def test_the_log_shows_header_and_tail_only() -> None:
    trace = ApduTrace()
    Channel(Script(lambda apdu: (b"secret", 0x9000)), trace).send(Apdu(0, 0x20, 0, 0x80, b"739145\xff\xff", once=True))
    assert [str(exchange) for exchange in trace.exchanges] == ["00 20 00 80 +8 -> 6 bytes 9000"]
    assert "739145" not in repr(trace.exchanges)
    assert trace.count == 1


def test_an_apdu_without_an_answer_is_logged_as_such() -> None:
    trace = ApduTrace()
    with pytest.raises(CardMute):
        Channel(Script(lambda apdu: CardMute()), trace).send(Apdu(0, 0x20, 0, 0x80))
    assert [str(exchange) for exchange in trace.exchanges] == ["00 20 00 80 +0 -> no answer"]


def test_a_command_does_not_print_its_data() -> None:
    assert "739145" not in repr(Apdu(0, 0x20, 0, 0x80, b"739145"))
