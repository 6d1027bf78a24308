"""Something to read until it is closed: 登録状況, an answer, the end screen."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.flows.ui import Report
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Step
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import READING, bindings, key_label
from ebid_tui.widgets.styled_lines import paragraph
from ebid_tui.widgets.table import section_lines


class ReportScreen(Step[None]):
    """Sections, scrollable; Enter reads on and closes at the end."""

    BINDINGS = bindings("page.back", "page.accept", *READING)

    def __init__(self, office: PageFrame, report: Report) -> None:
        super().__init__(office, report.title)
        self.report = report

    def body(self, width: int) -> PageBody:
        body = PageBody([()])
        if self.report.lead:
            body.lines += paragraph(self.report.lead, width - 2, indent="  ")
        body.lines += section_lines(self.report.sections, width)
        return body

    def keys(self) -> Sequence[KeyLabel]:
        if not self.view.below:
            return [key_label("page.accept", self.report.close)]
        return [key_label("page.accept", t("screen.key.page_down")), key_label("page.back", t("common.close"))]

    def help_page(self) -> HelpPage:
        return HelpPage(self.report.title, (), (t("help.report"),))

    def action_accept(self) -> None:
        if self.view.below:
            self.action_page_down()
        else:
            self.finish(None)

    def action_back(self) -> None:
        self.finish(None)
