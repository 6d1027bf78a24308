"""Screens without characters of ambiguous width (UAX #11): some terminals draw them in two cells, and everything behind them slips.

Each is shown as one character of ASCII, so that nothing else moves. Only what is shown changes, never a value (docs/ssh.md).
"""

from __future__ import annotations

from functools import cache
from unicodedata import category, combining, east_asian_width, normalize

from ebid_tui.widgets.styled_lines import Line

UNKNOWN = "?"
"""What stands for a character that has nothing like it in ASCII; also in the help of the mode."""

INSTEAD = {
    **dict.fromkeys("※●◎★☆♪•", "*"),
    **dict.fromkeys("○◯°", "o"),
    **dict.fromkeys("■□▣◆◇", "#"),
    **dict.fromkeys("→⇒▶▷", ">"),
    **dict.fromkeys("←◀◁", "<"),
    **dict.fromkeys("↑▲△", "^"),
    **dict.fromkeys("↓▼▽", "v"),
    **dict.fromkeys("‐‒–—―─━¯\xad", "-"),
    **dict.fromkeys("│┃‖∥", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋┠┨┯┷┿┝┥┰┸╂", "+"),
    **dict.fromkeys("‘’′´", "'"),
    **dict.fromkeys("“”″〃¨", '"'),
    **dict.fromkeys("…‥", "."),
    "×": "x",
    "÷": "/",
    "±": "+",
    "§": "S",
    "¶": "P",
    "·": ".",
}
"""By what people would write on a typewriter."""


@cache
def ascii_for(char: str) -> str:
    """What is shown for a character: itself, unless its width is ambiguous."""
    if char.isascii() or east_asian_width(char) != "A":
        return char
    if char in INSTEAD:
        return INSTEAD[char]
    if category(char).startswith("M"):
        return ""
    like = "".join(part for part in normalize("NFKD", char) if not combining(part))
    return like if len(like) == 1 and like.isascii() else UNKNOWN


def in_ascii(line: Line) -> Line:
    """A line in which every character's width is certain."""
    return tuple((text if text.isascii() else "".join(map(ascii_for, text)), role) for text, role in line)
