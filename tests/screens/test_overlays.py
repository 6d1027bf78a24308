"""What lies over the pages: busy (R-02), quitting, help, the virtual reader, a terminal too small."""

from __future__ import annotations

import asyncio

import pytest

from ebid_tui.errors import CardMute
from ebid_tui.flows.ui import CardRequest, Nav, Ui
from ebid_tui.messages import t
from tests.flows.script import outcome
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import asking, stage

BUSY = "ただいまICカードにアクセス中です"


async def test_nothing_typed_counts_while_the_card_works() -> None:
    """R-02: not even what was typed before the overlay could be seen."""
    ready = asyncio.Event()
    answers: list[object] = []

    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await ui.choose(scripted.categories())
        async with ui.busy(scripted.profile().pin_dialog.busy):
            await ready.wait()
        answers.append(await ui.choose(scripted.menu()))
        await asyncio.Event().wait()

    async with stage(flow) as s:
        await s.until("調達区分")
        await s.press("1", "1", "enter")
        shown = await s.until(BUSY)
        assert "[" in shown
        assert "終わるまで、キー入力は受け付けません" in shown
        await s.press("1", "enter", "escape", "f1")
        await s.paste("1")
        assert BUSY in s.text()
        ready.set()
        await s.until("利用者登録メニュー")
        await s.pilot.pause(0.1)
        assert BUSY not in s.text()
        assert answers == []
        await s.press("1")
        assert answers == ["registration"]


async def test_short_work_shows_no_overlay_but_blocks_at_once() -> None:
    seen: list[bool] = []

    async def flow(ui: Ui) -> None:
        await ui.choose(scripted.categories())
        async with ui.busy("すぐ終わります"):
            await asyncio.sleep(0.02)
        await ui.fill(scripted.search())

    async with stage(flow) as s:
        await s.until("調達区分")
        await s.press("1", *"999")
        shown = await s.until("資格審査情報検索")
        seen.append("すぐ終わります" in shown)
        assert "999" not in shown
    assert seen == [False]


async def test_work_after_work_keeps_the_overlay_with_its_new_message() -> None:
    first, second = asyncio.Event(), asyncio.Event()

    async def flow(ui: Ui) -> None:
        await ui.choose(scripted.categories())
        async with ui.busy("カードを読んでいます"):
            await first.wait()
        async with ui.busy("サーバーに聞いています"):
            await second.wait()
        await ui.fill(scripted.search())

    async with stage(flow) as s:
        await s.until("調達区分")
        await s.press("1")
        await s.until("カードを読んでいます")
        first.set()
        await s.until("サーバーに聞いています")
        second.set()
        await s.until("資格審査情報検索")
        await s.gone("サーバーに聞いています")


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
async def test_quitting_asks_and_no_is_the_answer_unless_yes_is_chosen(key: str) -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.type("12345")
        assert "終了しますか。" in await s.press(key)
        assert ">[ 続ける ]" in s.text()
        shown = await s.press("enter")
        assert "終了しますか。" not in shown
        assert "[12345 " in shown
        await s.press(key, "right", "enter")
        await s.came(lambda: s.app._exit)


async def test_ctrl_c_twice_quits() -> None:
    flow, _ = asking(lambda ui: ui.ask_pin(scripted.pin()))
    async with stage(flow) as s:
        await s.until("PIN番号入力ダイアログ")
        await s.press("ctrl+c", "ctrl+c")
        await s.came(lambda: s.app._exit)


async def test_ctrl_c_during_work_asks_when_it_is_over() -> None:
    ready = asyncio.Event()

    async def flow(ui: Ui) -> None:
        await ui.choose(scripted.categories())
        async with ui.busy("署名しています"):
            await ready.wait()
        await ui.choose(scripted.menu())

    async with stage(flow) as s:
        await s.until("調達区分")
        await s.press("1")
        await s.until("署名しています")
        await s.press("ctrl+c")
        await s.until(t("screen.busy.quit_later")[:10])
        assert not s.app._exit
        ready.set()
        await s.until("終了しますか。")
        await s.press("enter")
        assert "利用者登録メニュー" in await s.gone("終了しますか。")


async def test_help_explains_the_fields_the_keys_and_whom_to_ask() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        seen = await s.press("f1")
        seen += "\n" + await s.press("pagedown")
        seen += "\n" + await s.press("end")
        assert "伊勢市から通知された10桁の業者番号です。" in seen
        assert "F10, Ctrl+S" in seen
        assert "0570-03-2505" in seen
        assert "F9" not in seen
        shown = await s.press("f1")
        assert "資格審査情報検索" in shown
        assert "ヘルプ:" not in shown


async def test_a_card_that_comes_answers_the_request_by_itself() -> None:
    hand = Hand()
    flow, answers = asking(lambda ui: ui.insert_card(scripted.card()))
    async with stage(flow, hand=hand) as s:
        shown = await s.until("リーダーに入れてください")
        assert "カードは入っていません" in shown
        assert "1  ise-new" in shown
        hand.insert("ise-new")
        await s.came(lambda: answers)
        assert answers == [None]


async def test_a_card_that_is_there_is_not_asked_for() -> None:
    async def flow(ui: Ui) -> None:
        await ui.choose(scripted.categories())
        answers.append(await outcome(ui.insert_card(scripted.card())))
        await asyncio.Event().wait()

    answers: list[object] = []
    async with stage(flow, hand=Hand("ise-new")) as s:
        await s.until("調達区分")
        await s.press("1")
        await s.came(lambda: answers)
        assert answers == [None]


async def test_after_a_problem_the_card_that_is_in_does_not_go_on_by_itself() -> None:
    hand = Hand("ise-new")
    flow, answers = asking(lambda ui: ui.insert_card(CardRequest("card", "ICカード", "入れてください。", CardMute())))
    async with stage(flow, hand=hand) as s:
        assert t("screen.card.inserted") in await s.until("ICカードが応答しません")
        await s.pilot.pause(0.05)
        assert answers == []
        await s.press("enter")
        assert answers == [None]
    flow, answers = asking(lambda ui: ui.insert_card(CardRequest("card", "ICカード", "入れてください。", CardMute())))
    async with stage(flow, hand=hand) as s:
        await s.until("ICカードが応答しません")
        await s.press("escape")
        assert answers == [Nav.CANCEL]


@pytest.mark.parametrize("key", ["f9", "ctrl+r"])
async def test_the_virtual_reader_opens_anywhere(key: str) -> None:
    hand = Hand("ise-new")
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow, hand=hand) as s:
        assert "F9 カード" in await s.until("資格審査情報検索")
        shown = await s.press(key)
        assert "仮想カードリーダー" in shown
        assert "いま入っているカード: ise-new" in shown
        assert "仮想カードリーダー" not in await s.press("delete")
        assert list(hand.inserted) == []
        await s.press(key, "down", "enter")
        assert hand.inserted == ("ise-second",)
        await s.press(key, "3")
        assert hand.inserted == ("mynumber",)
        assert "資格審査情報検索" in await s.press(key, "escape")


async def test_a_terminal_too_small_says_so_and_comes_back_losing_nothing() -> None:
    flow, answers = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.type("12345")
        await s.pilot.resize_terminal(60, 20)
        shown = await s.until("画面が小さすぎます")
        assert "横60文字、縦20行" in shown
        assert "資格審査情報検索" not in shown
        await s.press("9", "f10", "escape")
        await s.pilot.resize_terminal(40, 5)
        await s.until("画面が小さすぎます")
        await s.pilot.resize_terminal(100, 30)
        shown = await s.gone("画面が小さすぎます")
        assert "[12345 " in shown
        assert answers == []


async def test_a_flow_goes_on_under_a_small_terminal() -> None:
    go = asyncio.Event()

    async def flow(ui: Ui) -> None:
        await ui.choose(scripted.categories())
        async with ui.busy("署名しています"):
            await go.wait()
        await ui.choose(scripted.menu())

    async with stage(flow) as s:
        await s.until("調達区分")
        await s.press("1")
        await s.until("署名しています")
        await s.pilot.resize_terminal(60, 20)
        await s.until("画面が小さすぎます")
        go.set()
        await s.pilot.pause(0.1)
        assert "画面が小さすぎます" in s.text()
        await s.pilot.resize_terminal(80, 24)
        await s.until("利用者登録メニュー")
        assert "署名しています" not in s.text()


async def test_a_terminal_too_small_from_the_start() -> None:
    flow, _ = asking(lambda ui: ui.choose(scripted.categories()))
    async with stage(flow, size=(70, 24)) as s:
        await s.until("画面が小さすぎます")
        await s.pilot.resize_terminal(80, 24)
        await s.until("調達区分")


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (20, 2), (79, 24), (80, 23)])
async def test_no_size_breaks_it(size: tuple[int, int]) -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.registration()))
    async with stage(flow) as s:
        await s.until("利用者登録")
        await s.pilot.resize_terminal(*size)
        await s.pilot.pause()
        await s.pilot.resize_terminal(80, 24)
        await s.until("利用者登録")
