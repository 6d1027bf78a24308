"""Fetching is bounded in size, time and place."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from ebid_tui.server.pki import fetching
from ebid_tui.server.pki.fetching import Fetcher, NotFetched
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
        Fetcher().get(url)


@pytest.mark.parametrize("url", ["ftp://example.com/a", "file:///etc/passwd", "http://", "http://user:secret@example.com/", "http://[::1"])
def test_what_is_no_address_is_not_asked(url: str) -> None:
    with pytest.raises(NotFetched, match="url"):
        Fetcher().get(url)


def test_a_named_host_is_asked() -> None:
    with web() as served:
        served.put("/a.crl", b"list")
        assert Fetcher((HOST,)).get(served.url("/a.crl")) == b"list"
        with pytest.raises(NotFetched, match="private"):
            Fetcher(("example.com",)).get(served.url("/a.crl"))


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
        assert Fetcher(("ca.example",)).get(f"http://ca.example:{served.port}/a.crl") == b"list"
        assert looked_up == ["ca.example"]


def test_no_redirect_is_followed() -> None:
    with web() as served:
        served.put("/there", b"list")
        served.pages["/here"] = lambda _: (302, b"", {"Location": "/there"})
        with pytest.raises(NotFetched, match="http 302"):
            Fetcher((HOST,)).get(served.url("/here"))
        assert served.asked == ["/here"]


@pytest.mark.parametrize("status", [204, 404, 500])
def test_nothing_but_200_is_an_answer(status: int) -> None:
    with web() as served:
        served.pages["/a"] = lambda _: (status, b"")
        with pytest.raises(NotFetched, match=f"http {status}"):
            Fetcher((HOST,)).get(served.url("/a"))


def test_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "CRL_LIMIT", 1000)
    with web() as served:
        served.put("/a", b"x" * 1001)
        with pytest.raises(NotFetched, match="too large"):
            Fetcher((HOST,)).get(served.url("/a"))
        served.put("/a", b"x" * 1000)
        assert len(Fetcher((HOST,)).get(served.url("/a"))) == 1000


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
        # 5,000 seconds of the one, no end of the other: it ends because it is not waited for.
        with pytest.raises(NotFetched, match="timeout"):
            Fetcher((HOST,), seconds=0.5).get(f"http://{HOST}:{port}/a")


def test_nobody_there() -> None:
    with closing(socket.create_server((HOST, 0))) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(NotFetched, match="ConnectError"):
        Fetcher((HOST,)).get(f"http://{HOST}:{port}/a")


# --- addresses, without asking anybody


def found(*addresses: str) -> Any:
    return lambda *_, **__: [(0, 0, 0, "", (address, 0)) for address in addresses]


@pytest.mark.parametrize(
    ("addresses", "hosts", "asked"),
    [
        (["10.0.0.1", "1.1.1.1", "8.8.8.8"], (), "1.1.1.1"),
        (["fe80::1%eth0", "2606:4700::1111"], (), "2606:4700::1111"),
        (["10.0.0.1", "1.1.1.1"], ("ca.example",), "10.0.0.1"),
        (["10.0.0.1", "127.0.0.1"], ("other.example",), None),
        (["64:ff9b::808:808"], (), "64:ff9b::808:808"),
        (["64:ff9b::7fff:ffff"], (), None),
        (["64:ff9b::ac1f:ffff"], (), None),
        (["64:ff9b::ac20:0"], (), "64:ff9b::ac20:0"),
        (["ff0e::1"], (), None),
        (["172.31.255.255", "172.32.0.0"], (), "172.32.0.0"),
    ],
)
def test_the_first_address_that_anybody_could_ask(
    addresses: list[str], hosts: tuple[str, ...], asked: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    monkeypatch.setattr(socket, "getaddrinfo", found(*addresses))
    if asked is None:
        with pytest.raises(NotFetched, match="private"):
            Fetcher(hosts)._address(httpx.URL("http://ca.example/"))
    else:
        assert Fetcher(hosts)._address(httpx.URL("http://ca.example/")) == asked


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (OSError(), UnicodeError()):

        def unknown(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(NotFetched, match="name"):
            Fetcher().get("http://ca.example/a.crl")


def test_what_is_asked_and_how() -> None:
    """A list by GET, a responder by POST with its types; the host's name as it stands in the address; no coding of the answer."""
    seen: list[tuple[str, dict[str, str], bytes]] = []
    listening = socket.create_server((HOST, 0))

    def answer() -> None:
        for _ in range(2):
            connection, _where = listening.accept()
            with closing(connection):
                head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
                first, *lines = head.decode().split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                while len(body) < int(headers.get("content-length", 0)):
                    body += connection.recv(65536)
                seen.append((first, headers, body))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        port = listening.getsockname()[1]
        assert Fetcher((HOST,)).get(f"http://{HOST}:{port}/a.crl") == b"ok"
        assert Fetcher((HOST,)).post(f"http://{HOST}:{port}/o", b"question") == b"ok"
    finally:
        listening.close()
        thread.join()
    (get, asked, _), (post, told, body) = seen
    assert (get, post, body) == ("GET /a.crl HTTP/1.1", "POST /o HTTP/1.1", b"question")
    assert asked["host"] == told["host"] == f"{HOST}:{port}"
    assert asked["accept-encoding"] == told["accept-encoding"] == "identity"
    assert (told["content-type"], told["accept"]) == ("application/ocsp-request", "application/ocsp-response")
    assert "content-type" not in asked


def test_a_responders_word_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "OCSP_LIMIT", 10)
    with web() as served:
        for length in (10, 11):
            served.put("/o", b"x" * length)
            if length == 10:
                assert len(Fetcher((HOST,)).post(served.url("/o"), b"")) == 10
            else:
                with pytest.raises(NotFetched, match="too large"):
                    Fetcher((HOST,)).post(served.url("/o"), b"")


class Wire:
    """What stands for a connection; it is cut when it is shut down."""

    def __init__(self, error: OSError | None = None) -> None:
        self.cuts: list[int] = []
        self.error = error

    def get_extra_info(self, name: str) -> Wire:
        assert name == "socket"
        return self

    def shutdown(self, how: int) -> None:
        self.cuts.append(how)
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize("event", ["connection.connect_tcp.complete", "connection.start_tls.complete"])
def test_a_line_is_cut_when_its_time_is_over_or_as_soon_as_it_is_there(event: str) -> None:
    line, wire = fetching._Line(), Wire(OSError())
    line.trace("connection.connect_tcp.started", {})
    line.trace(event, {"return_value": wire})
    assert (line.is_cut, wire.cuts) == (False, [])
    line.cut()
    assert (line.is_cut, wire.cuts) == (True, [socket.SHUT_RDWR])
    late, late_wire = fetching._Line(), Wire()
    late.cut()
    late.trace("connection.connect_tcp.started", {})
    late.trace(event, {"return_value": late_wire})
    assert late_wire.cuts == [socket.SHUT_RDWR], "it took too long to connect"
