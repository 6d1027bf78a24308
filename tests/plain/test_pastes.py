"""A paste of several lines stays in its prompt, where the terminal marks it."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.messages import t
from ebid_tui.plain.keyboard import MARKS_PASTES, NO_MORE_MARKS, Keyboard
from ebid_tui.plain.line_bytes import PASTE, PASTED
from ebid_tui.plain.voice import PlainUi
from tests.plain.test_assist import CONTACT
from tests.plain.test_run import read_in_pieces
from tests.screens import scripted
from tests.screens.plastic import Hand

ADDRESS = "三重県伊勢市黒瀬町1-7-29\n101号室"


def lines_of(sent: bytes, cut: int) -> list[bytes]:
    """What is taken of bytes that come in two pieces."""
    return read_in_pieces([sent[:cut], sent[cut:]], pastes=True)[0]


@given(st.lists(st.sampled_from([b"a", b"1", b"\n", "町".encode()]), max_size=8), st.integers(0, 60))
def test_a_marked_paste_is_one_line_however_its_bytes_come(parts: list[bytes], cut: int) -> None:
    pasted = b"".join(parts)
    sent = b"x\n<" + PASTE + pasted + PASTED + b">\ny\n"
    assert lines_of(sent, cut) == [b"x", b"<" + pasted + b">", b"y"]


def test_what_is_not_marked_is_lines() -> None:
    assert lines_of(b"a\nb\n", 3) == [b"a", b"b"]


async def test_pasted_lines_are_asked_about_in_their_own_prompt(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answers = [line.partition(": ")[2] for line in CONTACT.format(address="").splitlines()]
    pasted = (PASTE + ADDRESS.encode() + PASTED).decode()
    answers[3] = f"{pasted}\n:3"
    ours, theirs = pty.openpty()
    try:
        os.write(ours, ("\n".join(["", "", *answers, *[""] * 7]) + "\n").encode())
        blocks = await PlainUi(Keyboard(descriptor=theirs), Hand()).fill(scripted.registration())
    finally:
        os.close(ours)
        os.close(theirs)
    assert isinstance(blocks, dict)
    assert blocks["representative_contact"]["address"] == "三重県伊勢市黒瀬町１−７−２９−１０１号室"
    assert blocks["representative_contact"]["person"] == "個人　十郎", "the second line answered nothing"
    assert t("field.gap.noted_hyphen", names=t("field.char.newline")) in capsys.readouterr().out


def test_the_terminal_is_asked_to_mark_pastes_and_left_as_it_was() -> None:
    """In a terminal of its own."""
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover
        code = (
            "import asyncio; from ebid_tui.plain.keyboard import Keyboard; from ebid_tui.plain.answers import Prompt;"
            "print(repr(asyncio.run(Keyboard().text(Prompt('x')))))"
        )
        os.execvpe(sys.executable, [sys.executable, "-c", code], {**os.environ, "TERM": "xterm"})
    seen = b""
    while MARKS_PASTES.encode() not in seen:
        seen += os.read(terminal, 4096)
    os.write(terminal, PASTE + b"a\rb" + PASTED + b"\r")
    while b"'a\\nb'" not in seen:
        seen += os.read(terminal, 4096)
    os.waitpid(pid, 0)
    os.close(terminal)
    assert seen.index(NO_MORE_MARKS.encode()) > seen.index(MARKS_PASTES.encode())
