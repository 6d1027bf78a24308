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


def to_the_company_name(tmux: Composing) -> None:
    to_the_search(tmux)
    tmux.fill("1000000001")


def test_composed_text_arrives_and_a_cancelled_one_leaves_no_holes(tmux: Composing, short_dir: Path) -> None:
    to_the_company_name(tmux)
    tmux.compose("touroku", "とうろく", "登録")
    tmux.same_after_redrawing()
    tmux.cancel(LONG, LONG_KANA)
    tmux.paint_over()
    tmux.same_after_redrawing()
    assert not (short_dir / "h" / ".anthy").exists(), "what was typed is kept"


@pytest.mark.skipif(os.environ.get("IME") != "all", reason="a minute of typing: make ime")
def test_a_whole_registration_and_every_screen_is_the_same_when_painted_anew(tmux: Composing, short_dir: Path) -> None:
    to_the_company_name(tmux)
    tmux.compose("tesuto", "てすと", "テスト")
    tmux.compose("koujigyousha", "こうじぎょうしゃ", "工事業者")
    tmux.commit("01", "01")
    tmux.next_field()
    tmux.wait("[テスト工事業者０１")
    tmux.type("Demo-pass1")
    tmux.same_after_redrawing()
    tmux.keys("F10")
    tmux.wait("企業情報", "代表電話番号")
    compose_the_contact(tmux)
    tmux.keys("F10")
    tmux.wait("登録内容確認", "下は PgDn で続きます", "工事部")
    tmux.same_after_redrawing()
    while "を実行します" not in tmux.screen:
        tmux.keys("F10")
        tmux.same_after_redrawing()
    tmux.keys("F10")
    tmux.wait("処理完了", "受付番号", "受付日時")
    tmux.same_after_redrawing()
    tmux.keys("F8")
    tmux.wait("利用者情報", "企業名称", "テスト工事業者０１", "工事部")
    tmux.same_after_redrawing()
    tmux.keys("End")
    tmux.wait("三重県伊勢市黒瀬町", "担当　花子")
    tmux.same_after_redrawing()
    assert not (short_dir / "h" / ".anthy").exists(), "what was typed is kept"


def compose_the_contact(tmux: Composing) -> None:
    """企業情報 and 代表窓口情報, which is copied to the card's department."""
    for romaji, kana, word in (("koujibu", "こうじぶ", "工事部"), ("eigyoubu", "えいぎょうぶ", "営業部")):
        tmux.compose(romaji, kana, word)
        tmux.same_after_redrawing()
        tmux.next_field()
    tmux.fill("5160018")
    tmux.wait("候補: 三重県伊勢市黒瀬町")
    tmux.same_after_redrawing()
    for romaji, kana, word in (
        ("miekenn", "みえけん", "三重県"),
        ("iseshi", "いせし", "伊勢市"),
        ("kurose", "くろせ", "黒瀬"),
        ("machi", "まち", "町"),
    ):
        tmux.compose(romaji, kana, word)
    tmux.next_field()
    tmux.wait("三重県伊勢市黒瀬町")
    tmux.compose("tanntou", "たんとう", "担当")
    tmux.keys("Space")
    tmux.compose("hanako", "はなこ", "花子")
    tmux.next_field()
    tmux.wait("[担当　花子")
    tmux.same_after_redrawing()
    for number in ("0596-00-0001", "0596-00-0002"):
        tmux.fill(number)
    tmux.type("hanako@example.co.jp")
    tmux.keys("Enter")
    tmux.wait("ICカード利用部署情報")
    tmux.same_after_redrawing()
    tmux.keys("F5")
    tmux.wait("7項目をコピーしました")
    tmux.same_after_redrawing()


def test_doctor_finds_it_well_set_up(tmux: Composing) -> None:
    tmux.start(f"{EBID} doctor")
    tmux.wait("server.hours", "[shell]0")
    seen = tmux.everything
    assert "正常 ime.rows" in seen
    assert "24行" in seen
    for check in ("ime.engine", "ime.onkey", "ime.learning"):
        assert f"正常 {check}" in seen
