"""Telephone numbers as people type them: which ones are taken, what is odd about the others, and what is to be looked at again."""

from __future__ import annotations

import re
import unicodedata

from ebid_tui.domain.slips import NOT_DIGITS, Slip, digits_meant
from ebid_tui.messages import t

_PART = r"(?:[0-9]+|\([0-9]+\))"
PHONE = re.compile(rf"\+?{_PART}(?:-?{_PART})*(?<=[0-9])")
"""Groups of digits, apart by one hyphen or in parentheses; `+` only in front."""
FEWEST, MOST = 6, 25
"""Digits of a telephone number."""
LOST_ZERO = re.compile(r"[1-9][0-9]{8,9}")
"""A Japanese number is 0 and nine or ten digits: Excel takes the 0 away."""

_JAPAN = re.compile(r"\+81[-\s]*(?:\(0\)|0)?[-\s]*(\(?)")
_BETWEEN = re.compile(r"[\s.()-]+")
"""What stands between the groups of a number, as people write it."""
_WHOLE = re.compile(r"(?<![0-9])0(?:[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}|[0-9]{9,10})(?![0-9])")
_BEGINNING = re.compile(r"[+(]*[0-9][0-9+().\s-]*")
_OTHER_SIGNS = re.compile(r"0[0-9]{1,4}([^0-9]{1,2})[0-9]{1,4}([^0-9]{1,2})[0-9]{3,4}[^0-9]*")
"""`0596/23/1111`, `0596の23の1111`."""


def is_phone(value: str) -> bool:
    """Digits in groups, not all of them 0, and no number that lost its 0."""
    digits = NOT_DIGITS.sub("", value)
    lost = LOST_ZERO.fullmatch(digits) and not value.startswith("+")
    return bool(PHONE.fullmatch(value)) and FEWEST <= len(digits) <= MOST and bool(digits.strip("0")) and not lost


def usual_length(number: str) -> int:
    """How many digits a number with this beginning has in Japan's numbering plan; 0 where its beginning does not tell."""
    digits = NOT_DIGITS.sub("", number)
    if re.match("0[5-9]0", digits):
        return 11
    return 10 if re.match("0[1-9][1-9]", digits) else 0


def domestic(number: str) -> str:
    """`+81-3-1234-5678` → `03-1234-5678`; any other as it is."""
    return _JAPAN.sub(r"\g<1>0", number) if number.startswith("+81") else number


def note(value: str) -> str:
    """What is to be looked at again in a number that is taken; empty where there is nothing.

    A note, no refusal: documents have numbers as examples that nobody can have.
    """
    if not is_phone(value):
        return ""
    number = domestic(value)
    count, usual = len(NOT_DIGITS.sub("", number)), usual_length(number)
    if not number.startswith(("0", "(0", "+")):
        return t("field.phone_begins")
    abroad = "" if number == value else t("field.phone_abroad", number=number)
    counted = "" if _fits(number) else t("field.phone_count", count=count, usual=usual)
    return t("mending.then", first=abroad, then=counted) if abroad and counted else abroad + counted


def phone_slip(value: str, hyphen: bool) -> Slip | None:
    """Which slip this value is, None for one that is right or that no sentence fits."""
    if is_phone(value):
        return None
    written = digits_meant(value)
    digits = NOT_DIGITS.sub("", written)
    if not digits:
        return Slip("phone_none")
    if not digits.strip("0"):
        return Slip("phone_zeros")
    found = _BEGINNING.search(written)
    number, more = _first(domestic(written[found.start() :] if found else written))
    if len(digits) > MOST or number is None:
        return Slip("phone_two")
    if len(digits) < FEWEST:
        return Slip("phone_short") if re.fullmatch(r"[0-9()+-]+", value) else None
    name = "phone_behind" if more else _name(value)
    lead = "+" if number.lstrip("( ").startswith("+") else ""
    groups = NOT_DIGITS.sub("-", number).strip("-")
    if LOST_ZERO.fullmatch(NOT_DIGITS.sub("", groups)) and not lead:
        groups, name = "0" + groups, name if more else "phone_lost_zero"
        groups = groups if _fits(groups) else ""
    meant = lead + (groups if hyphen else NOT_DIGITS.sub("", groups))
    return Slip(name, meant if is_phone(meant) else None)


def _first(written: str) -> tuple[str | None, bool]:
    """The number in a text that begins with one, and whether more than signs is behind it; empty where it cannot be told where it ends,
    None where there are two."""
    joined = "" if written.startswith("+") else _BETWEEN.sub("-", written)
    numbers = list(_WHOLE.finditer(joined))
    if len(numbers) > 1:
        return None, True
    if numbers and _fits(numbers[0][0]):
        return numbers[0][0], _says_more(joined[numbers[0].end() :])
    found = _BEGINNING.match(written)
    number = found[0] if found else ""
    more = written[len(number) :]
    if not NOT_DIGITS.sub("", more):
        return number, _says_more(more)
    signs = _OTHER_SIGNS.fullmatch(written)
    if signs is not None and (signs[1] == signs[2] or _fits(written)):
        return written, False
    long_enough = len(NOT_DIGITS.sub("", number)) >= FEWEST
    return number if long_enough and not usual_length(number) else "", long_enough


def _fits(number: str) -> bool:
    return usual_length(number) in (0, len(NOT_DIGITS.sub("", number)))


def _says_more(behind: str) -> bool:
    return any(char.isalnum() for char in behind)


def _name(value: str) -> str:
    """What is odd about a number, the most telling thing first."""
    written = digits_meant(value)
    if written != unicodedata.normalize("NFKC", value):
        return "phone_letters"
    if re.search(r"[^0-9+()\-\s]", written):
        return "phone_signs"
    if re.search(r"\s", written):
        return "phone_space"
    if written.count("(") != written.count(")") or re.search(r"\([^0-9]|[^0-9]\)", written):
        return "phone_parentheses"
    if "--" in written:
        return "phone_hyphens"
    return "phone_ends" if written[0] == "-" or written[-1] == "-" else "phone_signs"
