"""PIN番号入力ダイアログ. The PIN goes key by key into its own buffer (`card.pin.Pin`); the screen only knows its length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events

from ebid_tui.card.pin import Pin
from ebid_tui.errors import CardRemoved
from ebid_tui.flows.ui import Nav, PinRequest
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Step
from ebid_tui.widgets.form_page import notice
from ebid_tui.widgets.frame import Body, KeyLabel, Office, buttons
from ebid_tui.widgets.ink import Line, fit, line, pair, paragraph, widest
from ebid_tui.widgets.keys import bindings, key_label
from ebid_tui.widgets.text_field import MASK

if TYPE_CHECKING:
    from ebid_tui.card.interface import ReaderState

SHOWN = 24
"""Most characters of a PIN that are drawn."""


class PinScreen(Step["Pin | Nav"]):
    """Asks for a PIN. `present` are the readers that had a card when it was asked: the card belongs to one of them."""

    BINDINGS = bindings("page.accept", "page.back")

    def __init__(self, office: Office, request: PinRequest, present: frozenset[str]) -> None:
        super().__init__(office, request.title)
        self.request = request
        self._present = present
        self._pin = Pin()
        self.said = ""

    # -- painting

    def body(self, width: int) -> Body:
        request = self.request
        body = Body()
        if request.problem is not None:
            body.lines += notice(request.problem, width)
        body.lines += [(), *paragraph(request.lead, width - 2, indent="  ")]
        label = max(widest((name for name, _ in request.card), 30), widest((request.pin_label, request.operator_label), 30))
        if request.card:
            body.lines += [(), ((t("screen.pin.card"), "heading"),)]
            for name, value in request.card:
                body.lines += pair(name, value or t("screen.missing"), label, width - 2)
        body.lines += [(), *self._tries(label, width), ()]
        row = len(body.lines)
        body.lines.append(self._entry(label))
        body.lines.append(
            line(
                (" " * 4 + fit(request.operator_label, label) + " ", "label"),
                ("[" + " " * SHOWN + "]", "dim"),
                (" " + t("screen.pin.operator"), "dim"),
            )
        )
        if self.said:
            body.lines += paragraph(self.said, width - 2, "error", first="    ! ", indent="      ")
        body.lines += [(), buttons(((request.ok, "Enter"), (request.cancel, "Esc")), 0)]
        body.focus = (0, len(body.lines) - 1)
        body.cursor = (4 + label + 2 + min(len(self._pin), SHOWN - 1), row)
        return body

    def _tries(self, label: int, width: int) -> list[Line]:
        tries = self.request.tries_left
        if tries is None:
            return pair(t("screen.pin.tries"), t("screen.pin.tries_unknown"), label, width - 2, roles=("label", "warning"))
        if tries <= 1:
            return pair(t("screen.pin.tries"), t("screen.pin.last_try", tries=tries), label, width - 2, roles=("label", "error"))
        return pair(t("screen.pin.tries"), t("screen.pin.tries_left", tries=tries), label, width - 2)

    def _entry(self, label: int) -> Line:
        drawn = min(len(self._pin), SHOWN - 1)
        return line(
            ("  > ", "marker"),
            (fit(self.request.pin_label, label) + " ", "label"),
            ("[", "dim"),
            (MASK * drawn, "input"),
            (" ", "cursor"),
            (" " * (SHOWN - 1 - drawn), "input"),
            ("]", "dim"),
        )

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept", self.request.ok), key_label("page.back", self.request.cancel)]

    def help_page(self) -> HelpPage:
        return HelpPage(self.request.title, (), (t("help.pin"), t("help.pin_lock")))

    # -- keys

    def take_key(self, event: events.Key) -> bool:
        """One key, one byte in the buffer; a key no card accepts counts too, so that the PIN is refused and never shortened."""
        if event.key in ("backspace", "ctrl+h"):
            self._pin.backspace()
            self.said = ""
        elif event.key == "ctrl+u":
            self._pin.wipe()
            self.said = ""
        elif event.character is not None and event.is_printable:
            fits = self._pin.append(ord(event.character))
            self.said = "" if fits and event.character.isascii() else t("screen.pin.half_width" if fits else "screen.pin.too_long")
        else:
            return False
        self.repaint()
        return True

    def take_paste(self, text: str) -> None:
        """A PIN is typed: what was on a clipboard is not one."""
        self.said = t("screen.pin.paste")
        self.repaint()

    def action_accept(self) -> None:
        self.said = self._fault()
        if self.said:
            self._pin.wipe()
            self.app.bell()
            self.repaint()
            return
        self.finish(self._pin)
        self._pin = Pin()

    def _fault(self) -> str:
        """Why this cannot be a PIN of this card; it is not sent then, and costs no try."""
        request, length = self.request, len(self._pin)
        if not length:
            return t("screen.pin.empty")
        if not self._pin.is_printable() or (request.digits_only and not self._pin.is_digits()):
            return t("screen.pin.digits" if request.digits_only else "screen.pin.half_width")
        if length < request.min_length:
            return t("screen.pin.short", min=request.min_length)
        if length > request.max_length:
            return t("screen.pin.long", max=request.max_length)
        return ""

    def action_back(self) -> None:
        self._pin.wipe()
        self.finish(Nav.CANCEL)

    def readers_changed(self, readers: tuple[ReaderState, ...]) -> None:
        """The card left: what was typed is wiped, and the flow is told of a removal, not of a wrong PIN."""
        now = {reader.name for reader in readers if reader.present}
        if self._present - now:
            self._pin.wipe()
            self.fail(CardRemoved())
        self._present |= now

    def on_unmount(self) -> None:
        self._pin.wipe()
