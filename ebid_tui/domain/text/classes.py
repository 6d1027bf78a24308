"""Character classes, folding and width conversion of typed values (spec: text rules; R-29).

Nothing here normalises by NFC or NFKC: those change 神 U+FA19 and ① into other characters. Lengths are code points,
positions are 1-based code points of the string given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ebid_tui.domain.text.charsets import CHARACTER_SETS, SIX_PAIRS, jisx0208, vendor_characters
from ebid_tui.domain.text.cleaning import removed_kind, visible
from ebid_tui.domain.text.lookalikes import DASHES, SUGGESTIONS, VOICING_MARKS, circled_number
from ebid_tui.messages import t

CharClass = Literal["full_width", "half_alnum", "half_digits", "half_digits_symbols", "half_alnum_symbols"]
"""全角 · 半角英数 · 半角数字 · 半角数字記号 (digits and `-+()`) · 半角英数記号 (printable ASCII without space)."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_HALF: Mapping[CharClass, frozenset[str]] = {
    "half_alnum": frozenset(_LETTERS + _DIGITS),
    "half_digits": frozenset(_DIGITS),
    "half_digits_symbols": frozenset(_DIGITS + "-+()"),
    "half_alnum_symbols": frozenset(chr(code) for code in range(0x21, 0x7F)),
}
_SPACES = " \u3000"
_FOLDING = str.maketrans(dict(SIX_PAIRS))


def characters(char_class: CharClass) -> frozenset[str]:
    """What a half-width class takes; nothing for full width, whose characters are the system's character set."""
    return _HALF.get(char_class, frozenset())


def taking(needed: str) -> frozenset[CharClass]:
    """The half-width classes that take all of these characters."""
    return frozenset(name for name, taken in _HALF.items() if taken.issuperset(needed))


@dataclass(frozen=True, slots=True)
class RefusedChar:
    """A character that the class does not take. `suggestion` may take its place (and is accepted), None where nothing can."""

    position: int
    char: str
    description: str
    suggestion: str | None


# -- one stored form -------------------------------------------------------------------------------------------------

_COMPOSED: Mapping[str, str] = {
    chr(code) + mark: composed
    for code in (*range(0x3041, 0x3100),)
    for mark in "\u3099\u309a"
    if len(composed := unicodedata.normalize("NFC", chr(code) + mark)) == 1
}
_COMPOSABLE = re.compile("|".join(_COMPOSED))
_MARKS = frozenset("\u3099\u309a")


def _compose(s: str) -> str:
    return _COMPOSABLE.sub(lambda found: _COMPOSED[found[0]], s) if _MARKS.intersection(s) else s


def fold(s: str, char_class: CharClass) -> str:
    """The six pairs to the form JIS X 0208 has, kana and combining voicing marks to one character. Never NFC, never NFKC.

    Only full-width values have pairs to fold; others come back as they are.
    """
    return _compose(s).translate(_FOLDING) if char_class == "full_width" else s


def between(char_class: CharClass) -> str:
    """What a line end or a tab inside a value becomes: a space, of the class's width. In codes, phones and mail addresses it is refused,
    never left out: two numbers would become one."""
    return "\u3000" if char_class == "full_width" else " "


def normalise(s: str, char_class: CharClass) -> str:
    """What is stored: tidied, folded, without leading and trailing spaces; an inner U+3000 stays. Idempotent.

    Not for passwords: those are never changed.
    """
    if s and _kept[char_class].issuperset(s) and s[0] not in _SPACES and s[-1] not in _SPACES:
        return s
    value = fold(visible(s, between(char_class)), char_class).strip(_SPACES)
    if value == s and not _MARKS.intersection(s):
        _learn(_kept[char_class], s)
    return value


_kept: Mapping[CharClass, set[str]] = {name: set() for name in get_args(CharClass)}
_unconverted: Mapping[CharClass, set[str]] = {name: set() for name in get_args(CharClass)}
"""By class, characters that were looked at: `normalise` keeps them, beside whatever others of them; `convert` leaves them."""
_LEARNT = 20_000
"""The most of a set; JIS X 0213 has some 11,000."""


def _learn(known: set[str], s: str) -> None:
    if len(known) < _LEARNT:
        known.update(s)


def length(s: str) -> int:
    """Code points of the normalised value; never display columns, never bytes."""
    return len(normalise(s, "full_width"))


# -- the conversion offered (R-29) -----------------------------------------------------------------------------------

_SHIFTED = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
_TO_FULL = str.maketrans(
    _SHIFTED
    | {'"': "”", "'": "’", "-": "\u2212", "~": "\u301c", "¥": "￥", "‾": "￣", " ": "\u3000", "\u205f": "\u3000"}
    | {chr(code): "\u3000" for code in range(0x2000, 0x200B)}
    | {"ﾞ": "゛", "ﾟ": "゜"}
)
_TO_HALF: Mapping[str, str] = {
    **{full: half for half, full in _SHIFTED.items()},
    "”": '"',
    "“": '"',
    "’": "'",
    "‘": "'",
    "\u301c": "~",
    **dict.fromkeys(DASHES, "-"),
}
_HALF_KANA = re.compile("[\uff61-\uff9f]+")


def convert(s: str, char_class: CharClass) -> str:
    """The conversion to offer: half to full width in full-width fields, full to half in ASCII fields; else the input.

    Half-width kana with its mark becomes one character (ｶﾞ → ガ). In fields that take `-`, every look-alike becomes it.
    Never for passwords.
    """
    if _unconverted[char_class].issuperset(s):
        return s
    converted = _converted(s, char_class)
    if converted == s:
        _learn(_unconverted[char_class], s)
    return converted


def _converted(s: str, char_class: CharClass) -> str:
    if char_class != "full_width":
        allowed = _HALF[char_class]
        return "".join(_TO_HALF[char] if _TO_HALF.get(char, "") in allowed else char for char in s)
    if _HALF_KANA.search(s):
        import jaconv  # 15 ms: only when there is half-width kana

        s = _HALF_KANA.sub(lambda found: jaconv.h2z(found[0], kana=True, ascii=False, digit=False), s)
    return s.translate(_TO_FULL)


# -- what is refused -------------------------------------------------------------------------------------------------


def refused(s: str, char_class: CharClass, charset: str = "jisx0208") -> tuple[RefusedChar, ...]:
    """Every character that the class does not take, with position, name and suggestion. `charset` counts for 全角 only.

    A half-width kana and its mark are one entry. Raises KeyError for a character set that does not exist.
    """
    allowed = CHARACTER_SETS[charset]() if char_class == "full_width" else _HALF[char_class]
    if allowed.issuperset(s):
        return ()
    found: list[RefusedChar] = []
    position = 0
    while position < len(s):
        unit = _unit(s, position)
        if fold(unit, char_class) not in allowed:
            name = t(f"field.char.{_kind(unit)}")
            found.append(RefusedChar(position + 1, unit, name, _suggestion(unit, char_class, allowed)))
        position += len(unit)
    return tuple(found)


def _unit(s: str, position: int) -> str:
    """The character at a position (0-based), with the voicing mark that belongs to it."""
    pair = s[position : position + 2]
    if pair in _COMPOSED or (len(pair) == 2 and pair[1] in "ﾞﾟ" and "ｦ" <= pair[0] <= "ﾝ" and len(convert(pair, "full_width")) == 1):
        return pair
    return pair[0]


def _kind(unit: str) -> str:
    """The name in the catalogue of a refused character."""
    char = unit[0]
    if (removed := removed_kind(char)) is not None:
        return removed
    if char.isascii():
        return "half_space" if char == " " else "half_digit" if char in _DIGITS else "half_letter" if char in _LETTERS else "half_symbol"
    if "\uff61" <= char <= "\uff9f":
        return "half_kana"
    if fold(char, "full_width") in jisx0208():
        return "full_space" if char == "\u3000" else "full_width"
    return _unusual_kind(char)


def _unusual_kind(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cs", "Cn") or char == "\ufffd":
        return "broken"
    if category == "Co":
        return "gaiji"
    if char in VOICING_MARKS or category in ("Mn", "Me", "Mc"):
        return "combining"
    if char in vendor_characters():
        return "vendor"
    if category in ("Lo", "So") and unicodedata.name(char, "").startswith(("CJK ", "KANGXI ")):
        return "kanji"
    if category == "Zs":
        return "space"
    if ord(char) >= 0x1F000:
        return "emoji"
    return "vendor" if unicodedata.decomposition(char).startswith("<") else "unknown"


def _suggestion(unit: str, char_class: CharClass, allowed: frozenset[str]) -> str | None:
    """The first candidate that the class accepts and that says something else than the character itself."""
    if removed_kind(unit[0]) is not None:
        return None
    candidates = [convert(unit, char_class)]
    if char_class == "full_width":
        candidates.append(circled_number(unit[0]) or SUGGESTIONS.get(fold(unit, char_class), ""))
    decomposed = unicodedata.normalize("NFKC", unit)  # to suggest only, never to store
    candidates.append("".join(SUGGESTIONS.get(c, c) for c in decomposed) if char_class == "full_width" else decomposed)
    for candidate in candidates:
        written = fold(convert(candidate, char_class), char_class)
        if written and written != fold(unit, char_class) and allowed.issuperset(written):
            return written
    return None
