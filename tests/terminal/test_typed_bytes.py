"""What a terminal sends for Alt, Ctrl, half a sequence or half a paste, as bytes through a pty, in every place where one types."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import scaled, wait_until
from tests.screens.typing_app import LEAVE, SECRET
from tests.terminal.key_bytes import NOTHING, TERMINALS, sent, unbound
from tests.traces.glass import Glass

BEGIN, END = "\x1b[200~", "\x1b[201~"
ALT = [f"\x1b{chr(code)}" for code in range(0x21, 0x7F) if chr(code) not in "[O]PX^_"]
OTHER = [
    "\x1b[97;5u",
    "\x1b[27;5;97~",
    "\x1b[?1;2c",
    "\x1b]11;rgb:ff/ff/ff\x1b\\",
    "\x1bOL",
    "\x1b[1;3Q",
    "\x1b[1;3A",
    "\x1b[1;3B",
    "\x1b[3;3~",
    "\x1b[1;4C",
    "\x1b[1;9D",
    "\x1b\x1b[A",
    "\x1b[97;1:3u",
    "\x1b[57344u",
    "\x00",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x1f",
]
UNBOUND = sent("xterm", [*unbound("ctrl"), *unbound("alt"), *unbound("alt+shift")])
MEANT_FOR_NO_FIELD = "".join([*ALT, "\x1bl", *OTHER, *NOTHING, UNBOUND])
"""Alt+L a second time: the language is as before. Alt+B and Alt+F move by a word, to and fro."""


@pytest.fixture
def glass(tmp_path: Path) -> Iterator[Glass]:
    with Glass((sys.executable, "-m", "tests.screens.typing_app", str(tmp_path)), {}) as made:
        made.wait("連絡先電話番号")
        yield made


def further(glass: Glass, *texts: str) -> None:
    os.kill(glass.pid, signal.SIGUSR1)
    glass.wait(*texts)


def test_no_key_with_alt_or_ctrl_and_no_sequence_types_anywhere(glass: Glass) -> None:
    glass.at_once("\x15ab" + MEANT_FOR_NO_FIELD + "cdef")
    assert "[abcdef " in glass.wait("cdef"), "a form"
    glass.at_once("\x1bl")
    glass.wait("F1 Help")
    glass.at_once("\x1bl")
    glass.wait("F1 ヘルプ")
    before = glass.background
    glass.at_once("\x1bt")
    wait_until(lambda: glass.look() and glass.background != before, "Alt+T changes no theme")
    glass.at_once("\x07")
    glass.wait("ヘルプ: ")
    glass.at_once("ab" + MEANT_FOR_NO_FIELD + "cdef")
    assert " abcdef" in glass.wait("cdef"), "the help's search"
    glass.at_once("\x1bOR")

    further(glass, "資格審査情報検索")
    glass.at_once("\t\tab" + MEANT_FOR_NO_FIELD.replace("\x1bv", "") + "cdef\x14")
    assert "[abcdef " in glass.wait("cdef"), "a masked password, looked at"
    glass.at_once("\x1bv4711")
    assert "[4711 " in glass.wait("4711"), "Alt+V goes up"

    further(glass, "PIN番号入力ダイアログ", "[ OK ]")
    glass.at_once("12" + MEANT_FOR_NO_FIELD + "34" + BEGIN + "567" + END)
    assert "[**** " in glass.wait("貼り付けできません"), "the PIN"

    further(glass, "リーダーのキーで")
    glass.at_once(MEANT_FOR_NO_FIELD + "\x07")
    glass.wait("ヘルプ: ")
    glass.at_once("\x1bOR")
    assert glass.wait("確定キーを押して", gone="ヘルプ: ").count("確定キーを押して") == 1, "typed at the screen instead of the reader"

    further(glass, "業者検索")
    glass.at_once("ab" + MEANT_FOR_NO_FIELD + "cdef")
    assert "[abcdef " in glass.wait("cdef"), "the desk's search"

    further(glass, ".pdf")
    glass.at_once("\x15uv" + MEANT_FOR_NO_FIELD + "wxyz")  # the search below it still shows its own
    assert "[uvwxyz " in glass.wait("wxyz"), "a file's name"

    further(glass, "管理者用")
    glass.at_once(SECRET[:2] + MEANT_FOR_NO_FIELD + SECRET[2:] + "\r")
    assert glass.terminal.wait() == LEAVE, "the kiosk's secret"


@pytest.mark.parametrize("terminal", [name for name in TERMINALS if name != "kitty"])
def test_what_each_terminal_sends_acts_and_does_not_type(glass: Glass, terminal: str) -> None:
    """The kitty protocol's keys do nothing: they are among those that are meant for no field."""
    glass.at_once(sent(terminal, ["ctrl+u", *"4711"]))
    assert "[4711 " in glass.wait("4711")
    for open_, close in (("f1", "f3"), ("ctrl+g", "escape"), ("f1", "enter"), ("ctrl+g", "f1")):
        glass.at_once(sent(terminal, [open_]))
        glass.wait("ヘルプ: ")
        glass.at_once(sent(terminal, ["pagedown", "end", "pageup", "home", close]))
        glass.wait("連絡先電話番号", gone="ヘルプ: ")
    away = ["tab", "down", "ctrl+n", "pagedown", "ctrl+v", "enter"]
    back = ["shift+tab", "up", "ctrl+p", "pageup", "alt+v", "up"]
    for there, again in zip(away, back, strict=True):
        glass.at_once(sent(terminal, [there, *"x", "backspace", again, *["up"] * 9]))  # a page forth and back may end elsewhere
    glass.at_once(sent(terminal, ["f12", "ctrl+l", "f11", "alt+l", "left", "ctrl+b", "home", "ctrl+a", "right", "ctrl+f", "end", "ctrl+e"]))
    glass.at_once(sent(terminal, [*"4712"]))
    assert "[47114712 " in glass.wait("4712", "F1 ヘルプ"), "something was typed, or the field is another one"


LOST = "終わりまで届かなかった"


def test_a_paste_keeps_its_order_ends_by_itself_and_is_text_nowhere_else(glass: Glass) -> None:
    glass.at_once("\x15" + BEGIN + "7" * 1_000_000 + END + "\tnext")
    assert f"[{'7' * 25}" in glass.wait("next"), "a megabyte, as far as it fits"
    glass.at_once("\x1b[Z\x15" + BEGIN + "AB\x1bCDE" + END)
    assert "[ABCDE " in glass.wait("制御文字")

    glass.at_once("\x15" + BEGIN + "secret\r\x1b[20")
    glass.wait(LOST)
    glass.at_once(END + "4711")
    assert "[4711 " in glass.wait("4711"), "the paste has ended by itself"

    glass.at_once(BEGIN + "secret\x11\x11y\r")
    glass.wait("終了しますか")
    time.sleep(scaled(0.5))  # what comes at once belongs to the paste that was broken off
    glass.at_once("\x1b")
    glass.wait("連絡先電話番号", gone="終了しますか")
    glass.at_once("42")
    assert "[471142 " in glass.wait("42 "), "nothing of the paste"

    further(glass, "資格審査情報検索", "パスワード")
    glass.at_once("\t\t" + BEGIN + "\r\nab\x1bc\td\r\n" + END + "\x14")
    assert "[abcd " in glass.wait("制御文字、タブ"), "no character that nobody can see behind the mask"

    glass.at_once(BEGIN + "739145")
    further(glass, "PIN番号入力ダイアログ", "[ OK ]")
    glass.at_once(END + "12")
    assert "[** " in glass.wait("[**"), "begun on another page"
    glass.at_once(BEGIN + "739145" + "x" * 70_000)
    glass.wait("貼り付けできません")
    glass.at_once("3")
    assert "[*** " in glass.wait("[***"), "a long one without an end"
