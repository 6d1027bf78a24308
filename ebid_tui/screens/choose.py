"""Choosing one of a few things: agency, category, entry and the menus (F-0)."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.flows.ui import Nav, Option, Question
from ebid_tui.messages import t
from ebid_tui.screens.base import Choosing, HelpPage, Step
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import READING, bindings, key_label
from ebid_tui.widgets.styled_lines import Line, line, paragraph


def number_keys(count: int) -> list[KeyLabel]:
    """The number keys, where there is more than one thing to choose from."""
    return [KeyLabel(f"1-{count}", t("screen.key.number"))] if count > 1 else []


class ChooseScreen(Choosing, Step["str | Nav"]):
    """A list of options with what each is for and when not to use it. A number chooses at once."""

    BINDINGS = bindings(*READING, "page.accept", "page.back", "page.left", "page.right")

    def __init__(self, office: PageFrame, question: Question) -> None:
        super().__init__(office, question.title)
        self.question = question
        self.careful = question.careful
        ids = [option.id for option in question.options]
        self.cursor = Cursor(len(ids), ids.index(question.preset) if question.preset in ids else 0)
        self.said = ""

    @property
    def waiting(self) -> bool:
        """Whether the options still wait for the server's clock (R-01)."""
        return self.question.needs_clock and not self.office.clock.known

    def body(self, width: int) -> PageBody:
        body = PageBody([()])
        if self.question.lead:
            body.lines += paragraph(self.question.lead, width - 2, indent="  ")
        body.lines += self.waiting_lines(width)
        for index, option in enumerate(self.question.options):
            body.lines.append(())
            start = len(body.lines)
            body.lines += self.option_lines(index, option, width, index == self.cursor.at)
            body.stops.append((start, len(body.lines) - 1))
            if index == self.cursor.at:
                body.stop, body.cursor = index, (2, start)
        return body

    def waiting_lines(self, width: int) -> list[Line]:
        """That the server's clock is waited for, and what is wrong with it (R-01)."""
        if not self.waiting:
            return []
        rows = paragraph(t("screen.choose.waiting"), width - 2, "warning", first="  ! ", indent="    ")
        if self.office.clock.problem:
            rows += paragraph(self.office.clock.problem, width - 2, "warning", indent="    ")
        return rows

    def option_lines(self, index: int, option: Option, width: int, here: bool) -> list[Line]:
        """One of the list; `index` from 0 is its number's."""
        open_now = not option.unavailable and not self.waiting
        role = "selected" if here else ("text" if open_now else "unavailable")
        number = f"{index + 1:{len(str(len(self.question.options)))}}"
        head = line(("  > " if here else "    ", "marker"), (f" {number}  {option.label} ", role))
        lines = [head]
        if option.explanation:
            lines += paragraph(option.explanation, width - 2, "dim", indent=" " * 8)
        if option.caution:
            lines += paragraph(option.caution, width - 2, "warning", first=" " * 8 + "! ", indent=" " * 10)
        if option.unavailable:
            lines += paragraph(t("screen.choose.unavailable", why=option.unavailable), width - 2, "dim", indent=" " * 8)
        return lines

    def foot(self, width: int) -> Sequence[Line]:
        if self.said == t("screen.choose.waiting") and not self.waiting:
            self.said = ""
        return (line((" ! " + self.said, "warning")) if self.said else (),)

    def keys(self) -> Sequence[KeyLabel]:
        found = [key_label("page.accept")]
        if self.question.back:
            found.append(key_label("page.back"))
        return [*found, *number_keys(len(self.question.options))]

    def help_page(self) -> HelpPage:
        rows = tuple((o.label, "\n".join(filter(None, (o.explanation, o.caution))) or o.label) for o in self.question.options)
        return HelpPage(self.question.title, rows, (t("help.choose"),))

    # -- keys

    def moved(self) -> None:
        self.said = ""
        self.view.follow()
        super().moved()

    action_left, action_right = Choosing.action_up, Choosing.action_down

    @property
    def chosen(self) -> Option | None:
        """What the cursor is at; None where nothing is left to choose from."""
        return self.question.options[self.cursor.at]

    def action_accept(self) -> None:
        self.view.follow()
        option = self.chosen
        if option is None:
            return
        if self.waiting:
            self.said = t("screen.choose.waiting")
        elif option.unavailable:
            self.said = t("screen.choose.unavailable", why=option.unavailable)
        else:
            self.finish(option.id)
        self.repaint()

    def action_back(self) -> None:
        if self.question.back:
            self.finish(Nav.BACK)
