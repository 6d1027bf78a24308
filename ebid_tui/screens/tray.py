"""The virtual reader of the demo: putting demo cards in and taking them out, from anywhere."""

from __future__ import annotations

from textual import events

from ebid_tui.card.interface import CardTray, ReaderState
from ebid_tui.messages import t
from ebid_tui.screens.base import Overlay, number_of
from ebid_tui.widgets.card_list import card_lines
from ebid_tui.widgets.frame import Office
from ebid_tui.widgets.ink import Line, line, paragraph
from ebid_tui.widgets.keys import bindings, keys_of


class TrayOverlay(Overlay):
    """The hand that moves demo cards. Closes itself after a move, so that one sees what it does."""

    BINDINGS = bindings("page.accept", "page.back", "page.up", "page.down", "tray.remove", "app.tray")

    def __init__(self, office: Office, tray: CardTray) -> None:
        super().__init__(office)
        self.tray = tray
        self.cards = tray.cards()
        names = [name for name, _ in self.cards]
        self.chosen = next((names.index(name) for name in tray.inserted if name in names), 0)

    def lines(self, width: int) -> list[Line]:
        width = min(width, 70)
        inserted = "、".join(self.tray.inserted)
        rows = [line((t("screen.tray.title"), "heading")), ()]
        state = t("screen.tray.in", name=inserted) if inserted else t("screen.tray.empty")
        rows += [*paragraph(state, width), ()]
        rows += [row for card in card_lines(self.tray, self.chosen, width) for row in card]
        keys = " ".join((keys_of("page.accept")[0], t("screen.key.insert") + " ", keys_of("tray.remove")[0], t("screen.key.remove") + " "))
        return [*rows, (), line((keys + " " + keys_of("page.back")[0] + " " + t("common.close"), "dim"))]

    def take_key(self, event: events.Key) -> bool:
        """A number puts that card in."""
        chosen = number_of(event, len(self.cards))
        if chosen is None:
            return False
        self.chosen = chosen
        self.action_accept()
        return True

    def action_up(self) -> None:
        self.chosen = (self.chosen - 1) % len(self.cards)
        self.repaint()

    def action_down(self) -> None:
        self.chosen = (self.chosen + 1) % len(self.cards)
        self.repaint()

    def action_accept(self) -> None:
        self.tray.insert(self.cards[self.chosen][0])
        self.app.pop_screen()

    def action_remove(self) -> None:
        if self.tray.inserted:
            self.tray.remove()
        self.app.pop_screen()

    def action_back(self) -> None:
        self.app.pop_screen()

    def action_tray(self) -> None:
        self.app.pop_screen()

    def readers_changed(self, readers: tuple[ReaderState, ...]) -> None:
        self.repaint()
