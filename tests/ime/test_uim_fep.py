"""ebid-tui under uim-fep with anthy, set up as the documents say: composed Japanese arrives, and nothing stays on the screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.test_tmux import to_the_form, to_the_search
from tests.e2e.tmux import EBID
from tests.ime.front_end import Composing, missing
from tests.patience import wait_until

pytestmark = [pytest.mark.tmux, pytest.mark.skipif(bool(missing()), reason=missing() or "-")]

LONG = "touroku" * 9
LONG_KANA = "とうろく" * 9
whole = pytest.mark.skipif(os.environ.get("IME") != "all", reason="takes a minute: make ime")


@pytest.fixture
def tmux(short_dir: Path) -> Iterator[Composing]:
    (short_dir / "h").mkdir(mode=0o700)
    with Composing(short_dir, env={"HOME": str(short_dir / "h")}) as terminal:
        yield terminal


def test_composed_text_arrives_and_a_cancelled_one_leaves_no_holes(tmux: Composing, short_dir: Path) -> None:
    to_the_search(tmux)
    tmux.type("1000000001")
    tmux.next_field("商号又は名称")
    committed = tmux.compose("touroku", "とうろく")
    assert committed == "登録"
    tmux.same_after_redrawing()
    tmux.compose(LONG, LONG_KANA, cancel=True)
    tmux.same_after_redrawing()
    assert not (short_dir / "h" / ".anthy").exists(), "what was typed is kept"


@whole
def test_a_whole_registration(tmux: Composing, short_dir: Path) -> None:
    to_the_form(tmux)
    tmux.same_after_redrawing()
    tmux.keys("Enter", "Enter")
    assert tmux.compose("koujibu", "こうじぶ") == "工事部"
    tmux.compose(LONG, LONG_KANA, cancel=True)
    tmux.same_after_redrawing()
    tmux.keys("Enter")
    tmux.wait("代表窓口情報", "3/30")
    assert tmux.compose("eigyoubu", "えいぎょうぶ") == "営業部"
    tmux.same_after_redrawing()
    tmux.keys("Enter")
    tmux.type("5160018")
    tmux.next_field("連絡先住所")
    address = tmux.compose("mieken", "みえけん") + tmux.compose("iseshi", "いせし")
    assert address == "三重県伊勢市"
    tmux.type("岩渕一丁目")
    tmux.same_after_redrawing()
    tmux.keys("Enter")
    tmux.compose("tantou", "たんとう")
    tmux.type("　")
    tmux.compose("hanako", "はなこ")
    tmux.compose(LONG, LONG_KANA, cancel=True)
    tmux.same_after_redrawing()
    tmux.keys("Enter")
    for value in ("0596-00-0001", "0596-00-0002", "hanako@example.co.jp"):
        tmux.type(value)
        tmux.wait(value)
        tmux.keys("Enter")
    tmux.wait("ICカード利用部署情報")
    tmux.keys("F5")
    tmux.wait("7項目を写しました")
    tmux.keys("F10")
    seen = tmux.wait("登録内容確認", "下に続き")
    for _ in range(9):
        if "F10 または Ctrl+S を押すと「登録」します" in seen:
            break
        before = seen
        tmux.keys("PageDown")
        wait_until(partial(lambda before: tmux.screen != before, before), "it does not scroll")
        seen = tmux.screen
    tmux.keys("F10")
    tmux.wait("処理完了", "受付番号", "ISE-")
    tmux.keys("F8")
    tmux.wait("利用者情報", "企業名称")
    tmux.keys("End")
    tmux.wait("営業部", "三重県伊勢市岩渕一丁目", "担当　花子")
    assert not (short_dir / "h" / ".anthy").exists(), "what was typed is kept"


def test_doctor_finds_it_well_set_up(tmux: Composing) -> None:
    tmux.start(f"{EBID} doctor")
    tmux.wait("server.hours", "[shell]0")
    seen = tmux.everything
    assert "正常 ime.rows" in seen
    assert "24行" in seen
    for check in ("ime.engine", "ime.onkey", "ime.learning"):
        assert f"正常 {check}" in seen
