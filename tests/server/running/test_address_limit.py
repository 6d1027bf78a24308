"""One address cannot take a server's connections away from others; a proxy's are nobody's, but its requests are somebody's."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from ebid_tui.server.api import problems
from ebid_tui.server.app import create_app
from ebid_tui.server.running import connections
from ebid_tui.server.running.address_limit import AddressCounts
from ebid_tui.server.running.serving import ListenAddress, make_server
from tests.patience import long, wait_until
from tests.server.raw import Answer, Raw
from tests.server.running_server import Running

MOST = 5
MANY = 60
HEALTH = b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n"
STALLED = b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\nContent-Length: 100\r\n\r\n{"
on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class RawTcp(Raw):
    """A connection to a port here, from one of this machine's many loopback addresses."""

    def __init__(self, port: int, address: str) -> None:
        socket.socket.__init__(self, socket.AF_INET)
        self.settimeout(long())
        self.bind((address, 0))
        self.connect(("127.0.0.1", port))
        self._left = b""

    def asked(self) -> Answer:
        self.sendall(HEALTH)
        return self.answer()


@contextmanager
def on_port(server: Running, *proxies: str) -> Iterator[int]:
    """Another process's worth of the same server, on a port of its own."""
    settings = replace(server.settings, connections_an_address=MOST, trusted_proxies=proxies)
    ports: list[int] = []
    ready = threading.Event()

    def listening(port: int) -> None:
        ports.append(port)
        ready.set()

    made = make_server(create_app(settings), ListenAddress(), listening)
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        assert ready.wait(long())
        yield ports[0]
    finally:
        made.should_exit = True
        thread.join()


@on_one_database
def test_who_holds_idle_connections_holds_up_nobody_else(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty of one address, which is more than the process takes at all; fifty-five of them are sent away at once."""
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 2 * MOST)
    with on_port(server) as port, ExitStack() as held:
        idle = [held.enter_context(RawTcp(port, "127.0.0.1")) for _ in range(MANY)]
        refused = [connection.answer() for connection in idle[MOST:]]
        assert {(answer.status, answer.code) for answer in refused} == {(429, "E-TOO-MANY")}
        assert refused[0].headers["retry-after"] == str(problems.RETRY_AFTER)
        assert str(problems.RETRY_AFTER) in refused[0].json()["remedy"]
        for number in range(2, 2 + MOST):
            assert held.enter_context(RawTcp(port, f"127.0.0.{number}")).asked().status == 200
        # Whoever lets one go may have another.
        idle[0].close()

        def taken() -> bool:
            with RawTcp(port, "127.0.0.1") as again:
                return again.asked().status == 200

        wait_until(taken)


@on_one_database
def test_a_proxys_connections_are_nobodys_and_its_requests_are_whose_they_are(server: Running) -> None:
    with on_port(server, "127.0.0.0/8") as port, ExitStack() as held:
        for _ in range(3 * MOST):
            assert held.enter_context(RawTcp(port, "127.0.0.1")).asked().status == 200
        stalled = [held.enter_context(RawTcp(port, "127.0.0.1")) for _ in range(MOST)]
        for connection in stalled:
            connection.sendall(STALLED % b"198.51.100.1")

        def is_full() -> bool:
            with RawTcp(port, "127.0.0.1") as further:
                further.sendall(HEALTH.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n"))
                return further.answer().status == 429

        wait_until(is_full)
        with RawTcp(port, "127.0.0.1") as another:
            another.sendall(HEALTH.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 198.51.100.2\r\n\r\n"))
            assert another.answer().status == 200
        for connection in stalled:
            connection.sendall(b" " * 99)
            assert connection.answer().code == "E-BODY"
        wait_until(lambda: not is_full())


@on_one_database
def test_unix_sockets_are_not_counted(server: Running) -> None:
    with ExitStack() as held:
        for _ in range(server.settings.connections_an_address + 5):
            connection = held.enter_context(Raw(server.socket))
        connection.sendall(HEALTH)
        assert connection.answer().status == 200


def test_what_goes_is_forgotten() -> None:
    crowd = AddressCounts(2)
    assert [crowd.come("a") for _ in range(3)] == [True, True, False]
    assert crowd.come("b")
    assert all(crowd.come("") for _ in range(9))
    for address in ("a", "a", "b", ""):
        crowd.go(address)
    assert not crowd._held
