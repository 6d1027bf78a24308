"""Drops what Textual and rich keep of texts that were painted (R-21).

Textual and rich remember the last thousands of lines, pieces of lines and widths, each with its text: faster, and a memory of what
people typed that lasts longer than their visit, and grows. This leans on the pinned versions; a test notices a change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rich.cells
from rich.segment import Segment
from textual._styles_cache import StylesCache
from textual.widget import Widget


def caches() -> list[Callable[..., Any]]:
    """The remembering functions whose arguments are painted texts, or hold them."""
    return [StylesCache.get_inner_outer, Segment._split_cells, rich.cells.cached_cell_len]


def forget() -> None:
    """Drop it all (R-21); it is made anew with the next paint."""
    for function in caches():
        function.cache_clear()  # type: ignore[attr-defined]


def forget_lines(widget: Widget) -> None:
    """Drop what is kept of the lines of one widget."""
    widget._styles_cache.clear()
