"""Textual's DataTable for lists of many lines, in the theme's roles, and cheap to send.

The row that is chosen bears a sign in its first cell and nothing else: moving costs two cells instead of two rows. The page over
which it lies hands it no keys; it moves when it is told to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events

from ebid_tui.terminal.bare_table import BareTable
from ebid_tui.widgets.cursor import Cursor
from ebid_tui.widgets.styled_lines import cut

SIGN = 3
"""Cells of the first column: the sign of the chosen row, and that of a row that wants attention."""

GAP = 2
"""Cells between columns."""

SMALLEST = 8
"""Cells that the column without a width has at least."""


Rows = tuple[tuple[Any, ...], ...]


class ListTable(BareTable, inherit_bindings=False, can_focus=False):
    """`columns`: title and width (0: what is left). Rows are told by their number, from 0."""

    DEFAULT_CSS = """
    ListTable { layer: list; scrollbar-size: 0 0; background: transparent; height: auto; }
    """

    def __init__(self, columns: Sequence[tuple[str, int]], styles: Mapping[str, Style]) -> None:
        super().__init__(styles)
        self._titles: Rows = tuple(columns)
        self._room = 0
        self._held: list[tuple[tuple[str, ...], str]] = []
        self.cursor = Cursor(0)

    # -- contents

    @property
    def count(self) -> int:
        return self.cursor.count

    @property
    def chosen(self) -> int:
        """The row that is chosen; 0 where there is none."""
        return self.cursor.at

    def set_rows(
        self, rows: Sequence[tuple[tuple[str, ...], str]], chosen: int = 0, columns: Sequence[tuple[str, int]] | None = None
    ) -> None:
        """Show these rows of cells and a sign (`!` or nothing) instead of what is there; under other columns where some are given."""
        self._titles = self._titles if columns is None else tuple(columns)
        self._held = list(rows)
        self.cursor = Cursor(len(self._held))
        self._fill(chosen)

    def add_rows_behind(self, rows: Sequence[tuple[tuple[str, ...], str]]) -> None:
        """Further rows; what is chosen stays."""
        self._held += rows
        self.cursor.count = len(self._held)
        for cells, sign in rows:
            self._add(cells, sign)

    def move(self, rows: int) -> None:
        """Choose the row so many further down, or up; not beyond the ends."""
        self.cursor.move(rows)
        if self.count:
            self.move_cursor(row=self.cursor.at, column=0, animate=False)

    def choose(self, row: int) -> None:
        self.move(row - self.cursor.at)

    def fit(self, width: int) -> None:
        """Lay the columns out for so many cells."""
        if width != self._room:
            self._room = width
            self._fill(self.chosen)

    def restyle(self) -> None:
        """The roles look different now."""
        self._fill(self.chosen)

    def say_again(self, respoken: Callable[[Rows], Rows]) -> None:
        """Another language is spoken: titles and cells in that one, as far as they are sentences."""
        self._titles = respoken(self._titles)
        self._held = list(respoken(tuple(self._held)))
        self._fill(self.chosen)

    # -- painting

    def _widths(self) -> list[int]:
        fixed = SIGN + sum(width + GAP for _, width in self._titles if width)
        return [width or max(self._room - fixed - GAP, SMALLEST) for _, width in self._titles]

    def _fill(self, chosen: int) -> None:
        self.forget_cells()
        self.clear(columns=True)
        self.add_column(Text(" " * SIGN), width=SIGN)
        for (title, _), width in zip(self._titles, self._widths(), strict=True):
            self.add_column(self._cell(title, width, "heading"), width=width + GAP)
        for cells, sign in self._held:
            self._add(cells, sign)
        if self._held:
            self.choose(chosen)

    def _add(self, cells: tuple[str, ...], sign: str) -> None:
        role = "warning" if sign else "text"
        first = Text(f"  {sign or ' '}", self._roles["warning"], no_wrap=True, end="")
        roles = [role, *["text"] * (len(cells) - 1)]
        self.add_row(first, *map(self._cell, cells, self._widths(), roles))

    def _cell(self, text: str, width: int, role: str) -> Text:
        flat = " ".join(text.split("\n"))
        kept = cut(flat, width) if cell_len(flat) <= width else cut(flat, width - 1) + ">"
        if getattr(self.app, "ascii_only", False):
            from ebid_tui.widgets.ascii_mode import in_ascii

            kept = "".join(piece for piece, _ in in_ascii(((kept, role),)))
        return Text(kept, self._roles[role], no_wrap=True, end="")

    def on_click(self, event: events.Click) -> None:
        """A click (setting `mouse`) chooses a row."""
        event.prevent_default()
        if (row := event.style.meta.get("row", -1)) >= 0:
            self.choose(row)

    def on_unmount(self) -> None:
        """What was listed goes with the widget: Textual's caches live longer than it."""
        self.forget_cells()
        self._held, self.cursor = [], Cursor(0)
        self.clear(columns=True)

    def first_cell(self, row: int, chosen: bool) -> list[Segment]:
        """The sign of the chosen row, and that of a row that wants attention."""
        sign = self._held[row][1] if row < len(self._held) else ""
        return [Segment(" >" if chosen else "  ", self._roles["marker"]), Segment(sign or " ", self._roles["warning"])]
