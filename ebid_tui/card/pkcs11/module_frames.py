"""What goes between the program and the process that holds a PKCS#11 module: one message a frame, secrets apart from the rest.

A frame is two lengths (4 bytes each, big-endian), a JSON object of the first length, and a secret of the second. The secret is
never part of the JSON: it lies in a buffer that is overwritten after use, on both sides.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any, Final

HEAD: Final = struct.Struct(">II")
LARGEST_MESSAGE: Final = 8 << 20
LARGEST_SECRET: Final = 1024


def send(line: socket.socket, message: dict[str, Any], secret: bytearray | None = None) -> None:
    """One frame; the caller wipes `secret`. Raises OSError where nobody listens any more."""
    body = json.dumps(message).encode("ascii")
    line.sendall(HEAD.pack(len(body), 0 if secret is None else len(secret)))
    line.sendall(body)
    if secret:
        line.sendall(secret)


def lengths(head: bytes | bytearray) -> tuple[int, int]:
    """The frame's two lengths. Raises ValueError for what no frame begins with."""
    body, secret = HEAD.unpack(head)
    if body > LARGEST_MESSAGE or secret > LARGEST_SECRET:
        raise ValueError("no frame")
    return body, secret


def decode(body: bytes | bytearray) -> dict[str, Any]:
    """The frame's message. Raises ValueError."""
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("no message")
    return message
