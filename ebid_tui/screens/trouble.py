"""Something went wrong: what happened, what to do, what it may be due to, and the ways on."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.flows.ui import Trouble, way_out
from ebid_tui.language import gloss
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Step
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame, button_rows
from ebid_tui.widgets.keys import READING, bindings, key_label
from ebid_tui.widgets.notices import notice
from ebid_tui.widgets.styled_lines import Line, label_room, pair


class TroubleScreen(Step[str]):
    """An error with its ways on as buttons, which stay in sight. Esc takes the way that gives up least."""

    careful = True
    BINDINGS = bindings("page.accept", "page.back", "page.left", "page.right", *READING)

    def __init__(self, office: PageFrame, trouble: Trouble) -> None:
        super().__init__(office, t("screen.trouble.title"))
        self.trouble = trouble
        self.cursor = Cursor(len(trouble.ways))

    def body(self, width: int) -> PageBody:
        error, profile = self.trouble.error, self.office.profile
        body = PageBody(notice(error, width))
        rows = [(row.label, row.value) for row in self.trouble.rows]
        if profile.helpdesk.phone:
            hours = f"（{gloss(profile.helpdesk.hours)}）" if profile.helpdesk.hours else ""
            rows.append((gloss(profile.helpdesk.name), profile.helpdesk.phone + hours))
        if rows:
            body.lines.append(())
        label = label_room((name for name, _ in rows), 24)
        for name, value in rows:
            body.lines += pair(name, value, label, width - 2)
        return body

    def foot(self, width: int) -> Sequence[Line]:
        return [(), *button_rows([self._label(way) for way in self.trouble.ways], self.cursor.at, width), ()]

    def keys(self) -> Sequence[KeyLabel]:
        others = [key_label("page.right")] if len(self.trouble.ways) > 1 else []
        return [key_label("page.accept"), key_label("page.back", self._label(way_out(self.trouble.ways))), *others]

    def help_page(self) -> HelpPage:
        return HelpPage(self.trouble.error.title, (), (self.trouble.error.remedy, t("help.trouble")))

    def _label(self, way: str) -> str:
        return self.trouble.labels.get(way) or t(f"common.{way}")

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
        self.finish(way_out(self.trouble.ways))
