"""A server that says whatever a test likes, byte by byte, to whoever asks it."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

Speak = Callable[[asyncio.StreamWriter, bytes], Awaitable[object]]
"""Gets where to write to, and the head of the request."""


@asynccontextmanager
async def liar(speak: Speak, tls: ssl.SSLContext | None = None, *, listens: bool = True) -> AsyncIterator[str]:
    """Its URL. `listens` to the request before it speaks."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = b""
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            if listens:
                head = await reader.readuntil(b"\r\n\r\n")
                lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                await reader.readexactly(int(lengths[0]) if lengths else 0)
            await speak(writer, head)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"{'https://localhost' if tls else 'http://127.0.0.1'}:{server.sockets[0].getsockname()[1]}"


def says(sent: bytes) -> Speak:
    """Exactly this, and then it hangs up."""

    async def speak(writer: asyncio.StreamWriter, _: bytes) -> None:
        writer.write(sent)

    return speak


def http(body: Any, status: str = "200 OK", *headers: str) -> bytes:
    """An answer in good form, whatever is in it. A body that is no bytes is made JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", *headers, "", "")).encode() + data
