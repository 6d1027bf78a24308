"""A server that is connected to when it is first asked: nothing of the network is imported before the first frame."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from ebid_tui.client.interface import Server


def deferred(url: str, connect: Callable[[], Awaitable[Server]]) -> Server:
    """A server in front of the one that `connect` makes at the first call, once.

    When `connect` raises (ServerAway, say), the caller gets the error and the next call tries again.
    """
    return cast(Server, _Deferred(url, connect))


class _Deferred:
    def __init__(self, url: str, connect: Callable[[], Awaitable[Server]]) -> None:
        self._url = url
        self._connect = connect
        self._server: Server | None = None
        self._lock = asyncio.Lock()

    @property
    def origin(self) -> str:
        """As it is signed: written like the server's own, whatever the setting looks like. Raises ServerError E-SERVER-URL."""
        from ebid_tui.domain.addresses import origin_of  # not before the first frame

        return origin_of(self._url)

    async def sign_out(self) -> None:
        """Nothing to end where nothing was begun."""
        if self._server is not None:
            await self._server.sign_out()

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        if name.startswith("_") or not hasattr(Server, name):
            raise AttributeError(name)

        async def call(*arguments: Any) -> Any:
            async with self._lock:
                if self._server is None:
                    self._server = await self._connect()
            return await getattr(self._server, name)(*arguments)

        return call
