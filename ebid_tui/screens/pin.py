"""PIN番号入力ダイアログ. The PIN goes key by key into its own buffer (`card.pin.Pin`); the screen only knows its length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events

from ebid_tui.card.pin import Pin
from ebid_tui.errors import CardRemoved
from ebid_tui.flows.ui import Nav, PinRequest
from ebid_tui.forms.text_field import MASK
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Step
from ebid_tui.terminal.keys import typed
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame, buttons
from ebid_tui.widgets.input_mode import mode_sign, switch_it_off
from ebid_tui.widgets.keys import READING, bindings, key_label, keys_of
from ebid_tui.widgets.notices import pinned, rest_of
from ebid_tui.widgets.styled_lines import Line, fit_label, line, pair, paragraph, widest

if TYPE_CHECKING:
    from ebid_tui.card.interface import ReaderState

SHOWN = 24
"""Most characters of a PIN that are drawn."""


class CardsAtPinPrompt:
    """The cards that were in when a PIN was asked for: of one reader, or of all where it is not said which."""

    def __init__(self, reader: str, readers: tuple[ReaderState, ...]) -> None:
        self._reader = reader
        self._counts = self._present(readers)

    def one_left(self, readers: tuple[ReaderState, ...]) -> bool:
        """Whether one of them was taken out, also if one is in again. Readers as they are now."""
        now = self._present(readers)
        left = any(now.get(name) != count for name, count in self._counts.items())
        self._counts = now
        return left

    def _present(self, readers: tuple[ReaderState, ...]) -> dict[str, int]:
        return {reader.name: reader.count for reader in readers if reader.present and self._reader in ("", reader.name)}


def label_width(request: PinRequest) -> int:
    return max(widest((name for name, _ in request.card), 30), widest((request.pin_label, request.operator_label), 30))


def whose_card(request: PinRequest, lead: str, width: int) -> list[Line]:
    """What stands above the entry: what to do, whose card it is, and the tries left (R-07). What was wrong stands above it (`pinned`)."""
    label = label_width(request)
    lines = rest_of(request.problem, width)
    lines += [(), *paragraph(lead, width - 2, indent="  ")]
    if request.card:
        lines += [(), ((t("screen.pin.card"), "heading"),)]
        for name, value in request.card:
            lines += pair(name, value or t("screen.missing"), label, width - 2)
    return lines if request.chosen else [*lines, (), *_tries(request, label, width)]


def _tries(request: PinRequest, label: int, width: int) -> list[Line]:
    tries = request.tries_left
    if tries is None:
        unknown = t("screen.pin.tries_low" if request.tries_low else "screen.pin.tries_unknown")
        return pair(t("screen.pin.tries"), unknown, label, width - 2, roles=("label", "warning"))
    if tries <= 1:
        return pair(t("screen.pin.tries"), t("screen.pin.last_try", tries=tries), label, width - 2, roles=("label", "error"))
    return pair(t("screen.pin.tries"), t("screen.pin.tries_left", tries=tries), label, width - 2)


class PinScreen(Step["Pin | Nav"]):
    """Asks for a PIN. `readers` are as they were when it was asked: what happens at the card's own reader ends it."""

    BINDINGS = bindings("page.accept", "page.back", *READING)
    takes_paste = False
    takes_text = True

    def __init__(self, office: PageFrame, request: PinRequest, readers: tuple[ReaderState, ...]) -> None:
        super().__init__(office, request.title)
        self.request = request
        self._cards = CardsAtPinPrompt(request.reader, readers)
        self._pin = Pin()
        self.said = ""
        self.view.opens_at_top = False  # nobody types where nothing is to be seen

    # -- painting

    def head(self, width: int) -> Sequence[Line]:
        return pinned(self.request.problem, width)

    def body(self, width: int) -> PageBody:
        request = self.request
        label = label_width(request)
        body = PageBody()
        body.lines += [*whose_card(request, request.lead, width), ()]
        row = len(body.lines)
        body.lines.append(self._entry(label))
        if request.operator_label:
            body.lines.append(
                line(
                    (" " * 4 + fit_label(request.operator_label, label) + " ", "label"),
                    ("[" + " " * SHOWN + "]", "dim"),
                    (" " + t("screen.pin.operator"), "dim"),
                )
            )
        if self.said:
            body.lines += paragraph(self.said, width - 2, "error", first="    ! ", indent="      ")
        else:
            body.lines += switch_it_off(self.input_method, width - 2, "      ")
        for said in request.lost if request.problem is not None else ():
            body.lines += paragraph(said, width - 2, "dim", indent="    ")
        body.lines += [(), buttons(((request.ok, keys_of("page.accept")[0]), (request.cancel, keys_of("page.back")[0])), 0)]
        body.stops.append((row, len(body.lines) - 1))
        body.cursor = (4 + label + 2 + min(len(self._pin), SHOWN - 1), row)
        return body

    def _entry(self, label: int) -> Line:
        drawn = min(len(self._pin), SHOWN - 1)
        return line(
            ("  > ", "marker"),
            (fit_label(self.request.pin_label, label) + " ", "label"),
            ("[", "dim"),
            (MASK * drawn, "input"),
            (" ", "cursor"),
            (" " * (SHOWN - 1 - drawn), "input"),
            ("] " + mode_sign(self.input_method), "dim"),
        )

    def wants(self) -> tuple[object, bool | None]:
        return self, False

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept", self.request.ok), key_label("page.back", self.request.cancel)]

    def help_page(self) -> HelpPage:
        return HelpPage(self.request.title, (), (t("help.pin"), t("help.pin_lock"), *self.request.lost))

    # -- keys

    def take_key(self, event: events.Key) -> bool:
        """One key, one byte in the buffer; a key no card accepts counts too, so that the PIN is refused and never shortened."""
        if event.key in ("backspace", "ctrl+h"):
            self._pin.backspace()
            self.said = ""
        elif event.key == "ctrl+u":
            self._pin.wipe()
            self.said = ""
        elif (char := typed(event)) is not None:
            fits = self._pin.append(ord(char))
            self.said = "" if fits and char.isascii() else t("screen.pin.half_width" if fits else "screen.pin.too_long")
        else:
            return False
        self.view.follow()
        self.repaint()
        return True

    def take_paste(self, text: str) -> None:
        """A PIN is typed: what was on a clipboard is not one."""
        self.said = t("screen.pin.paste")
        self.view.follow()
        self.repaint()

    def paste_lost(self) -> None:
        self.take_paste("")

    def action_accept(self) -> None:
        self.said = self._fault()
        if self.said:
            self._pin.wipe()
            self.app.bell()
            self.view.follow()
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
        if self._cards.one_left(readers):
            self._pin.wipe()
            self.fail(CardRemoved())

    def on_unmount(self) -> None:
        self._pin.wipe()
