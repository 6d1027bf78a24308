"""JSON that every program reads in the same way: one reader for requests, answers, and what signatures cover."""

from __future__ import annotations

import json
import math
import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def refuse_odd(body: bytes, *, whole_numbers: bool = False) -> None:
    """Raise ValueError for what programs read differently or not at all.

    A member that stands twice in an object (RFC 8259 section 4), NaN and Infinity, half a surrogate pair (section 8.2), U+0000
    (PostgreSQL keeps none), a byte order mark, bytes that are no UTF-8, anything behind the value, deeper nesting than anybody
    means. With `whole_numbers`, also every number but plain integers (RFC 8785 section 3.2.2.3 shows why).
    """
    if b"\\u0000" in body and _NUL.search(body):
        raise ValueError("nul")
    try:
        found = (_WHOLE if whole_numbers else _ANY).decode(body.decode("utf-8"))
        if b"\\u" in body:
            json.dumps(found, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise ValueError("nesting") from None


def read(body: bytes, kind: type[T], *, whole_numbers: bool = False) -> T:
    """The value of a type that msgspec knows. Raises ValueError (msgspec's errors are ones) for anything odd or of another type."""
    refuse_odd(body, whole_numbers=whole_numbers)
    return msgspec.json.decode(body, type=kind)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _no_infinity(text: str) -> None:
    """The number itself is of no interest here."""
    if math.isinf(float(text)):
        raise ValueError("out of range")


_ANY = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number, parse_float=_no_infinity)
_WHOLE = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number, parse_float=_no_number)
