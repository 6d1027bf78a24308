"""Methods that every path has: HEAD where there is GET, and OPTIONS (RFC 9110 sections 9.3.2 and 9.3.7).

The framework knows no HEAD, and its OPTIONS forgets methods where a path's handlers are not registered at once; which methods a path
really has it says when it refuses one.
"""

from __future__ import annotations

from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ebid_tui.server.api import problems

NO_METHOD = "*"
"""One that no path has."""


class HeadAndOptions:
    """The application, with these two answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == "HEAD":
            # uvicorn, which knows what was asked, keeps the content to itself.
            await self._ask(scope, "GET", receive, send)
        elif scope["type"] == ScopeType.HTTP and scope["method"] == "OPTIONS":
            await self._ask(scope, NO_METHOD, receive, _Allowing(send))
        else:
            await self._app(scope, receive, send)

    async def _ask(self, scope: Any, method: str, receive: Receive, send: Send) -> None:
        asked: Any = {**scope, "method": method}
        try:
            await self._app(asked, receive, send)
        finally:
            scope["path_template"] = problems.route_of(asked)
            if method != NO_METHOD:
                problems.remember(scope, problems.code_of(asked))


class _Allowing:
    """What refuses a method becomes the answer to which there are; anything else stays what it is."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._allowing = False

    async def __call__(self, message: Message) -> None:
        told: Any = message
        if told["type"] == "http.response.start" and told["status"] == 405:
            self._allowing = True
            told = told | {"status": 204, "headers": [(name, value) for name, value in told["headers"] if name.lower() == b"allow"]}
        elif self._allowing:
            told = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(told)
