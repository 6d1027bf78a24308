"""Which Esc leads back: not one in the middle of what an input method does."""

from __future__ import annotations

import pytest
from textual import events

from ebid_tui.terminal.escape import APART, EscapeGuard


def key(name: str, at: float) -> events.Key:
    event = events.Key(name, name if len(name) == 1 else None)
    event.time = at
    return event


def paste(at: float) -> events.Paste:
    event = events.Paste("営業部")
    event.time = at
    return event


@pytest.mark.parametrize(
    ("before", "apart", "swallowed"),
    [
        ((), 0.0, False),
        ((key("escape", 10.0),), APART - 0.01, True),
        ((key("escape", 10.0),), APART, False),
        ((key("営", 9.9), key("業", 10.0)), APART - 0.01, True),
        ((key("営", 10.0),), APART, False),
        ((key("\u3000", 10.0),), 0.1, True),
        ((paste(10.0),), 0.1, True),
        ((key("a", 10.0),), 0.1, False),
        ((key("enter", 10.0),), 0.1, False),
        ((key("営", 9.0), key("a", 10.0)), 0.1, False),
        ((key("escape", 9.7), key("escape", 10.0)), 0.4, True),
    ],
)
def test_an_escape_too_soon_behind_text_or_another_one_means_nothing(
    before: tuple[events.Key | events.Paste, ...], apart: float, swallowed: bool
) -> None:
    guard = EscapeGuard()
    for event in before:
        guard.swallows(event)
    assert guard.swallows(key("escape", 10.0 + apart)) is swallowed


def test_nothing_but_an_escape_is_swallowed() -> None:
    guard = EscapeGuard()
    assert not any(guard.swallows(event) for event in (key("escape", 1.0), key("f3", 1.0), key("営", 1.0), key("a", 1.0), paste(1.0)))
