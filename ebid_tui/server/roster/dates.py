"""Dates as people write them into lists: 2026-11-30, 2026/11/30, 20261130, 令和8年11月30日, R8.11.30."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from ebid_tui.domain.text.lookalikes import DASHES

ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
"""The year before an era's first, by its name and its letter."""

_ERA = re.compile(rf"({'|'.join(ERAS)})\.?(元|[0-9]{{1,2}})(?:年|[-./])([0-9]{{1,2}})(?:月|[-./])([0-9]{{1,2}})日?", re.IGNORECASE)
_YEAR = re.compile(r"([0-9]{4})(?:年|[-./])([0-9]{1,2})(?:月|[-./])([0-9]{1,2})日?(?:[T ]0?0:00(?::00)?)?")
_BARE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DASHES = {ord(dash): "-" for dash in DASHES}


def read_date(text: str) -> date | None:
    """The day that is meant, or None. Width, spaces and kinds of hyphens do not matter; midnight behind it is a spreadsheet's."""
    plain = unicodedata.normalize("NFKC", text.translate(_DASHES)).strip()
    plain = re.sub(r"\s*([年月日./-])\s*", r"\1", plain)
    if era := _ERA.fullmatch(re.sub(r"^(\D+?)\s+", r"\1", plain)):
        name, year, month, day = era.groups()
        return _day(ERAS[name.upper()] + (1 if year == "元" else int(year)), int(month), int(day))
    found = _YEAR.fullmatch(plain) or _BARE.fullmatch(plain)
    return _day(*(int(part) for part in found.groups())) if found else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
