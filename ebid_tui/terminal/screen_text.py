"""What is on a screen, as plain rows: for a look at it without a terminal."""

from __future__ import annotations

from typing import Any

from textual._compositor import LayoutUpdate
from textual.screen import Screen


def screen_rows(screen: Screen[Any]) -> list[str]:
    """The whole screen, without what lies under it; no spaces at the ends of rows."""
    update = screen._compositor.render_update(full=True)
    return ["".join(strip.text for strip in row).rstrip() for row in update.strips] if isinstance(update, LayoutUpdate) else []
