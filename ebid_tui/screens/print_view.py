"""印刷: the page 利用者情報 as it is printed, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.flows.ui import Done
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Page
from ebid_tui.widgets.frame import Body, KeyLabel, Office
from ebid_tui.widgets.ink import line, pair, paragraph, widest
from ebid_tui.widgets.keys import bindings, key_label
from ebid_tui.widgets.table import receipt_rows, section_lines

PAPER = 78
"""Cells of the page: it does not grow with the terminal, paper does not either."""


class PrintScreen(Page):
    """The page, scrollable, until it is closed."""

    BINDINGS = bindings("page.back", "page.accept", "page.down", "page.up", "page.page_down", "page.page_up", "page.top", "page.bottom")

    def __init__(self, office: Office, done: Done) -> None:
        super().__init__(office, done.print)
        self.done = done

    def body(self, width: int) -> Body:
        receipt, profile = self.done.receipt, self.office.profile
        paper = min(width, PAPER)
        rows = receipt_rows(receipt)
        body = Body([()])
        body.lines.append(line(("  " + self.done.page_title, "heading")))
        body.lines += paragraph(f"{profile.name} {profile.title}", paper - 2, "text", indent="  ")
        body.lines += section_lines(self.done.page, paper)
        body.lines.append(())
        label = widest((name for name, _ in rows), 24)
        for name, value in rows:
            body.lines += pair(name, value, label, paper - 2, indent=3)
        if self.done.page_note:
            body.lines += [(), *paragraph(self.done.page_note, paper - 2, indent="  ")]
        return body

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.back", t("common.close")), key_label("page.page_down"), key_label("page.page_up")]

    def help_page(self) -> HelpPage:
        return HelpPage(self.done.print, (), (t("help.print"),))

    def action_accept(self) -> None:
        self.action_back()

    def action_back(self) -> None:
        self.app.pop_screen()
