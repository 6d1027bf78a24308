"""業者検索: results come while one types. Typing never waits for the server, and an older question never answers a newer one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ebid_tui.domain.codes import codes_in, explained
from ebid_tui.errors import EbidError, InputError, SessionGone
from ebid_tui.flows.desk import finding
from ebid_tui.flows.desk.ui import BYS, REASONS, REPORTS, ChosenAction, FindAction, VendorSearch
from ebid_tui.forms.text_field import TextField
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage
from ebid_tui.screens.desk.table_page import NEAR, TablePage
from ebid_tui.screens.one_line import TypesOneLine
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import bindings, key_label
from ebid_tui.widgets.styled_lines import Line, cut, fit, line, paragraph, width_of, with_cursor

PAUSE = 0.25
"""Seconds without a key after which the server is asked."""

LABEL = 8


class SearchScreen(TablePage[FindAction], TypesOneLine):
    """One line to type in; below it, what was found so far."""

    BINDINGS = bindings(
        "page.accept",
        "page.down",
        "page.up",
        "desk.list_down",
        "desk.list_up",
        "page.back",
        "desk.by",
        "desk.reason",
        *(f"desk.{report}" for report in REPORTS),
        "desk.requests",
        "desk.training",
    )

    def __init__(self, office: PageFrame, request: VendorSearch) -> None:
        super().__init__(office, request.title, hit_columns())
        self.request = request
        self.place = request.place
        self.editor = TextField(request.place.text)
        self.looking = False
        """Whether the server is being asked."""
        self._asking: asyncio.Task[None] | None = None

    def on_mount(self) -> None:
        self._show(self.place.row)
        if not self.place.answered:
            self._ask(0.0)  # the session had ended meanwhile

    # -- painting

    def body(self, width: int) -> PageBody:
        room = width - LABEL - 4
        rows, (row, column) = self.editor.rows(room)
        typed = with_cursor(fit(rows[row], room), column)
        place = self.place
        by = t("desk.find.by", by=t(f"desk.by.{place.by}"))
        reason = t("desk.find.reason", reason=t(f"desk.reason.{place.reason}"))
        lines: list[Line] = [
            (),
            ((" " + fit(t("desk.find.label"), LABEL), "label"), ("[", "label"), *typed, ("]", "label")),
            line((f" {by}  {reason}  ", "dim"), (self._count(), "text")),
            (),
        ]
        cursor = (LABEL + 2 + column, 1)
        if not self.table.count:
            for text in (t("desk.find.nothing") if self._nothing() else t("desk.find.help"), t("desk.find.help_codes")):
                lines += paragraph(text, width - 4, "text" if self._nothing() else "dim", indent="  ")
        return PageBody(lines, cursor=cursor)

    def _nothing(self) -> bool:
        return bool(self.place.text.strip()) and not self.looking and not self.place.said

    def _count(self) -> str:
        if self.looking:
            return t("desk.find.looking")
        if not self.table.count:
            return ""
        return t("desk.find.count_more" if self.place.marks else "desk.find.count", count=self.table.count)

    def foot(self, width: int) -> Sequence[Line]:
        said = self.place.said
        text, role = (" ! " + said, "warning") if said else (" " + t("desk.recorded"), "dim")
        shown = line((cut(text, width), role))
        return (shown if width_of(shown) <= width else (),)

    def keys(self) -> Sequence[KeyLabel]:
        found = [key_label("page.accept", t("desk.key.open"))] if self.table.count else []
        found += [key_label(f"desk.{name}") for name in ("by", "reason", *REPORTS, "requests")]
        if self.request.training:
            found.append(key_label("desk.training"))
        return [*found, key_label("page.back", t("desk.leave.yes"))]

    def help_page(self) -> HelpPage:
        rows = tuple((t(f"desk.by.{by}"), t(f"desk.by.{by}_means")) for by in BYS)
        return HelpPage(self.request.title, rows, (t("desk.find.help"), t("desk.find.help_codes"), t("desk.recorded")))

    # -- typing

    def edited(self) -> None:
        if self.editor.value == self.place.text:
            self.repaint()
            return
        self.place.text = self.editor.value
        self._ask(PAUSE)

    def _ask(self, pause: float) -> None:
        """Forget the older question, and ask the new one after a pause."""
        self._stop()
        place = self.place
        place.said = ""
        place.codes = codes_in(place.text)
        self.looking = bool(place.text.strip()) and not place.codes
        place.answered = not self.looking
        if self.looking:
            self._asking = asyncio.get_running_loop().create_task(self._look(pause))
        else:
            place.found, place.marks = [], {}
            self._show(0)
        self.repaint()

    def _stop(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    async def _look(self, pause: float) -> None:
        await asyncio.sleep(pause)
        place, first = self.place, True
        try:
            async for kind, hits in finding.first_pages(self.request.look, place.text, place.by, place.reason):
                if first:
                    place.found, place.marks, first = [], {}, False
                finding.add_hits(place, kind, hits)
                self._show(0)
        except SessionGone:
            self._finish(FindAction.SIGNED_OUT)
            return
        except InputError:
            place.found, place.marks = [], {}  # nothing that could be looked for: a space, a mark
            self._show(0)
        except EbidError as error:
            place.said = t("desk.find.failed", title=error.title, remedy=error.remedy)
        self.looking, place.answered = False, True
        self._show(self.table.chosen)

    async def _further(self) -> None:
        try:
            await finding.next_page(self.request.look, self.place)
        except SessionGone:
            self._finish(FindAction.SIGNED_OUT)
        except EbidError as error:
            self.place.said = t("desk.find.failed", title=error.title, remedy=error.remedy)
        self._show(self.table.chosen)

    def _show(self, chosen: int) -> None:
        place, profile = self.place, self.office.profile
        rows: list[tuple[tuple[str, ...], str]]
        if place.codes:
            rows = [((code, explained(code).meaning), "") for code in place.codes]
        else:
            rows = [(finding.hit_cells(profile, found.hit), "" if found.hit.state == "approved" else "!") for found in place.found]
        if self.is_attached and not self.answered:
            self.table.set_rows(rows, chosen, code_columns() if place.codes else hit_columns())
            self.lay_out()
            self.repaint()

    def moved(self) -> None:
        """Near the end of what is there, the next page is fetched."""
        free = self._asking is None or self._asking.done()
        if self.place.marks and free and self.table.cursor.near_end(NEAR):
            self._asking = asyncio.get_running_loop().create_task(self._further())

    # -- what one can do

    def _finish(self, action: FindAction, row: str = "") -> None:
        self.place.row = self.table.chosen
        self.finish(ChosenAction(action, row))

    def on_unmount(self) -> None:
        self._stop()

    def action_accept(self) -> None:
        if not self.table.count:
            return
        codes, row = self.place.codes, self.table.chosen
        if row < len(codes):
            self._finish(FindAction.CODE, codes[row])
        else:
            self._finish(FindAction.OPEN, str(row - len(codes)))

    def action_by(self) -> None:
        self.place.by = BYS[(BYS.index(self.place.by) + 1) % len(BYS)]
        self._ask(0.0)

    def action_reason(self) -> None:
        self.place.reason = REASONS[(REASONS.index(self.place.reason) + 1) % len(REASONS)]
        self.repaint()

    def action_wish(self, name: str) -> None:
        """Away from the search; a training only where there can be one."""
        if (action := FindAction(name)) is not FindAction.TRAINING or self.request.training:
            self._finish(action)

    def action_back(self) -> None:
        self._finish(FindAction.SIGN_OUT)


def hit_columns() -> tuple[tuple[str, int], ...]:
    """For vendors and cards: title and width."""
    return (t("desk.column.number"), 12), (t("desk.trade_name"), 0), (t("desk.column.state"), 8), (t("desk.column.place"), 14)


def code_columns() -> tuple[tuple[str, int], ...]:
    """For codes."""
    return (t("desk.column.number"), 22), (t("desk.codes.meaning"), 0)
