"""uvicorn, telling when it listens, and why it cannot. Nothing of the application is imported here."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from ebid_tui.errors import EbidError

STOP_SECONDS = 5
"""How long requests in flight may take after SIGTERM."""


class ListeningServer(uvicorn.Server):
    """`listening` is called with the port (0 on a unix socket) once requests are accepted."""

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


def privately(app: Any, uds: str | None, listening: Callable[[int], None]) -> ListeningServer:
    """A server of an ASGI application for its own parent alone: on a unix socket, or on a free port of this machine."""
    config = uvicorn.Config(
        app,
        port=0,
        uds=uds,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        http="h11",
        lifespan="on",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return ListeningServer(config, listening)


def until_told_to_stop(server: uvicorn.Server) -> bool:
    """Serve until SIGTERM or SIGINT. False when the application could not start."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn raises the signal once more when it has stopped: with the default handlers that would be no orderly end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        server.run()
    except SystemExit:  # uvicorn's, where the application did not start; it is in the log
        return False
    return server.started
