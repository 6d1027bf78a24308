"""The list: DataTable in the theme's roles, with a sign instead of a painted row."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import ComposeResult

from ebid_tui.flows.ui import Ui
from ebid_tui.screens.base import Step
from ebid_tui.widgets.frame import PageBody
from ebid_tui.widgets.list_table import ListTable
from tests.screens import scripted
from tests.screens.stage import Stage, stage


class Listed(Step[None]):
    """A page with a list of so many rows."""

    DEFAULT_CSS = "ListRow { layers: default list; } ListRow ListTable { offset: 0 4; width: 100%; height: 10; }"

    def __init__(self, office: Any, rows: int) -> None:
        super().__init__(office, "一覧")
        self.table = ListTable((("番号", 6), ("名称", 0), ("状態", 4)), office.page)
        self._count = rows

    def compose(self) -> ComposeResult:
        yield self.sheet
        yield self.table

    def on_mount(self) -> None:
        self.table.fit(self.app.size.width)
        self.table.set_rows([((f"{n:04}", f"名称{n}" + "長" * 40, "良"), "!" if n % 2 else "") for n in range(self._count)])

    def body(self, width: int) -> PageBody:
        return PageBody([()])


def listing(rows: int) -> Any:
    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        page = Listed(ui._stage.office, rows)  # type: ignore[attr-defined]
        await ui._stage.show(page)  # type: ignore[attr-defined]
        await page.answer

    return flow


def chosen(s: Stage) -> list[str]:
    return [line[:9] for line in s.text().splitlines() if line.startswith(" >")]


async def test_one_row_bears_the_sign_and_long_texts_say_that_they_go_on() -> None:
    async with stage(listing(30)) as s:
        shown = await s.until("番号", "0000")
        assert chosen(s) == [" > 0000  "]
        line = next(line for line in shown.splitlines() if "0001" in line)
        assert line.startswith("  !0001")
        assert "長>" in line
        assert line.rstrip().endswith("良")


@pytest.mark.parametrize(("by", "row"), [(1, "0001"), (9, "0009"), (29, "0029"), (99, "0029"), (-5, "0000")])
async def test_moving_stays_within_the_list_and_in_sight(by: int, row: str) -> None:
    async with stage(listing(30)) as s:
        await s.until("0000")
        s.page.table.move(by)
        await s.came(lambda: [line[3:7] for line in chosen(s)] == [row])
        assert "番号" in s.text()


async def test_an_empty_list_can_be_moved_through() -> None:
    async with stage(listing(0)) as s:
        await s.until("一覧")
        s.page.table.move(1)
        s.page.table.choose(5)
        assert chosen(s) == []


async def test_further_rows_leave_the_chosen_one_alone() -> None:
    async with stage(listing(5)) as s:
        await s.until("0004")
        s.page.table.choose(3)
        s.page.table.add_rows_behind([(("9999", "新しい", "良"), "")])
        await s.until("9999")
        assert [line[3:7] for line in chosen(s)] == ["0003"]


async def test_another_theme_changes_the_list_too() -> None:
    async with stage(listing(3)) as s:
        await s.until("0002")
        s.page.table._roles["text"] += s.page.table._roles["error"]
        s.page.table.restyle()
        await s.pilot.pause()
        assert [line[3:7] for line in chosen(s)] == ["0000"]
        assert s.page.table.rich_style == s.page.table._roles["text"]


async def test_without_ambiguous_characters() -> None:
    async with stage(listing(1)) as s:
        await s.until("0000")
        s.app.ascii_only = True
        s.page.table.set_rows([(("→1", "①※株式会社", "良"), "")])
        shown = await s.until("株式会社")
        assert "→" not in shown
        assert "※" not in shown
