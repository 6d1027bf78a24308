"""A VTE terminal and xterm with fcitx5 and anthy: the cursor stands where one composes, and what is committed arrives, and nothing else.

The program runs in tmux, which says what stands on the screen; the terminal shows it, and takes the keys.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.e2e.test_tmux import to_the_menu, to_the_search
from tests.e2e.tmux import Tmux
from tests.e2e.tmux import missing as no_tmux
from tests.ime.desktop import VTE, XTERM, Desktop, missing
from tests.patience import wait_until

ALL = os.environ.get("IME") == "all"
LACKING = (no_tmux() or missing()) if ALL else "a screen and an input method of its own: make ime"

pytestmark = [pytest.mark.tmux, pytest.mark.skipif(bool(LACKING), reason=LACKING or "-")]

TOUROKU = ("t", "o", "u", "r", "o", "k", "u", "space", "Return")
"""登録, committed."""


class Shown(Tmux):
    """To be looked at in a terminal."""

    @property
    def looking(self) -> Sequence[str]:
        """The command that shows it."""
        return ("env", f"TMUX_TMPDIR={self._directory}", "tmux", "-u", "-L", self._name, "attach")

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row."""
        return int(self.asked("cursor_x")), int(self.asked("cursor_y"))


@pytest.fixture
def tmux(short_dir: Path) -> Iterator[Shown]:
    with Shown(short_dir) as terminal:
        yield terminal


@pytest.fixture(params=[VTE, XTERM], ids=["vte", "xterm"])
def desktop(request: pytest.FixtureRequest, tmux: Shown) -> Iterator[Desktop]:
    """With a terminal that shows what is in tmux."""
    with Desktop() as screen:
        screen.open(request.param, tmux.looking)
        wait_until(lambda: tmux.asked("session_attached") == "1", "the terminal shows nothing")
        yield screen


def test_composed_text_arrives_where_the_cursor_stands_and_a_cancelled_one_does_not(tmux: Shown, desktop: Desktop) -> None:
    to_the_search(tmux)
    desktop.keys(*"1000000001", "Return")
    tmux.wait("> 商号又は名称 [", "[1000000001")
    row = next(y for y, line in enumerate(tmux.lines) if line.startswith("> 商号又は名称"))
    begin = len("> 商号又は名称 [") + len("商号又は名称")  # each of these takes two cells
    wait_until(lambda: tmux.cursor == (begin, row), "the cursor is not in its field")
    desktop.convert(on=True)
    desktop.keys(*TOUROKU)
    tmux.wait("> 商号又は名称 [登録 ")
    wait_until(lambda: tmux.cursor == (begin + 4, row), "the cursor is not behind the text")
    desktop.keys(*TOUROKU[:7], "Escape")
    desktop.keys(*TOUROKU)  # something that comes after it
    tmux.wait("> 商号又は名称 [登録登録 ", "資格審査情報検索")
    wait_until(lambda: tmux.cursor == (begin + 8, row), "the cursor is not behind the text")


def test_a_menu_takes_a_full_width_figure(tmux: Shown, desktop: Desktop) -> None:
    to_the_menu(tmux)
    desktop.convert(on=True)
    desktop.keys("1", "Return")
    tmux.wait("デモ用カード", "ise-new")
