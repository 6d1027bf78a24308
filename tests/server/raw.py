"""Bytes on a connection, for what no HTTP library would send."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, taken apart."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a refusal, which is one in form as well."""
        assert self.headers["content-type"] == "application/problem+json"
        assert self.json()["status"] == self.status
        return str(self.json()["code"])


class Raw(socket.socket):
    """A connection to a server's unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__(socket.AF_UNIX)
        self.settimeout(20)
        self.connect(path)
        self._left = b""

    def answer(self) -> Answer:
        """The next answer."""
        while b"\r\n\r\n" not in self._left:
            self._more()
        head, self._left = self._left.split(b"\r\n\r\n", 1)
        line, *headers = head.decode().split("\r\n")
        named = {name.lower(): value.strip() for name, _, value in (h.partition(":") for h in headers)}
        length = int(named.get("content-length", 0))
        while len(self._left) < length:
            self._more()
        body, self._left = self._left[:length], self._left[length:]
        return Answer(int(line.split()[1]), named, body)

    def ended(self) -> bool:
        """Whether the server closes now, with nothing more to say."""
        try:
            return self.recv(1) == b""
        except ConnectionError:
            return True

    def _more(self) -> None:
        got = self.recv(65536)
        if not got:
            raise ConnectionError(f"closed after {self._left[:200]!r}")
        self._left += got


def ask(path: str, sent: bytes) -> Answer:
    """The one answer to these bytes."""
    with Raw(path) as connection:
        connection.sendall(sent)
        return connection.answer()


def post(path: str, where: str, body: bytes, *headers: str) -> Answer:
    lines = [f"POST /v1/{where} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers]
    return ask(path, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)
