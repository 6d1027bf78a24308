"""The files that an agency writes (systems and authorities): TOML, whose texts hold nothing but text."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ebid_tui.domain.text.cleaning import visible
from ebid_tui.errors import ProfileError
from ebid_tui.process.output import COMMANDS


def table_of(path: Path) -> dict[str, Any]:
    """What the file says. Raises ProfileError with file, key and reason.

    A control or bidi character is refused, not taken out: what stands in these files is shown to everybody, and signed. It is
    looked for before anything else may quote it; which texts may have several lines is told later (`texts`).
    """
    name = file_name(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ProfileError(name, "-", error.strerror or "unreadable") from None
    except UnicodeDecodeError:
        raise ProfileError(name, "-", "not UTF-8") from None
    except (ValueError, RecursionError) as error:  # a ValueError, too, is a number of more digits than Python reads
        raise ProfileError(name, "-", visible(str(error))) from None
    for key, char in _commands(table, ""):
        raise ProfileError(name, visible(key), f"has the character U+{ord(char):04X}, which cannot be shown")
    return table


def file_name(path: Path) -> str:
    """What the file is called in a message."""
    return visible(path.name)


def _commands(value: object, key: str) -> Iterator[tuple[str, str]]:
    """(key, character) of what a terminal would not take as text, in keys and values; a table in a list goes by its id."""
    if isinstance(value, str):
        found = COMMANDS.search(value.replace("\n", ""))
        if found is not None:
            yield key, found[0]
    elif isinstance(value, Mapping):
        for name, part in value.items():
            inner = f"{key}.{name}" if key else name
            if (found := COMMANDS.search(name)) is not None:
                yield inner, found[0]
            yield from _commands(part, inner)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _commands(part, f"{key}.{part.get('id', index) if isinstance(part, Mapping) else index}")
