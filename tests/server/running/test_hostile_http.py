"""HTTP and JSON that no client of ours sends: refused early, with the right status, as problem+json, and the server goes on."""

from __future__ import annotations

import contextlib
import json
import select
import time
from collections.abc import Callable, Iterator

import pytest

from ebid_tui.server.running import connections, observing
from tests.server.operating import CATEGORY, HERE, Clerk
from tests.server.raw import Raw, ask, post
from tests.server.running_server import Bidder, Running


@pytest.fixture(autouse=True)
def well_afterwards(server: Running) -> Iterator[None]:
    yield
    with server.http() as http:
        assert http.get("/v1/ready").json() == {"status": "ready"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"system": "ise", "system": "ise"}', 400),
        (b'{"system": "ise", "agency": NaN}', 400),
        (b'{"system": Infinity}', 400),
        (b'{"system": 1e999}', 400),
        (b'{"system": 123456789012345678901234567890}', 400),
        (b'{"system": -1}', 400),
        (b'{"system": true}', 400),
        (b'{"system": null}', 400),
        (b'{"system": "ise", "agency": "\\ud800"}', 400),
        (b'{"system": "\\udc00\\ud800"}', 400),
        (b'{"system": "ise\\u0000"}', 400),
        (b'{"system": "\\\\\\u0000"}', 400),
        (b'{"system": "ise\x00"}', 400),
        (b'{"system": "\\\\u0000"}', 404),  # a backslash, and then the letters
        (b'{"system": "\xff\xfe"}', 400),
        (b'{"system": "\xed\xa0\x80"}', 400),
        (b'\xef\xbb\xbf{"system": "ise"}', 400),
        ('{"system": "ise"}'.encode("utf-16"), 400),
        (b'{"system": "ise", "unknown": 1}', 400),
        (b'{"system": "ise"} {"system": "ise"}', 400),
        (b'{"system": "ise",}', 400),
        (b"{'system': 'ise'}", 400),
        (b'["ise"]', 400),
        (b'"ise"', 400),
        (b"null", 400),
        (b'{"system": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400),
        (b'{"system": ' + b'{"a":' * 30_000 + b"1" + b"}" * 30_000 + b"}", 400),
        (b'{"system": "' + b"x" * 65 + b'"}', 400),
        (b'{"system": "' + b"x" * 64 + b'"}', 404),
        (b'{"system": "ise", "agency": "' + "𠮷".encode() * 64 + b'"}', 404),
        (b'{"system": "ise"}' + b" " * (256 * 1024), 413),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else str(value),
)
def test_json_that_is_read_in_one_way_only(server: Running, body: bytes, status: int) -> None:
    answer = post(server.socket, "challenges", body, "Content-Type: application/json")
    assert (answer.status, answer.code) == (status, {400: "E-BODY", 404: "E-NOT-FOUND", 413: "E-TOO-LARGE"}[status])


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Content-Type: application/json", 201),
        ("Content-Type: application/json; charset=utf-8", 201),
        ('Content-Type: Application/JSON; Charset="UTF-8"', 201),
        ("Content-Type: application/x+json", 201),
        ("Content-Type: text/plain", 415),
        ("Content-Type: application/x-www-form-urlencoded", 415),
        ("Content-Type: multipart/form-data; boundary=x", 415),
        ("Content-Type: application/xml", 415),
        ("Content-Type: application/jsonx", 415),
        ("Content-Type: ", 415),
        ("Content-Type: application/json; charset=shift_jis", 415),
        ("Content-Type: application/json; charset=utf-16", 415),
        ("Content-Encoding: gzip", 415),
    ],
)
def test_types_and_character_sets(server: Running, header: str, status: int) -> None:
    answer = post(server.socket, "challenges", b'{"system": "ise"}', header)
    assert answer.status == status
    assert status == 201 or answer.code == "E-MEDIA"


@pytest.mark.parametrize("path", ["qualifications/search-card-free", "logins"])
async def test_a_nul_reaches_no_database(server: Running, path: str) -> None:
    body = {"system": "ise", "agency": "ise", "category": "goods", "values": {"vendor_no": "\0", "password": "x"}}
    answer = post(server.socket, path, json.dumps(body).encode(), "Content-Type: application/json")
    assert (answer.status, answer.code) == (400, "E-BODY")


@pytest.mark.parametrize(
    "path", ["systems/%00", "systems/ise%00", "systems/%ff%fe", "systems/%ED%A0%80", "systems/..%2f..", "receipts/%00"]
)
def test_paths_of_odd_bytes(server: Running, path: str) -> None:
    answer = ask(server.socket, f"GET /v1/{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert answer.status == 422 if "%00" in path else answer.status in (400, 401, 404)
    assert answer.code


async def test_odd_bytes_from_who_is_signed_in(office: Running, bidder: Bidder) -> None:
    token = (await bidder.sign_in()).token
    clerk = Clerk(office)
    operator = (await clerk.sign_in()).token
    for odd in ("%00", "%ff", "a%00b", "x" * 3000):
        answer = ask(bidder.server.socket, f"GET /v1/receipts/{odd} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        assert (answer.status, answer.code) in ((404, "E-NOT-FOUND"), (400, "E-BODY"), (422, "E-INPUT"))
        for where in (
            f"/vendors/{HERE}/{CATEGORY}/{odd}?reason=inquiry",
            f"/cards/expiring?reason=expiry&agency={odd}&after={odd}",
        ):
            assert clerk.http(operator, "GET", f"/desk{where}").status_code in (400, 404, 422)
        assert clerk.http(operator, "POST", f"/desk/requests/{odd}/completion").status_code in (400, 404, 422)


def test_a_body_over_the_limit_is_refused_before_it_is_sent(server: Running) -> None:
    with Raw(server.socket) as connection:
        connection.sendall(b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\n")
        assert connection.answer().code == "E-TOO-LARGE"
        assert connection.ended()


def test_a_body_over_the_limit_in_chunks(server: Running) -> None:
    with Raw(server.socket) as connection:
        connection.sendall(b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        while not select.select([connection], [], [], 0)[0]:
            connection.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            sent += 0x10000
        assert connection.answer().code == "E-TOO-LARGE"
        assert connection.ended()
    assert sent < 50 * 0x10000


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"GET /v1/clock HTTP/1.1\r\n\r\n", 400, "E-BODY"),  # no Host
        (b"GET /v1/clock HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, "E-BODY"),
        (b"GET /v1/clock HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "E-BODY"),
        (b"GET /v1/clock HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "E-BODY"),
        (b"GET /v1/clock HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "E-BODY"),
        (b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "E-BODY"),
        (b"GET /v1/clock HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", 400, "E-BODY"),
        (b"GET /v1/clock HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", 400, "E-BODY"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is TLS\r\n\r\n", 400, "E-BODY"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 400, "E-BODY"),
        (b"GET /v1/clock HTTP/2.0\r\nHost: x\r\n\r\n", 400, "E-BODY"),
        (b"FOO /v1/clock HTTP/1.1\r\nHost: x\r\n\r\n", 405, "E-METHOD"),
        (b"TRACE /v1/clock HTTP/1.1\r\nHost: x\r\n\r\n", 405, "E-METHOD"),
        (b"PUT /v1/clock HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 405, "E-METHOD"),
        (b"GET /v1/clock HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", 431, "E-HEADERS"),
        (b"GET /v1/clock HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n", 431, "E-HEADERS"),
        (b"GET /v1/clock HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 150 + b"\r\n", 431, "E-HEADERS"),
        (b"GET /v1/" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "E-TARGET"),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else str(value),
)
def test_what_is_no_good_http(server: Running, sent: bytes, status: int, code: str) -> None:
    with Raw(server.socket) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(sent)
        answer = connection.answer()
    assert (answer.status in (status, 400), answer.code) == (True, code)


def test_http_1_0(server: Running) -> None:
    with Raw(server.socket) as connection:
        connection.sendall(b"GET /v1/health HTTP/1.0\r\n\r\n")
        answer = connection.answer()
        assert (answer.status, answer.json()) == (200, {"status": "ok"})
        assert connection.ended()


def test_pipelining(server: Running) -> None:
    body = b'{"system": "ise"}'
    with Raw(server.socket) as connection:
        connection.sendall(
            b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n"
            + b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            + b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n"
            + b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        answers = [connection.answer() for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 201, 404, 200]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 4


# ---- slow clients ----------------------------------------------------------------------------------------------------


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.4)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.6)
    monkeypatch.setattr(connections, "LINGER_SECONDS", 0.2)


def drip(connection: Raw, content: bytes) -> int:
    """Send a byte now and then until the server has enough; how many it has taken."""
    position = 0
    for position in range(len(content)):
        try:
            connection.sendall(content[position : position + 1])
        except OSError:
            break
        connection.settimeout(0.05)
        try:
            connection._more()
            break
        except TimeoutError:
            continue
        finally:
            connection.settimeout(20)
    return position


@pytest.mark.usefixtures("hurried")
def test_a_head_byte_by_byte(server: Running) -> None:
    with Raw(server.socket) as connection:
        taken = drip(connection, head := b"GET /v1/clock HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 100)
        assert connection.answer().code == "E-SLOW"
        assert connection.ended()
    assert 1 < taken < len(head) - 1


@pytest.mark.usefixtures("hurried")
def test_nothing_at_all(server: Running) -> None:
    with Raw(server.socket) as connection:
        assert connection.answer().code == "E-SLOW"


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("header", [b"Content-Length: 100", b"Transfer-Encoding: chunked"])
def test_a_body_byte_by_byte(server: Running, header: bytes) -> None:
    with Raw(server.socket) as connection:
        connection.sendall(b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")
        taken = drip(connection, body := b'{"system"' + b" " * 90 if header.startswith(b"C") else b"1\r\n \r\n" * 30)
        assert connection.answer().code == "E-SLOW"
        assert connection.ended()
    assert 1 < taken < len(body) - 1


@pytest.mark.usefixtures("hurried")
def test_a_second_request_byte_by_byte(server: Running) -> None:
    with Raw(server.socket) as connection:
        connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.answer().status == 200
        drip(connection, b"GET /v1/health HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 100)
        assert connection.answer().code == "E-SLOW"


def test_slow_ones_hold_up_nobody(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others are answered while none of them is."""
    monkeypatch.setattr(connections, "BODY_SECONDS", 600)
    slow = [Raw(server.socket) for _ in range(50)]
    for connection in slow:
        connection.sendall(b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    with server.http() as http:
        for _ in range(20):
            assert http.get("/v1/clock").status_code == 200
    for connection in slow:
        connection.sendall(b" " * 99)
        assert connection.answer().code == "E-BODY"
        connection.close()


def test_more_connections_than_are_held(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 3)
    held = [Raw(server.socket) for _ in range(3)]
    for connection in held:
        connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.answer().status == 200
    with Raw(server.socket) as further:
        answer = further.answer()
        assert (answer.status, answer.code) == (503, "E-BUSY")
        assert int(answer.headers["retry-after"]) >= 1
    for connection in held:
        connection.close()


def test_our_clients_stay_far_below_the_limits() -> None:
    assert observing.HEADER_BYTES < connections.HEAD_BYTES
    assert connections.HEAD_SECONDS >= 5


def test_refusals_are_cheap(server: Running, card: Callable[[str], object]) -> None:
    """The worst that fits under the limit takes less than half a second of the processor each."""
    worst = [b"[" * 250_000, b'{"system": "' + b"\\u3042" * 40_000 + b'"}', b'{"a":' * 50_000, b"[" + b"1e5," * 60_000 + b"1]"]
    for body in worst:
        started = time.process_time()
        for _ in range(5):
            assert post(server.socket, "challenges", body).code == "E-BODY"
        assert (time.process_time() - started) / 5 < 0.5
