"""Connections with patience that ends: whoever sends slowly, too much or no HTTP is told so in one small answer and let go.

Over uvicorn's own protocol (RFC 9112). Its keep-alive limit ends idle connections; here are the limits of those that are not idle.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ebid_tui.server.api import problems
from ebid_tui.server.running.address_limit import AddressCounts, address_of_connection
from ebid_tui.server.settings import ServerSettings

HEAD_SECONDS = 10.0
"""From a request's first byte, or from connecting, to the end of its head."""
BODY_SECONDS = 20.0
"""From there to the end of its body: 256 KiB at 100 kbit/s."""
ANSWER_SECONDS = 20.0
"""How long somebody may take no more bytes of an answer."""
LINGER_SECONDS = 1.0
"""Whoever was answered before the end of the body may read the answer; then the connection is closed."""
UNWANTED_BYTES = 1024 * 1024
"""So much of it is read meanwhile."""
HEAD_BYTES = 32 * 1024
MOST_CONNECTIONS = 1000
"""Of one process. A counter's program holds one or two, and one address may hold `ServerSettings.connections_an_address`."""


def patient(settings: ServerSettings) -> type[DeadlineProtocol]:
    """The protocol of one server."""
    return type("Patient", (DeadlineProtocol,), {"crowd": AddressCounts(settings.connections_an_address), "settings": settings})


class DeadlineProtocol(H11Protocol):
    """A connection, with its timers."""

    crowd: AddressCounts
    """Who is connected, of all the connections of this server."""
    settings: ServerSettings
    _address = ""
    _timer: asyncio.TimerHandle | None = None
    _ended = False
    _unwanted = 0
    _answering: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        address = address_of_connection(self.client[0] if self.client else "", self.settings)
        if not self.crowd.come(address):
            # At once: one who lingers would hold what this keeps for others.
            self._refuse("E-TOO-MANY")
            self._ended = True
            self.transport.close()
            return
        self._address = address
        if len(self.connections) > MOST_CONNECTIONS:
            self._end("E-BUSY")
        else:
            self._wait(HEAD_SECONDS, "E-SLOW")

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        self.crowd.go(self._address)
        if self._answering is not None:
            self._answering.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._ended or self.transport.is_closing():
            return
        if self._timer is None and not self._busy:
            self._wait(HEAD_SECONDS, "E-SLOW")
        before = self.cycle
        if before is not None and before.response_complete and before.more_body:
            self._unwanted += len(data)
            if self._unwanted > UNWANTED_BYTES:
                self.transport.pause_reading()
                return
        super().data_received(data)
        self._look(before)

    def on_response_complete(self) -> None:
        before = self.cycle
        if self.cycle.more_body and not self.transport.is_closing():
            # Nobody wants the rest of this body.
            self.transport.resume_reading()
            self._wait(LINGER_SECONDS, None)
            self.server_state.total_requests += 1
            return
        super().on_response_complete()
        self._look(before)

    def send_400_response(self, msg: str) -> None:
        """No HTTP, or a head that is too long (RFC 6585 section 5)."""
        error = sys.exc_info()[1]
        self._end("E-HEADERS" if isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == 431 else "E-BODY")

    def pause_writing(self) -> None:
        super().pause_writing()
        self._answering = self.loop.call_later(ANSWER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._answering is not None:
            self._answering.cancel()
            self._answering = None

    def shutdown(self) -> None:
        """An orderly stop: whoever has not sent a whole head yet is let go like one who is idle."""
        self._forget()
        if self._ended:
            self.transport.close()
            return
        super().shutdown()
        if self._busy and self.cycle.more_body:
            self._wait(BODY_SECONDS, "E-SLOW")

    @property
    def _busy(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _look(self, before: Any) -> None:
        """Set the timer that fits to what has come by now."""
        if self._ended:
            return
        if self.transport.is_closing():
            self._forget()
        elif self._busy:
            if not self.cycle.more_body:
                self._forget()
            elif self.cycle is not before:
                self._wait(BODY_SECONDS, "E-SLOW")
        elif self.cycle is not None and not self.cycle.more_body and not self.conn.trailing_data[0]:
            # Idle: uvicorn's own timer runs.
            self._forget()

    def _wait(self, seconds: float, code: str | None) -> None:
        self._forget()
        self._timer = self.loop.call_later(seconds, self._end, code)

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, code: str | None) -> None:
        """Close, with an answer where nothing was answered yet to what is under way."""
        self._forget()
        self._unset_keepalive_if_required()
        if self._ended or self.transport.is_closing():
            self.transport.close()
            return
        self._ended = True
        begun = self._busy and self.cycle.response_started
        if code is not None and not begun:
            self._refuse(code)
        if self._busy:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if code is None or not self.transport.can_write_eof():
            self.transport.close()
            return
        # With bytes unread, closing at once would take the answer away from who sends still.
        self.transport.write_eof()
        self.flow.resume_reading()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _refuse(self, code: str) -> None:
        status, headers, body = problems.bare(code)
        head = [b"HTTP/1.1 %d %s" % (status, problems.reason(status)), *(name + b": " + value for name, value in headers)]
        head += [b"content-length: %d" % len(body), b"connection: close"]
        self.transport.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
