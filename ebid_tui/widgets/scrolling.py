"""Decides how far a page is scrolled: what has the focus is in sight with a row before and behind it, and no step scrolls far.

Between two stops there may be many rows that are only read (a block's heading, what the card says). If the page waited
until the next stop is out of sight, that step would bring in all of them: much for the eye to find its place in again, and
much to send. So the page goes ahead a little, by two rows where one would do: every other step then scrolls nothing at all.
"""

from __future__ import annotations

from itertools import pairwise

from ebid_tui.widgets.frame import PageBody

STRIDE = 2
"""Rows that one step may scroll without further reason."""

CONTEXT = 1
"""Rows to be seen before and behind what has the focus."""


def scrolled(top: int, height: int, body: PageBody) -> int:
    """The first row to be shown, given the one that is: as near to it as may be."""
    if body.focus is None:
        return top
    lowest, highest = body.focus[1] - height + 1, body.focus[0]
    if body.stops:
        low, high = _limits(height, len(body.lines), body.stops)
        top = min(max(top, low[body.stop]), high[body.stop])
    return max(min(top, highest), lowest)


def _limits(height: int, rows: int, stops: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """For every stop, the least and the greatest first row from which one gets on, and back, in the smallest steps possible."""
    end = max(0, rows - height)
    least = [max(0, min(end, last + CONTEXT - height + 1)) for _, last in stops]
    most = [max(0, min(end, first - CONTEXT)) for first, _ in stops]
    for stride in range(STRIDE, rows + STRIDE):
        low, high = least[:], most[:]
        for i, j in reversed(list(pairwise(range(len(stops))))):
            low[i] = max(low[i], low[j] - stride)
        for i, j in pairwise(range(len(stops))):
            high[j] = min(high[j], high[i] + stride)
        if all(a <= b for a, b in zip(low, high, strict=True)):
            return low, high
    return most, most
