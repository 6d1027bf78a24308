"""A request's body as it is taken: JSON in UTF-8 that every program reads in the same way, and nothing that a database cannot keep."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from litestar import Request

from ebid_tui.errors import ServerError

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_JSON = re.compile(r"application/(?:[a-z0-9.!#$&^_+-]+\+)?json")


class StrictRequest(Request[Any, Any, Any]):
    """A request whose body is looked at before it is read."""

    __slots__ = ("_looked",)

    async def body(self) -> bytes:
        """Raises ServerError E-MEDIA for another type, character set or encoding than plain JSON, E-BODY for what `refuse_odd` refuses."""
        if not hasattr(self, "_looked"):
            self._refuse_media()
            taken = await super().body()
            refuse_odd(taken)
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
    """Raise ServerError E-BODY for what programs read differently or not at all.

    A key that stands twice in an object (RFC 8259 section 4), NaN and Infinity, half a surrogate pair (section 8.2), U+0000 (PostgreSQL
    keeps none), a byte order mark, deeper nesting than anybody means. What is no JSON at all is left to who reads it.
    """
    if not body:
        return
    if _NUL.search(body):
        raise ServerError("nul", code="E-BODY")
    try:
        found = _DECODER.decode(body.decode("utf-8"))
        if b"\\u" in body:
            json.dumps(found, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise ServerError("json", code="E-BODY") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _no_infinity(text: str) -> None:
    """The number itself is of no interest here."""
    if math.isinf(float(text)):
        raise ValueError("out of range")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number, parse_float=_no_infinity)
