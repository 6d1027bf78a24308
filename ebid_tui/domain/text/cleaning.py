"""The border for text: what comes from outside loses whatever cannot be seen, or is refused for it.

Everything typed, pasted, imported or decoded passes here: `tidy` for a value that is being entered, `shown` for one that will
be seen, `odd` for one that has to be right as it is (identifiers, codes, free text sent to a server).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ebid_tui.messages import t
from ebid_tui.process.output import COMMANDS


@dataclass(frozen=True, slots=True)
class Tidied:
    """A value without what cannot be seen, and what it lost: the names (in Japanese, each once, in their order) of the characters
    that were taken out, and of those that became a space."""

    text: str
    removed: tuple[str, ...] = ()
    spaced: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done, as sentences to stand beside the value."""
        removed = tuple(name for name in self.removed if name not in self.spaced)  # at an end as well: nobody misses it there
        told = (("field.spaced", self.spaced), ("field.removed", removed))
        return tuple(t(sentence, names="、".join(names)) for sentence, names in told if names)


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
    **dict.fromkeys("\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u205f", "space"),
    "\u200b": "zero_width_space",
    "\u200c": "zero_width_joiner",
    "\u200d": "zero_width_joiner",
    "\u2060": "zero_width_joiner",
    "\u034f": "zero_width_joiner",
    "\ufeff": "bom",
    "\xad": "soft_hyphen",
    **dict.fromkeys("\u115f\u1160\u2800\u3164\uffa0", "zero_width_space"),
    **dict.fromkeys("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "bidi"),
}
_SPACING = frozenset(char for char, kind in _INVISIBLE.items() if kind in ("newline", "tab", "no_break_space", "space"))
"""What separates words though it is no space: it becomes one."""
_SEPARATES = "".join(sorted(_SPACING))
_SEPARATED = re.compile(f"(?<![ \u3000])[ \u3000]*[{_SEPARATES}][ \u3000{_SEPARATES}]*")
"""A run of spaces with such a one among them; looked for from its beginning only, so that many spaces cost no more than other text."""
_TYPED_SPACES = " \u3000"
_ENDS_LINE = _SPACING | {""}
_LINE_END = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
BESIDE = 12
"""Characters beside a space that was put in, by which its place is known again."""
_WIDE = 4 * BESIDE
"""Characters beside it that are looked at for more of the same line."""
LONGEST = 2000
"""Code points of a text from outside that are shown at most."""
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_IGNORED = (range(0x17B4, 0x17B6), range(0x2065, 0x2066), range(0xFFF0, 0xFFF9), range(0xE0000, 0xE1000))
"""Beside the Cf of the Unicode version here: DerivedCoreProperties.txt, Default_Ignorable_Code_Point; nothing of them is ever drawn."""
_LEARNT = 20_000
"""The most characters that are remembered; JIS X 0213 has some 11,000."""


@lru_cache(_LEARNT)
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
    if category == "Cs" or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE:
        return "broken"
    if category == "Cf":
        return None if char in _VISIBLE_FORMATS else "format"
    return "format" if category in ("Cn", "Mn") and any(code in ignored for ignored in _IGNORED) else None


_stays: set[str] = set()
"""Characters that were looked at and stay."""


def tidy(raw: str, between: str = " ") -> Tidied:
    """Take out what cannot be seen: control characters, zero-width characters, byte order marks, bidi marks, variation selectors,
    lone surrogates and noncharacters. Line ends, tabs and whatever spaces Unicode has beside the two that are typed become, with the
    spaces around them, `between` where they stand between visible characters, and nothing at either end. Idempotent; nothing that can
    be seen is touched."""
    kinds = _unseen(raw)
    if not kinds:
        return Tidied(raw)
    removed = kinds.keys() - _SPACING
    left = raw.translate(dict.fromkeys(map(ord, removed)))
    spaced: set[str] = set()

    def space(run: re.Match[str]) -> str:
        inside = between if run.start() > 0 and run.end() < len(left) else ""
        (spaced if inside else removed).update(run[0])
        return inside

    text = left if _SPACING.isdisjoint(kinds) else _SEPARATED.sub(space, left)
    return Tidied(text, _names(kinds, removed), _names(kinds, spaced))


@dataclass(frozen=True, slots=True)
class Separation:
    """A place where `tidy` puts a space: the last word before it and the first one behind it (of the `BESIDE` characters there), the names
    of what stood between, and whether more of the same line is before the one word and behind the other."""

    left: str
    right: str
    names: tuple[str, ...]
    more_before: bool
    more_behind: bool


def separated(raw: str, most: int) -> tuple[Separation, ...]:
    """The first places where `tidy` puts a space, so many at most."""
    kinds = _unseen(raw)
    if _SPACING.isdisjoint(kinds):
        return ()
    left = raw.translate(dict.fromkeys(map(ord, kinds.keys() - _SPACING)))
    found: list[Separation] = []
    for run in _SEPARATED.finditer(left):
        if len(found) == most:
            break
        before, behind = left[max(0, run.start() - BESIDE) : run.start()].split(), left[run.end() : run.end() + BESIDE].split()
        if before and behind:
            line_before = left[max(0, run.start() - _WIDE) : run.start() - len(before[-1])].rstrip(_TYPED_SPACES)
            line_behind = left[run.end() + len(behind[0]) : run.end() + _WIDE].lstrip(_TYPED_SPACES)
            more = line_before[-1:] not in _ENDS_LINE, line_behind[:1] not in _ENDS_LINE
            found.append(Separation(before[-1], behind[0], _names(kinds, set(run[0])), *more))
    return tuple(found)


def beginning(raw: str, length: int, between: str = " ") -> str:
    """What of a text gives the first `length` characters of the text that `tidy` leaves, and nothing more."""
    return raw[: bisect_left(range(len(raw) + 1), length, key=lambda end: len(visible(raw[:end], between)))]


def visible(raw: str, between: str = " ") -> str:
    """The text that `tidy` leaves, where nobody asks what was taken out."""
    return tidy(raw, between).text


def shown(raw: str, longest: int = LONGEST, *, lines: bool = False) -> str:
    """A text from outside as it may be shown: on one line, or on several where `lines` are wanted; cut at `longest` with an ellipsis."""
    cut = raw if len(raw) <= longest else raw[: longest - 1] + "…"
    return "\n".join(map(visible, _LINE_END.sub("\n", cut).split("\n"))) if lines else visible(cut)


def all_shown(value: Any) -> Any:
    """The same of every text in a value of JSON, at most `LONGEST` long. Idempotent, so that a server and its clients, who both clean
    what they read, see one text: it is signed, and compared. Raises ValueError for a member whose name would have to change."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, (list, tuple)):
        return [all_shown(one) for one in value]
    if isinstance(value, dict):
        if any(odd(name) or len(name) > LONGEST for name in value):
            raise ValueError("a member's name")
        return {name: all_shown(one) for name, one in value.items()}
    return value


def odd(raw: str, *, lines: bool = False) -> str | None:
    """What the first character is called (in Japanese) that text sent as it is may not hold; None where there is none."""
    kinds = _unseen(raw.replace("\n", "") if lines else raw)
    return t(f"field.char.{next(iter(kinds.values()))}") if kinds else None


def command_in(name: str) -> str | None:
    """The first character of a name for which a path, an address or a reader of that name is refused: `U+001B`; None where there is none.

    Bytes of another character set, which Python hands over as lone surrogates, may be part of a file's name.
    """
    found = COMMANDS.search(name.encode("utf-8", "replace").decode())
    return None if found is None else f"U+{ord(found[0]):04X}"


def _unseen(raw: str) -> dict[str, str]:
    """The kinds of the characters to take out, in their order; each is looked at once, as a certificate may bring 60,000 of them."""
    if (raw.isascii() and raw.isprintable()) or _stays.issuperset(raw):
        return {}
    kinds = {char: kind for char in dict.fromkeys(raw) if (kind := removed_kind(char)) is not None}
    if not kinds and len(_stays) < _LEARNT:
        _stays.update(raw)
    return kinds


def _names(kinds: Mapping[str, str], chars: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t(f"field.char.{kind}") for char, kind in kinds.items() if char in chars))
