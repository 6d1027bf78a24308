"""From a click to the keys that would do the same. So nothing is reached with the mouse that is not reached by keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from rich.cells import cell_len

from ebid_tui.widgets.keys import key_name, raw_keys, written
from ebid_tui.widgets.styled_lines import Line

NUMBERED = re.compile(r"[ >]*([1-9])  \S")
"""A line of a list: the number that chooses it."""


def keys_at(lines: Sequence[Line], x: int, y: int) -> list[str]:
    """The keys, as Textual names them, for a click on a cell of what is shown; none where there is nothing to click on."""
    if not 0 <= y < len(lines):
        return []
    row = lines[y]
    ends = list(accumulate(cell_len(text) for text, _ in row))
    at = next((index for index, end in enumerate(ends) if x < end), None)
    if at is None:
        return []
    text, role = row[at]
    if role in ("key", "keybar"):
        return _of_bar(row, at)
    if text.startswith("[ ") and role in ("button", "selected"):
        return _of_button(lines, y, at)
    found = NUMBERED.match("".join(text for text, _ in row))
    return [found[1]] if found else []


def _of_bar(row: Line, at: int) -> list[str]:
    """The key that is named here, or before the label that is."""
    while at >= 0 and row[at][1] != "key":
        at -= 1
    return [] if at < 0 else _pressed(row[at][0])


def _of_button(lines: Sequence[Line], y: int, at: int) -> list[str]:
    """The key that stands behind the button; without one, the way to it and the key that accepts."""
    row = lines[y]
    behind = row[at + 1][0].strip() if at + 1 < len(row) else ""
    if behind and (keys := _pressed(behind)):
        return keys
    buttons = [(r, c) for r, line in enumerate(lines) for c, (text, role) in enumerate(line) if _is_button(text, role)]
    chosen = next((n for n, (r, c) in enumerate(buttons) if lines[r][c][1] == "selected"), 0)
    steps = buttons.index((y, at)) - chosen
    return [raw_keys("page.right" if steps > 0 else "page.left")[0]] * abs(steps) + [raw_keys("page.accept")[0]]


def _is_button(text: str, role: str) -> bool:
    return text.startswith("[ ") and role in ("button", "selected")


def _pressed(shown: str) -> list[str]:
    """A key from the name that people read."""
    key = written(shown)
    return [key] if key_name(key) == shown else []
