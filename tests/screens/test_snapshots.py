"""Every screen as a picture at 80x24 and 120x40, and what must be readable on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from ebid_tui.app import EbidApp
from ebid_tui.errors import CardMute, WrongPin
from ebid_tui.flows.ui import Ui
from ebid_tui.screens import busy
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import Stage, still

SIZES = [(80, 24), (120, 40)]


async def working(ui: Ui) -> None:
    await ui.choose(scripted.categories())
    async with ui.busy(scripted.profile().pin_dialog.busy):
        await asyncio.Event().wait()


FAULTY = {"search": {"vendor_no": "12345", "trade_name": "㈱テスト", "password": "Demo-pass1"}}

SCREENS: dict[str, tuple[Callable[[Ui], Awaitable[object]], list[str], list[str]]] = {
    # name: request, keys, texts that must be there
    "category": (lambda ui: ui.choose(scripted.categories()), [], ["調達区分", "1  建設工事、測量・コンサル", "2026年11月21日 18時11分"]),
    "menu": (lambda ui: ui.choose(scripted.menu()), ["down"], ["利用者登録メニュー", "  >  2  変更", "いまは選べません"]),
    "card": (lambda ui: ui.insert_card(scripted.card()), [], ["リーダーに入れてください", "1  ise-new"]),
    "card_problem": (lambda ui: ui.insert_card(scripted.card(CardMute())), [], ["! ICカードが応答しません"]),
    "pin": (lambda ui: ui.ask_pin(scripted.pin()), [*"1234"], ["PIN番号入力ダイアログ", "[****  ", "担当者", "3回"]),
    "pin_last": (lambda ui: ui.ask_pin(scripted.pin(1, WrongPin(1))), [], ["（残り1回）", "! あと1回"]),
    "busy": (working, ["1"], ["ただいまICカードにアクセス中です", "キー入力は受け付けません"]),
    "search": (lambda ui: ui.fill(scripted.search()), [*"12345"], ["資格審査情報検索", "5/10", "(60文字以内)"]),
    "search_not_found": (
        lambda ui: ui.fill(scripted.search(FAULTY, scripted.not_found())),
        ["f10"],
        ["! 資格審査情報が見つかりません", "- 調達区分の選び違い", "「㈱」は使えません"],
    ),
    "form": (lambda ui: ui.fill(scripted.registration()), [], ["【企業情報】", "【代表窓口情報】", "> 部署名"]),
    "form_filled": (lambda ui: ui.fill(scripted.registration(scripted.filled())), ["pagedown", "pagedown"], ["【ICカード利用部署情報】"]),
    "form_faulty": (lambda ui: ui.fill(scripted.registration()), ["f10"], ["! 未入力です", "15か所に誤りがあります"]),
    "review": (lambda ui: ui.review(scripted.review()), [], ["登録内容確認", "! 企業情報とICカードの企業名称"]),
    "review_end": (
        lambda ui: ui.review(scripted.review()),
        ["end"],
        ["683 (10進) / 2ab (16進)", "OU=TEST CA,O=TEST CA,C=JP", "2028/02/29"],
    ),
    "holder": (lambda ui: ui.confirm(scripted.holder()), [], [">[ いいえ。登録しません ]", "会社名が違います。"]),
    "trouble": (lambda ui: ui.trouble(scripted.trouble()), [], ["! サーバーに接続できません", "E-SERVER-AWAY"]),
    "trouble_ways": (lambda ui: ui.trouble(scripted.search_refused()), [], ["調達区分を選び直す", "コード R-28"]),
    "done": (lambda ui: ui.done(scripted.done()), [], ["処理完了", "ISE-20261121-0001"]),
    "print": (lambda ui: ui.done(scripted.done()), ["f8"], ["利用者情報", "代表者氏名"]),
    "help": (lambda ui: ui.fill(scripted.search()), ["f1"], ["ヘルプ: 資格審査情報検索", "【項目の説明】"]),
    "quit": (lambda ui: ui.fill(scripted.search()), ["ctrl+q"], ["終了しますか。", ">[ 続ける ]"]),
    "tray": (lambda ui: ui.fill(scripted.search()), ["f9"], ["仮想カードリーダー（デモ）", "mynumber"]),
}


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen(name: str, size: tuple[int, int], snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    request, keys, texts = SCREENS[name]
    monkeypatch.setattr(busy, "STEP", 3600.0)

    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await request(ui)
        await asyncio.Event().wait()

    hand = Hand()
    app = EbidApp(scripted.profile(), flow, tray=hand, cards=hand, clock=still())

    async def prepare(pilot: Pilot[object]) -> None:
        s = Stage(app, pilot)
        await s.until("伊勢市  電子入札システム")
        await s.press(*keys)
        await s.until(*texts)

    assert snap_compare(app, terminal_size=size, run_before=prepare)


def test_too_small(snap_compare: Any) -> None:
    app = EbidApp(scripted.profile(), scripted.every_screen, clock=still())

    async def prepare(pilot: Pilot[object]) -> None:
        await Stage(app, pilot).until("画面が小さすぎます", "横80文字、縦24行以上", "横60文字、縦20行")

    assert snap_compare(app, terminal_size=(60, 20), run_before=prepare)


def test_before_the_clock_has_come(snap_compare: Any) -> None:
    """R-01."""

    async def flow(ui: Ui) -> None:
        await ui.choose(scripted.menu())

    app = EbidApp(scripted.profile(), flow, clock=still())

    async def prepare(pilot: Pilot[object]) -> None:
        await Stage(app, pilot).until("----年--月--日 --時--分", "! サーバーの日時を確認しています")

    assert snap_compare(app, terminal_size=(80, 24), run_before=prepare)
