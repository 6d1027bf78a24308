"""BER-TLV, whole and broken."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.card.tlv import encode, find, objects
from ebid_tui.errors import CardGarbled


@given(st.sampled_from([0x53, 0x70, 0x7E, 0x5F2F, 0x7F49]), st.binary(max_size=70_000 // 16))
def test_what_is_encoded_is_read_back(tag: int, value: bytes) -> None:
    assert list(objects(encode(tag, value) + encode(0xFE, b""))) == [(tag, value), (0xFE, b"")]


@pytest.mark.parametrize("size", [0, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF])
def test_every_form_of_length(size: int) -> None:
    assert find(encode(0x53, bytes(size)), 0x53) == bytes(size)


@pytest.mark.parametrize(
    "data",
    [b"\x53", b"\x53\x02\x00", b"\x53\x81", b"\x53\x82\x01", b"\x53\x80\x00\x00", b"\x53\x84\x00\x00\x00\x01a", b"\x5f", b"\x53\xff"],
)
def test_broken_lengths_are_garbled(data: bytes) -> None:
    with pytest.raises(CardGarbled):
        list(objects(data))


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_garbled(data: bytes) -> None:
    with contextlib.suppress(CardGarbled):
        assert sum(len(value) for _, value in objects(data)) < max(1, len(data))


def test_a_missing_object_is_none() -> None:
    assert find(encode(0x53, b"x"), 0x70) is None
