"""What a typed or pasted value loses before anything else: characters that cannot be seen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from ebid_tui.messages import t


@dataclass(frozen=True, slots=True)
class Removed:
    """A character that `tidy` took out: where it stood, and what to call it in Japanese."""

    position: int
    char: str
    name: str


@dataclass(frozen=True, slots=True)
class Tidied:
    """A value without what cannot be seen, and what was taken out of it."""

    text: str
    removed: tuple[Removed, ...] = ()


_INVISIBLE: Mapping[str, str] = {
    "\n": "newline",
    "\r": "newline",
    "\v": "newline",
    "\f": "newline",
    "\x85": "newline",
    "\u2028": "newline",
    "\u2029": "newline",
    "\t": "tab",
    "\xa0": "no_break_space",
    "\u2007": "no_break_space",
    "\u202f": "no_break_space",
    "\u200b": "zero_width_space",
    "\u200c": "zero_width_joiner",
    "\u200d": "zero_width_joiner",
    "\u2060": "zero_width_joiner",
    "\u034f": "zero_width_joiner",
    "\ufeff": "bom",
    "\xad": "soft_hyphen",
    **dict.fromkeys("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "bidi"),
}
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")


@cache
def removed_kind(char: str) -> str | None:
    """The name in the catalogue of a character that a paste loses, or None for one that stays."""
    if char in _INVISIBLE:
        return _INVISIBLE[char]
    code = ord(char)
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x180B <= code <= 0x180F:
        return "variation_selector"
    category = unicodedata.category(char)
    if category == "Cc":
        return "control"
    return "format" if category == "Cf" and char not in _VISIBLE_FORMATS else None


_stays: set[str] = set()
"""Characters that were looked at and stay."""


def tidy(raw: str) -> Tidied:
    """Take out what a paste brings along unseen: line ends, tabs, control characters, zero-width and no-break spaces,
    byte order marks, bidi marks, variation selectors. Nothing that can be seen is touched; idempotent."""
    kinds = _unseen(raw)
    names = {char: t(f"field.char.{kind}") for char, kind in kinds.items()}
    removed = tuple(Removed(position, char, names[char]) for position, char in enumerate(raw, 1) if char in names) if kinds else ()
    return Tidied(_without(raw, kinds), removed)


def visible(raw: str) -> str:
    """The text that `tidy` leaves, where nobody asks what was taken out."""
    return _without(raw, _unseen(raw))


def _unseen(raw: str) -> dict[str, str]:
    """The kinds of the characters to take out; each is looked at once, as a certificate may bring 60,000 of them."""
    if (raw.isascii() and raw.isprintable()) or _stays.issuperset(raw):
        return {}
    kinds = {char: kind for char in set(raw) if (kind := removed_kind(char)) is not None}
    if not kinds:
        _stays.update(raw)
    return kinds


def _without(raw: str, chars: Iterable[str]) -> str:
    return raw.translate(dict.fromkeys(map(ord, chars))) if chars else raw
