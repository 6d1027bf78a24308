"""The environment's proxy for requests to a far server: which one, and whether it can be one. The client and doctor ask here."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from ebid_tui.errors import ServerError

SCHEMES = ("http", "https")
"""How a proxy can be spoken to; SOCKS needs what is not installed with this."""


def proxy_for(url: str) -> str:
    """Its URL, which may hold a password, as HTTPS_PROXY, ALL_PROXY and NO_PROXY say (any case); empty where there is none, and for
    anything but HTTPS. ServerError E-SERVER-PROXY with the variable's name where its value is no proxy's URL."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    found = getproxies()
    scheme = next((scheme for scheme in ("https", "all") if found.get(scheme, "").strip()), "")
    if parts.scheme != "https" or not scheme or any(map(proxy_bypass, (parts.netloc, parts.hostname or ""))):
        return ""
    value = found[scheme].strip()
    if (proxy := _usable(value if "://" in value else f"http://{value}")) is None:
        raise ServerError(code="E-SERVER-PROXY", variable=_variable(scheme))
    return proxy


def _usable(value: str) -> str | None:
    import httpx  # with the first request, and not before the first frame

    try:
        parts = urlsplit(value)
        host, port = httpx.URL(value).host, parts.port
    except Exception:  # noqa: BLE001 - idna's errors and httpx's: what can be none of theirs is none
        return None
    # urlsplit passes over control characters: they are looked for in the value itself.
    if parts.scheme not in SCHEMES or not host or port == 0 or not value.isprintable() or " " in value:
        return None
    return value


def _variable(scheme: str) -> str:
    """The name by which it stands in the environment; the lower case counts first, as for `getproxies`."""
    names = (f"{scheme}_proxy", f"{scheme}_PROXY".upper())
    return next((name for name in names if os.environ.get(name)), names[-1])
