"""The menus of F-0."""

from __future__ import annotations

import asyncio

import pytest

from ebid_tui.errors import ServerAway
from ebid_tui.flows.ui import Nav, Ui
from tests.screens import scripted
from tests.screens.stage import asking, stage


async def test_the_menu_shows_what_each_item_is_for_and_when_not_to_use_it() -> None:
    """R-08, R-09."""
    flow, _ = asking(lambda ui: ui.choose(scripted.menu()))
    async with stage(flow) as s:
        shown = await s.until("利用者登録メニュー")
        assert "伊勢市  電子入札システム  CALS/EC" in shown
        assert "2026年11月21日 18時11分" in shown
        assert "ICカードを電子入札システムに登録します。" in shown
        assert "! いまのカードが期限切れ・失効のときは、「登録」を選んでください。" in shown
        assert "いまは選べません: この版では使えません。" in shown


@pytest.mark.parametrize("keys", [["1"], ["enter"], ["down", "down", "down", "enter"], ["up", "up", "up", "ctrl+j"]])
async def test_numbers_arrows_and_enter_choose(keys: list[str]) -> None:
    flow, answers = asking(lambda ui: ui.choose(scripted.menu()))
    async with stage(flow) as s:
        await s.until("利用者登録メニュー")
        await s.press(*keys)
        assert answers == ["registration"]


async def test_what_is_not_available_says_why() -> None:
    flow, answers = asking(lambda ui: ui.choose(scripted.menu()))
    async with stage(flow) as s:
        await s.until("利用者登録メニュー")
        assert "! いまは選べません" in await s.press("2")
        assert answers == []


@pytest.mark.parametrize("key", ["escape", "f3"])
async def test_back_is_an_answer_where_there_is_a_way_back(key: str) -> None:
    flow, answers = asking(lambda ui: ui.choose(scripted.menu()))
    async with stage(flow) as s:
        await s.until("利用者登録メニュー")
        await s.press(key)
        assert answers == [Nav.BACK]
    flow, answers = asking(lambda ui: ui.choose(scripted.categories()))
    async with stage(flow) as s:
        assert "戻る" not in await s.until("調達区分")
        await s.press(key)
        assert answers == []


async def test_nothing_can_be_chosen_before_the_servers_clock_has_come() -> None:
    """R-01."""
    answers: list[object] = []
    come = asyncio.Event()

    async def flow(ui: Ui) -> None:
        async def clock() -> None:
            ui.clock_away(ServerAway())
            await come.wait()
            ui.clock(scripted.NOW)

        waiting = asyncio.create_task(clock())
        answers.append(await ui.choose(scripted.menu()))
        await waiting
        await asyncio.Event().wait()

    async with stage(flow) as s:
        shown = await s.until("利用者登録メニュー", "サーバーに接続できません")
        assert "----年--月--日 --時--分" in shown
        await s.press("1")
        await s.press("enter")
        assert answers == []
        come.set()
        assert "サーバーの日時を待って" not in await s.gone("サーバーに接続できません")
        assert "2026年11月21日 18時11分" in s.text()
        await s.press("1")
        assert answers == ["registration"]
