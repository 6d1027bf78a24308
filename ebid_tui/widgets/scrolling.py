"""Which rows of a page are on the screen, and how keys move them: what has the focus is in sight, and no step scrolls far.

Between two stops there may be many rows that are only read (a block's heading, what the card says). If the page waited
until the next stop is out of sight, that step would bring in all of them: much for the eye to find its place in again, and
much to send. So the page goes ahead a little, by two rows where one would do: every other step then scrolls nothing at all.

Page keys go wherever they lead, and the page stays there until something is done at what has the focus.
"""

from __future__ import annotations

from itertools import pairwise

from ebid_tui.widgets.frame import PageBody

STRIDE = 2
"""Rows that one step may scroll without further reason."""

CONTEXT = 1
"""Rows to be seen before and behind what has the focus."""

Rows = tuple[int, int]
"""The first and the last of some rows of a page, from 0."""


class Viewport:
    """The rows on the screen: `height` of `length`, from row `top` on."""

    def __init__(self) -> None:
        self.top = 0
        self.height = 1
        self.length = 0
        self.opens_at_top = True
        """Whether a page is shown from its beginning at first, even if what has the focus is further down."""
        self._opened = False
        self._held: int | None = None
        """The stop at which the page was scrolled by hand."""
        self._focus: Rows | None = None
        self._stops: list[Rows] = []

    # -- what is on the screen

    @property
    def above(self) -> bool:
        """Whether there are rows above those that are seen."""
        return self.top > 0

    @property
    def below(self) -> bool:
        """Whether there are rows below those that are seen."""
        return self.top + self.height < self.length

    @property
    def away(self) -> bool:
        """Whether what has the focus is out of sight, because the page was scrolled, or shows its beginning."""
        return self._focus is not None and not self.sees(self._focus)

    def sees(self, rows: Rows) -> bool:
        """Whether all of these rows are on the screen, or of more than fit on it the first."""
        first, last = rows
        return self.top <= first and min(last, first + self.height - 1) < self.top + self.height

    def show(self, body: PageBody, height: int) -> None:
        """The page is to be painted in so many rows."""
        self.height, self.length = max(1, height), len(body.lines)
        self._stops = body.stops
        self._focus = _core(body, self.height) if body.stops else None
        if not self._opened:
            self._opened = True
            if self.opens_at_top or not body.stop:
                self.top, self._held = 0, body.stop
        elif self._held != body.stop:
            self._held = None
        if self._held is None and body.stops:
            self.top = followed(self.top, self.height, body)
        self.top = max(0, min(self.top, self.length - self.height))
        if not self.away and self._held is not None and self.top == 0:
            self._held = None  # nothing had to be scrolled

    # -- moving

    def follow(self) -> None:
        """Bring what has the focus into sight when the page is painted next."""
        self._held = None

    def place(self, top: int) -> None:
        """Begin at this row, where a page is shown again."""
        self.top, self._opened = top, True

    def scroll(self, rows: int) -> int | None:
        """So many rows down, or up. Returns the stop that is to have the focus; None where no other one is in sight."""
        end = max(0, self.length - self.height)
        before, self.top = self.top, max(0, min(self.top + rows, end))
        seen = [index for index, stop in enumerate(self._stops) if self.sees(stop)]
        edge = self.top == before or abs(rows) >= self.length
        if seen and edge:
            found = seen[-1] if rows > 0 else seen[0]
        elif seen and self.away:
            found = seen[0] if rows > 0 else seen[-1]
        else:
            found = None
        return found

    def hold(self, stop: int) -> None:
        """Stay where the page was scrolled to, as long as this stop has the focus and nothing is done there."""
        self._held = stop


def followed(top: int, height: int, body: PageBody) -> int:
    """The first row to be shown, given the one that is: as near to it as may be, with what has the focus in sight."""
    stops = [_core(body, height, index) for index in range(len(body.stops))]
    regions = _regions(stops, len(body.lines), height)
    low, high = _limits(height, len(body.lines), regions)
    first, last = regions[body.stop]
    top = min(max(top, low[body.stop]), high[body.stop])
    return max(0, min(max(min(top, first), last - height + 1), len(body.lines) - height))


def _core(body: PageBody, height: int, index: int | None = None) -> Rows:
    """The rows of a stop; of one that is higher than the page those from the cursor on, or from its beginning."""
    here = index in (None, body.stop)
    first, last = body.stops[body.stop if index is None else index]
    if last - first < height:
        return first, last
    row = body.cursor[1] if here and body.cursor is not None and first <= body.cursor[1] <= last else first
    return row, min(last, row + height - 1)


def _regions(stops: list[Rows], rows: int, height: int) -> list[Rows]:
    """Every stop with what is read before it, the last one with what is read behind it, as far as the page has room."""
    room = max(1, height - 2 * CONTEXT)
    found = []
    for index, (first, last) in enumerate(stops):
        begin = stops[index - 1][1] + 1 if index else 0
        begin = min(first, max(begin, last - room + 1))
        end = rows - 1 if index == len(stops) - 1 else last
        found.append((begin, max(last, min(end, begin + room - 1))))
    return found


def _limits(height: int, rows: int, stops: list[Rows]) -> tuple[list[int], list[int]]:
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
