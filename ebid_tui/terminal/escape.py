"""Which Esc means 戻る: an input method takes one or two to end a composition, and whoever presses one more means nothing by it."""

from __future__ import annotations

import math

from textual import events

from ebid_tui.terminal.keys import typed

APART = 0.5
"""Seconds that an Esc must come after text that was put in at once, or after another Esc."""


class EscapeGuard:
    """Is told every key and paste in their order. Times are the events' own: a busy machine handles them late."""

    def __init__(self) -> None:
        self._last = -math.inf
        """When the last Esc came, or the last text that no key of a keyboard types."""

    def swallows(self, event: events.Key | events.Paste) -> bool:
        """True for an Esc that comes too soon."""
        if isinstance(event, events.Key) and event.key == "escape":
            soon = event.time - self._last < APART
            self._last = event.time
            return soon
        if isinstance(event, events.Paste) or not (typed(event) or "").isascii():
            self._last = event.time
        return False
