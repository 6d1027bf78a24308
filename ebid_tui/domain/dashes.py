"""Dashes in names: five and more characters look alike, so the one that was probably meant is suggested."""

from __future__ import annotations

from dataclasses import dataclass

from ebid_tui.domain.lookalikes import DASHES
from ebid_tui.domain.text import convert, fold
from ebid_tui.messages import t


@dataclass(frozen=True, slots=True)
class DashHint:
    """A dash that is accepted but probably not the one that was meant; `suggestion` is offered, never put in silently."""

    position: int
    char: str
    suggestion: str
    message: str


LONG_VOWEL = "ー"
MINUS = "\u2212"


def dash_hints(s: str) -> tuple[DashHint, ...]:
    """Dashes of a full-width value that are probably another character: a minus inside a kana word, a long vowel mark
    between digits or letters, the kanji 一 inside a katakana word. To be shown; the value stays as typed."""
    found: list[DashHint] = []
    for index, char in enumerate(s):
        before, after = s[index - 1] if index else "", s[index + 1 : index + 2]
        meant = _dash_meant(char, before, after)
        if meant is not None and meant != fold(char, "full_width"):
            message = t("field.dash_hint", position=index + 1, char=char, suggestion=meant)
            found.append(DashHint(index + 1, char, meant, message))
    return tuple(found)


def _dash_meant(char: str, before: str, after: str) -> str | None:
    """The dash that belongs between two characters, or None where either may be meant."""
    if char == "一":
        return LONG_VOWEL if _is_katakana(before) and _is_katakana(after) else None
    if char not in DASHES:
        return None
    if _is_kana(before) and not _is_latin(after):
        return LONG_VOWEL
    if char in "ー―─—━" and _is_latin(before) and _is_latin(after):
        return MINUS
    return None


def _is_katakana(char: str) -> bool:
    return "ァ" <= char <= "ヺ" or char == LONG_VOWEL


def _is_kana(char: str) -> bool:
    return _is_katakana(char) or "ぁ" <= char <= "ゖ"


def _is_latin(char: str) -> bool:
    """A letter or a digit, of either width."""
    half = convert(char, "half_alnum")
    return half.isascii() and half.isalnum()
