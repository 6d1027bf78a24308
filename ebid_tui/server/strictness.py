"""A request's body as it is taken: JSON in UTF-8 that every program reads in the same way, and nothing that a database cannot keep."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request

from ebid_tui.domain import strict_json
from ebid_tui.errors import ServerError

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
    """Raise ServerError E-BODY for what `strict_json` refuses; nothing at all is left to who reads it."""
    try:
        if body:
            strict_json.refuse_odd(body)
    except ValueError:
        raise ServerError("json", code="E-BODY") from None
