"""What is sent to a real terminal of 80x24 with 256 colours, event by event."""

from __future__ import annotations

import os
import re
import signal
import sys
from statistics import median

import pyte
import pytest

from ebid_tui.messages import t
from tests.benchmarks.pty_bytes import FORM, HEIGHT, WIDTH, Terminal, measure, measure_screens, to_the_first_field

FIELDS = 17
"""Inputs of Ise's registration form."""


@pytest.fixture(scope="module")
def sizes() -> dict[str, list[int]]:
    return measure(idle_seconds=3.0)


KEYSTROKE, TAB, NEXT_SCREEN = 60, 120, 2500
"""The goals in bytes, at 80x24 and 256 colours."""

SCROLLING = 420
"""Bytes of a Tab that brings one or two further rows into sight: they have to be sent, and each is more than `TAB`."""

ASKING = 165
"""Bytes of a Tab to a field that asks to switch an input method off, where the one before did not."""

MEDIAN_KEYSTROKE, MEDIAN_TAB, MEDIAN_NEXT_SCREEN = 45, 100, 2000
"""The same as medians, of those steps that scroll nothing."""


def test_a_keystroke_keeps_to_its_goal(sizes: dict[str, list[int]]) -> None:
    assert max(sizes["keystroke"] + sizes["keystroke ja"] + sizes["backspace"]) <= KEYSTROKE
    assert min(sizes["keystroke"] + sizes["keystroke ja"]) > 0
    assert median(sizes["keystroke"] + sizes["keystroke ja"]) <= MEDIAN_KEYSTROKE


@pytest.mark.parametrize(
    ("form", "colours"),
    [("form", {}), ("filled", {}), ("filled", {"TERM": "linux"}), ("form", {"TERM": "xterm-mono", "NO_COLOR": "1"})],
    ids=["empty", "filled", "16 colours", "2 colours"],
)
def test_every_tab_through_the_whole_form_keeps_to_the_goal_scrolling_or_not(form: str, colours: dict[str, str]) -> None:
    """With fewer colours it is not more. What asks to switch an input method off comes on top of what every step needs."""
    asks = t("screen.input_method.off").encode()
    with Terminal((*FORM[:-1], form), env=colours) as terminal:
        to_the_first_field(terminal)
        still: list[int] = []
        keys = ["\t"] * (FIELDS - 1)
        if not colours:
            keys += ["\x1b[Z"] * (FIELDS - 1) + ["\t", "\t", "\x1b[Z", "\t", "\t", "\t", "\x1b[Z", "\x1b[Z", "\t"]  # to and fro
        for key in keys:
            sent = terminal.send(key)
            scrolls = b"\x1b[r" in sent
            assert 0 < len(sent) <= (SCROLLING if scrolls else ASKING if asks in sent else TAB), sent.decode()
            still += [] if scrolls else [len(sent)]
        assert len(still) > len(keys) / 3
        assert median(still) <= MEDIAN_TAB, still


def test_the_search_keeps_to_the_goals_too() -> None:
    with Terminal((*FORM[:-1], "search")) as terminal:
        terminal.read_until("パスワード")
        assert max(len(terminal.send(c)) for c in "1000000001") <= KEYSTROKE
        asks = t("screen.input_method.off").encode()
        assert all(len(sent) <= (ASKING if asks in sent else TAB) for sent in (terminal.send("\t") for _ in range(2)))
        assert max(len(terminal.send(c)) for c in "Demo") <= KEYSTROKE


@pytest.mark.parametrize("colours", [{}, {"TERM": "linux", "NO_COLOR": "1"}], ids=["256", "2"])
def test_the_next_screen_keeps_to_its_goal(colours: dict[str, str]) -> None:
    found = measure_screens(colours)
    assert max(found.values()) <= NEXT_SCREEN, found
    assert median(found.values()) <= MEDIAN_NEXT_SCREEN, found
    assert min(found.values()) > 300


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
        assert not re.search(rb"\x1b\[[>=]\d*u", terminal.read_until("連絡先電話番号"))


def test_an_input_methods_commit_of_many_kanji_arrives_whole_and_in_order() -> None:
    with Terminal(FORM) as terminal:
        to_the_first_field(terminal)
        terminal.send("\t\t")
        terminal.send("東京支店総務課設備係")
        screen = pyte.Screen(WIDTH, HEIGHT)
        pyte.ByteStream(screen).feed(terminal.raw)
        assert any("東京支店総務課設備係" in line and "10/30" in line for line in screen.display)


@pytest.mark.parametrize("term", ["xterm-16color", "linux", "screen", "tmux-256color"])
def test_other_terminals_can_be_used(term: str) -> None:
    with Terminal((sys.executable, "-m", "tests.benchmarks.form_app", "all"), env={"TERM": term}) as terminal:
        terminal.read_until("調達区分")
        terminal.answer("1", "利用者登録メニュー")


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
        to_the_first_field(terminal)
        terminal.send("123")
        terminal.resize(60, 20)
        terminal.read_until("画面が小さすぎます")
        terminal.resize(80, 24)
        glass = pyte.Screen(80, 24)
        pyte.ByteStream(glass).feed(terminal.read_until("連絡先電話番号"))
        assert "[000-0000-001123 " in glass.display[11]
