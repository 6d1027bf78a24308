"""Which printer: those that the print server has, each with what ails it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import events

from ebid_tui.messages import t
from ebid_tui.screens.base import Overlay, number_of
from ebid_tui.widgets.frame import Office
from ebid_tui.widgets.ink import Line, cut, line, paragraph
from ebid_tui.widgets.keys import bindings, keys_of

if TYPE_CHECKING:
    from ebid_tui.printing.printers import Printer

SHOWN = 5
"""Printers in sight at a time."""


class PrinterOverlay(Overlay):
    """A list; a number or Enter takes one. Closes itself then."""

    BINDINGS = bindings("page.accept", "page.back", "page.up", "page.down")

    def __init__(self, office: Office, printers: Sequence[Printer], take: Callable[[Printer], None]) -> None:
        super().__init__(office)
        self.printers = printers
        self.chosen = 0
        self._take = take

    def lines(self, width: int) -> list[Line]:
        width = min(width, 70)
        rows = [line((t("print.choose.title"), "heading"))]
        first = max(0, min(self.chosen - SHOWN // 2, len(self.printers) - SHOWN))
        for index, printer in enumerate(self.printers[first : first + SHOWN], start=first):
            here = index == self.chosen
            number = f"{index + 1}" if index < 9 else " "
            label = printer.label + (t("print.choose.default") if printer.default else "")
            rows.append(())
            rows.append(line(("> " if here else "  ", "marker"), (cut(f" {number}  {label} ", width - 2), "selected" if here else "text")))
            if printer.troubles:
                rows += paragraph("".join(printer.troubles), width, "warning", first="      ! ", indent="        ")
            else:
                rows.append(line(("        " + t("print.choose.ready"), "dim")))
        keys = f"{keys_of('page.accept')[0]} {t('screen.key.accept')}  {keys_of('page.back')[0]} {t('common.close')}"
        return [*rows, (), line((keys, "dim"))]

    def take_key(self, event: events.Key) -> bool:
        """A number takes that printer."""
        chosen = number_of(event, len(self.printers))
        if chosen is None:
            return False
        self.chosen = chosen
        self.action_accept()
        return True

    def action_up(self) -> None:
        self._move(-1)

    def action_down(self) -> None:
        self._move(1)

    def _move(self, steps: int) -> None:
        self.chosen = (self.chosen + steps) % len(self.printers)
        self.resize_panel()
        self.repaint()

    def action_accept(self) -> None:
        self.app.pop_screen()
        self._take(self.printers[self.chosen])

    def action_back(self) -> None:
        self.app.pop_screen()
