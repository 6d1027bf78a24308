"""印刷: the page 利用者情報 as it is printed, to be looked at; and from here to a printer or into a file (R-20)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ebid_tui.domain.receipts import receipt_rows
from ebid_tui.flows.ui import Done
from ebid_tui.language import gloss
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Page
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import READING, bindings, key_label
from ebid_tui.widgets.styled_lines import Line, label_room, line, pair, paragraph, wrap
from ebid_tui.widgets.table import section_lines

if TYPE_CHECKING:
    from ebid_tui.printing.printout import Printout

PAPER = 78
"""Cells of the page: it does not grow with the terminal, paper does not either."""


class PrintScreen(Page):
    """The page, scrollable, until it is closed. `printout` is its way to paper; without one it is only looked at."""

    BINDINGS = bindings(
        "print.send",
        "print.save",
        "print.cancel",
        "page.back",
        "page.accept",
        *READING,
    )

    def __init__(self, office: PageFrame, done: Done, printout: Printout | None = None) -> None:
        super().__init__(office, done.print)
        self.done = done
        self.printout = printout
        if printout is not None:
            printout.changed = self.repaint

    def body(self, width: int) -> PageBody:
        receipt, profile = self.done.receipt, self.office.profile
        paper = min(width, PAPER)
        rows = receipt_rows(receipt)
        body = PageBody([()])
        body.lines.append(line(("  " + self.done.page_title, "heading")))
        body.lines += paragraph(f"{gloss(profile.name)} {gloss(profile.title)}", paper - 2, "text", indent="  ")
        if self.done.where:
            body.lines += paragraph(self.done.where.text(gloss), paper - 2, "text", indent="  ")
        body.lines += section_lines(self.done.page, paper)
        body.lines.append(())
        label = label_room((name for name, _ in rows), 24)
        for name, value in rows:
            body.lines += pair(name, value, label, paper - 2, indent=3)
        if self.done.page_note:
            body.lines += [(), *paragraph(self.done.page_note, paper - 2, indent="  ")]
        return body

    def foot(self, width: int) -> Sequence[Line]:
        """What became of the printing: as many lines as it takes, at most three."""
        if self.printout is None or not self.printout.said:
            return ()
        sign, role = ("!", "warning") if self.printout.alarm else ("*", "good")
        first, *more = wrap(self.printout.said, width - 4)
        return [line((f" {sign} {first}", role)), *(line(("   " + row, role)) for row in more[:2])]

    def keys(self) -> Sequence[KeyLabel]:
        found = []
        if self.printout is not None:
            if self.printout.job is not None:
                found.append(key_label("print.cancel"))
            else:
                found.append(key_label("print.send"))
            if self.printout.outlet.to_file:
                found.append(key_label("print.save"))
        return [*found, key_label("page.back", t("common.close"))]

    def help_page(self) -> HelpPage:
        return HelpPage(self.done.print, (), (t("help.print"),))

    # -- printing

    def action_send(self) -> None:
        """To the only printer, or ask which one."""
        if self.printout is None:
            return
        if self.printout.busy or self.printout.job is not None:
            self.printout.tell(t("print.busy"), alarm=True)
            return
        self.run_worker(self._choose(self.printout), name="printers", group="print", exclusive=True)

    async def _choose(self, printout: Printout) -> None:
        from ebid_tui.screens.choose_printer import choose_printer

        choose_printer(self, await printout.printers(), printout.begin)

    def action_cancel(self) -> None:
        if self.printout is not None:
            self.printout.give_up()

    def action_save(self) -> None:
        """Into a file, where that is allowed."""
        if self.printout is not None and self.printout.outlet.to_file:
            from ebid_tui.screens.save_page import SaveOverlay

            self.app.push_screen(SaveOverlay(self.office, self.printout))

    # -- closing

    def action_back(self) -> None:
        if self.printout is not None:
            self.printout.changed = lambda: None  # nobody looks
        self.app.pop_screen()

    action_accept = action_back
