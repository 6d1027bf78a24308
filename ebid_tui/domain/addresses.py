"""A server's address: its origin (scheme, host and port) as it stands in signed statements, and whether it is this machine's own."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from ebid_tui.errors import ServerError

PORTS = {"http": 80, "https": 443}
"""Ports that an origin does not name."""
LABELS = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?")
SPACE = re.compile(r"[\s\x00-\x20\x7f]")


def origin_of(url: str, setting: str = "server") -> str:
    """The origin of a URL (RFC 6454 section 6.2), IPv6 in brackets and as RFC 5952 writes it.

    ServerError E-SERVER-URL for no http(s) URL, and for a host that no host can be called, naming the setting in which it stands and
    not its text: a password may be in it.
    """
    try:
        if SPACE.search(url):  # `urlsplit` takes some of them out
            raise ValueError
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ServerError(code="E-SERVER-URL", setting=setting) from None
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None or not _is_host(parts.hostname):
        raise ServerError(code="E-SERVER-URL", setting=setting)
    return origin_at(parts.scheme, parts.hostname, port)


def _is_host(host: str) -> bool:
    """Labels of letters (of any script: RFC 5890), digits, `-` and `_` between dots, or an IPv6 address."""
    try:
        return LABELS.fullmatch(host) is not None or bool(ipaddress.IPv6Address(host))
    except ValueError:
        return False


def origin_at(scheme: str, host: str, port: int | None) -> str:
    """The same of its parts; `host` is a name, or an address without brackets."""
    try:
        address = ipaddress.ip_address(host)
        host = f"[{address.compressed}]" if address.version == 6 else str(address)
    except ValueError:
        pass  # a name
    return f"{scheme}://{host}" + ("" if port in (None, PORTS[scheme]) else f":{port}")


def on_loopback(url: str) -> bool:
    """Whether a URL leads nowhere but to this machine, however its address is written; `127.1` is none but a name (RFC 3986 3.2.2)."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def is_loopback(host: str) -> bool:
    """Whether a host, as an option names it, is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_other_name(ours: str, theirs: tuple[str, ...]) -> None:
    """Raise ServerError E-ORIGIN-OTHER where a server says by which names it goes (none: it does not say), and ours is not among them:
    whatever would be signed for it, it would refuse."""
    if theirs and ours not in theirs:
        raise ServerError(code="E-ORIGIN-OTHER", ours=ours, theirs=theirs[0])
