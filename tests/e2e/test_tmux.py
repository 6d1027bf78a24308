"""The terminal app in a real terminal at 80x24, by keystrokes only."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.program import below
from tests.e2e.tmux import EBID, PROMPT, Tmux, missing
from tests.patience import wait_until
from tests.wallets import ends, today

pytestmark = [pytest.mark.tmux, pytest.mark.skipif(bool(missing()), reason=missing() or "-")]

CONTACT = ("営業部", "5160018", "三重県伊勢市岩渕一丁目", "担当　花子", "0596-00-0001", "0596-00-0002", "hanako@example.co.jp")


@pytest.fixture
def tmux(short_dir: Path, own_tmp: Path) -> Iterator[Tmux]:
    with Tmux(short_dir) as terminal:
        yield terminal
    assert list(own_tmp.iterdir()) == [], "something temporary stayed"


def to_the_menu(tmux: Tmux) -> None:
    """From the shell to 利用者登録メニュー."""
    tmux.start()
    tmux.wait("調達区分", "1  建設工事、測量・コンサル", "2  物品・業務委託")
    tmux.keys("Enter")
    tmux.wait("利用者登録／電子入札選択", "1  利用者登録")
    tmux.keys("Enter")
    tmux.wait("利用者登録メニュー", "利用者登録処理", "1  登録", "2  変更", "3  ICカード更新")
    wait_for_clock(tmux)


def wait_for_clock(tmux: Tmux) -> None:
    """R-01: nothing can be chosen before the server's time has come."""
    wait_until(lambda: not re.search("確認しています|--年", tmux.screen), "the server's clock did not come")


def to_the_search(tmux: Tmux) -> None:
    to_the_menu(tmux)
    tmux.keys("1")
    tmux.wait("デモ用カード", "ise-new", "mynumber")
    tmux.keys("Enter")
    tmux.wait("PIN番号入力ダイアログ", "PIN番号", "担当者", "個人　十郎", "3回")
    tmux.type("123456")
    assert "123456" not in tmux.screen
    tmux.keys("Enter")
    tmux.wait("資格審査情報検索", "業者番号", "商号又は名称", "パスワード")


def to_the_form(tmux: Tmux) -> None:
    to_the_search(tmux)
    for value in ("1000000001", "テスト工事業者０１"):
        tmux.type(value)
        tmux.keys("Enter")
    tmux.type("Demo-pass1")
    assert "Demo-pass1" not in tmux.screen
    tmux.keys("F10")
    tmux.wait("企業情報", "テスト工事業者０１", "三重県伊勢市", "代表電話番号")


def test_the_whole_registration(tmux: Tmux) -> None:
    began = today()
    to_the_form(tmux)
    tmux.type("工事部")
    tmux.keys("Enter")
    tmux.wait("代表窓口情報", "工事部", "3/30")
    for value in CONTACT:
        tmux.type(value)
        tmux.keys("Enter")
    tmux.wait("ICカード利用部署情報")
    tmux.keys("F5")
    tmux.wait("7項目をコピーしました")
    tmux.keys("F10")
    seen = tmux.wait("登録内容確認", "hanako@example.co.jp に届きます", "下は PgDn で続きます")
    for _ in range(9):
        if "F10 または Ctrl+S を押すと「登録」を実行します" in seen:
            break
        tmux.keys("PageDown")
        before = seen
        wait_until(partial(lambda before: tmux.screen != before, before), "it does not scroll")
        seen = tmux.screen
    assert "ICカード情報" in seen
    assert "683 (10進) / 2ab (16進)" in seen
    assert "OU=TEST CA,O=TEST CA,C=JP" in seen
    assert any(end in seen for end in ends("ise-new", began))
    tmux.keys("F10")
    seen = tmux.wait("処理完了", "受付番号", "受付日時", "hanako@example.co.jp")
    receipt = next(line for line in seen.split("\n") if "受付番号" in line).split()[-1]
    assert receipt.startswith("ISE-")
    tmux.keys("F8")
    tmux.wait("利用者情報", "企業名称", "テスト工事業者０１")
    tmux.keys("End")
    tmux.wait(receipt, "担当　花子")
    tmux.keys("Escape")
    tmux.wait("処理完了")
    tmux.keys("F3")  # an Esc so soon behind another means nothing
    tmux.wait("調達区分", "1  建設工事、測量・コンサル")
    tmux.keys("C-q")
    tmux.wait("終了しますか")
    server = tmux.server
    tmux.type("y")
    tmux.keys("Enter")
    tmux.ended(0)
    assert not server.alive
    terminal_is_restored(tmux)


def test_f1_and_the_shells_screen_tell_pin_and_passwords(tmux: Tmux) -> None:
    tmux.start()
    tmux.wait("調達区分")
    tmux.keys("F1")
    tmux.wait("123456", "1000000001", "Demo-pass1", "Init-pass1")
    tmux.keys("Escape")
    tmux.wait("建設工事、測量・コンサル")
    tmux.keys("C-c", "C-c")
    told = tmux.ended(0)
    assert "PIN番号: 123456" in told
    assert "Demo-pass5" in told


def terminal_is_restored(tmux: Tmux) -> None:
    """The shell's own screen again, with a cursor, an echo and lines."""
    assert "Traceback" not in tmux.everything
    assert tmux.lines[0].startswith(PROMPT), "the screen is not the one from before"
    assert tmux.asked("alternate_on") == "0"
    assert tmux.asked("cursor_flag") == "1"
    assert tmux.asked("mouse_any_flag") == "0"
    assert tmux.asked("bracket_paste_flag") in ("0", "")
    tmux.start("stty -a")
    modes = tmux.wait("icanon", f"{PROMPT}0")
    assert " echo " in modes
    assert "-icanon" not in modes


def test_ctrl_c_asks_and_ctrl_c_again_leaves_at_every_screen(tmux: Tmux) -> None:
    to_the_form(tmux)
    tmux.type("03-1111-2222")
    for answer in ("Escape", "Enter"):
        tmux.keys("C-c")
        tmux.wait("終了しますか", "続ける")
        tmux.keys(answer)
        wait_until(lambda: "終了しますか" not in tmux.screen, "the question stays")
    tmux.wait("03-1111-2222")
    tmux.keys("C-c", "C-c")
    tmux.ended(0)
    terminal_is_restored(tmux)


@pytest.mark.parametrize("way_there", ["entrance", "menu", "pin"])
def test_ctrl_c_elsewhere(tmux: Tmux, way_there: str) -> None:
    if way_there == "entrance":
        tmux.start()
        tmux.wait("調達区分")
    else:
        to_the_menu(tmux)
    if way_there == "pin":
        tmux.keys("1")
        tmux.wait("デモ用カード")
        tmux.keys("Enter")
        tmux.wait("PIN番号入力ダイアログ")
        tmux.type("12")
    tmux.keys("C-c")
    tmux.wait("終了しますか")
    tmux.keys("C-c")
    tmux.ended(0)
    assert "Traceback" not in tmux.everything


def test_too_small_a_terminal_says_so_and_comes_back(tmux: Tmux) -> None:
    to_the_search(tmux)
    tmux.type("1000000001")
    tmux.wait("1000000001")
    tmux.resize(60, 20)
    seen = tmux.wait("画面が小さすぎます", "横60文字、縦20行", "残っています")
    assert "業者番号" not in seen
    tmux.type("99")
    tmux.resize(80, 24)
    seen = tmux.wait("資格審査情報検索", "1000000001")
    assert "小さすぎます" not in seen
    assert "100000000199" not in seen
    tmux.resize(120, 40)
    wait_until(lambda: len(tmux.lines[0]) > 100, "it does not use the room")


def test_started_in_a_terminal_that_is_too_small(short_dir: Path, own_tmp: Path) -> None:
    with Tmux(short_dir, width=60, height=20) as tmux:
        tmux.start()
        tmux.wait("画面が小さすぎます", "横80文字、縦24行以上")
        tmux.resize(80, 24)
        tmux.wait("調達区分", "物品・業務委託")
        tmux.keys("C-c", "C-c")
        tmux.ended(0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_cleanly(tmux: Tmux, number: signal.Signals) -> None:
    to_the_search(tmux)
    family = below(tmux.program)
    assert family, "the server"
    os.kill(tmux.program, number)
    tmux.ended(0)
    assert not any(process.alive for process in family)
    terminal_is_restored(tmux)


def test_the_terminal_goes_away(tmux: Tmux, own_tmp: Path) -> None:
    """A closed window, a lost connection: the kernel sends SIGHUP and SIGCONT, and there is nothing left to read from."""
    to_the_menu(tmux)
    family = tmux.family
    assert len(family) >= 3, "a shell, the program, its server"
    tmux.close_window()
    wait_until(lambda: not any(process.alive for process in family), "something outlives its terminal")
    wait_until(lambda: not list(own_tmp.iterdir()), "the server's directory stayed")


@pytest.mark.parametrize(
    ("environment", "said", "code"),
    [
        ("TERM=dumb", "ebid-tui plain", "E-TERM-DUMB"),
        ("LC_ALL=C", "LC_ALL=C.UTF-8 ebid-tui", "E-TERM-UTF8"),
        ("LC_ALL=ja_JP.eucJP", "LC_ALL=C.UTF-8 ebid-tui", "E-TERM-UTF8"),
    ],
)
def test_unfit_terminals_are_told_the_way_out(tmux: Tmux, environment: str, said: str, code: str) -> None:
    tmux.start(f"{environment} {EBID} demo")
    seen = tmux.ended(1)
    assert said in seen
    assert code in seen
    assert "Traceback" not in tmux.everything
    assert tmux.asked("alternate_on") == "0"


def test_not_a_terminal_offers_line_mode(tmux: Tmux) -> None:
    tmux.start(f"{EBID} demo | cat; {EBID} demo </dev/null")
    seen = tmux.ended(1)
    assert seen.count("ebid-tui plain") >= 2
    assert "Traceback" not in tmux.everything
