"""The PIN: silent, wipeable, never cut, never copied."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.card.pin import Pin


def typed(text: str) -> Pin:
    pin = Pin()
    for character in text:
        pin.append(ord(character))
    return pin


def test_filled_key_by_key_and_padded_for_the_card() -> None:
    pin = typed("12345x")
    pin.backspace()
    pin.append(ord("6"))
    assert len(pin) == 6
    assert pin.padded(8) == b"123456\xff\xff"


def test_backspace_on_an_empty_pin_is_nothing() -> None:
    pin = Pin()
    pin.backspace()
    assert len(pin) == 0


@given(st.text("0123456789", min_size=0, max_size=12))
def test_prints_the_same_whatever_it_holds(text: str) -> None:
    pin = typed(text)
    assert {repr(pin), str(pin), f"{pin}", f"{pin:>20}", "%s" % pin} == {"Pin(•••)"}  # noqa: UP031


def test_does_not_show_in_a_traceback() -> None:
    pin = typed("7391" + "45")
    try:
        pin.padded(4)
    except IndexError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "739145" not in shown
    assert "Pin(•••)" in shown


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_cannot_be_copied(copied: object) -> None:
    with pytest.raises(TypeError, match="cannot be copied"):
        copied(typed("123456"))  # type: ignore[operator]


def test_does_not_compare_by_value() -> None:
    assert typed("123456") != typed("123456")


def test_wiped_on_leaving_with_even_by_an_error() -> None:
    pin = typed("123456")
    buffer = pin._buffer
    with pytest.raises(RuntimeError), pin:
        raise RuntimeError
    assert len(pin) == 0
    assert not any(buffer)


def test_wiped_when_collected() -> None:
    pin = typed("123456")
    buffer = pin._buffer
    del pin
    assert not any(buffer)


def test_read_at_once_wipes_its_source() -> None:
    source = bytearray(b"123456")
    view = memoryview(source)
    with pytest.raises(BufferError):
        Pin.from_bytes(source)
    assert bytes(view) == bytes(6)


def test_too_long_is_kept_to_be_refused_never_cut_to_another_pin() -> None:
    assert len(typed("1" * 20)) == 20
    small = Pin(4)
    assert [small.append(0x31) for _ in range(5)] == [True] * 4 + [False]


@pytest.mark.parametrize("key", ["１", "あ", "\t", "\x7f"])
def test_a_key_no_card_knows_makes_it_unusable_not_shorter(key: str) -> None:
    pin = typed("12345" + key + "6")
    assert len(pin) == 7
    assert not pin.is_digits()
    assert not pin.is_printable()


def test_letters_are_printable_but_no_digits() -> None:
    pin = typed("abc123")
    assert pin.is_printable()
    assert not pin.is_digits()
