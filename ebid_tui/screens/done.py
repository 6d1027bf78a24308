"""処理完了: the receipt's number and time, where the mail goes, and the way to the print."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ebid_tui.domain.receipts import receipt_rows
from ebid_tui.flows.ui import Done
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Step
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame, buttons
from ebid_tui.widgets.keys import READING, bindings, key_label, keys_of
from ebid_tui.widgets.styled_lines import label_room, pair, paragraph


class DoneScreen(Step[None]):
    """The end of a flow. `show_print` opens the print view over it."""

    careful = True
    BINDINGS = bindings("done.print", "page.accept", "page.back", "page.left", "page.right", *READING)

    def __init__(self, office: PageFrame, done: Done, show_print: Callable[[Done], None]) -> None:
        super().__init__(office, done.title)
        self.done = done
        self._show_print = show_print
        self.chosen = 0

    def body(self, width: int) -> PageBody:
        done, receipt = self.done, self.done.receipt
        rows = receipt_rows(receipt)
        label = label_room((*(name for name, _ in rows), *(row.label for row in done.summary)), 24)
        body = PageBody([()])
        body.lines += paragraph(done.message, width - 2, "good", first="  * ", indent="    ")
        body.lines.append(())
        for name, value in rows:
            body.lines += pair(name, value, label, width - 2)
        body.lines.append(())
        if done.summary:
            for row in done.summary:
                body.lines += pair(row.label, row.value or t("screen.missing"), label, width - 2)
            body.lines.append(())
        if done.mail_to:
            body.lines += paragraph(t("screen.done.mail", mail=done.mail_to), width - 2, indent="    ")
        body.lines += paragraph(t("screen.done.print"), width - 2, indent="    ")
        for notice in done.notices:
            body.lines += paragraph(notice, width - 2, first="  * ", indent="    ")
        body.lines += paragraph(t("screen.done.forgotten"), width - 2, "dim", indent="    ")
        shown = (done.print, keys_of("done.print")[0]), (t("common.close"), keys_of("page.back")[0])
        body.lines += [(), buttons(shown, self.chosen)]
        body.stops.append((len(body.lines) - 1, len(body.lines) - 1))
        return body

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept"), key_label("done.print", self.done.print), key_label("page.back", t("common.close"))]

    def help_page(self) -> HelpPage:
        return HelpPage(self.done.title, (), (t("help.done"),))

    def action_left(self) -> None:
        self.chosen = 1 - self.chosen
        self.view.follow()
        self.repaint()

    action_right = action_left

    def action_print(self) -> None:
        self._show_print(self.done)
        self.chosen = 1
        self.repaint()

    def action_accept(self) -> None:
        if self.chosen == 0:
            self.action_print()
        else:
            self.finish(None)

    def action_back(self) -> None:
        self.finish(None)
