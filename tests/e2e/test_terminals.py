"""The same screens in 256, 16 and two colours, in tmux and GNU screen, resized and attached again at any time."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.benchmarks.pty_bytes import Terminal
from tests.e2e.gnu_screen import GnuScreen
from tests.e2e.gnu_screen import missing as screen_missing
from tests.e2e.tmux import Tmux
from tests.e2e.tmux import missing as tmux_missing
from tests.patience import wait_until

FORM = f"{sys.executable} -m tests.benchmarks.form_app filled"
SGR = re.compile(r"\x1b\[([0-9;]*)m")


@pytest.fixture
def tmux(short_dir: Path) -> Iterator[Tmux]:
    with Tmux(short_dir) as terminal:
        yield terminal


COLOURS = {
    "256": ({"TERM": "xterm-256color"}, r"(38|48);5;\d+"),
    "many": ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, r"(38|48);5;\d+"),  # the themes' are among the 256
    "tmux": ({"TERM": "tmux-256color"}, r"(38|48);5;\d+"),
    "16": ({"TERM": "linux"}, r"3\d|4\d|9\d|10\d"),
    "16, screen": ({"TERM": "screen"}, r"3\d|4\d|9\d|10\d"),
    "2, vt100": ({"TERM": "vt100"}, ""),
    "2, mono": ({"TERM": "xterm-mono"}, ""),
    "2, NO_COLOR": ({"TERM": "xterm-256color", "NO_COLOR": "1"}, ""),
}


@pytest.mark.parametrize("name", COLOURS)
def test_a_terminal_gets_only_colours_that_it_has_and_signs_carry_everything(name: str, own_home: Path) -> None:
    environment, allowed = COLOURS[name]
    with Terminal((sys.executable, "-m", "ebid_tui", "demo"), env=environment) as terminal:
        text = terminal.read_until("調達区分").decode()
        assert "  >  1  建設工事" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
        used = re.findall(r"(?:38|48);5;\d+|(?:38|48);2;\d+;\d+;\d+|\d+", ";".join(SGR.findall(text)))
        colours = [code for code in used if not re.fullmatch(r"0|1|2|4|7|22|24|27|39|49", code)]
        assert all(re.fullmatch(allowed, code) for code in colours) if allowed else not colours, sorted(set(colours))
        assert bool(colours) == bool(allowed)


@pytest.mark.tmux
@pytest.mark.skipif(bool(tmux_missing()), reason=tmux_missing() or "-")
def test_resized_at_random_during_a_form_nothing_is_lost(tmux: Tmux) -> None:
    dice = random.Random(6)
    tmux.start(FORM)
    tmux.wait("> 代表電話番号")
    tmux.keys("Tab", "Tab")
    tmux.wait("> 部署名")
    typed = ""
    for _n in range(8):
        width, height = dice.choice(((80, 24), (132, 50), (60, 20), (79, 24), (80, 23), (100, 30)))
        tmux.resize(width, height)
        if width < 80 or height < 24:
            tmux.wait("画面が小さすぎます")
            tmux.type("x")  # counts for nothing
            tmux.resize(80, 24)
        wait_until(lambda: "小さすぎます" not in tmux.screen and "> 部署名" in tmux.screen, f"{width}x{height}: it does not come back")
        tmux.type(char := dice.choice("営業部第一課"))
        typed += char
        wait_until(partial(lambda typed: typed in tmux.screen, typed), f"{typed} is not there:\n{tmux.screen}")
    before = tmux.screen
    tmux.keys("C-l")
    wait_until(lambda: tmux.screen == before, "painted anew, it is another screen")
    tmux.keys("C-c", "C-c")
    tmux.ended(0)


@pytest.mark.skipif(bool(screen_missing()), reason=screen_missing() or "-")
@pytest.mark.parametrize("colours", [{}, {"NO_COLOR": "1"}], ids=["colours", "none"])
def test_gnu_screen_shows_it_and_attaches_again(short_dir: Path, colours: dict[str, str]) -> None:
    """The connection is lost, the session is not: after `screen -r` everything is there, and one types on."""
    with GnuScreen(short_dir, FORM.split(), env=colours) as inside:
        inside.wait("> 代表電話番号", "F10 入力内容確認")
        inside.type("\t\t")
        inside.wait("> 部署名")
        inside.type("第一課")
        inside.wait("営業部第一課")  # behind what stands there
        before = inside.screen
        inside.detach()
        inside.attach()
        inside.wait("> 部署名", "営業部第一課", "F10 入力内容確認")
        assert inside.screen == before
        inside.type("係")
        inside.wait("営業部第一課係")
        inside.type("\x03")
        inside.wait("終了しますか")
        inside.type("\x03")
