"""Fetching revocation data over HTTP, bounded in size and time, and only from where it may come from.

The addresses stand in certificates that a trusted authority issued; still, no redirect is followed, and an address that is
not a public one (this machine, a private network, a cloud's metadata service) is only asked where the settings name its
host. The name is resolved once, and what was looked at is what is connected to.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

CRL_LIMIT = 64 * 1024 * 1024
OCSP_LIMIT = 64 * 1024
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses behind which a network puts IPv4 ones (RFC 6052)."""


class NotFetched(Exception):
    """Nothing usable came; the argument is a code without anything of the answer: `timeout`, `http 404`, `private` …"""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """How to fetch. `hosts` may have addresses that are not public."""

    hosts: Collection[str] = ()
    seconds: float = 5.0
    """From the first byte sent to the last one received."""

    def get(self, url: str) -> bytes:
        """A certificate revocation list. Raises NotFetched."""
        return self._ask(url, None, CRL_LIMIT)

    def post(self, url: str, request: bytes) -> bytes:
        """An OCSP response. Raises NotFetched."""
        return self._ask(url, request, OCSP_LIMIT)

    def _ask(self, url: str, request: bytes | None, limit: int) -> bytes:
        import ssl

        import httpx  # 70 ms, of which a server without revocation data has no use

        try:
            asked = httpx.URL(url)
        except httpx.InvalidURL:
            raise NotFetched("url") from None
        if asked.scheme not in ("http", "https") or not asked.host or asked.userinfo:
            raise NotFetched("url")
        address = self._address(asked)
        headers = {"Host": asked.netloc.decode("ascii"), "Accept-Encoding": "identity", "Connection": "close"}
        if request is not None:
            headers |= {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}
        context = ssl.create_default_context() if asked.scheme == "https" else False
        line = _Line()
        end = threading.Timer(self.seconds, line.cut)
        end.daemon = True
        end.start()
        try:
            with (
                httpx.Client(verify=context, trust_env=False, follow_redirects=False, timeout=self.seconds) as client,
                client.stream(
                    "GET" if request is None else "POST",
                    asked.copy_with(host=address),
                    content=request,
                    headers=headers,
                    extensions={"sni_hostname": asked.host, "trace": line.trace},
                ) as response,
            ):
                return _body(response, limit)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            late = line.is_cut or isinstance(error, httpx.TimeoutException)
            raise NotFetched("timeout" if late else type(error).__name__) from None
        finally:
            end.cancel()

    def _address(self, url: httpx.URL) -> str:
        """The address to connect to."""
        try:
            found = socket.getaddrinfo(url.host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NotFetched("name") from None
        addresses = [str(entry[4][0]) for entry in found]
        if url.host in self.hosts:
            return addresses[0]
        public = [address for address in addresses if _public(address)]
        if not public:
            raise NotFetched("private")
        return public[0]


def _public(address: str) -> bool:
    """Whether anybody on the Internet could be asked under this address."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None)
    if parsed in TRANSLATED:
        inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
    return parsed.is_global and not parsed.is_multicast and (inner is None or _public(str(inner)))


class _Line:
    """The connection of one question, to be cut when it has taken too long: a read's own timeout begins anew with every byte."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.is_cut = False

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Called by the client at every step (httpcore's `trace`)."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")
            if self.is_cut:
                self.cut()

    def cut(self) -> None:
        self.is_cut = True
        if self._socket is not None:
            with suppress(OSError):  # it has ended by itself
                self._socket.shutdown(socket.SHUT_RDWR)


def _body(response: httpx.Response, limit: int) -> bytes:
    if response.status_code != 200:
        raise NotFetched(f"http {response.status_code}")
    taken = bytearray()
    for part in response.iter_raw():
        taken += part
        if len(taken) > limit:
            raise NotFetched("too large")
    return bytes(taken)
