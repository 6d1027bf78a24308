"""Running the application under uvicorn until it is told to stop; requests in flight are finished."""

from __future__ import annotations

import gc
import logging
import signal
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp

from ebid_tui.server.api.methods import HeadAndOptions
from ebid_tui.server.running import connections
from ebid_tui.server.running.address_limit import AddressLimit
from ebid_tui.server.running.listening import STOP_SECONDS, ListeningServer, until_told_to_stop
from ebid_tui.server.running.observing import ObservedApp

log = logging.getLogger("ebid_tui.server")

YOUNG = 10_000
"""Objects, more than were freed, after which the garbage collector looks through the youngest. A request makes some thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAddress:
    """Where to listen: a unix socket's path, or an address with a port (0: any free one), with TLS files or without."""

    uds: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None


def spare_collecting() -> None:
    """What was made until now stays: the garbage collector need not look through it again and again (a tenth of a second each time)."""
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
    gc.enable()


def run(app: Litestar, where: ListenAddress, listening: Callable[[int], None]) -> bool:
    """Serve until SIGTERM or SIGINT. False when the application could not start. Raises EbidError E-LISTEN-TAKEN."""

    def begun(port: int) -> None:
        spare_collecting()
        listening(port)

    server = make_server(app, where, begun)

    if where.certificate is not None:
        signal.signal(signal.SIGHUP, lambda _number, _frame: _renew_certificate(server.config, where))
    return until_told_to_stop(server)


def guarded(app: Litestar) -> ASGIApp:
    """The application behind what is asked of every request."""
    return ObservedApp(AddressLimit(HeadAndOptions(app), app.state.settings), app.state.metrics)


def make_server(app: Litestar, where: ListenAddress, listening: Callable[[int], None]) -> uvicorn.Server:
    """A server to be run. `listening` is called with the port (0 on a unix socket) once requests are accepted."""
    config = uvicorn.Config(
        guarded(app),
        host=where.host,
        port=where.port,
        uds=str(where.uds) if where.uds else None,
        ssl_certfile=where.certificate,
        ssl_keyfile=where.key,
        log_config=None,
        access_log=False,
        server_header=False,
        # Who asks is found out in `limits`, by the settings' own list of proxies.
        proxy_headers=False,
        ws="none",
        http=connections.patient(app.state.settings),
        h11_max_incomplete_event_size=connections.HEAD_BYTES,
        timeout_graceful_shutdown=STOP_SECONDS,
        ssl_context_factory=_tls if where.certificate is not None else None,
    )
    return ListeningServer(config, listening)


def _tls(_config: uvicorn.Config, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """TLS 1.3 (RFC 8446) and nothing before it."""
    context = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _renew_certificate(config: uvicorn.Config, where: ListenAddress) -> None:
    """SIGHUP: the files are read again, for the connections from now on. What cannot be read changes nothing."""
    assert config.ssl is not None
    assert where.certificate is not None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(where.certificate, where.key)
        config.ssl.load_cert_chain(where.certificate, where.key)
    except (OSError, ssl.SSLError) as error:
        log.error("certificate kept reason=%s", error.strerror)
    else:
        log.info("certificate renewed")
