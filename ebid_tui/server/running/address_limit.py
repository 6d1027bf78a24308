"""Limits what one address may hold of this process: so many connections, or requests where a proxy stands before it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from ebid_tui.server.api import problems
from ebid_tui.server.api.limits import address_of, coarse, is_among
from ebid_tui.server.settings import ServerSettings


class AddressCounts:
    """Who holds how many at the moment; whoever has no address is not counted."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    def come(self, address: str) -> bool:
        """One more; False, and nothing is counted, where there are as many as there may be."""
        if not address:
            return True
        if self._held[address] >= self._most:
            return False
        self._held[address] += 1
        return True

    def go(self, address: str) -> None:
        """One less of those that came."""
        if address:
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]


def address_of_connection(peer: str, settings: ServerSettings) -> str:
    """Whom a connection counts for; nobody on a unix socket, or where it is a proxy's: that one brings everybody's requests."""
    return "" if not peer or is_among(peer, settings.trusted_proxies) else coarse(peer)


class AddressLimit:
    """The application, where a proxy's requests count for whom it brings them from: over the limit they are E-TOO-MANY."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app = app
        self._settings = settings
        self._crowd = AddressCounts(settings.connections_an_address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = self._forwarded(scope) if scope["type"] == ScopeType.HTTP else ""
        if not self._crowd.come(address):
            await problems.refuse_at_once(scope, send, "E-TOO-MANY")
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._crowd.go(address)

    def _forwarded(self, scope: HTTPScope) -> str:
        client: Any = scope.get("client")
        peer = str(client[0]) if client else ""
        if address_of_connection(peer, self._settings):
            return ""  # counted by its connections
        forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        found = address_of(peer, forwarded, self._settings.trusted_proxies)
        return "" if found == peer else coarse(found)
