"""Decodes every answer of the server: its bytes become what the program works with here, and nowhere else.

Read strictly (`strict_json`); its codes are right as they are, or it is none (the types' patterns); every other text may be shown
(`cleaning`); its times have a zone (the types) and a year that can be reckoned with.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from ebid_tui.domain import strict_json
from ebid_tui.domain.text import cleaning

T = TypeVar("T")

YEARS = range(1970, 2200)
"""Of a time that a server may tell."""
_ODD_YEAR = re.compile(rb'"(?!19[7-9]|2[01])[0-9]{4}-')
"""What a time outside them begins with; nearly no answer has anything like it. What is escaped is looked at, whatever it is."""
_HARMLESS = bytes(range(0x20, 0x7F)) + b"\t\r\n"
"""What needs no second look. In a text JSON has the last three as escapes only; as they are they stand between values."""
_LONG = re.compile(rb'"[^"]{%d}' % cleaning.LONGEST)


def decoded(body: bytes, kind: type[T]) -> T:
    """The answer. Raises ValueError for whatever is none of this kind."""
    if kind is type(None):
        return None
    try:
        found = strict_json.read(body, kind)
        if not _shown_as_it_is(body):
            found = msgspec.convert(cleaning.all_shown(msgspec.to_builtins(found)), kind)  # what nobody takes is not worth cleaning
        if b"\\" in body or _ODD_YEAR.search(body):
            _refuse_odd_times(found)
    except RecursionError:
        raise ValueError("nesting") from None
    return found


def _shown_as_it_is(body: bytes) -> bool:
    """Whether no text of it can hold what `cleaning.shown` takes out: looked at as a whole, as nearly every answer is clean."""
    return b"\\" not in body and not cleaning.odd(body.translate(None, _HARMLESS).decode("utf-8")) and not _LONG.search(body)


def _refuse_odd_times(value: Any) -> None:
    """Years such as 1 and 9999, which end in another zone's year that does not exist."""
    if isinstance(value, datetime):
        if value.year not in YEARS:
            raise ValueError("year")
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if not isinstance(one := getattr(value, name), str):
                _refuse_odd_times(one)
    elif isinstance(value, (tuple, list)):
        for one in value:
            _refuse_odd_times(one)
