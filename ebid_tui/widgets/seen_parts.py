"""What of a page has been on the screen: part by part, by what they are and not by where they stand, so that another size changes nothing.

A part is a row with its note, or a warning. It was seen when every one of its lines was on a screen that stood there
when a key was struck: keys that come together with the one that scrolls do not count as somebody who reads.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

Part = Hashable
"""What a line belongs to; None for one that says nothing (a gap)."""


class SeenParts:
    """Grows as a page is read. Times are monotonic, in seconds."""

    def __init__(self) -> None:
        self._whole: set[Part] = set()
        self._lines: dict[tuple[Part, int], set[int]] = {}
        """By part and its number of lines, which is another one at another width: the lines that were seen."""
        self._parts: Sequence[Part] = ()
        self._rows = range(0)
        self._since = 0.0

    def shown(self, parts: Sequence[Part], top: int, height: int, now: float) -> None:
        """The page has these parts, one a line; so many of its lines are on the screen since now, from `top` on."""
        rows = range(top, min(top + height, len(parts)))
        if (list(parts), rows) != (list(self._parts), self._rows):
            self._parts, self._rows, self._since = tuple(parts), rows, now

    def struck(self, at: float) -> None:
        """A key was struck: what was on the screen by then was there for somebody to see."""
        if at < self._since:
            return
        self._whole |= self._with_shown()
        for (part, lines), row in self._in_sight():
            self._lines.setdefault((part, lines), set()).add(row)

    @property
    def unseen(self) -> list[int]:
        """The lines of which a part was not seen, what is on the screen now left out."""
        whole = self._with_shown()
        return [row for row, part in enumerate(self._parts) if part is not None and part not in whole]

    def counts(self, at: float) -> bool:
        """Whether every part was seen by somebody who struck a key then."""
        return not self.unseen and (at >= self._since or all(part is None or part in self._whole for part in self._parts))

    def _in_sight(self) -> list[tuple[tuple[Part, int], int]]:
        """By part and its number of lines: the number of each line that is on the screen."""
        lines: dict[Part, list[int]] = {}
        for row, part in enumerate(self._parts):
            if part is not None:
                lines.setdefault(part, []).append(row)
        return [((part, len(rows)), n) for part, rows in lines.items() for n, row in enumerate(rows) if row in self._rows]

    def _with_shown(self) -> set[Part]:
        """The parts that are whole with what is on the screen now."""
        seen: dict[tuple[Part, int], set[int]] = {}
        for key, row in self._in_sight():
            seen.setdefault(key, set(self._lines.get(key, ()))).add(row)
        return self._whole | {part for (part, lines), rows in seen.items() if len(rows) == lines}
