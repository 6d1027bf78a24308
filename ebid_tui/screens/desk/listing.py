"""A list of many lines to choose from: cards that end soon, applications."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from ebid_tui.errors import EbidError, SessionGone
from ebid_tui.flows.desk.ui import ChosenAction, ListAction, Listing, ListRow
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage
from ebid_tui.screens.desk.table_page import NEAR, TablePage
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import READING, bindings, key_label
from ebid_tui.widgets.styled_lines import Line, cut, line, paragraph


class ListScreen(TablePage[ListAction]):
    """Enter opens a row; the list goes on by itself as one gets near its end."""

    BINDINGS = bindings(
        "page.accept",
        *READING,
        "page.back",
        "desk.csv",
        "desk.finished",
        "desk.waiting",
        "desk.refresh",
    )

    def __init__(self, office: PageFrame, listing: Listing) -> None:
        super().__init__(office, listing.title, tuple((column.title, column.width) for column in listing.columns))
        self.listing = listing
        self.rows = list(listing.rows)
        self.said = ""
        self._pages: AsyncIterator[tuple[ListRow, ...]] | None = listing.more() if listing.more is not None else None
        self._asking: asyncio.Task[None] | None = None

    def on_mount(self) -> None:
        start = next((number for number, row in enumerate(self.rows) if row.id == self.listing.start), 0)
        self.table.set_rows([(row.cells, row.sign) for row in self.rows], start)
        self.lay_out()
        self.repaint()
        self.moved()

    def body(self, width: int) -> PageBody:
        lines: list[Line] = [(), *paragraph(self.listing.lead, width - 2, indent="  "), ()]
        if not self.rows:
            lines += paragraph(self.listing.empty, width - 2, "text", indent="  ")
        return PageBody(lines)

    def foot(self, width: int) -> Sequence[Line]:
        count = t("desk.find.count_more" if self._pages is not None else "desk.find.count", count=len(self.rows))
        text = f" ! {self.said}" if self.said else f" {count}  {t('desk.recorded')}"
        return (line((cut(text, width), "warning" if self.said else "dim")),)

    def keys(self) -> Sequence[KeyLabel]:
        found = [key_label("page.accept", t("desk.key.open"))] if self.rows else []
        return [*found, *(key_label(f"desk.{name}") for name in self.listing.actions), key_label("page.back")]

    def help_page(self) -> HelpPage:
        return HelpPage(self.listing.title, (), (self.listing.lead, t("desk.recorded")))

    # -- further pages

    def moved(self) -> None:
        if self._pages is not None and self._asking is None and self.table.cursor.near_end(NEAR):
            self._asking = asyncio.get_running_loop().create_task(self._further(self._pages))

    async def _further(self, pages: AsyncIterator[tuple[ListRow, ...]]) -> None:
        try:
            further = await anext(pages, None)
        except SessionGone:
            self._wish(ListAction.SIGNED_OUT)
            return
        except EbidError as error:
            # An iterator that raised is over: opening the list anew begins another one.
            self.said, self._pages = t("desk.find.failed", title=error.title, remedy=error.remedy), None
        else:
            if further is None:
                self._pages = None
            else:
                self.rows += further
                self.table.add_rows_behind([(row.cells, row.sign) for row in further])
        self._asking = None
        self.repaint()
        if not self.answered:
            self.moved()

    def on_unmount(self) -> None:
        if self._asking is not None:
            self._asking.cancel()

    # -- keys

    def _wish(self, action: ListAction) -> None:
        self.finish(ChosenAction(action, self.rows[self.table.chosen].id if self.rows else ""))

    def action_accept(self) -> None:
        if self.rows:
            self._wish(ListAction.OPEN)

    def action_wish(self, name: str) -> None:
        """A key of the desk's that this list may not have."""
        if (action := ListAction(name)) in self.listing.actions:
            self._wish(action)

    def action_back(self) -> None:
        self._wish(ListAction.BACK)
