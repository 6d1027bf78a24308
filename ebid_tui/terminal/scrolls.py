"""Whether what is shown has only moved: then scrolling is less to send than the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from operator import ne
from typing import NamedTuple

from ebid_tui.terminal.sgr import Cell

Rows = dict[int, list[Cell]]

FEWEST = 4
"""Rows that must have changed before it is worth looking whether they have only moved."""

SHIFTS = 3
"""How many distances of a move are looked at."""


class Scroll(NamedTuple):
    """The rows from `top` to `bottom` move up by `rows`, or down if negative."""

    top: int
    bottom: int
    rows: int

    def of(self, shown: Mapping[int, list[Cell]]) -> Rows:
        """What is shown after it; the rows that came in are missing."""
        return {y: shown[y + self.rows] for y in range(self.top, self.bottom + 1) if self.top <= y + self.rows <= self.bottom}


def scrolls_between(shown: Rows, rows: Rows) -> list[Scroll]:
    """Moves after which there may be less to send."""
    moved = [y for y, row in rows.items() if row != shown.get(y)]
    if len(moved) < FEWEST or any(y not in shown for y in rows) or len({len(row) for row in shown.values()}) != 1:
        return []
    height = len(shown)
    if set(shown) != set(range(height)):
        return []
    texts = {y: _text(row) for y, row in shown.items()}
    votes: Counter[int] = Counter()
    for y in moved:
        text = _text(rows[y])
        votes.update(was - y for was, other in texts.items() if was != y and other == text and text.strip())
    found = (_band(shown, shown | rows, shift) for shift, _ in votes.most_common(SHIFTS))
    return [scroll for scroll in found if scroll is not None]


def _band(before: Rows, after: Rows, shift: int) -> Scroll | None:
    """The rows for which it pays most to move by a distance: those where the cells that differ become fewer by most in all."""
    best, gained = None, 0
    start, sum_ = 0, 0
    for y in range(max(0, -shift), min(len(before), len(before) - shift)):
        gain = _differing(before[y], after[y]) - _differing(before[y + shift], after[y])
        if sum_ <= 0:
            start, sum_ = y, 0
        sum_ += gain
        if sum_ > gained:
            gained, best = sum_, (start, y)
    if best is None:
        return None
    first, last = best
    return Scroll(min(first, first + shift), max(last, last + shift), shift)


def _differing(one: list[Cell], other: list[Cell]) -> int:
    return 0 if one is other or one == other else sum(map(ne, one, other))


def _text(row: list[Cell]) -> str:
    return "".join(char for char, _ in row)
