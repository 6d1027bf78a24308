"""A page with a few lines at its top and a list below them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic

from textual.app import ComposeResult

from ebid_tui.flows.desk.ui import A_co, ChosenAction
from ebid_tui.flows.localising import relocalised
from ebid_tui.screens.base import Step
from ebid_tui.widgets.frame import PageFrame
from ebid_tui.widgets.list_table import ListTable
from ebid_tui.widgets.sheet import Sheet

FRAME = 3
"""Rows of header, title and key bar."""

NEAR = 5
"""Rows before the last one from which the next page is fetched."""


class _SheetBelow(Sheet):
    """A sheet over which a table lies: another theme changes both."""

    table: ListTable | None = None

    def restyle(self) -> None:
        super().restyle()
        if self.table is not None:
            self.table.restyle()


class TablePage(Step[ChosenAction[A_co]], Generic[A_co]):
    """The table takes the rows between the body and the foot. `body` is the part above it; it has no cursor of its own rows."""

    DEFAULT_CSS: ClassVar[str] = "TablePage { layers: default list; } TablePage ListTable { width: 100%; }"

    def __init__(self, office: PageFrame, title: str, columns: Sequence[tuple[str, int]]) -> None:
        super().__init__(office, title)
        self.table = ListTable(columns, office.page)
        self.sheet = _SheetBelow(self.paint, office.page)
        self.sheet.table = self.table
        self._laid: tuple[int, int, int] = (0, 0, 0)

    def compose(self) -> ComposeResult:
        yield self.sheet
        yield self.table

    def on_mount(self) -> None:
        self.lay_out()

    def on_resize(self) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Put the table where there is room for it."""
        width, height = self.app.size.width, self.app.size.height
        top = FRAME - 1 + len(self.body(width).lines)
        rows = max(1, height - top - 1 - len(list(self.foot(width))))
        if (width, top, rows) != self._laid:
            self._laid = (width, top, rows)
            self.table.styles.offset = (0, top)
            self.table.styles.height = rows
            self.table.fit(width)
        self.table.display = self.table.count > 0

    def say_again(self) -> None:
        super().say_again()
        self.table.say_again(relocalised)
        self.lay_out()

    @property
    def page_rows(self) -> int:
        """Rows of the list that are seen at once."""
        return max(1, self._laid[2] - 1)

    @property
    def all_rows(self) -> int:
        return self.table.count

    def moved(self) -> None:
        """Another row is chosen."""

    def scroll_rows(self, rows: int) -> None:
        self.table.move(rows)
        self.moved()
