"""A server between client and server that passes on what both say, and alters one string of one answer."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import socketserver
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

Place = tuple[int, tuple[Any, ...]]
"""Which answer of a visit, and where in it."""
HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


@dataclass
class Told:
    """One answer as the real server gave it."""

    method: str
    path: str
    status: int
    body: Any


@dataclass
class Liar:
    """`lie` gets the number of the answer and the answer; what it returns (status, bytes) is sent instead, None for the truth."""

    socket: Path
    truth: str
    lie: Callable[[int, Told], tuple[int, bytes] | None] = lambda _number, _told: None
    told: list[Told] = field(default_factory=list)
    """Of this visit."""
    lies: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, lie: Callable[[int, Told], tuple[int, bytes] | None] = lambda _number, _told: None) -> None:
        """Another visit."""
        self.lie, self.told, self.lies = lie, [], 0

    def answer(self, method: str, path: str, status: int, body: bytes) -> tuple[int, bytes]:
        if not body.startswith((b"{", b"[")):
            return status, body
        with self._lock:
            told = Told(method, path, status, json.loads(body))
            self.told.append(told)
            lie = self.lie(len(self.told) - 1, told)
            self.lies += lie is not None
        return (status, body) if lie is None else lie


class _Local(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


class _Threads(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever is lied to may hang up."""


@contextmanager
def liar(socket_path: Path, truth: str) -> Iterator[Liar]:
    """Listens at a unix socket until the block ends; `truth` is the real server's."""
    made = Liar(socket_path, truth)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = _Local(made.truth)
            asked.request(self.command, self.path, body or None, dict(self.headers.items()))
            answer = asked.getresponse()
            status, content = made.answer(self.command, self.path, answer.status, answer.read())
            self.send_response(status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            asked.close()

        do_GET = do_POST = do_DELETE = pass_on

        def address_string(self) -> str:
            return "-"

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = _Threads(str(socket_path), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@asynccontextmanager
async def says(socket_path: Path, said: list[tuple[int, bytes]]) -> AsyncIterator[None]:
    """Whoever asks at this socket gets the first of `said`: status and body."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                status, body = said[0]
                writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(answer, socket_path):
        yield
