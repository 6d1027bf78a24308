"""The terminal's own input: byte by byte to the same messages as Textual's, nothing kept, pastes dropped where nobody takes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from ebid_tui.terminal import Typed

PASTE = "\x1b[200~{}\x1b[201~"


def told(messages: list[Message]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for message in messages:
        if isinstance(message, events.Key):
            found.append(("key", message.key, message.character or ""))
        elif isinstance(message, events.Paste):
            found.append(("paste", message.text))
        else:
            found.append((type(message).__name__,))
    return found


def ours(data: bytes, *, refuses: bool = False) -> list[tuple[str, ...]]:
    typed = Typed(lambda: refuses)
    return told([message for code in data for message in typed.byte(code)])


SEQUENCES = (
    "\x1b[A",
    "\x1b[21~",
    "\x1b[Z",
    "\x1bOP",
    "\x1b[<0;10;5M",
    "\x1b[I",
    "\r",
    "\t",
    "\x7f",
    "\x03",
    "a",
    "あ",
    "髙",
    "𠮷",
    "\x1b[20",
    "~",
    "[",
)


@given(st.lists(st.one_of(st.sampled_from(SEQUENCES), st.text(max_size=3), st.just(PASTE.format("貼ab"))), max_size=12))
def test_the_same_as_textuals_own(parts: list[str]) -> None:
    data = "".join(parts).encode("utf-8", "surrogatepass").decode("utf-8", "ignore")
    theirs = told(list(XTermParser(False).feed(data))) if data else []
    assert ours(data.encode()) == theirs


def test_a_paste_that_nobody_takes_is_only_told_of() -> None:
    assert ours(f"1{PASTE.format('739145' * 3)}2".encode(), refuses=True) == [("key", "1", "1"), ("paste", ""), ("key", "2", "2")]


@pytest.mark.parametrize("inside", ["\x1b", "\x1b[", "\x1b[200~", "\x1b[A", "\x1b\x1b[20", "あ\x1b[201"])
def test_whatever_is_in_a_dropped_paste_it_ends_where_it_ends(inside: str) -> None:
    assert ours(f"{PASTE.format(inside)}x".encode(), refuses=True) == [("paste", ""), ("key", "x", "x")]


def test_what_is_no_utf8_is_a_key_that_nothing_takes() -> None:
    """A terminal set to another code must not end the program."""
    assert ours(b"a\xffb\xe3\x81c") == [
        ("key", "a", "a"),
        *ours("\ufffd".encode()),
        ("key", "b", "b"),
        *ours("\ufffd".encode()),
        ("key", "c", "c"),
    ]
