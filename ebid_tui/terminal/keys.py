"""What a key types, for everything that takes text (screens, the terminal's own input)."""

from __future__ import annotations

from textual import events


def typed(event: events.Key) -> str | None:
    """The character that a key types, U+3000 included, or None: the only place that looks at `event.character`.

    Textual gives Alt+L as the key `alt+l` with the character `l`: whoever looks at the character first types it, into a PIN too.
    """
    *held, _ = event.key.split("+")
    char = event.character
    if char is None or len(char) != 1 or not {"shift", ""}.issuperset(held):  # the key `+` itself is split into nothing
        return None
    return char if char.isprintable() or char == "\u3000" else None
