"""Which of several things is chosen: the cursor of lists, choices, card pages and buttons, and how keys move it."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events

from ebid_tui.terminal.keys import typed

FEW = 9
"""So many are chosen by one digit. Of more a digit may be the first of several: it is waited for what follows it."""


@dataclass(slots=True)
class Cursor:
    """`at` is the chosen one of `count` things, from 0; 0 where there is nothing to choose from."""

    count: int
    at: int = 0
    _digits: str = ""
    """Of the number that is being typed."""

    @property
    def few(self) -> bool:
        """Whether one digit says which one is meant."""
        return self.count <= FEW

    def turn(self, steps: int) -> None:
        """So many on, or back; behind the last comes the first."""
        self.at, self._digits = (self.at + steps) % max(1, self.count), ""

    def move(self, steps: int) -> None:
        """So many on, or back; not beyond the ends."""
        self.at, self._digits = max(0, min(self.at + steps, self.count - 1)), ""

    def numbered(self, event: events.Key) -> bool:
        """Choose by its number, from 1, of as many digits as are typed one after the other; False for any other key."""
        char = typed(event)
        if char is None or char not in "0123456789":
            return False
        number = next((n for n in (self._digits + char, char) if 0 < int(n) <= self.count), "")
        if not number:
            return False
        self.at, self._digits = int(number) - 1, "" if self.few else number
        return True

    def near_end(self, rows: int) -> bool:
        """Whether at most so many are left from the chosen one on."""
        return self.at >= self.count - rows

    def in_sight(self, rows: int) -> range:
        """So many of them, with the chosen one in the middle as far as there are others."""
        first = max(0, min(self.at - rows // 2, self.count - rows))
        return range(first, min(first + rows, self.count))
