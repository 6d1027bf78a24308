"""Comparing names for R-06 and finding shortened legal forms for R-13. What is folded here is never stored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Literal

from ebid_tui.domain.text.classes import convert, fold
from ebid_tui.domain.text.cleaning import visible
from ebid_tui.domain.text.lookalikes import DASHES, KANJI_VARIANTS, LEGAL_FORMS, SQUARED_LEGAL_FORMS


class NameComparison(Enum):
    """How two names compare: equal in all but spelling, different, or not to be compared (romaji against kanji, one missing)."""

    SAME = "same"
    DIFFERS = "differs"
    INCOMPARABLE = "incomparable"


_CIRCLES = "○〇◯⚪⭕"
_DOTS = "・·•‧∙⋅"
_PARENTHESISED = re.compile(r"[(（﹙⦅〔\[［]\s*(" + "|".join(sorted(LEGAL_FORMS, key=len, reverse=True)) + r")\s*[)）﹚⦆〕\]］]")
_SAME_LOOKS = str.maketrans(
    dict(KANJI_VARIANTS) | dict.fromkeys(DASHES, "-") | dict.fromkeys(_CIRCLES, "○") | dict.fromkeys(_DOTS, "・") | {"’": "'", "”": '"'}
)
_SPACE = re.compile(r"\s+")
_LATIN_PUNCTUATION = re.compile(r"[.,'・]")


def compare(a: str | None, b: str | None) -> NameComparison:
    """R-06: whether two companies or persons bear the same name. Missing on either side, or romaji against kanji or kana,
    cannot be compared.

    Folds width, the six pairs, spellings of the legal form (（株）, ㈱ and 株式会社), spaces, dashes, circles, and characters
    outside JIS X 0208 to what is written in their place (髙 to 高). Old and new forms that are both inside JIS X 0208
    (澤, 沢) are two names: asking the person costs a key, taking another company for one's own costs a card.
    """
    left, right = _key(a), _key(b)
    if not left or not right:
        return NameComparison.INCOMPARABLE
    if left == right:
        return NameComparison.SAME
    if {_script(left), _script(right)} == {"romaji", "japanese"}:
        return NameComparison.INCOMPARABLE
    if _script(left) == "romaji" and _LATIN_PUNCTUATION.sub("", left) == _LATIN_PUNCTUATION.sub("", right):
        return NameComparison.SAME
    return NameComparison.DIFFERS


def _key(name: str | None) -> str:
    """What two spellings of one name have in common; empty where there is nothing to compare (`* * *` too)."""
    written = write_out(fold(visible(name or ""), "full_width"))
    key = unicodedata.normalize("NFKC", written.translate(_SAME_LOOKS)).translate(_SAME_LOOKS)
    key = _SPACE.sub("", key).casefold()
    return "" if set(key) <= {"*", "-"} else key


def comparable(name: str | None) -> bool:
    """Whether a name can be compared with one in Japanese: it is there, and not romaji alone."""
    key = _key(name)
    return bool(key) and _script(key) == "japanese"


def search_key(name: str) -> str:
    """What a name, or a part of one, is found by: full width, the six pairs folded, legal forms written out, characters outside
    JIS X 0208 as the ones written in their place, capital letters, no spaces. Never NFKC: １ and ① stay two characters.
    """
    written = write_out(fold(convert(visible(name), "full_width"), "full_width"))
    return _SPACE.sub("", written.translate(_SAME_LOOKS)).upper()


def holder_key(blocks: Mapping[str, Mapping[str, str]]) -> str | None:
    """The same of the company and the person on a registered card; None where neither is known."""
    holder = blocks.get("card_holder", {})
    return search_key(f"{holder.get('company', '')}\u3000{holder.get('person', '')}") or None


def _script(key: str) -> Literal["japanese", "romaji", "neither"]:
    """Kana or kanji anywhere makes a name Japanese; signs and digits alone belong to either script."""
    if any(char >= "\u3005" and char.isalpha() for char in key):
        return "japanese"
    return "romaji" if any(char.isalpha() for char in key) else "neither"


def write_out(name: str) -> str:
    """The name with every shortened legal form written out, and nothing else changed."""
    for squared, full in SQUARED_LEGAL_FORMS.items():
        name = name.replace(squared, full)
    return _PARENTHESISED.sub(lambda found: LEGAL_FORMS[found[1]], name)


def abbreviated_legal_form(name: str) -> str | None:
    """R-13: the whole name with the legal form written out, if it is shortened ((株), （株）, ㈱, ㍿, (有) …); None if it is not."""
    written = write_out(name)
    return written if written != name else None


@cache
def _branch(endings: tuple[str, ...]) -> re.Pattern[str]:
    forms, ends = ("|".join(map(re.escape, words)) for words in (sorted(set(LEGAL_FORMS.values())), endings))
    return re.compile(rf"\S(?:\s+|{forms})(\S{{1,20}}(?:{ends}))$")


def branch_office(name: str, endings: tuple[str, ...]) -> str | None:
    """R-13: the branch at the end of a company's name, by how such names end (`さいたま支店`): after a space, or after the legal form
    at the end of the company's own name; None where there is none."""
    found = _branch(endings).search(name) if endings else None
    return found[1] if found else None


def without_branch(name: str, branch: str) -> str:
    """The company's own name; the name as it is where this branch does not stand behind it."""
    company = name.removesuffix(branch).rstrip() if branch else name
    return company or name


def with_branch(name: str, branch: str) -> str:
    """The name as documents print it: company, space, branch. Idempotent."""
    return f"{without_branch(name, branch)}\u3000{branch}" if branch else name


def compare_company(name: str | None, branch: str, other: str | None) -> NameComparison:
    """R-06, R-13: whether a company whose name may have a branch behind it is this one, whichever of the two has the branch."""
    company, whole = compare(without_branch(name or "", branch), other), compare(name, other)
    return NameComparison.SAME if whole is NameComparison.SAME else company
