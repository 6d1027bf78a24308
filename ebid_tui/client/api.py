"""The server over HTTP: `interface.Server` by httpx, which is imported with the first request (100 ms)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from ebid_tui.client.refusals import error_of
from ebid_tui.client.session import Session
from ebid_tui.domain.records import Challenge, Found, Receipt, SignedIn
from ebid_tui.domain.statement import Signed
from ebid_tui.errors import ServerAway, ServerError, SessionGone

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 10.0
REPEATS = (0.3, 1.0)
"""How long to wait before a registration whose reply was lost is sent again, under its key."""

T = TypeVar("T")


class _Clock(msgspec.Struct, frozen=True):
    now: datetime


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, as they stand in signed statements. Raises ServerError E-ORIGIN for no http(s) URL."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise ServerError(code="E-ORIGIN") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ServerError(code="E-ORIGIN")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = port is None or (parts.scheme, port) in (("http", 80), ("https", 443))
    return f"{parts.scheme}://{host}" + ("" if default else f":{port}")


class HttpServer:
    """One bidding system's server. Requests go one at a time, as a person's do; nothing is kept on disk."""

    def __init__(
        self,
        base_url: str,
        origin: str | None = None,
        socket: str | None = None,
        allowed_origins: Collection[str] = (),
        authorities: str | None = None,
    ) -> None:
        """`origin` is the server's name in statements, where it is not the address asked; `socket` a unix socket's path.

        `allowed_origins` is the settings' list (許可URL): a server that is not on it is never asked, ServerError E-ORIGIN.
        `authorities` is a file of certificates (PEM) to trust in the place of the machine's.
        """
        self._origin = origin_of(origin or base_url)
        if self._origin not in {origin_of(allowed) for allowed in allowed_origins}:
            raise ServerError(code="E-ORIGIN")
        if socket is None and origin is not None and origin_of(base_url) != self._origin and not _on_loopback(base_url):
            raise ServerError(code="E-ORIGIN")
        self._base_url = base_url.rstrip("/")
        self._socket = socket
        self._authorities = authorities
        self._session = Session()
        self._client: httpx.AsyncClient | None = None

    @property
    def origin(self) -> str:
        return self._origin

    async def clock(self) -> datetime:
        return (await self._ask("GET", "/clock", _Clock)).now

    async def challenge(self, system: str, agency: str = "") -> Challenge:
        return await self._ask("POST", "/challenges", Challenge, {"system": system, "agency": agency})

    async def sign_in(self, signed: Signed) -> SignedIn:
        self._session.end()
        signed_in = await self._ask("POST", "/sessions", SignedIn, {"statement": signed})
        self._session.begin(signed_in.token)
        return signed_in

    async def search(self, agency: str, category: str, values: Mapping[str, str]) -> Found:
        body = {"agency": agency, "category": category, "values": dict(values)}
        return await self._ask("POST", "/qualifications/search", Found, body, self._session.header)

    async def register(self, signed: Signed, key: str) -> Receipt:
        """Sent again by itself when the reply is lost, under the same key: there is never a second registration."""
        headers = self._session.header | {"Idempotency-Key": key}
        for pause in REPEATS:
            try:
                return await self._ask("POST", "/registrations", Receipt, {"statement": signed}, headers)
            except ServerAway:
                await asyncio.sleep(pause)
        return await self._ask("POST", "/registrations", Receipt, {"statement": signed}, headers)

    async def sign_out(self) -> None:
        """Forget the session here, and end it there if the server can be asked; else it ends by itself."""
        if not self._session.signed_in:
            return
        headers = self._session.header
        self._session.end()
        try:
            await self._ask("DELETE", "/sessions/current", type(None), headers=headers)
        except (ServerAway, SessionGone):
            return

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _ask(self, method: str, path: str, kind: type[T], body: Any = None, headers: Mapping[str, str] | None = None) -> T:
        """One request and its answer. Raises the error that the answer stands for, ServerAway where there is none."""
        import httpx

        content = None if body is None else msgspec.json.encode(body)
        types = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if content is not None else {})
        url, answer, lost = f"{self._base_url}/v1{path}", None, ""
        try:
            answer = await self._http().request(method, url, content=content, headers=types | dict(headers or {}))
        except httpx.TransportError as error:
            lost = type(error).__name__
        if answer is None:
            # Raised here and not above: the request in httpx's error may hold a password.
            raise ServerAway(lost)
        if not answer.is_success:
            error_told = error_of(answer.status_code, answer.content)
            if isinstance(error_told, SessionGone):
                self._session.end()
            raise error_told
        return _decoded(answer.content, kind)

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            secure = self._base_url.startswith("https:")
            context = ssl.create_default_context(cafile=self._authorities) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._client = httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(uds=self._socket) if self._socket else None,
                verify=context,
                timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
                trust_env=secure and self._socket is None,  # proxies are for far servers
            )
        return self._client


def _decoded(content: bytes, kind: type[T]) -> T:
    if kind is type(None):
        return None
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError:
        raise ServerError("answer") from None


def _on_loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")
