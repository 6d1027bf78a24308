"""The virtual reader of the demo: putting demo cards in and taking them out, from anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.card.interface import CardTray, ReaderState
from ebid_tui.messages import t
from ebid_tui.screens.choose_one import ListOverlay
from ebid_tui.widgets.card_list import card_lines
from ebid_tui.widgets.frame import KeyLabel, PageFrame
from ebid_tui.widgets.keys import bindings, key_label
from ebid_tui.widgets.styled_lines import Line, line, paragraph


class TrayOverlay(ListOverlay["tuple[str, str]"]):
    """The hand that moves demo cards. Closes itself after a move, so that one sees what it does."""

    BINDINGS = bindings("tray.remove", "app.tray")

    def __init__(self, office: PageFrame, tray: CardTray) -> None:
        super().__init__(office, tray.cards(), lambda card: tray.insert(card[0]))
        self.tray = tray
        names = [name for name, _ in self.items]
        self.cursor.at = next((names.index(name) for name in tray.inserted if name in names), 0)

    def lines(self, width: int) -> list[Line]:
        width = min(width, 70)
        inserted = "、".join(self.tray.inserted)
        rows = [line((t("screen.tray.title"), "heading")), ()]
        state = t("screen.tray.in", name=inserted) if inserted else t("screen.tray.empty")
        rows += [*paragraph(state, width), ()]
        rows += self._cards_in_sight(width, self.app.size.height - len(rows) - 2)
        return rows

    def keys(self) -> Sequence[KeyLabel]:
        accept, *others = super().keys()
        remove = [key_label("tray.remove")] if self.tray.inserted else []
        return [KeyLabel(accept.key, t("screen.key.insert")), *remove, *others]

    def _cards_in_sight(self, width: int, height: int) -> list[Line]:
        """The rows of as many cards as there is room for, the chosen one among them."""
        cards = card_lines(self.tray, self.cursor.at, width)
        rows = [row for card in cards for row in card]
        begin = sum(map(len, cards[: self.cursor.at]))
        end = begin + len(cards[self.cursor.at]) if cards else 0
        top = max(0, min(begin - (height - (end - begin)) // 2, len(rows) - height))
        return rows[top : top + height]

    def action_remove(self) -> None:
        if self.tray.inserted:
            self.tray.remove()
        self.app.pop_screen()

    def readers_changed(self, readers: tuple[ReaderState, ...]) -> None:
        self.repaint()
