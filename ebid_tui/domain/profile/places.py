"""Where in a TOML file each key stands, for messages: of a text that `tomllib` has accepted (TOML 1.0.0).

`tomllib` says what a file means and not where; this says where and not what, and is compared with it by the tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

Path = tuple[str | int, ...]
"""Keys, and numbers in lists."""
Place = tuple[int, int]
"""Line and column, from 1; columns count characters."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LITERAL = re.compile(r"'([^']*)'")
_BASIC_LINES = re.compile(r'"""(?:[^"\\]|\\.|"(?!"")|""(?!"))*?"{3,5}', re.DOTALL)
_LITERAL_LINES = re.compile(r"'''.*?'{3,5}", re.DOTALL)
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_OTHER = re.compile(r"[^,\]}\n#]*")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_PLAIN = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


class _Scanner:
    """Goes through the text once."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text.replace("\r\n", "\n"), 0
        self.starts: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        """How many tables a list of tables (`[[x]]`) has by now."""

    def run(self) -> None:
        header: Path = ()
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                header = self._header()
            else:
                self._pair(header)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _header(self) -> Path:
        start = self.at
        several = self.text.startswith("[[", self.at)
        self.at += 2 if several else 1
        keys, _ = self._keys()
        self.at = self.text.index("]", self.at) + (2 if several else 1)
        path: Path = ()
        for number, key in enumerate(keys):
            path = (*path, key)
            last = number == len(keys) - 1
            if last and several:
                self._counts[path] = self._counts.get(path, -1) + 1
                self.starts.setdefault(path, start)
            if path in self._counts:
                path = (*path, self._counts[path])
            self.starts.setdefault(path, start)
        for known in [p for p in self._counts if several and len(p) > len(path) and p[: len(path)] == path]:
            del self._counts[known]
        return path

    def _keys(self) -> tuple[list[str], int]:
        """A dotted key, and where its last part begins."""
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            start = self.at
            keys.append(self._key())
            self._skip(_SPACE)
            if self.at >= len(self.text) or self.text[self.at] != ".":
                return keys, start
            self.at += 1

    def _key(self) -> str:
        for pattern in (_BASIC, _LITERAL, _BARE):
            found = pattern.match(self.text, self.at)
            if found:
                self.at = found.end()
                inside = found[1] if pattern is not _BARE else found[0]
                return _ESCAPE.sub(_escaped, inside) if pattern is _BASIC else inside
        raise ValueError(self.at)

    def _pair(self, inside: Path) -> None:
        start = self.at
        keys, _ = self._keys()
        path = inside
        for key in keys:
            path = (*path, key)
            self.starts.setdefault(path, start)
        self.at = self.text.index("=", self.at) + 1
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        for opening, pattern in (('"""', _BASIC_LINES), ("'''", _LITERAL_LINES), ('"', _BASIC), ("'", _LITERAL)):
            if self.text.startswith(opening, self.at):
                self._skip(pattern)
                return
        match self.text[self.at : self.at + 1]:
            case "[":
                self._list(path)
            case "{":
                self._table(path)
            case _:
                self._skip(_OTHER)

    def _list(self, path: Path) -> None:
        self.at += 1
        number = 0
        while True:
            self._skip(_BLANK)
            if self.text[self.at] == "]":
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self.starts[(*path, number)] = self.at
            self._value((*path, number))
            number += 1

    def _table(self, path: Path) -> None:
        self.at += 1
        while True:
            self._skip(_SPACE)
            if self.text[self.at] == "}":
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self._pair(path)


def _escaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    return chr(int(digits, 16)) if digits else _PLAIN.get(found[3], found[3])


def places(text: str) -> dict[Path, Place]:
    """Each key's place, and each item's of a list, in a text that `tomllib` takes. What it does not take ends in any error."""
    scanner = _Scanner(text)
    scanner.run()
    ends = [-1, *(at for at, char in enumerate(scanner.text) if char == "\n")]
    found: dict[Path, Place] = {}
    line = 0
    for path, start in sorted(scanner.starts.items(), key=lambda item: item[1]):
        while line + 1 < len(ends) and ends[line + 1] < start:
            line += 1
        found[path] = (line + 1, start - ends[line])
    return found


def path_of(key: str, table: Mapping[str, Any]) -> Path:
    """As much of a key as there is (`blocks.company.fields[2].label`, ids in the place of numbers) as a path of that table.

    A key whose own parts have dots (`mail.labels.company.name`) is found as well.
    """
    rest = re.sub(r"\[(\d+)\]", r".\1", key).split(".")
    path: Path = ()
    inside: object = table
    while rest:
        for length in range(len(rest), 0, -1):
            step = _step(inside, ".".join(rest[:length]))
            if step is not None:
                path, inside, rest = (*path, step[0]), step[1], rest[length:]
                break
        else:
            return path
    return path


def _step(inside: object, name: str) -> tuple[str | int, object] | None:
    if isinstance(inside, Mapping):
        return (name, inside[name]) if name in inside else None
    if isinstance(inside, Sequence) and not isinstance(inside, str):
        for number, item in enumerate(inside):
            called = next((item[key] for key in _NAMES if key in item), None) if isinstance(item, Mapping) else item
            if name in (called, str(number)):
                return number, item
    return None


_NAMES = ("id", "number", "name")
"""By which a table of a list is called."""


def place_of(path: Path, known: Mapping[Path, Place]) -> Place | None:
    """A path's place, or that of the nearest thing around it."""
    while path:
        if path in known:
            return known[path]
        path = path[:-1]
    return None
