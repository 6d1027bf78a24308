"""Running the application under uvicorn until it is told to stop; requests in flight are finished."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn
from litestar import Litestar

from ebid_tui.errors import EbidError
from ebid_tui.server.api.methods import HeadAndOptions
from ebid_tui.server.running import connections
from ebid_tui.server.running.address_limit import AddressLimit
from ebid_tui.server.running.observing import ObservedApp

log = logging.getLogger("ebid_tui.server")

YOUNG = 10_000
"""Objects, more than were freed, after which the garbage collector looks through the youngest. A request makes some thousands."""
STOP_SECONDS = 5
"""How long requests in flight may take after SIGTERM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAddress:
    """Where to listen: a unix socket's path, or an address with a port (0: any free one), with TLS files or without."""

    uds: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None


class _Server(uvicorn.Server):
    """uvicorn, telling when it listens."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[int], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Raises EbidError E-LISTEN-TAKEN where the address cannot be had (taken, no such host, no right, no directory)."""
        try:
            await super().startup(sockets)
        except SystemExit as error:
            # uvicorn ends the process with a code of its own, from within the handling of what went wrong.
            if isinstance(error.__context__, OSError):
                raise self._not_had(error.__context__) from None
            raise
        except (OSError, UnicodeError) as error:  # a unix socket's, and a name that none can be
            await self.lifespan.shutdown()
            raise self._not_had(error) from None
        if self.started:
            bound = [s.getsockname() for server in self.servers for s in server.sockets]
            self._listening(next((name[1] for name in bound if isinstance(name, tuple)), 0))

    def _not_had(self, error: OSError | UnicodeError) -> EbidError:
        config = self.config
        where = config.uds or (f"[{config.host}]" if ":" in config.host else config.host) + f":{config.port}"
        # asyncio's own words of an errno repeat the address.
        number = error.errno if isinstance(error, OSError) and not isinstance(error, socket.gaierror) else None
        reason = os.strerror(number) if number else getattr(error, "strerror", None) or str(error)
        return EbidError(reason, code="E-LISTEN-TAKEN", listen=where, reason=reason)


def _spare_collecting() -> None:
    """What was made until now stays: the garbage collector need not look through it again and again (a tenth of a second each time)."""
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
    gc.enable()


def run(app: Litestar, where: ListenAddress, listening: Callable[[int], None]) -> bool:
    """Serve until SIGTERM or SIGINT. False when the application could not start. Raises EbidError E-LISTEN-TAKEN."""

    def begun(port: int) -> None:
        _spare_collecting()
        listening(port)

    server = make_server(app, where, begun)

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn raises the signal once more when it has stopped: with the default handlers that would be no orderly end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if where.certificate is not None:
        signal.signal(signal.SIGHUP, lambda _number, _frame: _renew_certificate(server.config, where))
    try:
        server.run()
    except SystemExit:  # uvicorn's, where the application did not start; it is in the log
        return False
    return server.started


def make_server(app: Litestar, where: ListenAddress, listening: Callable[[int], None]) -> uvicorn.Server:
    """A server to be run. `listening` is called with the port (0 on a unix socket) once requests are accepted."""
    config = uvicorn.Config(
        ObservedApp(AddressLimit(HeadAndOptions(app), app.state.settings), app.state.metrics),
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
    return _Server(config, listening)


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
