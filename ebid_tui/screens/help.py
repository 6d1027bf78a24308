"""F1: what this screen asks for, in our own words, its keys, and whom to ask; and, by typing, the answers to common questions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events

from ebid_tui.domain import contacts, faq
from ebid_tui.domain.text.cleaning import LONGEST, visible
from ebid_tui.forms.text_field import TextField
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Page
from ebid_tui.terminal.keys import typed
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import ACTIONS, READING, bindings, key_label, keys_of, renamed
from ebid_tui.widgets.styled_lines import Line, cut_left, label_room, line, pair, paragraph, shortened, widest


class HelpScreen(Page):
    """Explanations of one screen (`page`), then the keys (`action_ids`) it has."""

    takes_text = True
    BINDINGS = bindings("page.back", "page.accept", *READING)

    def __init__(self, office: PageFrame, page: HelpPage, action_ids: Sequence[str], notes: Sequence[tuple[str, str]] = ()) -> None:
        """`notes` are the demo's numbers and passwords."""
        super().__init__(office, t("help.title", title=page.title))
        self._page = page
        self._action_ids = action_ids
        self._notes = notes
        self._query = TextField()
        self._topics = faq.topics(office.profile)

    def body(self, width: int) -> PageBody:
        return self._found(width) if self._query.value else self._explanations(width)

    def _found(self, width: int) -> PageBody:
        """The questions and fields that contain what was typed."""
        body = PageBody()
        found = faq.search(self._topics, self._query.value)
        body.lines += [(), *paragraph(t("help.found", count=len(found)), width - 2, "heading", indent="  ")]
        for topic in found:
            body.lines += [(), *paragraph(topic.title, width - 2, "label", first="  * ", indent="    ")]
            body.lines += paragraph(topic.text, width - 2, indent="    ")
        return body

    def foot(self, width: int) -> Sequence[Line]:
        label = f" {t('help.query')} "
        typed = cut_left(self._query.value, width - cell_len(label) - 1)
        return (line((label, "label"), (typed, "text") if typed else (shortened(t("help.type"), width - cell_len(label)), "dim")),)

    def paint(self, width: int, height: int) -> list[Line]:
        """Also notes where one types: in the foot."""
        lines = super().paint(width, height)
        label = cell_len(f" {t('help.query')} ")
        self.types = True
        self.cell = label + cell_len(cut_left(self._query.value, width - label - 1)), height - 2
        return lines

    def take_key(self, event: events.Key) -> bool:
        """What is typed looks for an answer; Backspace takes it back."""
        char = typed(event)
        if char is not None and (char != " " or self._query.value):
            self._query.insert(char)
        elif event.key != "backspace" or not self._query.value:
            return False
        else:
            self._query.press("backspace")
        self._look_again()
        return True

    def take_paste(self, text: str) -> None:
        """A pasted word is looked for as a typed one."""
        self._query.insert(visible(text[:LONGEST]))
        self._look_again()

    def _look_again(self) -> None:
        self.action_top()
        self.repaint()

    def _explanations(self, width: int) -> PageBody:
        body = PageBody()
        for text in self._page.texts:
            body.lines += [(), *paragraph(renamed(text, self._action_ids), width - 2, indent="  ")]
        if self._page.rows:
            body.lines += [(), line((t("help.items"), "heading"))]
            label = label_room((name for name, _ in self._page.rows), max(24, width // 3))
            for name, explanation in self._page.rows:
                body.lines += pair(name, explanation, label, width - 1, indent=2)
        if self._notes:
            body.lines += [(), line((" " + t("demo.title"), "heading"))]
            label = widest((name for name, _ in self._notes), 24)
            for name, value in self._notes:
                body.lines += pair(name, value, label, width - 1, indent=2)
        body.lines += [(), line((t("help.keys"), "heading"))]
        rows = [(", ".join(keys_of(a)), t(ACTIONS[a].label)) for a in self._action_ids]
        label = widest((keys for keys, _ in rows), 30)
        for keys, name in rows:
            body.lines += pair(keys, name, label, width - 1, indent=2)
        body.lines += [(), line((t("help.editing_title"), "heading")), *paragraph(t("help.editing"), width - 2, indent="  ")]
        body.lines += [(), line((t("help.contacts"), "heading"))]
        profile = self.office.profile
        for contact in contacts.every(profile):
            body.lines += paragraph(contacts.told(profile, contact), width - 2, indent="  ")
        return body

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.back", t("common.close"))]

    def action_back(self) -> None:
        self.app.pop_screen()

    action_accept = action_back
