"""The terminal's own input: byte by byte to Textual's messages; sequences whole or not at all; pastes that end, whatever comes."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.message import Message

from ebid_tui.terminal.input import MOST, InputReader, TerminalAnswer
from ebid_tui.terminal.keys import typed
from tests.terminal.key_bytes import BOUND, KITTY_KEYS, NOTHING, TERMINALS, unbound

BEGIN, END = "\x1b[200~", "\x1b[201~"
PASTE = BEGIN + "{}" + END


def told(messages: Iterable[Message]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for message in messages:
        if isinstance(message, events.Key):
            found.append(("key", message.key, message.character or ""))
        elif isinstance(message, events.Paste):
            found.append(("paste", message.text))
        else:
            found.append((type(message).__name__,))
    return [one for one in found if one != ("PasteBegun",)]


class Line:
    """A line to the terminal: what comes and when, and what it is taken for."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.now = 0.0
        self.got: list[Message] = []
        self.input = InputReader(lambda: refuses, lambda: self.now)

    def send(self, data: str | bytes) -> Line:
        for code in data.encode() if isinstance(data, str) else data:
            self.got += self.input.byte(code)
        return self

    def wait(self, seconds: float) -> Line:
        """In steps, as the terminal looks."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + 0.1, end)
            self.got += self.input.tick()
        return self

    @property
    def told(self) -> list[tuple[str, ...]]:
        return told(self.got)

    @property
    def text(self) -> str:
        """What would stand in a field."""
        return "".join(char for message in self.got if isinstance(message, events.Key) and (char := typed(message)))


def keys(text: str) -> list[tuple[str, ...]]:
    return told(XTermParser(False).feed(text))


KEYS = ("\x1b[A", "\x1b[21~", "\x1b[Z", "\x1bOP", "\x1b[<0;10;5M", "\x1b[I", "\x1b[[A", "\x1b[3$", "\x1b[1;5C", "\x1b[12;40R")
UNKNOWN = (
    "\x1b[97;5u",
    "\x1b[?1;2c",
    "\x1b[9999X",
    "\x1b[M !!",
    f"\x1b[{'1;' * 40}m",
    "\x1bO5P",
    "\x1b]11;rgb:ff/ff\x07",
    "\x1b]52;c;eA==\x07",
)
ALT = tuple(f"\x1b{char}" for char in "lLtTvVbf1239-+;\x7f\t漢 ")
TEXT = st.text(st.sampled_from("abcZ19[]O~;\r\t\x08あ髙𠮷"), max_size=4)
PAUSE = st.sampled_from((0.0, 0.0, 0.0, 0.05, 0.15, 0.45))


@given(st.lists(st.one_of(st.sampled_from(KEYS), TEXT, st.just(PASTE.format("貼ab"))), max_size=12))
def test_the_same_as_textuals_own(parts: list[str]) -> None:
    data = "".join(parts)
    assert Line().send(data).told == (keys(data) if data else [])


@given(st.lists(st.tuples(st.sampled_from((*KEYS, *UNKNOWN)) | TEXT.map(lambda text: "=" + text), st.lists(PAUSE, max_size=9)), max_size=8))
@example([("\x1b[B", [0.15]), ("=x", [])])
@example([("\x1b[B", [0.0, 0.15]), ("=x", [])])
def test_wherever_a_slow_line_splits_a_sequence_nothing_of_it_is_typed(parts: list[tuple[str, list[float]]]) -> None:
    """And split behind its introducer it still is the key that it was."""
    line, whole = Line(), Line()
    wanted = ""
    for data, pauses in parts:
        late = data[0] == "\x1b" and bool(pauses) and pauses[0] >= 0.1
        for at, code in enumerate(data.encode()):
            line.send(bytes((code,))).wait(pauses[at] if at < len(pauses) and at + 1 < len(data.encode()) else 0.0)
        whole.send("" if late else data)
        if late:
            whole.send("\x1b").wait(0.2)
            whole.input._tail_until = 0.0
        wanted += "".join(char for char in data if char.isprintable()) if data[0] == "=" else ""
    assert line.text == wanted
    assert line.told == whole.told


@pytest.mark.parametrize("sequence", ALT)
def test_alt_types_nothing_and_is_one_key_at_once(sequence: str) -> None:
    line = Line().send(sequence)
    assert len(line.got) == 1
    assert line.text == ""
    assert line.send("x").text == "x"


def test_alt_keys_are_called_as_keymaps_write_them() -> None:
    sent = Line().send("\x1bl\x1bT\x1bv\x1b1\x1b-\x1b \x1b漢").told
    assert [key for _, key, _ in sent] == ["alt+l", "alt+shift+t", "alt+v", "alt+1", "alt+-", "alt+space", "alt+漢"]


KEYPAD = frozenset(f"\x1bO{char}" for char in "jkmnopqrstuvwxy")
"""What the keypad's characters are sent as (SS3): the only sequences that type."""


def test_no_sequence_that_textual_knows_is_an_escape_too() -> None:
    """It has Alt+Up as Escape and then Up, and the Escape leaves the page and what was typed there."""
    for sequence in [known for known in ANSI_SEQUENCES_KEYS if len(known) > 1 and known != "\x1b\x1b"]:
        line = Line().send(sequence).wait(1.0)
        assert len(line.got) <= 1, repr(sequence)
        assert ("key", "escape") not in {one[:2] for one in line.told}, repr(sequence)
        assert bool(line.text) == (sequence in KEYPAD), repr(sequence)
        assert line.send("x").told[-1] == ("key", "x", "x"), repr(sequence)
        if sequence[1] in "[O" and sequence[-1] != "R":  # as some terminals send Alt; with R it is where the cursor is
            again = Line().send("\x1b" + sequence).wait(1.0)
            assert len(again.got) <= 1, repr(sequence)
            assert all(one[1].startswith("alt+") for one in again.told), repr(sequence)
            assert again.text == ""


def test_what_is_typed_after_rxvts_shift_is_text() -> None:
    assert len(RXVT) == 5
    for sequence in RXVT:
        assert Line().send(sequence + "A").text == "A"


def test_alt_with_a_key_that_is_a_sequence_itself() -> None:
    sent = Line().send("\x1b[1;3A\x1b[3;3~\x1b[1;4C\x1b[1;7D\x1b[1;9B\x1b\x1b[A\x1b\x1bOA\x1b\x1b[1;3A\x1b\x1bOq").told
    assert [key for _, key, _ in sent] == [
        *("alt+up", "alt+delete", "alt+shift+right", "alt+ctrl+left", "alt+down"),
        *("alt+up", "alt+up", "alt+up", "alt+1"),
    ]
    escape, alt_l = ("key", "escape", "\x1b"), ("key", "alt+l", "")
    assert Line().send("\x1b\x1b\x1b[A").told == [escape, ("key", "alt+up", "")]
    assert Line().send("\x1b\x1bl").told == [escape, alt_l]
    assert Line().send("\x1b\x1b[I").told == [escape, ("AppFocus",)], "what is no key has no Alt"
    assert Line().send("\x1b" + PASTE.format("a")).told == [escape, ("paste", "a")]
    assert Line().send("\x1b\x1b\x1b").wait(0.1).send("[Ax").told == [escape] * 3 + [("key", "x", "x")]


CSI = st.builds("\x1b[{}{}".format, st.text(st.sampled_from("0123456789:;<=>?-$ "), max_size=14), st.sampled_from("ABCFHIMPRSZmtuy~@"))
RXVT = tuple(known for known in ANSI_SEQUENCES_KEYS if known.startswith("\x1b[") and known.endswith("$"))
"""Its Shift+Delete and the like end with what stands in the middle elsewhere: what comes after one is typed."""
KITTY = st.builds("\x1b[{};{}:{}u".format, st.integers(0, 2_000_000), st.integers(0, 300), st.integers(0, 4))


@given(st.lists(CSI | KITTY, max_size=5))
@example(["\x1b[97;1:3u"])
@example(["\x1b[57344u"])
@example(["\x1b[48;0;0;0;0t", "\x1b[<0;1;1M"])
def test_whatever_the_parameters_are_a_sequence_types_nothing_and_the_next_key_is_one(sequences: list[str]) -> None:
    assume(BEGIN not in sequences and not any(sequence.startswith(RXVT) for sequence in sequences))
    line = Line()
    for sequence in sequences:
        line.send(sequence).wait(0.6)
    assert line.text == ""
    assert ("key", "escape") not in {one[:2] for one in line.told}
    assert line.send("x").told[-1] == ("key", "x", "x")


def test_a_lone_escape_acts_in_a_tenth_of_a_second_and_its_tail_is_not_typed() -> None:
    line = Line().send("\x1b").wait(0.099)
    assert line.told == []
    assert line.wait(0.001).told == [("key", "escape", "\x1b")]
    assert line.wait(0.4).send("[").wait(0.4).send("B").send("x").text == "x"
    assert Line().send("\x1b").wait(0.2).send("1[").text == "1[", "what is typed after an escape is typed"
    assert Line().send("\x1b").wait(0.7).send("[B").text == "[B", "later than that it is no tail"
    assert Line().send("\x1b\x1b").wait(0.1).told == [("key", "escape", "\x1b")] * 2
    assert Line().send("\x1b\x07\x1b[\x13\x1b]0;t\x07").told == [("key", "ctrl+g", "\x07"), ("key", "ctrl+s", "\x13")], "keys break it off"
    assert Line().send("\x1b[").wait(0.5).send("x").text == "x", "half a sequence waits for nothing"


@given(st.lists(st.tuples(st.binary(max_size=6) | st.sampled_from((*KEYS, *UNKNOWN, BEGIN, END)).map(str.encode), PAUSE | st.just(9.0))))
@example([(BEGIN.encode() + b"abc", 0.0)])
@example([(b"\x1b]0;", 0.0)])
def test_whatever_came_ctrl_q_is_a_key_and_after_a_while_so_is_every_other(parts: list[tuple[bytes, float]]) -> None:
    line = Line()
    for data, pause in parts:
        line.send(data.replace(b"\x11", b"").replace(b"\x03", b"")).wait(pause)
    assert line.send("\x11").told[-1] == ("key", "ctrl+q", "\x11")
    assert line.wait(0.2).send("x").told[-1] == ("key", "x", "x")


# ---- pastes


@given(st.text(st.sampled_from("ab[20~1\x1b貼\n")), st.lists(PAUSE | st.just(1.5), max_size=3))
@example("AB\x1bCDE", [])
@example("\x1b", [])
@example("\x1b[20\x1b[A", [])
def test_a_paste_keeps_its_order_whatever_is_in_it(inside: str, pauses: list[float]) -> None:
    data = PASTE.format(inside := inside.replace(END, "")).encode()
    line, refused = Line(), Line(refuses=True)
    for at, code in enumerate(data):
        slow = pauses[at - 7] if 7 <= at < 7 + len(pauses) and at + 1 < len(data) else 0.0
        for one in (line, refused):
            one.send(bytes((code,))).wait(slow)
    assert line.send("x").told == [("paste", inside), ("key", "x", "x")]
    assert refused.send("x").told == [("paste", ""), ("key", "x", "x")]


def test_of_a_paste_that_nobody_takes_nothing_is_kept() -> None:
    line = Line(refuses=True).send(BEGIN + "739145")
    assert line.input._paste is not None
    assert line.input._paste.text == ""
    assert line.send(END).told == [("paste", "")]


@pytest.mark.parametrize("refuses", [False, True])
def test_a_paste_without_its_end_ends_by_itself_and_is_nowhere_text(refuses: bool) -> None:
    line = Line(refuses=refuses).send(BEGIN + "secret\r\x1b[20")
    assert line.wait(1.9).told == []
    assert line.wait(0.1).told == [("PasteLost",)]
    assert line.send("x" + END + "y").told == [("PasteLost",), ("key", "x", "x"), ("key", "y", "y")]
    line = Line(refuses=refuses).send(BEGIN)
    for _ in range(40):  # somebody who presses keys at a program that seems deaf
        line.send("k").wait(0.5)
    assert ("PasteLost",) in line.told
    assert line.text


def test_ctrl_q_in_a_paste_is_a_key_once_and_takes_the_paste_along() -> None:
    line = Line().send(BEGIN + "abc\x11\x11\x03y\r").wait(0.05).send("z" + END)
    assert line.told == [("key", "ctrl+q", "\x11")], "what is pasted does not answer the question"
    line = Line().send(BEGIN + "abc\x11").wait(0.2).send("\x11")
    assert line.told == [("key", "ctrl+q", "\x11")] * 2


def test_a_paste_behind_an_escape_that_has_acted_is_lost_and_said() -> None:
    line = Line().send("\x1b").wait(0.15).send(BEGIN[1:] + "secret\r" + END + "x")
    assert line.told == [("key", "escape", "\x1b"), ("PasteLost",), ("key", "x", "x")]


def test_of_a_long_paste_the_beginning_is_kept() -> None:
    sent = Line().send(PASTE.format("貼" + "x" * 200_000)).send("y").told
    assert sent == [("paste", "貼" + "x" * (MOST - 1)), ("key", "y", "y")]


def test_what_is_no_utf8_is_a_key_that_nothing_takes() -> None:
    """A terminal set to another code must not end the program."""
    broken = keys("\ufffd")
    assert Line().send(b"a\xffb\xe3\x81c").told == [("key", "a", "a"), *broken, ("key", "b", "b"), *broken, ("key", "c", "c")]


@pytest.mark.parametrize("terminal", TERMINALS)
def test_every_terminals_bytes_are_the_key_that_they_are_sent_for(terminal: str) -> None:
    sends = TERMINALS[terminal]
    unasked = KITTY_KEYS.keys() if terminal == "kitty" else set()
    for key in [*(bound for bound in BOUND if len(bound) > 1), *unbound("alt"), *unbound("alt+shift"), *unbound("ctrl")]:
        line = Line().send(sends[key]).wait(1.0)
        names = [one[1] for one in line.told]
        assert names == ([] if key in unasked else [key]), (key, line.told)
        assert line.text == (" " if key == "space" and key not in unasked else ""), key


def test_sequences_of_protocols_that_are_not_asked_for_are_no_text() -> None:
    assert Line().send("".join(NOTHING)).wait(1.0).text == ""


def test_what_a_terminal_says_of_itself_is_an_answer_and_no_key() -> None:
    got = Line().send("\x1b[>77;30105;0c\x1b[?1036;2$y\x1b[?1036;1$y\x1b[>;c\x1b[?1;2c").got
    answers = [(one.kind, one.meta_off) for one in got if isinstance(one, TerminalAnswer)]
    assert answers == [(77, False), (None, True)]
    assert not any(isinstance(one, events.Key) for one in got)
