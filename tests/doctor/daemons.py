"""Readers' services that are there and of no use: what stands at the socket answers wrongly, or not at all."""

from __future__ import annotations

import socket
import struct
import threading
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

Manner = Literal["silent", "closing", "garbage", "other_version", "denying"]
NO_SERVICE, SERVICE_STOPPED, SECURITY_VIOLATION = 0x8010001D, 0x8010001E, 0x8010006A


class FalseDaemon:
    """Speaks pcsc-lite's protocol (winscard_msg.h) as far as its manner goes."""

    def __init__(self, path: Path, manner: Manner) -> None:
        self._manner = manner
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(16)
        self._lines: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listener.close()
        for line in self._lines:
            line.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return  # closed: the test is over
            self._lines.append(line)
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        if self._manner == "silent":
            return
        if self._manner == "closing":
            line.shutdown(socket.SHUT_RDWR)
            return
        try:
            while head := line.recv(8, socket.MSG_WAITALL):
                size, command = struct.unpack("=II", head)
                self._answer(line, command, line.recv(size, socket.MSG_WAITALL))
        except (OSError, struct.error):
            return  # the client has gone

    def _answer(self, line: socket.socket, command: int, body: bytes) -> None:
        if self._manner == "garbage":
            line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        elif command == 0x11 and self._manner == "other_version":
            line.sendall(struct.pack("=iiI", 4, 5, SERVICE_STOPPED))
        elif command == 0x11:
            line.sendall(body[:8] + struct.pack("=I", 0))
        elif command == 0x01:
            line.sendall(body[:8] + struct.pack("=I", SECURITY_VIOLATION))
