"""Text that somebody means ill with: what each piece would do, and how it is recognised where it must not be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ebid_tui.domain.text import cleaning

DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
MARK = "HOSTILE"
ORDER = "31337"
"""Both stand in what is hidden in the texts, and in no sequence of the program's own."""

UNSEEN: Mapping[str, str] = {
    "a title": f"\x1b]0;{MARK}\x07",
    "a colour": f"\x1b[{ORDER}m{MARK}",
    "a cleared screen": f"\x1b[{ORDER}J\x1b[{ORDER}H{MARK}",
    "a clipboard": f"\x1b]52;c;{MARK}\x1b\\",
    "a C1 command": f"\x9b{ORDER}m{MARK}\x9d0;{MARK}\x9c",
    "a delete": f"{MARK}\x7f\x08\x08",
    "an override": f"\u202e{MARK}\u202c",
    "an isolate": f"\u2066{MARK}\u2069",
    "nothing to see": f"{MARK}\u200b\u200d\u2060",
    "a byte order mark": f"\ufeff{MARK}",
    "a noncharacter": f"{MARK}\uffff\U0001fffe",
    "lines": f"{MARK}\r\n{MARK}\n\u2028{MARK}",
    "a bell": f"{MARK}\x07\x00"[:-1],
}
"""What a text from outside loses, and a server does not take."""

SEEN: Mapping[str, str] = {
    "very long": MARK + "長" * 100_000,
    "markup": f"<script>{MARK}</script>&amp;<b>[red]{MARK}[/red]",
    "a formula": f"=1+1{MARK}",
}
"""What stays text, whatever it looks like to a browser, to Rich or to a spreadsheet."""

BROKEN: Mapping[str, str] = {"half a pair": f"{MARK}\\ud800", "a NUL": f"{MARK}\\u0000"}
"""As they stand in JSON; no reader of ours takes the whole."""


def strings(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each string of a JSON value stands."""
    if isinstance(found, str):
        yield path
    elif isinstance(found, dict):
        for name, value in found.items():
            yield from strings(value, (*path, name))
    elif isinstance(found, list):
        for number, value in enumerate(found):
            yield from strings(value, (*path, number))


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, what the API's description says of it) of every route."""
    paths = json.loads(DESCRIPTION.read_text("utf-8"))["paths"]
    return [(method, path, operation) for path, methods in paths.items() for method, operation in methods.items()]


def changed(found: Any, path: tuple[Any, ...], change: Callable[[str], Any]) -> Any:
    """A copy with another value at one place."""
    made = json.loads(json.dumps(found))
    holder = made
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = change(holder[path[-1]])
    return made


def left(text: str) -> str | None:
    """What the first character is called that nobody should get to see."""
    return cleaning.odd(text, lines=True)
