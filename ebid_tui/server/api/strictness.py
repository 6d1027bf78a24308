"""A request as it is taken: JSON in UTF-8 that every program reads in the same way, and no text with characters that nobody sees.

Every text of every body, path and query passes here, so that no route can forget one; what a statement signs is inside base64 and
passes `refuse_odd_texts` where it is opened (`accepting.opened`). Passwords and codes are no exception: the rule is told, never the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from litestar import Request

from ebid_tui.domain import strict_json
from ebid_tui.domain.text.cleaning import odd, visible
from ebid_tui.errors import InputError, ServerError
from ebid_tui.messages import t

MOST_TOLD = 20
"""Faulty texts of one request that are named."""
LONGEST_NAME = 64
LONGEST_FIELD = 256
_NOT_IN_FIELDS = re.compile("[^!-~]")
"""A problem's row names its field by a code (`records.Code`), whatever a member was called that came."""
_FORMS: Mapping[str, str] = {"/v1/passwords": "password_change"}
_FORM = "search"
"""What the form is called that a route's `values` come from."""
_JSON = re.compile(r"application/(?:[a-z0-9.!#$&^_+-]+\+)?json")


class StrictRequest(Request[Any, Any, Any]):
    """A request whose body is looked at before it is read."""

    __slots__ = ("_looked",)

    async def body(self) -> bytes:
        """Raises ServerError E-MEDIA for another type, character set or encoding than plain JSON, E-BODY for what `refuse_odd` refuses,
        InputError for a text with a character that nobody sees."""
        if not hasattr(self, "_looked"):
            self._refuse_media()
            taken = await super().body()
            refuse_odd(taken)
            if taken and might_be_odd(taken):
                refuse_odd_texts(msgspec.json.decode(taken), _FORMS.get(self.scope["path"], _FORM))
            self._looked = taken
        return self._looked

    def _refuse_media(self) -> None:
        told = self.headers.get("content-type")
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise ServerError("encoding", code="E-MEDIA")
        if told is None:
            return
        kind, *parameters = (part.strip().lower() for part in told.split(";"))
        charsets = [value.strip('" ') for name, _, value in (p.partition("=") for p in parameters) if name.strip() == "charset"]
        if not _JSON.fullmatch(kind) or any(charset not in ("utf-8", "utf8") for charset in charsets):
            raise ServerError("type", code="E-MEDIA")


def refuse_odd(body: bytes) -> None:
    """Raise ServerError E-BODY for what `strict_json` refuses; nothing at all is left to who reads it."""
    try:
        if body:
            strict_json.refuse_odd(body)
    except ValueError:
        raise ServerError("json", code="E-BODY") from None


def refuse_odd_target(request: Request[Any, Any, Any]) -> None:
    """The same for what stands in the address. Raises InputError."""
    if request.path_params or request.scope["query_string"]:
        refuse_odd_texts({**request.path_params, **dict(request.query_params.multi_items())})


def refuse_odd_texts(found: Any, form: str = _FORM) -> None:
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
