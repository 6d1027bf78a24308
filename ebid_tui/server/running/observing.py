"""The middleware around every request: its id, its line in the log, its numbers, and what is refused before anything else sees it."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from dataclasses import dataclass
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Message, Receive, Scope, Send

from ebid_tui.language import asked_for, language, speaking, speaking_of
from ebid_tui.server.api import problems
from ebid_tui.server.running.logs import REQUEST
from ebid_tui.server.running.metrics import METHODS, Metrics

log = logging.getLogger("ebid_tui.server.requests")

MOST_HEADERS = 100
TARGET_BYTES = 8 * 1024
"""Of path and query (RFC 9110 section 4.1 recommends to bear 8,000)."""
HEADER_BYTES = 16 * 1024
"""Of all headers' names and values. Our clients send less than 1 KiB."""


@dataclass(slots=True)
class _Seen:
    status: int = 0
    gone: bool = False


def _language(scope: HTTPScope) -> str:
    """What the sentences of a refusal are written in."""
    return asked_for(",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-language"))


class ObservedApp:
    """The application, observed."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            with speaking(_language(scope)), speaking_of():  # which system, the route learns (Services.profile)
                await self._request(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        seen, request_id, started = _Seen(), secrets.token_hex(8), time.perf_counter()
        token = REQUEST.set(request_id)

        async def hearing() -> HTTPReceiveMessage:
            message: Any = await receive()
            seen.gone = seen.gone or message["type"] == "http.disconnect"
            return message  # type: ignore[no-any-return]

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
                further = [(b"x-request-id", request_id.encode())]
                if seen.status >= 400:
                    further += [(b"content-language", language().encode()), (b"vary", b"accept-language")]
                message["headers"] = [*message.get("headers", []), *further]
            await send(message)

        self._metrics.began()
        try:
            if (unfit := _unfit(scope)) is not None:
                await problems.refuse_at_once(scope, telling, unfit)
            else:
                await self._app(scope, hearing, telling)
        except asyncio.CancelledError:
            # The deadline of an orderly stop has passed.
            if not seen.status:
                await problems.refuse_at_once(scope, telling, "E-BUSY")
        finally:
            self._told(scope, seen, time.perf_counter() - started)
            REQUEST.reset(token)

    def _told(self, scope: HTTPScope, seen: _Seen, seconds: float) -> None:
        status = 0 if seen.gone and seen.status >= 500 else seen.status
        code = "" if status == 0 else problems.code_of(scope)
        route = problems.route_of(scope)
        method = _method(scope)
        self._metrics.ended(method, route, status, code, seconds)
        fields: dict[str, Any] = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        if code:
            fields["code"] = code
        log.info("request", extra={"fields": fields})


def _method(scope: HTTPScope) -> str:
    return scope["method"] if scope["method"] in METHODS else "other"


def _unfit(scope: HTTPScope) -> str | None:
    """The code with which a request's head is refused."""
    headers = list(scope["headers"])
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > HEADER_BYTES:
        return "E-HEADERS"
    if len(scope["raw_path"]) + len(scope["query_string"]) > TARGET_BYTES:
        return "E-TARGET"
    return None if scope["http_version"] in ("1.0", "1.1") else "E-BODY"
