"""Every Japanese sentence the program says, by key, one file an area.

Labels and titles of the municipalities' documents are not here: they are data, in `ebid_tui/systems/*.toml`.
An area is imported when its first sentence is wanted, so that the first frame pays for nothing it does not show.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

AREAS = (
    "main",
    "admin",
    "backup",
    "card",
    "card_command",
    "doctor",
    "faq",
    "common",
    "desk",
    "error",
    "evidence",
    "field",
    "flow",
    "help",
    "kiosk",
    "roster",
    "screen",
    "server",
    "plain",
    "demo",
    "print",
)
"""The known areas; a key is `area.name`, its text stands in `ebid_tui/messages/<area>.py`."""


@cache
def _area(name: str) -> dict[str, str]:
    texts: dict[str, str] = import_module(f"ebid_tui.messages.{name}").TEXTS
    return texts


def t(key: str, /, **values: object) -> str:
    """The sentence under `area.name`, with `{placeholders}` filled from `values`.

    Raises KeyError for an unknown key: a missing sentence is a defect that the tests must see.
    """
    area, _, name = key.partition(".")
    if area not in AREAS:
        raise KeyError(key)
    text = _area(area)[name]
    return text.format_map(values) if values else text


def has(key: str) -> bool:
    """Whether a sentence stands under this key."""
    area, _, name = key.partition(".")
    return area in AREAS and name in _area(area)
