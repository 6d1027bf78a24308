"""R-47: the line under every title, as the screen shows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from ebid_tui.domain.whereabouts import NOWHERE
from ebid_tui.flows.ui import Ui
from tests.screens import scripted
from tests.screens.stage import asking, stage

WHERE = NOWHERE.at(scripted.profile(), "ise", "construction").with_vendor(scripted.profile(), "1000000001")
EVERY: dict[str, Callable[[Ui], Awaitable[object]]] = {
    "choose": lambda ui: ui.choose(scripted.categories()),
    "confirm": lambda ui: ui.confirm(scripted.holder()),
    "pin": lambda ui: ui.ask_pin(scripted.pin()),
    "search": lambda ui: ui.fill(scripted.search()),
    "review": lambda ui: ui.review(scripted.review()),
    "trouble": lambda ui: ui.trouble(scripted.trouble()),
    "done": lambda ui: ui.done(scripted.done()),
}


@pytest.mark.parametrize("name", EVERY)
async def test_r47_it_stands_under_the_title(name: str) -> None:
    async def flow(ui: Ui) -> object:
        ui.clock(scripted.NOW)
        ui.stand(WHERE.with_card({"person": "個人　十郎"}, "new"))
        return await EVERY[name](ui)

    shown, _ = asking(flow)
    async with stage(shown) as s:
        rows = (await s.until("業者番号 1000000001")).splitlines()
    assert rows[2].strip() == WHERE.with_card({"person": "個人　十郎"}, "new").text()
    assert sum("1000000001" in row for row in rows[:4]) == 1


async def test_a_page_keeps_what_it_was_made_with_until_the_next_one_comes() -> None:
    async def flow(ui: Ui) -> object:
        ui.clock(scripted.NOW)
        await ui.choose(scripted.categories())
        ui.stand(WHERE)
        return await ui.fill(scripted.search())

    shown, _ = asking(flow)
    async with stage(shown) as s:
        await s.until("調達区分")
        assert "1000000001" not in s.text()
        await s.press("1")
        await s.until("資格審査情報検索", "業者番号 1000000001")
