"""Textual's DataTable without its looks: one ground, no marks on rows, and a first cell that the widget paints (widgets/list_table.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.widgets import DataTable


class BareTable(DataTable[Text], inherit_bindings=False, can_focus=False):
    """`styles` by role: everything stands on that of `text`."""

    def __init__(self, styles: Mapping[str, Style]) -> None:
        super().__init__(cursor_type="cell", cell_padding=0, header_height=1, show_header=True)
        self._roles = styles

    def first_cell(self, row: int, chosen: bool) -> list[Segment]:
        """The first cell of a row."""
        raise NotImplementedError

    def forget_cells(self) -> None:
        """Drop what Textual remembers of painted cells: it lives longer than the widget."""
        self._get_styles_to_render_cell.cache_clear()

    @property
    def rich_style(self) -> Style:
        """The ground on which everything stands."""
        return self._roles["text"]

    def get_component_rich_style(self, *names: str, partial: bool = False, default: Style | None = None) -> Style:
        """Textual's parts of the table, in the theme's roles."""
        return Style.null() if partial else self._roles["text"]

    def _get_row_style(self, row_index: int, base_style: Style) -> Style:
        return base_style

    def _render_cell(
        self, row_index: int, column_index: int, base_style: Style, width: int, cursor: bool = False, hover: bool = False
    ) -> Any:
        if column_index != 0 or row_index < 0:
            return super()._render_cell(row_index, column_index, base_style, width, False, False)
        return [self.first_cell(row_index, cursor)]
