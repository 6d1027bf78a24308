"""The server: is it there, is it the one it says it is, does it know our system, is it open, and what time is it there."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from ebid_tui.client import tls
from ebid_tui.client.http_request import HttpConnections, ServerAddress
from ebid_tui.client.proxies import proxy_for
from ebid_tui.doctor.finding import Finding, failure, ok, warning
from ebid_tui.doctor.probing import ProbeContext
from ebid_tui.domain import hours
from ebid_tui.domain.addresses import on_loopback, origin_of
from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Clock
from ebid_tui.domain.text.cleaning import visible
from ebid_tui.errors import EbidError, ServerError, TlsRefused
from ebid_tui.settings import Settings

IDS = (
    "server.address",
    "network.proxy",
    "server.reachable",
    "server.tls",
    "server.clock",
    "server.origin",
    "server.system",
    "server.ready",
    "server.hours",
)
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 2.5
READY_SECONDS = 1.0
MOST_LEFT_OUT = 5
"""Files that are named, of those that a server has left out."""
TLS_WARN_DAYS = 14
CLOCK_WARN_SECONDS = 60

_REASONS = {"NAME": "name", "EXPIRED": "expired", "EARLY": "not_yet", "NONE": "no_tls"}
"""By the end of the client's code for the same."""


class _Served(msgspec.Struct, frozen=True):
    id: str


class _Ready(msgspec.Struct, frozen=True):
    status: str
    left_out: tuple[str, ...] = ()


class _Bad(Exception):
    """Carries the finding that ends the look."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.id)
        self.finding = finding


def look(context: ProbeContext) -> Iterator[Finding]:
    settings = context.settings
    try:
        address = _address(settings)
        yield address
        proxied = _proxied(settings)
        yield ok("network.proxy", "used" if proxied else "none")
        if not proxied:
            yield from _connection(settings)
        before = time.time()
        clock, systems, ready = asyncio.run(asyncio.wait_for(_asked(settings, proxied), ANSWER_SECONDS))
        yield ok("server.reachable")
        if proxied:
            yield ok("server.tls", "through_proxy")
    except TimeoutError:
        yield failure("server.reachable", "silent")
        return
    except _Bad as bad:
        yield bad.finding
        return
    yield _clock(clock.now, before, time.time())
    if clock.origins and origin_of(settings.server) not in clock.origins:
        yield failure("server.origin", "other", place=" ".join(clock.origins))
    elif clock.origins:
        yield ok("server.origin")
    if context.profile is not None:
        yield ok("server.system") if context.profile.id in systems else failure("server.system", "not_served")
    if ready is None:
        yield warning("server.ready", "not_ready")
    else:
        yield warning("server.ready", "left_out", place=" ".join(map(visible, ready))) if ready else ok("server.ready")
    if context.profile is not None:
        yield _open(context.profile, clock.now)


def _address(settings: Settings) -> Finding:
    """Raises _Bad where the address is none, or not on the list of those that a card may sign for."""
    try:
        origin = origin_of(settings.server)
    except ServerError:
        raise _Bad(failure("server.address", "invalid", place=settings.server)) from None
    allowed: set[str] = set()
    for url in settings.allowed_origins or (settings.server,):
        try:
            allowed.add(origin_of(url))
        except ServerError:
            raise _Bad(failure("server.address", "invalid_allowed", place=url)) from None
    if origin not in allowed:
        raise _Bad(failure("server.address", "not_allowed", place=origin))
    if settings.server == Settings().server and not settings.server_socket:
        return warning("server.address", "unset")
    return ok("server.address", place=origin)


def _proxied(settings: Settings) -> bool:
    """Whether requests go by a proxy of the environment, as the client would (never over a unix socket). Raises _Bad where it is none."""
    try:
        return not settings.server_socket and bool(proxy_for(settings.server))
    except ServerError as error:
        raise _Bad(failure("network.proxy", "unusable", variable=error.values["variable"])) from None


# ---- the line --------------------------------------------------------------------------------------------------------


def _connection(settings: Settings) -> Iterator[Finding]:
    """The connection itself, and TLS on it. Raises _Bad where there is none to go on with."""
    secure = settings.server.startswith("https:")
    if not secure and not settings.server_socket and not on_loopback(settings.server):
        raise _Bad(failure("server.tls", "plain"))  # the client would not ask there
    with _connected(settings) as line:
        if not secure:
            yield ok("server.tls", "not_needed")
            return
        yield _tls(settings, line)


def _connected(settings: Settings) -> socket.socket:
    def bad(reason: str) -> _Bad:
        return _Bad(failure("server.reachable", reason, place=settings.server_socket or settings.server))

    parts = urlsplit(settings.server)
    try:
        if settings.server_socket:
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(CONNECT_SECONDS)
            line.connect(settings.server_socket)
            return line
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return socket.create_connection((parts.hostname or "", port), timeout=CONNECT_SECONDS)
    except socket.gaierror:
        raise bad("no_name") from None
    except (FileNotFoundError, PermissionError):
        raise bad("no_socket") from None
    except ConnectionRefusedError:
        raise bad("refused") from None
    except TimeoutError:
        raise bad("silent") from None
    except (OSError, ValueError):
        raise bad("no_way") from None


def _tls(settings: Settings, line: socket.socket) -> Finding:
    """Raises _Bad where the other side is not who it should be."""

    def bad(reason: str) -> _Bad:
        return _Bad(failure("server.tls", reason, place=settings.server_ca))

    try:
        context = tls.context(settings.server_ca or None)
    except ServerError:
        raise bad("ca_file") from None
    try:
        with context.wrap_socket(line, server_hostname=urlsplit(settings.server).hostname) as secure:
            told, version = secure.getpeercert() or {}, secure.version() or "?"
    except ssl.SSLError as error:
        raise bad(_reason(settings, tls.code_of(error))) from None
    except TimeoutError:
        raise bad("silent") from None
    except (OSError, ValueError):
        raise bad("handshake") from None
    ends = ssl.cert_time_to_seconds(str(told["notAfter"]))
    days = int((ends - time.time()) // 86400)
    if days < TLS_WARN_DAYS:
        return warning("server.tls", "soon", days=days, version=version)
    return ok("server.tls", days=days, version=version)


def _reason(settings: Settings, code: str) -> str:
    end = code.removeprefix("E-SERVER-TLS").strip("-")
    return _REASONS.get(end) or ("handshake" if not end else "other_authority" if settings.server_ca else "unknown_authority")


# ---- what it says ----------------------------------------------------------------------------------------------------


async def _asked(settings: Settings, proxied: bool) -> tuple[Clock, frozenset[str], tuple[str, ...] | None]:
    """Its time, the systems it serves, and what it says of being ready (`_says_ready`). Raises _Bad."""
    try:
        wire = HttpConnections(
            ServerAddress(settings.server, socket=settings.server_socket or None, authorities=settings.server_ca or None)
        )
        try:
            clock = await wire.ask("GET", "/clock", Clock)
            systems = await wire.ask("GET", "/systems", list[_Served])
            ready = await _says_ready(wire)
        finally:
            await wire.close()
    except TlsRefused as error:
        raise _Bad(failure("server.tls", _reason(settings, error.code))) from None
    except EbidError as error:
        if error.code == "E-SERVER-CA":
            raise _Bad(failure("server.tls", "ca_file", place=settings.server_ca)) from None
        if error.code == "E-SERVER-AWAY":
            raise _Bad(failure("server.reachable", "proxy" if proxied else "silent")) from None
        raise _Bad(failure("server.reachable", "not_ours", code=error.code)) from None
    return clock, frozenset(system.id for system in systems), ready


async def _says_ready(wire: HttpConnections) -> tuple[str, ...] | None:
    """Files that it has left out. None where it says that it is not ready: no anchor that counts, nobody who writes.

    Who keeps this to the machine says nothing.
    """
    try:
        said = await asyncio.wait_for(wire.ask("GET", "/ready", _Ready), READY_SECONDS)
    except EbidError as error:
        return None if error.code == "E-NOT-READY" else ()
    except TimeoutError:
        return ()
    return said.left_out[:MOST_LEFT_OUT]


def _clock(theirs: datetime, before: float, after: float) -> Finding:
    off = round(theirs.timestamp() - (before + after) / 2)
    return ok("server.clock") if abs(off) <= CLOCK_WARN_SECONDS else warning("server.clock", "off", seconds=abs(off))


def _open(profile: Profile, now: datetime) -> Finding:
    """R-22, by the server's time; open where one of its agencies is."""
    if any(hours.is_open(profile.hours, agency, now) for agency in profile.agencies):
        return ok("server.hours", close=profile.hours.close)
    openings = [opening for agency in profile.agencies if (opening := hours.opens_next(profile.hours, agency, now))]
    if not openings:
        return warning("server.hours", "never")
    return warning("server.hours", "closed", opens=f"{min(openings).astimezone(JAPAN):%Y/%m/%d %H:%M}")
