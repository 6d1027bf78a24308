"""F1 anywhere: typing looks through common questions and the fields' explanations."""

from __future__ import annotations

import asyncio

from ebid_tui.flows.ui import Ui
from tests.screens import scripted
from tests.screens.stage import stage


async def flow(ui: Ui) -> None:
    await ui.choose(scripted.categories())
    await asyncio.Event().wait()


async def test_typing_in_help_looks_for_an_answer() -> None:
    async with stage(flow) as s:
        await s.until("調達区分")
        await s.press("f1")
        await s.until("文字を入力すると")
        await s.type("ろっく")
        shown = await s.until("検索: ろっく")
        assert "PIN番号がロックされました。" in shown
        assert "【キー】" not in shown


async def test_backspace_takes_the_search_back_and_escape_leaves() -> None:
    async with stage(flow) as s:
        await s.until("調達区分")
        await s.press("f1")
        await s.until("文字を入力すると")
        await s.paste("更新\u200b")
        await s.until("検索: 更新")
        await s.press("backspace", "backspace")
        assert "【キー】" in await s.until("文字を入力すると")
        await s.press("escape")
        await s.gone("ヘルプ: ")


async def test_nothing_found_says_so() -> None:
    async with stage(flow) as s:
        await s.until("調達区分")
        await s.press("f1")
        await s.until("文字を入力すると")
        await s.type("zzz")
        assert "0件" in await s.until("検索: zzz")
