"""Texts with characters that nobody sees, wherever they come from: a request's body and address, and what a statement signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ebid_tui.domain.text.cleaning import odd, visible
from ebid_tui.errors import InputError
from ebid_tui.messages import t

MOST_TOLD = 20
"""Faulty texts of one request that are named."""
LONGEST_NAME = 64
LONGEST_FIELD = 256
_NOT_IN_FIELDS = re.compile("[^!-~]")
"""A problem's row names its field by a code (`records.Code`), whatever a member was called that came."""
FORM = "search"
"""What the form is called that a route's `values` come from."""


def refuse_odd_texts(found: Any, form: str = FORM) -> None:
    """Raise InputError E-INPUT with every text, however deep, that has a character which nobody sees.

    Fields are named `block.field`: what stands in `blocks` by its block, what stands in `values` by the `form` that it comes from.
    """
    odd_ones = islice(_odd_texts(found, ""), MOST_TOLD)
    wrong = [(_field(where, form), "E-INPUT", t("server.odd_character", what=what)) for where, what in odd_ones]
    if wrong:
        raise InputError(wrong)


def _field(where: str, form: str) -> str:
    first, _, rest = where.partition(".")
    field = f"{form}.{rest}" if first == "values" and rest else where.rpartition("blocks.")[2]
    return _NOT_IN_FIELDS.sub("?", field)[:LONGEST_FIELD]


def _odd_texts(found: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(found, str):
        if (what := odd(found)) is not None:
            yield where, what
    elif isinstance(found, dict):
        for key, value in found.items():
            inside = ".".join(filter(None, (where, visible(key)[:LONGEST_NAME])))
            if (what := odd(key)) is not None:
                yield inside, what
            yield from _odd_texts(value, inside)
    elif isinstance(found, list):
        for value in found:
            yield from _odd_texts(value, where)


def might_be_odd(body: bytes) -> bool:
    """Most bodies are told by one look: they have no escape, and nothing odd anywhere."""
    return b"\\" in body or odd(body.decode(), lines=True) is not None
