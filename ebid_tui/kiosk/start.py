"""The kiosk's start screen: waits for a card or a key while the server is there and open, and says so while it is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ebid_tui.kiosk.opening import ASKING, OpeningWatch
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Step
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import bindings, key_label
from ebid_tui.widgets.styled_lines import Line, line, paragraph, width_of, wrap

if TYPE_CHECKING:
    from ebid_tui.card.interface import ReaderState

MARGIN = 4
"""Cells at both sides."""


class StartScreen(Step[None]):
    """Ends when a card is put in or Enter is pressed. A card that the last visitor left in a reader wakes nobody.

    Who comes while the server is being asked need not come again: the answer lets them in, if it is yes.
    """

    BINDINGS = bindings("page.accept")

    def __init__(self, office: PageFrame, readers: tuple[ReaderState, ...] | None = None) -> None:
        super().__init__(office, t("kiosk.start.title"))
        self._before = _cards(readers) if readers else None
        self._somebody = False
        self.door = ASKING

    def body(self, width: int) -> PageBody:
        room = width - 2 * MARGIN
        match self.door.state:
            case "open":
                lines = plate(t("kiosk.start.card"), width, "selected")
                if any((self._before or {}).values()):
                    lines += [(), *self._note(t("kiosk.start.left"), room)]
                if not self._before:
                    lines += [(), *self._note(t("kiosk.start.no_reader"), room)]
                lines += [(), *_text(t("kiosk.start.key"), room)]
            case "asking":
                lines = [*plate(t("kiosk.asking.title"), width, "title"), (), *_text(t("kiosk.asking.wait"), room)]
            case "closed":
                lines = [*plate(t("kiosk.closed.title"), width, "title"), (), *_text(self.door.said, room, "heading")]
                lines += [(), *_text(t("kiosk.closed.by_itself"), room), (), *self._whom(room)]
            case "away":
                lines = [*plate(t("kiosk.away.title"), width, "title"), (), *_text(t("kiosk.away.by_itself"), room, "heading")]
                lines += [(), *_text(t("kiosk.away.why", why=self.door.said, code=self.door.code), room, "dim"), (), *self._whom(room)]
        return PageBody([(), *lines])

    def _note(self, text: str, room: int) -> list[Line]:
        return paragraph(text, room, "warning", first=" " * MARGIN + "! ", indent=" " * (MARGIN + 2))

    def _whom(self, room: int) -> list[Line]:
        desk = self.office.profile.helpdesk
        known = (desk.name, desk.phone and t("kiosk.phone", phone=desk.phone), desk.hours)
        return [row for text in known if text for row in _text(text, room, "text")]

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept", t("kiosk.start.begin"))] if self.door.state == "open" else []

    def help_page(self) -> HelpPage:
        return HelpPage(self.page_title, (), (t("kiosk.start.help"),))

    def door_told(self, door: OpeningWatch) -> None:
        """How it is now with the server."""
        if door != self.door:
            self.door = door
            if door.state == "open" and self._somebody:
                self.finish(None)
            self._somebody = False
            self.repaint()

    def readers_changed(self, readers: tuple[ReaderState, ...]) -> None:
        now = _cards(readers)
        put_in = self._before is not None and any(present and not self._before.get(name, False) for name, present in now.items())
        self._before = now
        if put_in:
            self._comes()
        elif not any(now.values()):
            self._somebody = False
        self.repaint()

    def action_accept(self) -> None:
        self._comes()

    def _comes(self) -> None:
        if self.door.state == "open":
            self.finish(None)
        elif self.door.state == "asking":
            self._somebody = True


def _cards(readers: Sequence[ReaderState]) -> dict[str, bool]:
    return {reader.name: reader.present for reader in readers}


def _text(text: str, room: int, role: str = "text") -> list[Line]:
    return paragraph(text, room, role, indent=" " * MARGIN)


def plate(text: str, width: int, role: str) -> list[Line]:
    """A sentence in the middle of a broad bar, to be read from afar."""
    rows = wrap(text, width - 4 * MARGIN)
    empty = line((" " * MARGIN, "text"), (" " * (width - 2 * MARGIN), role))
    return [empty, *(_centred(row, width - 2 * MARGIN, role) for row in ("", *rows, "")), empty]


def _centred(text: str, width: int, role: str) -> Line:
    spare = width - width_of([(text, role)])
    left = spare // 2
    return line((" " * MARGIN, "text"), (" " * left + text + " " * (spare - left), role))
