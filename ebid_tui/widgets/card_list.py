"""The demo's cards as a list to choose from: number, name, what it is, and which one is in. Lines only."""

from __future__ import annotations

from ebid_tui.card.interface import CardTray
from ebid_tui.messages import t
from ebid_tui.widgets.styled_lines import Line, fit, line, widest, wrap


def card_lines(tray: CardTray, chosen: int, width: int) -> list[list[Line]]:
    """The rows of every card, the chosen one marked with `>` besides its colour."""
    cards = tray.cards()
    name_cells = widest((name for name, _ in cards), 24)
    found: list[list[Line]] = []
    for index, (name, description) in enumerate(cards):
        here = index == chosen
        number = f"{index + 1:{len(str(len(cards)))}}"
        head = f" {number}  {fit(name, name_cells)} "
        if name in tray.inserted:
            description = f"* {t('screen.card.inserted')}  {description}"
        rows = wrap(description, max(width - len(head) - 3, 12))
        first = line(("> " if here else "  ", "marker"), (head, "selected" if here else "text"), (" " + rows[0], "dim"))
        found.append([first, *(line((" " * (len(head) + 3) + row, "dim")) for row in rows[1:])])
    return found
