"""IPP's messages (RFC 8010): what is read out of answers, and that nothing but MalformedIpp comes of broken ones."""

from __future__ import annotations

import contextlib
import random
import struct

import pytest

from ebid_tui.printing import ipp
from ebid_tui.printing.ipp import Attribute, MalformedIpp, Operation


def attribute(tag: int, name: str, value: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(value)) + value


def message(*parts: bytes, status: int = 0) -> bytes:
    return b"\x02\x00" + struct.pack(">HI", status, 1) + b"".join(parts) + b"\x03"


WHOLE = message(
    b"\x01",
    attribute(0x47, "attributes-charset", b"utf-8"),
    b"\x04",
    attribute(0x42, "printer-name", b"one"),
    attribute(0x35, "printer-info", struct.pack(">H", 2) + b"ja" + struct.pack(">H", 6) + "机上".encode()),
    attribute(0x23, "printer-state", struct.pack(">i", 5)),
    attribute(0x22, "printer-is-accepting-jobs", b"\x00"),
    attribute(0x44, "printer-state-reasons", b"paused"),
    attribute(0x44, "", b"media-empty-error"),
    attribute(0x34, "media-col", b""),
    attribute(0x4A, "", b"media-size"),
    attribute(0x34, "", b""),
    attribute(0x4A, "", b"x-dimension"),
    attribute(0x21, "", struct.pack(">i", 21000)),
    attribute(0x37, "", b""),
    attribute(0x37, "", b""),
    attribute(0x13, "printer-location", b""),
    attribute(0x31, "printer-current-time", bytes(11)),
    b"\x04",
    attribute(0x42, "printer-name", b"two"),
)


def test_groups_values_and_languages_are_read_and_collections_are_left_out() -> None:
    answer = ipp.answer(WHOLE)
    assert answer.succeeded
    first, second = answer.of(0x04)
    assert first == {
        "printer-name": ("one",),
        "printer-info": ("机上",),
        "printer-state": (5,),
        "printer-is-accepting-jobs": (False,),
        "printer-state-reasons": ("paused", "media-empty-error"),
    }
    assert second == {"printer-name": ("two",)}


@pytest.mark.parametrize("ends", [1, 2, 3])
def test_collections_that_end_more_often_than_they_begin_swallow_nothing(ends: int) -> None:
    end = attribute(0x37, "", b"")
    begin = attribute(0x34, "media-col", b"")
    name, member, info = attribute(0x42, "printer-name", b"one"), attribute(0x21, "", b"\0\0\0\1"), attribute(0x41, "printer-info", b"two")
    (group,) = ipp.answer(message(b"\x04", end * ends, name, begin, member, end, info)).of(0x04)
    assert group == {"printer-name": ("one",), "printer-info": ("two",)}


def test_a_request_reads_back_as_it_was_written() -> None:
    asked = (Attribute("uri", "printer-uri", ("ipp://localhost/printers/x",)), Attribute("keyword", "requested-attributes", ("a", "b")))
    written = ipp.request(
        Operation.PRINT_JOB, asked, (Attribute("integer", "copies", (1,)), Attribute("boolean", "last", (True,))), b"%PDF"
    )
    assert written.endswith(b"\x03%PDF")
    read = ipp.answer(written)
    assert list(read.of(1)[0]) == ["attributes-charset", "attributes-natural-language", "printer-uri", "requested-attributes"]
    assert read.of(1)[0]["requested-attributes"] == ("a", "b")
    assert read.of(2) == ({"copies": (1,), "last": (True,)},)


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_an_answer_that_is_cut_off_is_malformed(length: int) -> None:
    with pytest.raises(MalformedIpp):
        ipp.answer(WHOLE[:length])


def test_whatever_comes_is_read_or_malformed() -> None:
    chance = random.Random(1)
    for _ in range(20_000):
        data = bytearray(WHOLE)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        with contextlib.suppress(MalformedIpp):
            ipp.answer(bytes(data))
