"""What a key types, for everything that takes text (screens, the terminal's own input)."""

from __future__ import annotations

from textual import events

FULL_WIDTH = range(0xFF01, 0xFF5F)
"""The full-width forms of the ASCII characters from `!` on (Unicode, Halfwidth and Fullwidth Forms)."""
SHIFT = 0xFF01 - ord("!")


def typed(event: events.Key) -> str | None:
    """The character that a key types, U+3000 included, or None: the only place that looks at `event.character`.

    Textual gives Alt+L as the key `alt+l` with the character `l`: whoever looks at the character first types it, into a PIN too.
    """
    *held, _ = event.key.split("+")
    char = event.character
    if char is None or len(char) != 1 or not {"shift", ""}.issuperset(held):  # the key `+` itself is split into nothing
        return None
    return char if char.isprintable() or char == "\u3000" else None


def half_width(event: events.Key) -> events.Key:
    """The key that was meant where an input method made １ or ｐ of it and characters are keys: a menu's number, a page's letter."""
    char = typed(event)
    if char == "\u3000":
        meant = events.Key("space", " ")
    elif char is not None and ord(char) in FULL_WIDTH and (half := chr(ord(char) - SHIFT)).isalnum():
        meant = events.Key(half, half)
    else:
        return event
    meant.time = event.time
    return meant
