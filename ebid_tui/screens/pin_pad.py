"""The PIN is being entered on the reader's own keys: says so, until the reader is done. No key here is part of a PIN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events

from ebid_tui.flows.ui import PinRequest
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Proceed, Step
from ebid_tui.screens.pin import CardsAtPinPrompt, whose_card
from ebid_tui.terminal.keys import typed
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import READING, bindings, key_label
from ebid_tui.widgets.notices import pinned
from ebid_tui.widgets.styled_lines import Line, paragraph

if TYPE_CHECKING:
    from ebid_tui.card.interface import ReaderState


class PinPadScreen(Step[Proceed]):
    """Whoever shows it waits for the reader and finishes it then. `given_up`: キャンセル was pressed here meanwhile."""

    BINDINGS = bindings("page.back", *READING)
    takes_paste = False
    takes_text = True

    def __init__(self, office: PageFrame, request: PinRequest, readers: tuple[ReaderState, ...]) -> None:
        super().__init__(office, request.title)
        self.request = request
        self.given_up = False
        self.said = ""
        self._cards = CardsAtPinPrompt(request.reader, readers)

    def body(self, width: int) -> PageBody:
        body = PageBody()
        body.lines += [*whose_card(self.request, t("screen.pin.pad"), width), ()]
        body.lines += paragraph(t("screen.pin.pad_cancel"), width - 2, indent="  ")
        return body

    def head(self, width: int) -> Sequence[Line]:
        return pinned(self.request.problem, width)

    def foot(self, width: int) -> Sequence[Line]:
        return paragraph(self.said, width - 2, "warning", first=" ! ", indent="   ") if self.said else ()

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.back", self.request.cancel)]

    def help_page(self) -> HelpPage:
        return HelpPage(self.request.title, (), (t("help.pin_pad"), t("help.pin_lock")))

    def take_key(self, event: events.Key) -> bool:
        """A PIN that is typed here all the same goes nowhere, and says why."""
        if typed(event) is None:
            return False
        self._say(t("screen.pin.pad"))
        return True

    def take_paste(self, text: str) -> None:
        """Nor does one that is pasted."""
        self._say(t("screen.pin.pad"))

    def paste_lost(self) -> None:
        self.take_paste("")

    def action_back(self) -> None:
        """The reader cannot be told to stop: its own cancel key can, and its clock."""
        self.given_up = True
        self._say(t("screen.pin.pad_wait"))

    def readers_changed(self, readers: tuple[ReaderState, ...]) -> None:
        if self._cards.one_left(readers):
            self._say(t("screen.pin.pad_removed"))

    def _say(self, text: str) -> None:
        self.said = text
        self.repaint()
