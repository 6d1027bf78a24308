"""Whatever a card, a TLV object or a PKCS#11 process answers: the documented errors, in bounded time, and a PIN sent once at most."""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.card import tlv
from ebid_tui.card.apdu import Channel, says_extended
from ebid_tui.card.choice import Choice
from ebid_tui.card.piv import commands
from ebid_tui.card.pkcs11 import module_frames
from ebid_tui.card.pkcs11.module_process import ModuleProcess, ModuleRefused
from ebid_tui.card.recognising import recognise
from ebid_tui.card.trace import ApduTrace
from ebid_tui.errors import CardError, CardGarbled, ModuleFailed
from tests.card.plastic import pin
from tests.fuzz.bounds import bounded, cheap, small
from tests.fuzz.mutants import authority, mutants, whole

OBJECT = tlv.encode(0x53, tlv.encode(0x70, b"certificate") + tlv.encode(0x71, b"\x00") + tlv.encode(0xFE, b""))
MOST_APDUS = 5000


class Babbler:
    """A card that says what it was told to say, again and again."""

    t0 = False
    pin_pad = False

    def __init__(self, answers: list[bytes], atr: bytes = b"\x3b\x80\x01\x81") -> None:
        self.answers, self.atr, self.count, self.pins = answers, atr, 0, 0

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        answer = self.answers[self.count % len(self.answers)]
        self.count += 1
        self.pins += apdu[1] in (0x20, 0x24) and len(apdu) > 5
        assert self.count < MOST_APDUS, "the card is asked for ever"
        if len(answer) < 2:
            raise CardGarbled("answer without a status word")
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


statuses = st.one_of(
    st.sampled_from([b"\x90\x00", b"\x61\x00", b"\x61\x10", b"\x6c\x10", b"\x6a\x82", b"\x63\xc2", b"\x69\x83", b"\x69\x82"]),
    st.binary(min_size=2, max_size=2),
)
contents = st.one_of(
    st.just(b""),
    st.binary(max_size=60),
    mutants((OBJECT,)),
    mutants(whole()).map(lambda der: tlv.encode(0x53, tlv.encode(0x70, der[:60_000]))),
)
answers = st.one_of(st.builds(lambda content, status: content + status, contents, statuses), st.binary(max_size=4))


@bounded
@given(st.lists(answers, min_size=1, max_size=8), st.binary(max_size=40))
def test_any_answers_to_everything_that_is_asked_of_a_card(said: list[bytes], atr: bytes) -> None:
    says_extended(atr)
    slot = authority().slot("p256")
    public = slot.private_key.public_key()
    key = commands.PivKey(0x9A, slot.certificate, "ES256", 0x11, public)
    for step in (
        lambda c: recognise(c, Choice()),
        lambda c: commands.signing_keys(c),
        lambda c: commands.tries_left(c),
        lambda c: commands.tries_full(c),
        lambda c: commands.log_out(c),
        lambda c: commands.sign(c, key, b"message"),
        lambda c: commands.verify(c, pin()),
        lambda c: commands.change_pin(c, pin(), pin(b"87654321")),
    ):
        card = Babbler(said, atr)
        with cheap(), contextlib.suppress(CardError):
            step(Channel(card, ApduTrace()))
        assert card.pins <= 1, "a PIN was sent twice"


@bounded
@given(mutants((OBJECT, tlv.encode(0x7C, tlv.encode(0x82, bytes(256))))))
def test_any_tlv_is_read_or_garbled(data: bytes) -> None:
    with cheap(), contextlib.suppress(CardGarbled):
        for _, value in tlv.objects(data):
            tlv.find(value, 0x70)


def bomb() -> list[bytes]:
    """Fifty megabytes in one certificate, packed where they are given."""
    return [tlv.encode(0x53, tlv.encode(0x70, gzip.compress(bytes(50 << 20))[:60_000]) + tlv.encode(0x71, b"\x01")) + b"\x90\x00"]


@pytest.mark.parametrize(
    "said",
    [
        [b"x\x61\x01"],
        [bytes(256) + b"\x61\x00"],
        bomb,
        [b"\x6c\x00"],
        [bytes(65_000) + b"\x90\x00"],
    ],
    ids=["byte-by-byte", "for-ever", "bomb", "another-length", "long"],
)
def test_an_answer_without_an_end_ends(said: list[bytes] | Callable[[], list[bytes]]) -> None:
    card = Babbler(said() if callable(said) else said)
    with small(), contextlib.suppress(CardError):
        commands.signing_keys(Channel(card, ApduTrace()))


# --- the process that holds a PKCS#11 module

values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-1, 2**33), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)
messages = st.fixed_dictionaries(
    {"number": st.one_of(st.just(1), values)}, optional={"rv": values, "call": values, "fault": values, "result": values}
)


def frame(message: Any, secret: bytes = b"") -> bytes:
    import json

    body = json.dumps(message).encode()
    return struct.pack(">II", len(body), len(secret)) + body + secret


@bounded
@given(st.one_of(st.binary(max_size=40), messages.map(frame), values.map(frame), st.just(frame({"number": 1}, b"x"))))
def test_any_bytes_from_a_modules_process(said: bytes) -> None:
    process = ModuleProcess("/nowhere/libnothing.so", seconds=1.0)
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(said)
        theirs.shutdown(socket.SHUT_WR)
        process._line = ours
        with cheap(), contextlib.suppress(ModuleFailed, ModuleRefused):
            process._exchange("info", {"slot": 0}, None, 1.0)
        process.kill()
    ours.close()


@bounded
@given(st.binary(max_size=12))
def test_any_frame_head_is_within_limits_or_refused(head: bytes) -> None:
    with contextlib.suppress(ValueError, struct.error):
        body, secret = module_frames.lengths(head)
        assert body <= module_frames.LARGEST_MESSAGE
        assert secret <= module_frames.LARGEST_SECRET
