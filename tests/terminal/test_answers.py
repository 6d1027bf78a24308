"""What the program does about what a terminal says of itself, through a pty: it asks, changes what it may, and puts it back."""

from __future__ import annotations

import sys

from tests.benchmarks.pty_bytes import Terminal

FORM = (sys.executable, "-m", "tests.benchmarks.form_app", "filled")
QUESTIONS = b"\x1b[?1036$p\x1b[>c"
XTERM, TERA_TERM = "\x1b[>41;379;0c", "\x1b[>32;331;2c"
ALT_OFF, ALT_ON = "\x1b[?1036;2$y", "\x1b[?1036;1$y"
OURS = (b"\x1b[?1036", b"\x1b[<")


def answered(*answers: str, env: dict[str, str] | None = None) -> tuple[bytes, bytes, bytes]:
    """What is sent up to the form, in reply to the answers and one Tab, and when the program ends."""
    with Terminal(FORM, env=env) as terminal:
        first = terminal.read_until("連絡先電話番号")
        reply = b"".join(terminal.send(answer) for answer in answers)
        reply += terminal.send("\t") + terminal.send("\t")
        terminal.send("\x03")
        begun = len(terminal.raw)
        terminal.send("\x03")
        assert terminal.wait() == 0
        return first, reply, terminal.raw[begun:]


def test_alt_is_made_to_send_an_escape_only_where_it_does_not_and_could() -> None:
    first, reply, last = answered(ALT_OFF)
    assert QUESTIONS in first
    assert reply.count(b"\x1b[?1036h") == 1
    assert last.count(b"\x1b[?1036l") == 1
    for said in (ALT_ON, XTERM):
        _, reply, last = answered(said)
        assert not any(sign in reply for sign in OURS), reply
        assert b"\x1b[?1036" not in last


def test_a_terminal_that_switches_conversion_is_asked_to_as_fields_want_it_and_gets_it_back() -> None:
    first, reply, last = answered(TERA_TERM)
    assert b"\x1b[<" not in first
    assert reply.count(b"\x1b[<s") == 1
    assert b"\x1b[<0t" in reply, "a telephone number"
    assert reply.rindex(b"\x1b[<1t") > reply.index(b"\x1b[<0t"), "and then a department's name"
    assert last.count(b"\x1b[<r") == 1
    assert last.index(b"\x1b[<r") < last.index(b"\x1b[?1049l")


def test_a_console_is_not_asked() -> None:
    first, reply, last = answered(env={"TERM": "linux"})
    assert QUESTIONS not in first
    assert not any(sign in reply for sign in OURS)
    assert b"\x1b[<r" not in last
