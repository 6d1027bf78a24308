"""A new initial password, shown once: large, spelled, and hidden by a key where somebody looks over one's shoulder."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ebid_tui.errors import PrintError
from ebid_tui.flows.desk.ui import InitialPassword
from ebid_tui.forms.text_field import MASK
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Step
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import READING, bindings, key_label
from ebid_tui.widgets.styled_lines import Line, cut, line, pair, paragraph, widest

if TYPE_CHECKING:
    from ebid_tui.printing.printers import Printer
    from ebid_tui.printing.targets import PrintTargets

EVERY = 0.7
"""Seconds between two looks at a print job."""

LOOKS = 60
"""So often a job is looked at; then nobody asks any more."""


class InitialPasswordScreen(Step[None]):
    """Closing asks once more: nobody can show it again. `outlet` is the way to paper; None where there is none."""

    careful = True
    BINDINGS = bindings("page.accept", "page.back", "form.show_secret", "done.print", *READING)

    def __init__(self, office: PageFrame, shown: InitialPassword, outlet: PrintTargets | None) -> None:
        super().__init__(office, shown.title)
        self._told = shown
        self._outlet = outlet
        self.legible = True
        self.sure = False
        self.said = ""
        self._printing = False

    def body(self, width: int) -> PageBody:
        told = self._told
        password = told.password if self.legible else MASK * len(told.password)
        label = widest((name for name, _ in (*told.rows, (told.label, ""))), 24)
        lines: list[Line] = [(), *paragraph(told.lead, width - 2, "warning", first="  ! ", indent="    "), ()]
        for name, value in told.rows:
            lines += pair(name, value, label, width - 2)
        lines += [(), *pair(told.label, "  ".join(password), label, width - 2, roles=("label", "title")), ()]
        if self.legible:
            lines += [line(("    " + t("desk.initial.spelled"), "dim"))]
            lines += paragraph("  ".join(spelled(char) for char in told.password), width - 4, "text", indent="    ")
        return PageBody(lines)

    def foot(self, width: int) -> Sequence[Line]:
        sure = paragraph(t("desk.initial.sure"), width - 2, "warning", first=" ! ", indent="   ") if self.sure else []
        return [*sure, *([line((cut(f" {self.said}", width), "text"))] if self.said else [])]

    def keys(self) -> Sequence[KeyLabel]:
        found = [key_label("page.accept", t("common.close"))]
        found.append(key_label("form.show_secret", t("screen.key.hide_secret") if self.legible else ""))
        if self._outlet is not None:
            found.append(key_label("done.print"))
        return found

    def help_page(self) -> HelpPage:
        return HelpPage(self._told.title, (), (self._told.lead, t("desk.initial.help")))

    # -- keys

    def action_show_secret(self) -> None:
        self.legible = not self.legible
        self.repaint()

    def action_accept(self) -> None:
        if self.sure:
            self.finish(None)
        else:
            self.sure = True
            self.repaint()

    action_back = action_accept

    # -- paper

    def action_print(self) -> None:
        """To the only printer, or ask which one."""
        if self._outlet is not None and not self._printing:
            self._printing = True
            self.run_worker(self._choose(self._outlet), name="printers", group="print")

    async def _choose(self, outlet: PrintTargets) -> None:
        self._say(t("print.looking"))
        try:
            found = await outlet.printers()
        except PrintError as error:
            self._say(t("print.error", title=error.title, remedy=error.remedy))
            found = ()
        else:
            self._say("" if found else t("print.none"))
        self._printing = False
        from ebid_tui.screens.choose_printer import choose_printer

        choose_printer(self, found, self._begin)

    def _begin(self, printer: Printer) -> None:
        if self._outlet is not None:
            self._printing = True
            self.run_worker(self._send(self._outlet, printer), name="print", group="print")

    async def _send(self, outlet: PrintTargets, printer: Printer) -> None:
        from ebid_tui.printing.password_notice import send_slip
        from ebid_tui.printing.printout import sentence

        told = self._told
        self._say(t("print.making"))
        try:
            job = await send_slip(outlet, printer, told.id, (*told.rows, (told.label, told.password)))
            for _ in range(LOOKS):
                progress = await outlet.progress(job)
                self._say(sentence(printer.label, progress))
                if progress.over:
                    break
                await asyncio.sleep(EVERY)
        except PrintError as error:
            self._say(t("print.error", title=error.title, remedy=error.remedy))
        finally:
            self._printing = False

    def _say(self, said: str) -> None:
        self.said = said
        self.repaint()


def spelled(char: str) -> str:
    """A character as it is read out on the telephone (R-14)."""
    kind = "digit" if char.isdigit() else "upper" if char.isupper() else "lower" if char.islower() else "sign"
    return t(f"desk.initial.{kind}", char=char)
