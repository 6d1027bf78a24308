"""Who asks, and how often signing in may be tried: by address and by account, counted in the database."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from sqlalchemy import Connection

from ebid_tui.errors import EbidError, ServerError
from ebid_tui.server.services import Services
from ebid_tui.server.settings import Rate
from ebid_tui.server.store import limits as buckets

UNIX = "unix"
LONGEST_CHAIN = 20
"""Addresses of an X-Forwarded-For that are looked at."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from; no address on a unix socket that no proxy stands before."""

    address: str

    def bucket(self, what: str) -> str:
        return buckets.bucket(what, self.address)


def caller(request: Request[Any, Any, Any]) -> Caller:
    """For a route: who asks."""
    return _caller(request)


async def limited(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A route's guard, before anything of the body is read. Raises ServerError E-TOO-MANY; what is refused costs one look."""
    asking = _caller(connection)
    services: Services = connection.app.state.services
    if not asking.address:
        return
    key, rate, now = asking.bucket("sign-in"), services.settings.limits.sign_ins, services.settings.now()
    refuse(await services.store.read(lambda c: buckets.wait(c, key, rate, now)))

    def count(c: Connection) -> None:
        buckets.count(c, key, rate, now)

    await services.store.write(count)


async def before_password(services: Services, asking: Caller, *account: str) -> None:
    """Count one check of this account's password. Raises ServerError E-TOO-MANY before anything expensive is done."""
    limits, now, key = services.settings.limits, services.settings.now(), buckets.bucket("account", *account)

    def look(c: Connection) -> float:
        waits = [buckets.wait(c, key, limits.account, now)]
        if asking.address:
            waits.append(buckets.wait(c, asking.bucket("wrong"), limits.wrong_passwords, now))
        return max(waits)

    refuse(await services.store.read(look))

    def count(c: Connection) -> None:
        buckets.count(c, key, limits.account, now)

    await services.store.write(count)


def count_wrong(connection: Connection, services: Services, asking: Caller, now: datetime) -> None:
    """A wrong password came from there."""
    if asking.address:
        buckets.count(connection, asking.bucket("wrong"), services.settings.limits.wrong_passwords, now)


def wait_of(connection: Connection, rate: Rate, now: datetime, *what: str) -> float:
    """Seconds until one more is allowed."""
    return buckets.wait(connection, buckets.bucket(*what), rate, now)


def refuse(seconds: float) -> None:
    """Raise ServerError E-TOO-MANY where somebody has to wait; the answer says how long (RFC 9110 section 10.2.3)."""
    if seconds > 0:
        raise ServerError(code="E-TOO-MANY", retry_after=math.ceil(seconds))


def refuse_unknown_proxies(proxies: Sequence[str]) -> None:
    """Raise EbidError E-PROXY for what is neither a network nor `unix`."""
    for proxy in proxies:
        try:
            if proxy != UNIX:
                ipaddress.ip_network(proxy)
        except ValueError:
            raise EbidError(code="E-PROXY", proxy=proxy) from None


def _caller(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    services: Services = connection.app.state.services
    peer = connection.client.host if connection.client is not None else ""
    return Caller(_coarse(address_of(peer, connection.headers.getall("x-forwarded-for", []), services.settings.trusted_proxies)))


def address_of(peer: str, forwarded: Sequence[str], trusted: Sequence[str]) -> str:
    """The address that asks: the last one of X-Forwarded-For that is no trusted proxy, and only as far as trusted ones wrote it.

    `peer` is empty on a unix socket; empty is also the answer where there is nothing to go by.
    """
    if not _is_trusted(peer or UNIX, trusted):
        return peer
    chain = [part.strip() for line in forwarded for part in line.split(",")][-LONGEST_CHAIN:]
    found = peer
    for named in reversed(chain):
        address = _address(named)
        if address is None:
            return found
        found = address
        if not _is_trusted(address, trusted):
            return found
    return found


def _address(text: str) -> str | None:
    """An address as proxies write it, also with a port; None for anything else."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _is_trusted(address: str, trusted: Sequence[str]) -> bool:
    if address == UNIX:
        return UNIX in trusted
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(here in ipaddress.ip_network(network) for network in trusted if network != UNIX)


def _coarse(address: str) -> str:
    """Whoever has an IPv6 address has 2**64 of them: they count as one."""
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return address
    if here.version == 4:
        return str(here)
    mapped = here.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((here, 64), strict=False))
