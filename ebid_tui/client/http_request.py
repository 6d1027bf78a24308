"""One request to the server and its answer, by httpx, which is imported with the first request (60 ms).

Whatever a server sends, or does not, what leaves here is an answer or one of our errors; and no more of it is taken in than an answer
may have, nor for longer than one may take.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from ebid_tui.client import tls
from ebid_tui.client.answers import decoded
from ebid_tui.client.proxies import proxy_for
from ebid_tui.client.refusals import error_of
from ebid_tui.domain.addresses import on_loopback
from ebid_tui.errors import AnswerUnusable, EbidError, ServerAway, ServerError
from ebid_tui.language import language

if TYPE_CHECKING:
    import httpx

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
"""httpx has a command line of its own, and does without where that cannot be imported: rich, click and pygments, 50 ms."""

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 10.0
"""Until an answer begins, and from one byte of it to the next."""
WHOLE = 3
"""So many times as long may all of it take, to the last byte."""
LARGEST = 1 << 20
"""Bytes of an answer, where nothing else is said. It is looked at while the screen waits: a second for a hostile one of this size."""
LARGEST_LIST = 8 << 20
"""Bytes of one that may have hundreds of texts in it."""
LARGEST_PROBLEM = 64 << 10
"""Bytes of one that is no success."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server is asked, and as whom it is taken. `base_url` and `socket` (a unix socket's path) are where it is."""

    base_url: str
    origin: str | None = None
    """Its name in statements, where it is not the address asked."""
    socket: str | None = None
    allowed_origins: Collection[str] = ()
    """The settings' list (許可URL): a server that is not on it is never asked."""
    authorities: str | None = None
    """A file of certificates (PEM) to trust in the place of the machine's."""
    patience: float = ANSWER_SECONDS
    """How many seconds an answer may keep one waiting."""
    whole: float | None = None
    """How many all of it may take, where it is not three times as long."""


class HttpConnections:
    """The connections to one server. `largest` is how many bytes an answer may have.

    Without TLS only this machine is asked, else ServerError E-SERVER-PLAIN: passwords would cross in clear.
    """

    def __init__(self, address: ServerAddress, largest: int = LARGEST) -> None:
        if address.socket is None and urlsplit(address.base_url).scheme == "http" and not on_loopback(address.base_url):
            raise ServerError(code="E-SERVER-PLAIN")
        self._base_url = address.base_url.rstrip("/")
        self._address = address
        self._whole = address.whole or WHOLE * address.patience
        self._largest = largest
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
        """One request and its answer. Raises the error that the answer stands for, ServerAway where there is none to use."""
        content = None if body is None else msgspec.json.encode(body)
        # Nothing that has to be unpacked: how large that would become is not known before.
        types = {"Accept": "application/json", "Accept-Encoding": "identity", "Accept-Language": language()}
        if content is not None:
            types["Content-Type"] = "application/json"
        status, taken = await self._exchange(method, f"{self._base_url}/v1{path}", content, types | dict(headers or {}), query)
        if 300 <= status < 400:
            raise AnswerUnusable(f"HTTP {status}", code="E-SERVER-MOVED")
        if not 200 <= status < 300:
            raise error_of(status, taken)
        try:
            return decoded(taken, kind)
        except ValueError:
            raise AnswerUnusable("answer") from None

    async def close(self) -> None:
        """Close the connections; the next request opens them again."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _exchange(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str], query: Mapping[str, str] | None
    ) -> tuple[int, bytes]:
        """Status and body of the answer. Raises ServerAway and its kinds, and ServerError where the settings are at fault."""
        try:
            async with (
                asyncio.timeout(self._whole),
                self._http().stream(method, url, content=content, headers=dict(headers), params=query) as answer,
            ):
                return answer.status_code, await _taken(answer, self._largest)
        except EbidError:
            raise
        except TimeoutError:
            away: ServerAway = AnswerUnusable(code="E-SERVER-SLOW")
        except Exception as error:  # noqa: BLE001 - what httpx, anyio, ssl and idna raise for an address is no list that ends
            away = tls.refused(error, urlsplit(self._base_url).hostname or "") or ServerAway(type(error).__name__)
        # Raised here and not above: the request in httpx's error may hold a password.
        raise away

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            secure = self._base_url.startswith("https:")
            proxy = None if self._address.socket else proxy_for(self._base_url) or None
            context = tls.context(self._address.authorities) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._client = httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(verify=context, uds=self._address.socket) if self._address.socket else None,
                verify=context,
                timeout=httpx.Timeout(self._address.patience, connect=CONNECT_SECONDS),
                follow_redirects=False,  # what is sent is for this server alone
                proxy=proxy,
                trust_env=False,
            )
        return self._client


async def _taken(answer: httpx.Response, largest: int) -> bytes:
    """The body as it came. Raises AnswerUnusable as soon as it is more than an answer has, or packed though nobody asked for that."""
    if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise AnswerUnusable("encoding")
    most = largest if answer.is_success else LARGEST_PROBLEM
    taken = bytearray()
    async for part in answer.aiter_raw():
        taken += part
        if len(taken) > most:
            raise AnswerUnusable(code="E-SERVER-LARGE")
    return bytes(taken)
