"""Something went wrong: what happened, what to do, what it may be due to, and the ways on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ebid_tui.flows.ui import Trouble
from ebid_tui.language import gloss
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Step
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame, buttons
from ebid_tui.widgets.keys import READING, bindings, key_label
from ebid_tui.widgets.notices import notice
from ebid_tui.widgets.styled_lines import pair, widest

Way = Literal["retry", "back", "cancel"]

LABELS: dict[Way, str] = {"retry": "common.retry", "back": "common.back", "cancel": "common.cancel"}


class TroubleScreen(Step[Way]):
    """An error with its ways on as buttons. Esc takes the way that gives up least: back, else cancel, else the first."""

    careful = True
    BINDINGS = bindings("page.accept", "page.back", "page.left", "page.right", *READING)

    def __init__(self, office: PageFrame, trouble: Trouble) -> None:
        super().__init__(office, t("screen.trouble.title"))
        self.trouble = trouble
        self.cursor = Cursor(len(trouble.ways))

    def body(self, width: int) -> PageBody:
        error, profile = self.trouble.error, self.office.profile
        body = PageBody(notice(error, width))
        rows = [(t("screen.trouble.code"), error.code)]
        if profile.helpdesk.phone:
            hours = f"（{gloss(profile.helpdesk.hours)}）" if profile.helpdesk.hours else ""
            rows.append((gloss(profile.helpdesk.name), profile.helpdesk.phone + hours))
        body.lines.append(())
        label = widest((name for name, _ in rows), 24)
        for name, value in rows:
            body.lines += pair(name, value, label, width - 2)
        ways = [(t(LABELS[way]), "") for way in self.trouble.ways]
        body.lines += [(), buttons(ways, self.cursor.at)]
        body.stops.append((len(body.lines) - 1, len(body.lines) - 1))
        return body

    def keys(self) -> Sequence[KeyLabel]:
        others = [key_label("page.right")] if len(self.trouble.ways) > 1 else []
        return [key_label("page.accept"), key_label("page.back", t(LABELS[self._way_out])), *others]

    def help_page(self) -> HelpPage:
        return HelpPage(self.trouble.error.title, (), (self.trouble.error.remedy, t("help.trouble")))

    @property
    def _way_out(self) -> Way:
        for way in ("back", "cancel"):
            if way in self.trouble.ways:
                return way
        return self.trouble.ways[0]

    def _turn(self, steps: int) -> None:
        self.cursor.turn(steps)
        self.view.follow()
        self.repaint()

    def action_left(self) -> None:
        self._turn(-1)

    def action_right(self) -> None:
        self._turn(1)

    def action_accept(self) -> None:
        self.finish(self.trouble.ways[self.cursor.at])

    def action_back(self) -> None:
        self.finish(self._way_out)
