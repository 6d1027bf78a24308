"""What is sent to a real terminal of 80x24 with 256 colours, event by event."""

from __future__ import annotations

import os
import re
import signal
import sys

import pyte
import pytest

from tests.benchmarks.pty_bytes import FORM, HEIGHT, WIDTH, Terminal, measure

FIELDS = 17
"""Inputs of Ise's registration form."""


@pytest.fixture(scope="module")
def sizes() -> dict[str, list[int]]:
    return measure(idle_seconds=3.0)


def test_a_keystroke_costs_at_most_200_bytes(sizes: dict[str, list[int]]) -> None:
    assert max(sizes["keystroke"] + sizes["keystroke ja"] + sizes["backspace"]) <= 200
    assert min(sizes["keystroke"] + sizes["keystroke ja"]) > 0


def test_a_tab_costs_at_most_400_bytes(sizes: dict[str, list[int]]) -> None:
    assert max(sizes["tab"] + sizes["shift+tab"]) <= 400
    assert min(sizes["tab"]) > 0


@pytest.mark.parametrize("form", ["form", "filled"])
def test_every_tab_through_the_whole_form_costs_at_most_400_bytes_scrolling_or_not(form: str) -> None:
    with Terminal((*FORM[:-1], form)) as terminal:
        terminal.read_until("連絡先電話番号")
        for key in ("\t", "\x1b[Z"):
            got = [terminal.send(key) for _ in range(FIELDS - 1)]
            assert max(map(len, got)) <= 400
            assert min(map(len, got)) > 0
            assert any(b"\x1b[r" in sent for sent in got)
        for key in ("\t", "\t", "\x1b[Z", "\t", "\t", "\t", "\x1b[Z", "\x1b[Z", "\t"):  # to and fro
            assert len(terminal.send(key)) <= 400


def test_the_search_keeps_within_it_too() -> None:
    with Terminal((*FORM[:-1], "search")) as terminal:
        terminal.read_until("パスワード")
        assert max(len(terminal.send(c)) for c in "12345") <= 200
        assert max(len(terminal.send("\t")) for _ in range(2)) <= 400
        assert max(len(terminal.send(c)) for c in "Demo") <= 200


def test_nothing_is_sent_while_nobody_does_anything(sizes: dict[str, list[int]]) -> None:
    assert sizes["idle"] == [0]


def test_the_first_screen_is_sent_once() -> None:
    with Terminal((*FORM[:-1], "all")) as terminal:
        first = terminal.read_until("調達区分").decode()
        assert first.count("建設工事、測量・コンサル") == 1
        assert first.index("\x1b[?1049h") < first.index("調達区分")
        terminal.send("\x03")
        terminal.send("\x03")
        assert terminal.wait() == 0


def test_the_kitty_protocol_is_never_asked_for() -> None:
    """Under it an input method's commit of five or more kanji becomes garbage."""
    with Terminal(FORM) as terminal:
        assert b"\x1b[>" not in terminal.read_until("連絡先電話番号")


def test_an_input_methods_commit_of_many_kanji_arrives_whole_and_in_order() -> None:
    with Terminal(FORM) as terminal:
        terminal.read_until("連絡先電話番号")
        terminal.send("\t\t")
        terminal.send("東京支店総務課設備係")
        screen = pyte.Screen(WIDTH, HEIGHT)
        pyte.ByteStream(screen).feed(terminal.raw)
        assert any("東京支店総務課設備係" in line and "10/30" in line for line in screen.display)


@pytest.mark.parametrize("term", ["xterm-16color", "linux", "screen", "tmux-256color"])
def test_other_terminals_can_be_used(term: str) -> None:
    with Terminal((sys.executable, "-m", "tests.benchmarks.form_app", "all"), env={"TERM": term}) as terminal:
        terminal.read_until("調達区分")
        terminal.send("1")
        assert "利用者登録メニュー" in terminal.raw.decode()


def test_no_color_sends_no_colour() -> None:
    with Terminal((sys.executable, "-m", "tests.benchmarks.form_app", "all"), env={"NO_COLOR": "1"}) as terminal:
        first = terminal.read_until("調達区分").decode()
        assert re.search(r"\x1b\[(0;)?7[;m]", first)
        colours = [code for codes in re.findall(r"\x1b\[([0-9;]*)m", first) for code in codes.split(";")]
        assert set(colours) <= {"0", "1", "2", "4", "7", "22", "24", "27", "39", "49"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_leaves_the_terminal_as_it_was(number: signal.Signals) -> None:
    with Terminal(FORM) as terminal:
        terminal.read_until("連絡先電話番号")
        os.kill(terminal.pid, number)
        assert terminal.wait() is not None
        assert b"\x1b[?1049l" in terminal.raw
        assert b"\x1b[?25h" in terminal.raw


def test_a_real_terminal_made_too_small_and_large_again() -> None:
    with Terminal(FORM) as terminal:
        terminal.read_until("連絡先電話番号")
        terminal.send("123")
        terminal.resize(60, 20)
        terminal.read_until("画面が小さすぎます")
        terminal.resize(80, 24)
        glass = pyte.Screen(80, 24)
        pyte.ByteStream(glass).feed(terminal.read_until("連絡先電話番号"))
        assert "[000-0000-001123 " in glass.display[11]
