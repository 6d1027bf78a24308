"""A panel of the print server's printers, each with what ails it, of which one is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ebid_tui.messages import t
from ebid_tui.printing.printers import Printer
from ebid_tui.screens.base import Page
from ebid_tui.screens.choose_one import ListOverlay
from ebid_tui.widgets.styled_lines import Line, cut, line, paragraph

SHOWN = 5
"""Printers in sight at a time."""


def choose_printer(page: Page, found: Sequence[Printer], take: Callable[[Printer], None]) -> None:
    """Take the only printer, or ask which one, unless something lies over the page by now."""
    if len(found) == 1:
        take(found[0])
    elif found and page.is_current:
        page.app.push_screen(PrinterOverlay(page.office, found, take))


class PrinterOverlay(ListOverlay[Printer]):
    """As many as there are."""

    def rows(self, width: int) -> list[Line]:
        rows = [line((t("print.choose.title"), "heading"))]
        for index in self.cursor.in_sight(SHOWN):
            printer, here = self.items[index], index == self.cursor.at
            number = f"{index + 1:{len(str(len(self.items)))}}"
            label = printer.label + (t("print.choose.default") if printer.default else "")
            rows.append(())
            rows.append(line(("> " if here else "  ", "marker"), (cut(f" {number}  {label} ", width - 2), "selected" if here else "text")))
            if printer.troubles:
                rows += paragraph("".join(printer.troubles), width, "warning", first="      ! ", indent="        ")
            else:
                rows.append(line(("        " + t("print.choose.ready"), "dim")))
        return rows
