"""The demo's server as one meets it first: its clock answers at once, the rest is made while the person reads the menu.

An ASGI application around the real one (R-01: the menu waits for the clock alone). Imports nothing of the real one.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from typing import Any

import msgspec

from ebid_tui.demo.days import JAPAN
from ebid_tui.domain.records import Clock
from ebid_tui.errors import EbidError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

IDLE_SECONDS = 0.5
"""After which the rest is made although nobody has asked for the clock."""


class ClockFirst:
    """`make` is called once, in a thread, after the first answer; until it is done every other request waits for it."""

    def __init__(self, origins: tuple[str, ...], make: Callable[[], App]) -> None:
        self._origins = origins
        self._make = make
        self._app: App | None = None
        self._failure: BaseException | None = None
        self._making: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._stopped = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is None and (scope["type"], scope["method"], scope["path"]) == ("http", "GET", "/v1/clock"):
            await _answer(send, 200, b"application/json", msgspec.json.encode(Clock(datetime.now(JAPAN), self._origins)))
            self._begin()
        else:
            app = await self._whole()
            if app is None:
                await self._refuse(send)
            else:
                await app(scope, receive, send)

    def _begin(self) -> asyncio.Task[None]:
        if self._making is None:
            self._making = asyncio.create_task(self._prepare())
        return self._making

    async def _whole(self) -> App | None:
        if self._app is None:
            making = self._begin()
            await asyncio.wait([making])
            if failure := making.exception():
                if self._failure is None:
                    traceback.print_exception(failure, file=sys.stderr)
                self._failure = failure
        return self._app

    async def _prepare(self) -> None:
        app = await asyncio.to_thread(self._make)
        await self._start(app)
        self._app = app

    async def _live(self, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "lifespan.startup"
        await send({"type": "lifespan.startup.complete"})
        later = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._begin)
        assert (await receive())["type"] == "lifespan.shutdown"
        later.cancel()
        self._ended.set()
        if self._making is not None:
            await asyncio.wait([self._making])
            if self._app is not None:
                await self._stopped.wait()
        await send({"type": "lifespan.shutdown.complete"})

    async def _start(self, app: App) -> None:
        """The real application's own lifespan, begun here and ended with ours."""
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        told = iter(("lifespan.startup", "lifespan.shutdown"))

        async def receive() -> dict[str, str]:
            kind = next(told)
            if kind == "lifespan.shutdown":
                await self._ended.wait()
            return {"type": kind}

        async def send(message: dict[str, str]) -> None:
            if message["type"] == "lifespan.startup.complete":
                begun.set_result(None)
            elif message["type"] == "lifespan.startup.failed":
                begun.set_exception(RuntimeError(message.get("message", "")))

        async def live() -> None:
            try:
                await app({"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}, receive, send)
            finally:
                self._stopped.set()

        self._lifespan = asyncio.create_task(live())
        await begun

    async def _refuse(self, send: Send) -> None:
        """What went wrong, as any refusal is told (RFC 9457)."""
        failure = self._failure
        error = failure if isinstance(failure, EbidError) else EbidError(f"{type(failure).__name__}: {failure}", code="E-DEMO-SERVER")
        told = {"type": "about:blank", "status": 500, "code": error.code, "title": error.title, "remedy": error.remedy}
        await _answer(send, 500, b"application/problem+json", msgspec.json.encode(told))


async def _answer(send: Send, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode("ascii"))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
