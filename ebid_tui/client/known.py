"""What the bidders' and the desk's clients share: which server they ask, its clock, and the challenges that a card signs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

from ebid_tui.client.http_request import LARGEST, HttpConnections, ServerAddress
from ebid_tui.client.session import ClientSession
from ebid_tui.domain.addresses import on_loopback, origin_of, refuse_other_name
from ebid_tui.domain.records import Challenge, Clock
from ebid_tui.errors import ServerAway, ServerError, SessionGone


class _WithToken(Protocol):
    """The answer to a sign-in."""

    @property
    def token(self) -> str: ...


T = TypeVar("T")
Opened = TypeVar("Opened", bound=_WithToken)


class KnownServer:
    """Requests go one at a time, as a person's do; nothing is kept on disk."""

    LARGEST: ClassVar[int] = LARGEST
    """Bytes that an answer may have."""

    def __init__(self, address: ServerAddress) -> None:
        """Raises ServerError E-ORIGIN for a server that is not among the allowed ones, E-SERVER-URL where an address is none."""
        origin, base_url = address.origin, address.base_url
        self._origin = origin_of(origin or base_url)
        if self._origin not in {origin_of(allowed, "allowed_origins") for allowed in address.allowed_origins}:
            raise ServerError(code="E-ORIGIN")
        if address.socket is None and origin is not None and origin_of(base_url) != self._origin and not on_loopback(base_url):
            raise ServerError(code="E-ORIGIN")
        self._wire = HttpConnections(address, self.LARGEST)
        self._session = ClientSession()

    @property
    def origin(self) -> str:
        return self._origin

    async def clock(self) -> datetime:
        """The server's time, aware, in Japan time (R-01). ServerError E-ORIGIN-OTHER where it goes by another name, before any PIN."""
        answer = await self._wire.ask("GET", "/clock", Clock)
        refuse_other_name(self._origin, answer.origins)
        return answer.now

    async def challenge(self, system: str, agency: str = "") -> Challenge:
        """A nonce for a card to sign. Errors as `clock`; RuleError R-22 where an agency is named and closed."""
        answer = await self._wire.ask("POST", "/challenges", Challenge, {"system": system, "agency": agency})
        refuse_other_name(self._origin, answer.origins)
        return answer

    async def _begin(self, path: str, kind: type[Opened], body: Mapping[str, Any]) -> Opened:
        """A sign-in; the session before it ends, however this one goes."""
        self._session.end()
        opened = await self._wire.ask("POST", path, kind, body)
        self._session.begin(opened.token)
        return opened

    async def _ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> T:
        """One request within the session. Raises SessionGone where there is none, here or there."""
        try:
            return await self._wire.ask(method, path, kind, body, self._headers() | dict(headers or {}), query)
        except SessionGone:
            self._session.end()
            raise

    async def _end(self, path: str) -> None:
        """Forget the session here, and end it there if the server can be asked; else it ends by itself."""
        if not self._session.signed_in:
            return
        headers = self._headers()
        self._session.end()
        with suppress(ServerAway, SessionGone):
            await self._wire.ask("DELETE", path, type(None), headers=headers)

    def _headers(self) -> dict[str, str]:
        return self._session.header

    async def close(self) -> None:
        """Close the connections; the next request opens them again."""
        await self._wire.close()
