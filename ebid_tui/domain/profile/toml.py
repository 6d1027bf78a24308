"""A table as TOML: for the whole of a system with what it extends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
WIDTH = 100
"""Characters of a list or a table that stands in one line."""


def toml(table: Mapping[str, Any]) -> str:
    """TOML 1.0.0: plain values first, then the tables, lists of tables as `[[…]]`."""
    return "\n".join(_lines(table, ())).strip("\n") + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {name: value for name, value in table.items() if _is_tables(value) or (isinstance(value, Mapping) and value)}
    for name, value in table.items():
        if name not in tables:
            yield f"{_key(name)} = {value_of(value)}"
    for name, value in tables.items():
        header = ".".join(map(_key, (*path, name)))
        if isinstance(value, Mapping):
            yield from ("", f"[{header}]")
            yield from _lines(value, (*path, name))
        else:
            for item in value:
                yield from ("", f"[[{header}]]")
                yield from _lines(item, (*path, name))


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else text_of(name)


def text_of(value: str) -> str:
    """A basic string."""
    return '"' + "".join(_ESCAPED.get(char, char) for char in value) + '"'


def value_of(value: Any) -> str:
    """A value in one line, or a long list in several."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {value_of(item)}" for name, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        line = "[" + ", ".join(map(value_of, value)) + "]"
        return line if len(line) <= WIDTH else "[\n" + "".join(f"    {value_of(item)},\n" for item in value) + "]"
    return str(value)
