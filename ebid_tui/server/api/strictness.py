"""A request as it is taken: JSON in UTF-8 that every program reads in the same way, and no text with characters that nobody sees.

Every text of every body, path and query passes here, so that no route can forget one; what a statement signs is inside base64 and
passes `refuse_odd_texts` where it is opened (`accepting`). Passwords and codes are no exception: the rule is told, never the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request

from ebid_tui.domain import strict_json
from ebid_tui.errors import ServerError
from ebid_tui.server.decisions.odd_texts import FORM, might_be_odd, refuse_odd_texts

_FORMS: Mapping[str, str] = {"/v1/passwords": "password_change"}
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
                refuse_odd_texts(msgspec.json.decode(taken), _FORMS.get(self.scope["path"], FORM))
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
