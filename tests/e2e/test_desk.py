"""`ebid-tui desk` in a real terminal at 80x24 in Japanese, by keystrokes only, against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ebid_tui.server.store import schema
from tests.desk.conftest import _offices, office, wallet
from tests.e2e.tmux import EBID, Tmux, missing
from tests.server.operating import PASSWORD, SYSTEM, Clerk, audit, tells_the_days_left
from tests.server.running_server import ORIGIN, Running

__all__ = ["_offices", "office", "wallet"]

pytestmark = [pytest.mark.tmux, pytest.mark.skipif(bool(missing()), reason=missing() or "-")]


@pytest.fixture
def tmux(short_dir: Path, own_tmp: Path) -> Iterator[Tmux]:
    with Tmux(short_dir) as terminal:
        yield terminal
    assert list(own_tmp.iterdir()) == [], "something temporary stayed"


def sessions(office: Running) -> int:
    """How many there are at the server."""
    with office.database() as connection:
        return connection.execute(select(func.count()).select_from(schema.sessions)).scalar_one()


def to_the_search(tmux: Tmux, office: Running) -> None:
    tmux.start(f"{EBID} desk --system {SYSTEM} --server {ORIGIN} --server-socket {office.socket}")
    tmux.wait("職員のログイン", "1  パスワードと認証コード", "2  ICカード")
    tmux.keys("Enter")
    tmux.wait("職員ID", "認証コード", "F10 ログイン")
    tmux.type("desk")
    tmux.keys("Enter")
    tmux.type(PASSWORD)
    tmux.wait("*****")
    tmux.keys("Enter")
    tmux.type(Clerk(office).code())
    tmux.keys("Enter")
    tmux.wait("業者検索", "職員 desk（担当）操作を記録しています", "F8 訓練", "時")


def test_an_operator_finds_a_vendor_resets_its_password_and_signs_out(tmux: Tmux, office: Running) -> None:
    to_the_search(tmux, office)
    tmux.type("山田")
    shown = tmux.wait("株式会社山田建設", "川越　三郎", "2件", "Enter 開く")
    assert " > 4100000001 " in shown
    tmux.keys("Enter")
    tmux.wait("【資格】", "1 資格  2 連絡先  3 カード  4 パスワード  5 メール  6 履歴  7 申請")
    tmux.keys("3")
    assert tells_the_days_left(tmux.wait("【カード 1枚目 使えます】", "43969（10進） / abc1（16進）", "あと"))
    tmux.keys("F5")
    tmux.wait("申請書の番号")
    tmux.type("R8-77")
    tmux.keys("Enter")
    tmux.wait("申請内容の確認")
    tmux.keys("F10")
    tmux.wait("新しい初期パスワード", "読み方")
    tmux.keys("Enter")
    tmux.wait("もう表示できません")
    tmux.keys("Enter")
    tmux.wait("【カード 1枚目 使えます】")
    tmux.keys("Escape")
    tmux.wait("業者検索", "[山田")
    tmux.resize(70, 20)
    tmux.wait("画面が小さすぎます")
    tmux.resize(80, 24)
    tmux.wait("業者検索", "[山田", "川越　三郎")
    tmux.keys("F3")
    tmux.wait("ログインを終えて")
    tmux.keys("Down", "Enter")
    tmux.ended(0)
    assert not [line for line in tmux.everything.splitlines() if "読み方" in line], "the password scrolled away, and is still there"
    assert sessions(office) == 0
    assert ("desk_done:reset_password", "operator:desk", "4100000001", "saitama-city") in audit(office)


def test_a_training_walks_through_the_callers_screens_and_touches_nothing_real(tmux: Tmux, office: Running) -> None:
    to_the_search(tmux, office)
    tmux.type("41000")
    tmux.wait("> 4100000001", "  1件")  # the last of the searches is on record
    before = office.contents()
    tmux.keys("F8")
    tmux.wait("訓練（本物の登録には影響しません）", "はじめの画面から", "登録", "ICカード更新")
    tmux.keys("1")
    tmux.wait(" 訓練 ", "訓練用の番号", "4000000001", "123456")
    tmux.keys("Escape")
    tmux.wait("はじめの画面から")
    tmux.keys("2")
    tmux.wait(" 訓練 ", "調達機関")
    tmux.keys("1")
    tmux.wait(" 訓練 ", "調達区分")
    tmux.keys("F3")  # an Esc so soon behind another means nothing
    tmux.wait("調達機関を選んで")
    tmux.keys("F3")
    tmux.wait("はじめの画面から")
    tmux.keys("6")
    tmux.wait(" 訓練 ", "調達機関")
    tmux.keys("1")
    tmux.wait(" 訓練 ", "調達区分")
    tmux.keys("1")
    tmux.wait(" 訓練 ", "リーダー", "saitama-current")
    tmux.keys("1")
    tmux.wait(" 訓練 ", "PIN番号", "残り回数")
    tmux.type("123456")
    tmux.keys("Enter")
    tmux.wait(" 訓練 ", "業者概要")
    tmux.keys("Escape")
    tmux.wait("はじめの画面から")
    tmux.keys("F3")
    tmux.wait("業者検索", "職員 desk（担当）操作を記録しています", "[41000", "> 4100000001")  # signed in as before, and where one was
    assert office.contents() == before
    tmux.keys("Enter")
    tmux.wait("【資格】")
    tmux.keys("C-c")
    tmux.wait("終了しますか")
    tmux.keys("C-c")
    tmux.ended(0)
    assert sessions(office) == 0, "the session goes on at the server"


def test_a_terminal_that_cannot_show_screens_is_told_the_way_out(tmux: Tmux) -> None:
    tmux.start(f"TERM=dumb {EBID} desk --system {SYSTEM}")
    tmux.wait("--plain")
    tmux.ended(1)
