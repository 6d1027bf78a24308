"""The server under test begins each test as it was in the beginning, whatever the one before it left it with."""

from __future__ import annotations

import json
import socket

from sqlalchemy import select

from ebid_tui.server.store.schema import metadata
from tests.server.running_server import Running


def test_what_is_asked_by_clients_that_have_gone_is_over_before_the_next_test(server: Running) -> None:
    body = json.dumps({"system": "ise", "agency": "ise"}).encode()
    head = b"POST /v1/challenges HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    for _ in range(20):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(server.socket)
            client.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    server.restore()
    with server.http() as http:
        assert http.get("/v1/clock").is_success
    with server.database() as connection:
        assert connection.execute(select(metadata.tables["challenges"])).all() == []
