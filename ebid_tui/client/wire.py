"""One request to the server and its answer, by httpx, which is imported with the first request (60 ms)."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from ebid_tui.client.refusals import error_of
from ebid_tui.errors import ServerAway, ServerError
from ebid_tui.language import language

if TYPE_CHECKING:
    import httpx

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
"""httpx has a command line of its own, and does without where that cannot be imported: rich, click and pygments, 50 ms."""

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 10.0

T = TypeVar("T")


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


def on_loopback(url: str) -> bool:
    """Whether a URL leads nowhere but to this machine."""
    return urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")


class Wire:
    """The connections to one server: its address, a unix socket's path, and a file of authorities (PEM) for TLS.

    Without TLS only this machine is asked, else ServerError E-SERVER-PLAIN: passwords would cross in clear. `patience` is how many
    seconds an answer may take.
    """

    def __init__(self, base_url: str, socket: str | None, authorities: str | None, patience: float | None = None) -> None:
        if socket is None and urlsplit(base_url).scheme == "http" and not on_loopback(base_url):
            raise ServerError(code="E-SERVER-PLAIN")
        self._base_url = base_url.rstrip("/")
        self._socket = socket
        self._authorities = authorities
        self._patience = patience or ANSWER_SECONDS
        self._client: httpx.AsyncClient | None = None

    async def ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> T:
        """One request and its answer. Raises the error that the answer stands for, ServerAway where there is none."""
        import httpx

        content = None if body is None else msgspec.json.encode(body)
        types = {"Accept": "application/json", "Accept-Language": language()} | (
            {"Content-Type": "application/json"} if content is not None else {}
        )
        url, answer, lost = f"{self._base_url}/v1{path}", None, ""
        try:
            answer = await self._http().request(method, url, content=content, headers=types | dict(headers or {}), params=query)
        except httpx.TransportError as error:
            lost = type(error).__name__
        if answer is None:
            # Raised here and not above: the request in httpx's error may hold a password.
            raise ServerAway(lost)
        if not answer.is_success:
            raise error_of(answer.status_code, answer.content)
        return _decoded(answer.content, kind)

    async def close(self) -> None:
        """Close the connections; the next request opens them again."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            secure = self._base_url.startswith("https:")
            context = ssl.create_default_context(cafile=self._authorities) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._client = httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(verify=context, uds=self._socket) if self._socket else None,
                verify=context,
                timeout=httpx.Timeout(self._patience, connect=CONNECT_SECONDS),
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
