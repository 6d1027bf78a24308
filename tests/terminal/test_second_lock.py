"""Whatever text comes to what writes to a terminal, its bytes hold no command that the program did not make itself."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.benchmarks.pty_bytes import Terminal
from tests.screens.hostile_app import COMMANDS, SECRET_ORDER, hostile

OWN = re.compile(r"\x1b(?:\[[<=>?]?[0-9;]*[$ ]?[@-~]|[78=>M]|\([0B]|\]22;default\x07)")
"""ECMA-48, 5.4: what the screens may send. Of strings that a terminal would keep only the pointer's shape, which is a constant."""


def commands_in(sent: str, moves: str = "") -> list[str]:
    """What a terminal would not take as text; `moves` are what the program moves the cursor with beside its sequences."""
    return [char for char in sent if char in COMMANDS and char not in f"\r\n{moves}"]


def test_screens_of_hostile_text_send_their_own_sequences_and_nothing_else() -> None:
    with Terminal((sys.executable, "-m", "tests.screens.hostile_app")) as terminal:
        terminal.read_until("選択")
        terminal.answer("\r", "見出し")
        terminal.answer("\r", "検索")
        terminal.send("営業\t\t\t")
        sent = terminal.raw.decode()
    own = OWN.findall(sent)
    assert len(own) > 20
    assert [sequence for sequence in own if SECRET_ORDER in sequence] == []
    text = OWN.sub("", sent)
    assert commands_in(text, "\b") == []
    for shown in ("題名", "前文", "説明", "項目", "値", "検索", "誤り"):
        assert shown in text
    assert text.count(SECRET_ORDER) > 10, "what is left of it is text"


PRINTS = """
import sys
from ebid_tui.process.output import guard_output
from tests.screens.hostile_app import hostile
guard_output()
print(hostile("出力"), end="\\n", flush=True)
sys.stdout.writelines([hostile("行"), "\\n"])
print("ふつうの　文字", flush=True)
raise SystemExit(hostile("終わり"))
"""


@pytest.mark.parametrize("streams", ["utf-8", "utf-8:surrogateescape", "cp932:backslashreplace"])
def test_no_print_lets_a_command_through_to_a_terminal(streams: str) -> None:
    """Nor what Python itself writes at a program's end; surrogateescape is what a C locale has, and would send the byte itself."""
    with Terminal((sys.executable, "-c", PRINTS), env={"PYTHONIOENCODING": streams}) as terminal:
        assert terminal.wait() == 1
    sent = terminal.raw.decode(streams.partition(":")[0])
    assert commands_in(sent) == []
    assert "終わり?]0;31337??[31337m" in sent
    assert "ふつうの　文字\r\n" in sent
    assert sent.count(SECRET_ORDER) == 3 * hostile("").count(SECRET_ORDER)


@pytest.mark.parametrize("arguments", ["plain --{}", "plain --system {}", "demo --script {}", "admin --{} schema"])
def test_a_command_line_that_is_told_back_is_text(arguments: str) -> None:
    """On a pipe too: what is kept in a file is looked at in a terminal."""
    order = hostile("x").replace("\x00", "").encode("utf-8", "surrogatepass")
    command = [sys.executable.encode(), b"-m", b"ebid_tui", *(a.encode().replace(b"{}", order) for a in arguments.split())]
    ran = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    assert ran.returncode != 0
    assert commands_in((ran.stdout + ran.stderr).decode()) == []
