"""ebid-tui under uim-fep with anthy, set up as the documents say: composed Japanese arrives, and nothing stays on the screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_tmux import to_the_search
from tests.e2e.tmux import EBID
from tests.ime.front_end import Composing, missing

pytestmark = [pytest.mark.tmux, pytest.mark.skipif(bool(missing()), reason=missing() or "-")]

LONG = "touroku" * 9
LONG_KANA = "とうろく" * 9


@pytest.fixture
def tmux(short_dir: Path) -> Iterator[Composing]:
    (short_dir / "h").mkdir(mode=0o700)
    with Composing(short_dir, env={"HOME": str(short_dir / "h")}) as terminal:
        yield terminal


@pytest.mark.skipif(os.environ.get("IME") != "all", reason="a typist beside nothing else: make ime")
def test_composed_text_arrives_and_a_cancelled_one_leaves_no_holes(tmux: Composing, short_dir: Path) -> None:
    to_the_search(tmux)
    tmux.type("1000000001")
    tmux.next_field()
    committed = tmux.compose("touroku", "とうろく")
    assert committed == "登録"
    tmux.same_after_redrawing()
    tmux.compose(LONG, LONG_KANA, cancel=True)
    tmux.same_after_redrawing()
    assert not (short_dir / "h" / ".anthy").exists(), "what was typed is kept"


def test_doctor_finds_it_well_set_up(tmux: Composing) -> None:
    tmux.start(f"{EBID} doctor")
    tmux.wait("server.hours", "[shell]0")
    seen = tmux.everything
    assert "正常 ime.rows" in seen
    assert "24行" in seen
    for check in ("ime.engine", "ime.onkey", "ime.learning"):
        assert f"正常 {check}" in seen
