"""From where somebody asks, through whatever proxies, and whether there may be asked again now (`decisions.limits`)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from ebid_tui.errors import EbidError
from ebid_tui.server.decisions.limits import Caller, refuse
from ebid_tui.server.services import Services
from ebid_tui.server.store import limits as buckets

UNIX = "unix"
LONGEST_CHAIN = 20
"""Addresses of an X-Forwarded-For that are looked at."""


def caller(request: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Who asks."""
    services: Services = request.app.state.services
    peer = request.client.host if request.client is not None else ""
    settings = services.settings
    address = address_of(peer, request.headers.getall("x-forwarded-for", []), settings.trusted_proxies)
    return Caller(coarse(address), kiosk=bool(address) and is_among(address, settings.kiosk_addresses))


async def limited(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A route's guard, before anything of the body is read. Raises ServerError E-TOO-MANY; most of what is refused costs one look."""
    asking = caller(connection)
    services: Services = connection.app.state.services
    if not asking.address:
        return
    key, rate, now = asking.bucket("sign-in"), services.settings.limits.sign_ins, services.settings.now()
    refuse(await services.store.read(lambda c: buckets.wait(c, key, rate, now)))
    refuse(await services.store.write(lambda c: buckets.take(c, [(key, rate)], now)))


def refuse_unknown_proxies(proxies: Sequence[str]) -> None:
    """Raise EbidError E-PROXY for what is neither a network nor `unix`."""
    refuse_no_networks([proxy for proxy in proxies if proxy != UNIX])


def refuse_no_networks(networks: Sequence[str]) -> None:
    """Raise EbidError E-PROXY for what is no network."""
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise EbidError(code="E-PROXY", proxy=network) from None


def address_of(peer: str, forwarded: Sequence[str], trusted: Sequence[str]) -> str:
    """The address that asks: the last one of X-Forwarded-For that is no trusted proxy, and only as far as trusted ones wrote it.

    `peer` is empty on a unix socket; empty is also the answer where there is nothing to go by.
    """
    if not is_among(peer or UNIX, trusted):
        return peer
    chain = [part.strip() for line in forwarded for part in line.split(",")][-LONGEST_CHAIN:]
    found = peer
    for named in reversed(chain):
        address = _address(named)
        if address is None:
            return found
        found = address
        if not is_among(address, trusted):
            return found
    return found


def _address(text: str) -> str | None:
    """An address as proxies write it, also with a port; None for anything else."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    here = _plain(text)
    return None if here is None else str(here)


def _plain(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address; of an IPv4 one that is written as IPv6 (RFC 4291 section 2.5.5.2) the IPv4 one. None for anything else."""
    try:
        here = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (here.ipv4_mapped or here) if here.version == 6 else here


def is_among(address: str, networks: Sequence[str]) -> bool:
    """Whether an address, or `unix`, is of one of these networks."""
    if address == UNIX:
        return UNIX in networks
    here = _plain(address)
    return here is not None and any(here in ipaddress.ip_network(network) for network in networks if network != UNIX)


def coarse(address: str) -> str:
    """Whoever has an IPv6 address has 2**64 of them: they count as one."""
    here = _plain(address)
    if here is None:
        return address
    return str(here) if here.version == 4 else str(ipaddress.ip_network((here, 64), strict=False))
