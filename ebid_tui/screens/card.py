"""Waiting for a card. Goes on by itself when one comes; in the demo, lists the cards that can be put in."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.card.interface import CardTray, ReaderState
from ebid_tui.flows.ui import CardRequest, Nav
from ebid_tui.messages import t
from ebid_tui.screens.base import Choosing, HelpPage, Proceed, Step
from ebid_tui.screens.choose import number_keys
from ebid_tui.widgets.card_list import card_lines
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import READING, bindings, key_label
from ebid_tui.widgets.notices import pinned, rest_of
from ebid_tui.widgets.styled_lines import Line, line, pair, paragraph, widest

NOTICED = 1.0
"""Seconds after which a demo card that was put in counts as there, if the reader said nothing."""


class CardScreen(Choosing, Step[Proceed]):
    """Asks for a card. After a problem with the card that is in, only a new insertion or 再試行 goes on."""

    BINDINGS = bindings("page.accept", "page.back", *READING)

    def __init__(self, office: PageFrame, request: CardRequest, readers: tuple[ReaderState, ...], tray: CardTray | None) -> None:
        super().__init__(office, request.title)
        self.request = request
        self.readers = readers
        self.tray = tray
        self.cards = tray.cards() if tray is not None else ()
        self.cursor = Cursor(len(self.cards))
        if tray is not None and request.first:
            self.cursor.at = next((n for n, (name, _) in enumerate(self.cards) if name in tray.inserted), 0)
        self.said = ""
        self.view.opens_at_top = not self.cursor.at  # what has the cursor is in sight, however much is told above it

    def head(self, width: int) -> Sequence[Line]:
        return pinned(self.request.problem, width)

    def body(self, width: int) -> PageBody:
        body = PageBody()
        body.lines += rest_of(self.request.problem, width)
        body.lines += [(), *paragraph(self.request.lead, width - 2, indent="  "), ()]
        if self.readers:
            label = widest((r.name for r in self.readers), 40)
            for reader in self.readers:
                body.lines += pair(reader.name, t("screen.card.present" if reader.present else "screen.card.empty"), label, width - 2)
        else:
            body.lines += paragraph(t("screen.card.no_reader"), width - 2, "warning", first="  ! ", indent="    ")
        if self.cards:
            body.lines += [(), *paragraph(t("screen.card.tray"), width - 2, "heading", indent="  ")]
        for index, rows in enumerate(card_lines(self.tray, self.cursor.at, width - 4) if self.tray is not None else ()):
            start = len(body.lines)
            body.lines += [line(("  ", "text"), *row) for row in rows]
            body.stops.append((start, len(body.lines) - 1))
            if index == self.cursor.at:
                body.stop, body.cursor = index, (2, start)
        return body

    def foot(self, width: int) -> Sequence[Line]:
        return (line((" ! " + self.said, "warning")) if self.said else (),)

    def keys(self) -> Sequence[KeyLabel]:
        found = [key_label("page.accept", self._accepts()), key_label("page.back", t("common.cancel"))]
        return [*found, *number_keys(len(self.cards))]

    def _accepts(self) -> str:
        if self.request.first and self.request.problem is None and self._there():
            return t("screen.card.ok")
        return t("screen.key.insert" if self.cards else "common.retry")

    def _there(self) -> bool:
        """Whether what would be accepted is in already."""
        if self.tray is not None and self.cards:
            return self.cards[self.cursor.at][0] in self.tray.inserted
        return any(reader.present for reader in self.readers)

    def help_page(self) -> HelpPage:
        return HelpPage(self.request.title, (), (t("help.card"),))

    def moved(self) -> None:
        self.view.follow()
        super().moved()

    def action_accept(self) -> None:
        """Put the chosen demo card in, or look again at the card that is in."""
        if self.tray is not None and self.cards:
            name = self.cards[self.cursor.at][0]
            if name in self.tray.inserted:
                self.finish(True)
                return
            self.tray.insert(name, self.request.beside)
            self.set_timer(NOTICED, lambda: self.finish(True))  # a swap may look to the reader like no change
        elif any(reader.present for reader in self.readers):
            self.finish(True)
            return
        else:
            self.said = t("screen.card.still_empty" if self.readers else "screen.card.no_reader")
        self.repaint()

    def action_back(self) -> None:
        self.finish(Nav.CANCEL)

    def readers_changed(self, readers: tuple[ReaderState, ...]) -> None:
        """A card that was not there before answers the request, also where it was swapped for the one that was, between two looks."""
        before = {reader.name: reader.count for reader in self.readers if reader.present}
        came = [reader.name for reader in readers if reader.present and before.get(reader.name) != reader.count]
        self.readers = readers
        self.said = ""
        if came:
            self.finish(True)
        self.repaint()
