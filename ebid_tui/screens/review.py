"""登録内容確認: everything that will be signed, to be looked at before 登録."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.flows.ui import Nav, Review
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Proceed, Step
from ebid_tui.screens.choice_row import choice_lines
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import READING, bindings, key_label, keys_of, renamed
from ebid_tui.widgets.styled_lines import Line, line, paragraph, wrap
from ebid_tui.widgets.table import section_lines


class ReviewScreen(Step[Proceed]):
    """Shows the sections, scrolls, and takes 登録 only by its own key, and only once the end was in sight."""

    careful = True
    BINDINGS = bindings("page.submit", "page.back", "page.accept", "review.choose", *READING)

    def __init__(self, office: PageFrame, review: Review) -> None:
        super().__init__(office, review.title)
        self.review = review
        self.chosen = review.choice is not None and review.choice.chosen
        self.end_seen = False
        self.hurried = False
        """登録 was asked for before the end was in sight."""

    def body(self, width: int) -> PageBody:
        body = PageBody()
        if self.review.warnings:
            body.lines.append(())
        for warning in self.review.warnings:
            body.lines += paragraph(warning, width - 2, "warning", first="  ! ", indent="    ")
        body.lines += self.rows(width)
        if self.review.choice is not None:
            body.lines += choice_lines(self.review.choice, self.chosen, width)
        return body

    def rows(self, width: int) -> list[Line]:
        """What is confirmed."""
        return section_lines(self.review.sections, width)

    def foot(self, width: int) -> Sequence[Line]:
        self._look()
        rows = [line((" " + row, "text")) for row in wrap(self.review.question, width - 2)]
        if self.hurried and not self.end_seen:
            said = t("screen.review.unseen", key=keys_of("page.submit")[0], submit=self.review.submit)
            return [*rows, line((" ! " + said, "warning"))]
        hint = self._how() if self.end_seen else renamed(t("screen.review.more"), ("page.page_down", "page.accept"))
        return [*rows, line((" * " + hint, "good" if self.end_seen else "dim"))]

    def _how(self) -> str:
        return t("screen.review.submit", keys=t("screen.or").join(keys_of("page.submit")), submit=self.review.submit)

    def _look(self) -> None:
        """Note whether the last row has been in sight."""
        if self.body_length and self.scroll_top + self.body_height >= self.body_length:
            self.end_seen = True

    def keys(self) -> Sequence[KeyLabel]:
        return [
            key_label("page.submit", self.review.submit),
            key_label("page.back", self.review.back),
            *([key_label("review.choose")] if self.review.choice is not None else []),
            key_label("page.page_down"),
            key_label("page.page_up"),
        ]

    def help_page(self) -> HelpPage:
        return HelpPage(self.review.title, (), (t("help.review"), t("help.review_holder")))

    def repaint(self) -> None:
        seen = self.end_seen
        super().repaint()
        self._look()
        if seen != self.end_seen:
            super().repaint()  # the foot says so

    def on_resize(self) -> None:
        self.call_after_refresh(self.repaint)

    def action_accept(self) -> None:
        """Enter reads on; it never registers, so that an Enter too many does no harm."""
        self.action_page_down()

    def action_submit(self) -> None:
        if not self.end_seen:
            self.hurried = True
            self.action_page_down()
            return
        self.finish(True)

    def action_choose(self) -> None:
        """Choose the row that may be chosen, or not any more; the page shows it."""
        if self.review.choice is not None:
            self.chosen = not self.chosen
            self.scroll_rows(self.all_rows)

    def action_back(self) -> None:
        self.finish(Nav.BACK)
