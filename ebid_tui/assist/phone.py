"""Hyphens of Japanese telephone and FAX numbers, by the numbering plan as the package `phonenumbers` knows it."""

from __future__ import annotations

import re

_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789", "-‐‑‒–—―−－ー 　()（）")
_FROM_ABROAD = re.compile(r"^\+810?")


def hyphenated(text: str) -> str:
    """`0596231111` or `+81-596-23-1111` → `0596-23-1111`; empty where it is no Japanese number, or is written so already."""
    digits = _FROM_ABROAD.sub("0", text.translate(_DIGITS))
    if not (digits.isascii() and digits.isdigit() and 10 <= len(digits) <= 11 and digits.startswith("0")):
        return ""
    import phonenumbers

    number = phonenumbers.parse(digits, "JP")
    if not phonenumbers.is_valid_number(number):
        return ""
    if digits.startswith("0570") and digits != text:
        return ""  # ナビダイヤル is written 0570-03-2505 or 0570-032-505, as its owner does
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "" if written == text else written
