"""F1: what this screen asks for, in our own words, its keys, and whom to ask."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Page
from ebid_tui.widgets.frame import Body, KeyLabel, Office
from ebid_tui.widgets.ink import line, pair, paragraph, widest
from ebid_tui.widgets.keys import ACTIONS, bindings, key_label, keys_of


class HelpScreen(Page):
    """Explanations of one screen (`page`), then the keys (`action_ids`) it has."""

    BINDINGS = bindings("page.back", "page.accept", "page.down", "page.up", "page.page_down", "page.page_up", "page.top", "page.bottom")

    def __init__(self, office: Office, page: HelpPage, action_ids: Sequence[str]) -> None:
        super().__init__(office, t("help.title", title=page.title))
        self._page = page
        self._action_ids = action_ids

    def body(self, width: int) -> Body:
        body = Body()
        for text in self._page.texts:
            body.lines += [(), *paragraph(text, width - 2, indent="  ")]
        if self._page.rows:
            body.lines += [(), line((t("help.items"), "heading"))]
            label = widest((name for name, _ in self._page.rows), max(24, width // 3))
            for name, explanation in self._page.rows:
                body.lines += pair(name, explanation, label, width - 1, indent=2)
        body.lines += [(), line((t("help.keys"), "heading"))]
        rows = [(", ".join(keys_of(a)), t(ACTIONS[a].label)) for a in self._action_ids]
        label = widest((keys for keys, _ in rows), 30)
        for keys, name in rows:
            body.lines += pair(keys, name, label, width - 1, indent=2)
        body.lines += [(), line((t("help.editing_title"), "heading")), *paragraph(t("help.editing"), width - 2, indent="  ")]
        body.lines += [(), line((t("help.contacts"), "heading"))]
        profile = self.office.profile
        for contact in (profile.helpdesk, profile.contact):
            told = "  ".join(part for part in (contact.phone, contact.mail, contact.hours) if part)
            body.lines += paragraph(f"{contact.name}  {told}", width - 2, indent="  ")
        return body

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.back", t("common.close")), key_label("page.page_down"), key_label("page.page_up")]

    def action_accept(self) -> None:
        self.action_back()

    def action_back(self) -> None:
        self.app.pop_screen()
