"""Editing one line of text: a value, a cursor, and what keys do to them. Nothing here knows Textual.

Positions are code points. A character of no width (a combining mark) is never parted from the one before it.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

MASK = "*"
"""What stands for a character of a secret."""


class TextField:
    """One line being edited. `repr` shows no value: it may be a password."""

    __slots__ = ("_cursor", "_stale", "_value")

    def __init__(self, value: str = "", *, stale: bool = False) -> None:
        """`stale`: the first character typed replaces it all. Who cannot see what stands there does not mean to go on with it."""
        self._value = value
        self._cursor = len(value)
        self._stale = stale

    @property
    def value(self) -> str:
        return self._value

    @property
    def cursor(self) -> int:
        """Code points before the cursor."""
        return self._cursor

    def set(self, value: str) -> None:
        """Replace everything; the cursor goes to the end."""
        self._value, self._cursor, self._stale = value, len(value), False

    def put_cursor(self, at: int) -> None:
        """Before this code point, or the character that it belongs to; behind everything where there are fewer."""
        self._cursor = self._whole(max(0, min(at, len(self._value))))

    def insert(self, text: str) -> None:
        if self._stale:
            self.set("")
        self._value = self._value[: self._cursor] + text + self._value[self._cursor :]
        self._cursor += len(text)
        while self._cursor < len(self._value) and not cell_len(self._value[self._cursor]):
            self._cursor += 1  # a mark that stood here belongs to what was put in

    def press(self, key: str) -> bool:
        """Do what a key does to the line; False for a key that means nothing here."""
        action = KEYS.get(key)
        if action is None:
            return False
        self._stale = False
        action(self)
        return True

    def left(self) -> None:
        self._cursor = self._before(self._cursor)

    def right(self) -> None:
        self._cursor = self._after(self._cursor)

    def home(self) -> None:
        self._cursor = 0

    def end(self) -> None:
        self._cursor = len(self._value)

    def word_left(self) -> None:
        self._cursor = self._whole(self._word_start())

    def word_right(self) -> None:
        value, at = self._value, self._cursor
        while at < len(value) and value[at].isspace():
            at += 1
        if at < len(value):
            kind = script(value[at])
            while at < len(value) and script(value[at]) == kind:
                at += 1
        while at < len(value) and not cell_len(value[at]):
            at += 1
        self._cursor = at

    def backspace(self) -> None:
        self._remove(self._before(self._cursor), self._cursor)

    def delete(self) -> None:
        self._remove(self._cursor, self._after(self._cursor))

    def delete_to_end(self) -> None:
        self._remove(self._cursor, len(self._value))

    def delete_to_start(self) -> None:
        self._remove(0, self._cursor)

    def delete_word(self) -> None:
        self._remove(self._whole(self._word_start()), self._cursor)

    def _remove(self, start: int, stop: int) -> None:
        self._value = self._value[:start] + self._value[stop:]
        self._cursor = start

    def _before(self, at: int) -> int:
        at -= 1
        while at > 0 and not cell_len(self._value[at]):
            at -= 1
        return max(at, 0)

    def _after(self, at: int) -> int:
        at += 1
        while at < len(self._value) and not cell_len(self._value[at]):
            at += 1
        return min(at, len(self._value))

    def _whole(self, at: int) -> int:
        """The beginning of the character to which this position belongs."""
        while 0 < at < len(self._value) and not cell_len(self._value[at]):
            at -= 1
        return at

    def _word_start(self) -> int:
        value, at = self._value, self._cursor
        while at > 0 and value[at - 1].isspace():
            at -= 1
        if at > 0:
            kind = script(value[at - 1])
            while at > 0 and script(value[at - 1]) == kind:
                at -= 1
        return at

    def rows(self, cells: int, shown: str | None = None) -> tuple[list[str], tuple[int, int]]:
        """The value broken into rows of `cells`, and the cursor's row and column in them.

        `shown` (a mask) stands in for the value, character by character. The cursor always has a cell: where a row is
        full it stands at the start of the next one.
        """
        text = self._value if shown is None else shown
        rows, row, used = [], "", 0
        place = (0, 0)
        for index, char in enumerate(text):
            wide = cell_len(char)
            if used + wide > cells:
                rows.append(row)
                row, used = "", 0
            if index == self._cursor:
                place = (len(rows), used)
            row += char
            used += wide
        if self._cursor >= len(text):
            if used >= cells:
                rows.append(row)
                row, used = "", 0
            place = (len(rows), used)
        rows.append(row)
        return rows, place

    def __repr__(self) -> str:
        return "TextField()"


def script(char: str) -> str:
    """The kind of a character, by which words are told apart."""
    if char.isspace():
        return "space"
    for first, last, kind in SCRIPTS:
        if first <= char <= last:
            return kind
    return "letter" if char.isalnum() else "sign"


SCRIPTS = (
    ("ぁ", "ゟ", "hiragana"),
    ("゠", "ヿ", "katakana"),
    ("ｦ", "ﾟ", "katakana"),
    ("々", "〇", "kanji"),
    ("㐀", "鿿", "kanji"),
    ("豈", "龎", "kanji"),
)

KEYS: dict[str, Callable[[TextField], None]] = {
    "left": TextField.left,
    "ctrl+b": TextField.left,
    "right": TextField.right,
    "ctrl+f": TextField.right,
    "home": TextField.home,
    "ctrl+a": TextField.home,
    "end": TextField.end,
    "ctrl+e": TextField.end,
    "ctrl+left": TextField.word_left,
    "alt+b": TextField.word_left,
    "ctrl+right": TextField.word_right,
    "alt+f": TextField.word_right,
    "backspace": TextField.backspace,
    "ctrl+h": TextField.backspace,
    "delete": TextField.delete,
    "ctrl+d": TextField.delete,
    "ctrl+k": TextField.delete_to_end,
    "ctrl+u": TextField.delete_to_start,
    "ctrl+w": TextField.delete_word,
    "alt+backspace": TextField.delete_word,
}
"""What keys do; each action has two."""
