"""Who asks, and how often signing in may be tried: by address and by account, counted in the database."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from ebid_tui.errors import EbidError, ServerError
from ebid_tui.server.services import Services
from ebid_tui.server.settings import JAPAN, Rate, Settings
from ebid_tui.server.store import limits as buckets
from ebid_tui.server.store.limits import Bucket

UNIX = "unix"
LONGEST_CHAIN = 20
"""Addresses of an X-Forwarded-For that are looked at."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from; no address on a unix socket that no proxy stands before."""

    address: str
    kiosk: bool = False
    """Somebody else sits there each time (`serve --kiosk-address`)."""
    card: str = ""
    """The fingerprint of the card that is signed in; empty where none is."""

    def bucket(self, what: str) -> str:
        return buckets.bucket(what, self.address)


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


def checks(settings: Settings, *account: str) -> Bucket:
    """Passwords that are checked for this account, right ones too."""
    return buckets.bucket("account", *account), settings.limits.account


def wrong_ones(settings: Settings, asking: Caller) -> tuple[Bucket, ...]:
    """Wrong passwords from there, whosever. Taken before a password is checked, and given back where it is right."""
    return ((asking.bucket("wrong"), settings.limits.wrong_passwords),) if asking.address else ()


def wrong_ones_of_the_day(settings: Settings, asking: Caller) -> tuple[Bucket, ...]:
    """As many wrong passwords as lock `limits.numbers` numbers (R-33): an address that had them is asked nothing more that day.

    Four wrong ones at a number count as much as the one that locks it: whoever prepares a lock for others' slips has no more of them.
    """
    if not asking.address or asking.kiosk:
        return ()
    today = settings.japan_now().date().isoformat()
    # In a day none of them comes back by itself, and the next day has a bucket of its own.
    rate = Rate(settings.limits.numbers * settings.wrong_passwords, timedelta(days=1))
    return ((buckets.bucket("wrong-of-day", asking.address, today), rate),)


def cards_own_of_the_day(settings: Settings, asking: Caller) -> tuple[Bucket, ...]:
    """Wrong passwords of a card whose address has had those of its day: by a neighbour's doing nobody with a card is shut out.

    They are fewer than lock a number (R-33).
    """
    if not asking.card:
        return ()
    today = settings.japan_now().date().isoformat()
    return ((buckets.bucket("wrong-of-day-card", asking.card, today), Rate(settings.wrong_passwords - 1, timedelta(days=1))),)


def seconds_of_the_day(settings: Settings) -> int:
    """Until the next day begins in Japan."""
    now = settings.japan_now()
    return math.ceil((datetime.combine(now.date() + timedelta(days=1), time(), JAPAN) - now).total_seconds())


def unlocks(settings: Settings, system: str, number: str) -> Bucket:
    """A locked number's unlocking by its card (R-33)."""
    return buckets.bucket("unlock", system, number), settings.limits.unlocks


def operators_own(settings: Settings, system: str, login_id: str) -> Bucket:
    """Wrong passwords or codes for an operator, from wherever."""
    return buckets.bucket("operator-wrong", system, login_id), settings.limits.operator


def devices_own(settings: Settings, token_hash: str) -> Bucket:
    """The same from one device on which that operator signed in before: nobody else can fill it."""
    return buckets.bucket("operator-device", token_hash), settings.limits.operator


def too_many(seconds: float) -> ServerError:
    """E-TOO-MANY for who has to wait; the answer says how long (RFC 9110 section 10.2.3)."""
    return ServerError(code="E-TOO-MANY", retry_after=math.ceil(seconds))


def refuse(seconds: float) -> None:
    """Raise ServerError E-TOO-MANY where somebody has to wait."""
    if seconds > 0:
        raise too_many(seconds)


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
