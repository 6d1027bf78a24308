"""A question with two answers; the careful one is chosen until the person chooses the other."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.flows.ui import Confirm
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Step
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame, buttons
from ebid_tui.widgets.keys import PAGING, bindings, key_label
from ebid_tui.widgets.styled_lines import paragraph


class ConfirmScreen(Step[bool]):
    """Answers True only by choosing the yes and accepting it; leaving in any other way is no."""

    careful = True
    BINDINGS = bindings("page.accept", "page.back", "page.left", "page.right", "page.up", "page.down", *PAGING)

    def __init__(self, office: PageFrame, question: Confirm) -> None:
        super().__init__(office, question.title)
        self.question = question
        self.yes = False

    def body(self, width: int) -> PageBody:
        body = PageBody([()])
        for detail in self.question.details:
            body.lines += paragraph(detail, width - 2, indent="    ")
        if self.question.details:
            body.lines.append(())
        body.lines += paragraph(self.question.question, width - 2, "warning", first="  ! ", indent="    ")
        start = len(body.lines)
        for label, chosen in ((self.question.no, not self.yes), (self.question.yes, self.yes)):
            body.lines += [(), buttons(((label, ""),), 0 if chosen else None)]
        body.stops.append((start, len(body.lines) - 1))
        return body

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept"), key_label("page.down", t("screen.key.other")), key_label("page.back", t("common.no"))]

    def help_page(self) -> HelpPage:
        return HelpPage(self.question.title, (), (t("help.confirm"),))

    def action_down(self) -> None:
        self.yes = not self.yes
        self.view.follow()
        self.repaint()

    action_up = action_left = action_right = action_down

    def action_accept(self) -> None:
        self.finish(self.yes)

    def action_back(self) -> None:
        self.finish(False)
