"""登録内容確認: everything that will be signed, to be looked at before 登録."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence

from textual import events

from ebid_tui.flows.ui import Nav, Review
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Proceed, Step
from ebid_tui.screens.choice_row import choice_lines
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import READING, bindings, key_label, keys_of
from ebid_tui.widgets.seen_parts import SeenParts
from ebid_tui.widgets.styled_lines import Line, line, paragraph, wrap
from ebid_tui.widgets.table import section_parts


class ReviewScreen(Step[Proceed]):
    """Shows the sections, scrolls, and takes 登録 only by its own key, and only once every row was on the screen."""

    careful = True
    BINDINGS = bindings("page.submit", "page.back", "page.accept", "review.choose", *READING)

    def __init__(self, office: PageFrame, review: Review) -> None:
        super().__init__(office, review.title)
        self.review = review
        self.chosen = review.choice is not None and review.choice.chosen
        self.seen = SeenParts()
        self.hurried = False
        """登録 was asked for before everything was seen."""
        self._struck = 0.0

    def body(self, width: int) -> PageBody:
        lines: list[tuple[Line, Hashable]] = [((), None)] if self.review.warnings else []
        for number, warning in enumerate(self.review.warnings):
            lines += [(row, ("warning", number)) for row in paragraph(warning, width - 2, "warning", first="  ! ", indent="    ")]
        lines += self.parts(width)
        if self.review.choice is not None:
            lines += [(row, "choice") for row in choice_lines(self.review.choice, self.chosen, width)]
        return PageBody([row for row, _ in lines], parts=[part for _, part in lines])

    def in_sight(self, body: PageBody) -> None:
        self.seen.shown(body.parts, self.view.top, self.view.height, time.monotonic())

    def parts(self, width: int) -> list[tuple[Line, Hashable]]:
        """What is confirmed: rows, and which part each belongs to."""
        return section_parts(self.review.sections, width)

    def foot(self, width: int) -> Sequence[Line]:
        """The question, and one line more: what is still to be read, or what registers."""
        rows = [line((" " + row, "text")) for row in wrap(self.review.question, width - 2)]
        unseen = self.seen.unseen
        if not unseen:
            how = t("screen.review.submit", keys=t("screen.or").join(keys_of("page.submit")), submit=self.review.submit)
            return [*rows, line((" * " + how, "good"))]
        key = keys_of("page.page_up" if unseen[-1] < self.view.top else "page.page_down")[0]
        if self.hurried:
            submit = keys_of("page.submit")[0]
            return [*rows, line((" ! " + t("screen.review.not_yet", next=key, key=submit), "warning"))]
        return [*rows, line((" * " + t("screen.review.unread", next=key), "dim"))]

    def keys(self) -> Sequence[KeyLabel]:
        choose = [key_label("review.choose")] if self.review.choice is not None else []
        return [key_label("page.submit", self.review.submit), key_label("page.back", self.review.back), *choose]

    def help_page(self) -> HelpPage:
        return HelpPage(self.review.title, (), (t("help.review"), t("help.review_holder")))

    def on_resize(self) -> None:
        self.call_after_refresh(self.repaint)

    # -- keys

    def take_key(self, event: events.Key) -> bool:
        """Whoever strikes a key has seen what was on the screen by then."""
        self._struck = event.time
        self.seen.struck(event.time)
        return False

    def wheel(self, rows: int) -> None:
        self.seen.struck(time.monotonic())
        super().wheel(rows)

    def action_accept(self) -> None:
        """Enter reads on; it never registers, so that an Enter too many does no harm."""
        self.action_page_down()

    def action_submit(self) -> None:
        """登録; where something was not seen, on to it."""
        if self.seen.counts(self._struck):
            self.finish(True)
            return
        self.hurried = True
        unseen = self.seen.unseen
        behind = [row for row in unseen if row >= self.view.top + self.view.height]
        self.scroll_rows((behind or unseen or [self.view.top])[0] - self.view.top)

    def action_choose(self) -> None:
        """Choose the row that may be chosen, or not any more; the page shows it."""
        if self.review.choice is not None:
            self.chosen = not self.chosen
            self.scroll_rows(self.all_rows)

    def action_back(self) -> None:
        self.finish(Nav.BACK)
