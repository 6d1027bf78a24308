"""A widget that shows lines and asks for repainting only the cells that changed.

Textual's line API (`render_line`) without child widgets: a keystroke costs two spans of a few cells instead of a screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ebid_tui.terminal.painted_texts import forget_lines
from ebid_tui.widgets.styled_lines import Line, fit_line

Paint = Callable[[int, int], Sequence[Line]]
"""From width and height in cells to that many lines."""

WHEEL = 3
"""Rows for one step of the mouse's wheel."""

NEAR = 8
"""Changed spans closer than this many cells are sent as one: moving the cursor costs as much."""


class Sheet(Widget):
    """Shows what `paint` gives, and compares with what is shown before it asks for anything to be sent."""

    def __init__(self, paint: Paint, styles: Mapping[str, Style], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._paint = paint
        self._roles = styles
        self._shown: list[Line] = []
        self._strips: list[Strip] = []

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown now."""
        return tuple(self._shown)

    def style_of(self, role: str) -> Style:
        """How a role looks here."""
        return self._roles.get(role, Style.null())

    def text(self) -> str:
        """What is shown now, as plain text: one line a row."""
        return "\n".join("".join(text for text, _ in row).rstrip() for row in self._shown)

    def on_resize(self, event: events.Resize) -> None:
        self._shown = []
        self.repaint()

    def on_unmount(self) -> None:
        """What was painted goes with the widget: Textual remembers its cache of lines longer than that."""
        self._shown, self._strips = [], []
        forget_lines(self)

    def repaint(self) -> None:
        """Paint anew, and have the cells sent that differ from what is shown."""
        width, height = self.size
        if not width or not height:
            return
        painted = [fit_line(row, width) for row in self._paint(width, height)][:height]
        painted += [fit_line((), width)] * (height - len(painted))
        if getattr(self.app, "ascii_only", False):
            from ebid_tui.widgets.ascii_mode import in_ascii

            painted = [in_ascii(row) for row in painted]
        if len(self._shown) != height:
            self._shown = painted
            self._strips = [self._strip(row) for row in painted]
            self.refresh()
            return
        regions: list[Region] = []
        for y, (old, new) in enumerate(zip(self._shown, painted, strict=True)):
            if old != new:
                regions += (Region(x1, y, x2 - x1, 1) for x1, x2 in changed(old, new))
                self._shown[y] = new
                self._strips[y] = self._strip(new)
        if regions:
            self.refresh(*regions)

    async def on_click(self, event: events.Click) -> None:
        """A click (setting `mouse`) is the keys that do the same, unless the screen has a meaning of its own for it."""
        pointed = getattr(self.screen, "pointed", None)
        if pointed is not None and pointed(event.x, event.y):
            return
        from ebid_tui.widgets.clicks import keys_at

        for key in keys_at(self._shown, event.x, event.y):
            await self.app.on_event(events.Key(key, key if len(key) == 1 else None))

    def on_mouse_scroll_down(self) -> None:
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-WHEEL)

    def _scroll(self, rows: int) -> None:
        wheel = getattr(self.screen, "wheel", None)
        if wheel is not None:
            wheel(rows)

    def _strip(self, row: Line) -> Strip:
        runs = groupby(row, key=lambda piece: piece[1])
        return Strip([Segment("".join(text for text, _ in run), self._roles[role]) for role, run in runs], self.size.width)

    def restyle(self) -> None:
        """The roles look different now: paint everything anew."""
        self._shown = []
        self.repaint()

    def render_line(self, y: int) -> Strip:
        """Textual's question for one line of the widget."""
        if not self._strips:
            self.repaint()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)


def cells(row: Line) -> Iterator[tuple[str, str]]:
    """Every cell of a line as (character, role); the second cell of a wide character is empty."""
    for text, role in row:
        for char in text:
            wide = cell_len(char)
            if wide:
                yield char, role
            for _ in range(wide - 1):
                yield "", role


def changed(old: Line, new: Line) -> list[tuple[int, int]]:
    """The spans of cells, as (from, to), in which two lines of the same width differ; wide characters are kept whole."""
    before, after = list(cells(old)), list(cells(new))
    if len(before) != len(after):
        return [(0, len(after))]
    spans: list[tuple[int, int]] = []
    for x, (was, now) in enumerate(zip(before, after, strict=True)):
        if was == now:
            continue
        if spans and x - spans[-1][1] <= NEAR:
            spans[-1] = (spans[-1][0], x + 1)
        else:
            spans.append((x, x + 1))
    return [(_start(after, x1), _end(after, x2)) for x1, x2 in spans]


def _start(row: Sequence[tuple[str, str]], x: int) -> int:
    while x > 0 and row[x][0] == "":
        x -= 1
    return x


def _end(row: Sequence[tuple[str, str]], x: int) -> int:
    while x < len(row) and row[x][0] == "":
        x += 1
    return x
