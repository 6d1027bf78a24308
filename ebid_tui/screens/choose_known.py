"""Several values that a field could be filled with: the towns of one postal code, the codes of one address."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events

from ebid_tui.messages import t
from ebid_tui.screens.base import Overlay, number_of
from ebid_tui.widgets.form_assist import Suggestion
from ebid_tui.widgets.frame import Office
from ebid_tui.widgets.ink import Line, cut, line
from ebid_tui.widgets.keys import bindings, keys_of


class KnownOverlay(Overlay):
    """A list of at most nine; a number or Enter takes one. Closes itself then."""

    BINDINGS = bindings("page.accept", "page.back", "page.up", "page.down")

    def __init__(self, office: Office, found: Sequence[Suggestion], take: Callable[[Suggestion], None]) -> None:
        super().__init__(office)
        self.found = found
        self.chosen = 0
        self._take = take

    def lines(self, width: int) -> list[Line]:
        width = min(width, 70)
        rows = [line((t("screen.form.choose_known"), "heading")), ()]
        for index, suggestion in enumerate(self.found):
            here = index == self.chosen
            told = cut(f" {index + 1}  {suggestion.told} ", width - 2)
            rows.append(line(("> " if here else "  ", "marker"), (told, "selected" if here else "text")))
        keys = f"{keys_of('page.accept')[0]} {t('screen.key.accept')}  {keys_of('page.back')[0]} {t('common.close')}"
        return [*rows, (), line((keys, "dim"))]

    def take_key(self, event: events.Key) -> bool:
        """A number takes that one."""
        chosen = number_of(event, len(self.found))
        if chosen is None:
            return False
        self.chosen = chosen
        self.action_accept()
        return True

    def action_up(self) -> None:
        self._move(-1)

    def action_down(self) -> None:
        self._move(1)

    def _move(self, steps: int) -> None:
        self.chosen = (self.chosen + steps) % len(self.found)
        self.repaint()

    def action_accept(self) -> None:
        self.app.pop_screen()
        self._take(self.found[self.chosen])

    def action_back(self) -> None:
        self.app.pop_screen()
