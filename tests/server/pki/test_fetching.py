"""Fetching is bounded in size, time and place."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from ebid_tui.server.pki import fetching
from ebid_tui.server.pki.fetching import NotFetched, Web
from tests.patience import scaled
from tests.server.pki.local_ca import HOST, web


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.crl",
        "http://localhost/a.crl",
        "http://[::1]/a.crl",
        "http://[::ffff:127.0.0.1]/a.crl",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/a.crl",
        "http://192.168.1.1/a.crl",
        "http://0.0.0.0/a.crl",
        "http://100.64.0.1/a.crl",
        "http://224.0.0.1/a.crl",
        "http://[fe80::1]/a.crl",
        "http://[fd00::1]/a.crl",
        "http://[64:ff9b::7f00:1]/a.crl",
        "http://[2002:7f00:1::]/a.crl",
        "http://2130706433/a.crl",
    ],
)
def test_what_is_not_public_is_not_asked(url: str) -> None:
    with pytest.raises(NotFetched, match=r"private|name"):
        Web().get(url)


@pytest.mark.parametrize("url", ["ftp://example.com/a", "file:///etc/passwd", "http://", "http://user:secret@example.com/", "http://[::1"])
def test_what_is_no_address_is_not_asked(url: str) -> None:
    with pytest.raises(NotFetched, match="url"):
        Web().get(url)


def test_a_named_host_is_asked() -> None:
    with web() as served:
        served.put("/a.crl", b"list")
        assert Web((HOST,)).get(served.url("/a.crl")) == b"list"
        with pytest.raises(NotFetched, match="private"):
            Web(("example.com",)).get(served.url("/a.crl"))


def test_a_name_is_connected_to_at_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers something else the second time gains nothing."""
    with web() as served:
        served.put("/a.crl", b"list")
        looked_up: list[str] = []
        real = socket.getaddrinfo

        def answer(host: str, port: int, *further: Any, **options: Any) -> Any:
            if host != "ca.example":
                return real(host, port, *further, **options)
            looked_up.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (HOST, port))]

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        assert Web(("ca.example",)).get(f"http://ca.example:{served.port}/a.crl") == b"list"
        assert looked_up == ["ca.example"]


def test_no_redirect_is_followed() -> None:
    with web() as served:
        served.put("/there", b"list")
        served.pages["/here"] = lambda _: (302, b"", {"Location": "/there"})
        with pytest.raises(NotFetched, match="http 302"):
            Web((HOST,)).get(served.url("/here"))
        assert served.asked == ["/here"]


@pytest.mark.parametrize("status", [204, 404, 500])
def test_nothing_but_200_is_an_answer(status: int) -> None:
    with web() as served:
        served.pages["/a"] = lambda _: (status, b"")
        with pytest.raises(NotFetched, match=f"http {status}"):
            Web((HOST,)).get(served.url("/a"))


def test_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "CRL_LIMIT", 1000)
    with web() as served:
        served.put("/a", b"x" * 1001)
        with pytest.raises(NotFetched, match="too large"):
            Web((HOST,)).get(served.url("/a"))
        served.put("/a", b"x" * 1000)
        assert len(Web((HOST,)).get(served.url("/a"))) == 1000


@contextmanager
def dripping(every: float, head: bytes) -> Iterator[int]:
    """A server that sends one byte at a time, for ever, after `head`."""
    listening = socket.create_server((HOST, 0))
    ended = threading.Event()

    def drip() -> None:
        connection, _ = listening.accept()
        with closing(connection):
            connection.recv(4096)
            connection.sendall(head)
            while not ended.wait(every):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        ended.set()
        listening.close()
        thread.join()


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Header: "])
def test_a_server_that_drips_is_not_waited_for(head: bytes) -> None:
    with dripping(0.05, head) as port:
        begins = time.monotonic()
        with pytest.raises(NotFetched, match="timeout"):
            Web((HOST,), seconds=0.5).get(f"http://{HOST}:{port}/a")
        assert time.monotonic() - begins < scaled(3)


def test_nobody_there() -> None:
    with closing(socket.create_server((HOST, 0))) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(NotFetched, match="ConnectError"):
        Web((HOST,)).get(f"http://{HOST}:{port}/a")
