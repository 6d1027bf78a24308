"""The server as it may be found: away, somebody else, with a bad certificate, with another clock, closed."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ebid_tui.doctor import server
from ebid_tui.doctor.finding import Finding
from ebid_tui.doctor.probing import ProbeContext
from ebid_tui.domain.addresses import on_loopback
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.settings import Settings
from tests.client.authority import Authority
from tests.patience import scaled

OPEN = datetime(2026, 11, 18, 10, 0, tzinfo=UTC) - timedelta(hours=9)
"""A Wednesday morning in Japan."""


def look(address: str, **changes: Any) -> dict[str, Finding]:
    settings = Settings(**({"server": address, "system": "ise"} | changes))
    return {finding.id: finding for finding in server.look(ProbeContext(settings, {}, profile_of("ise")))}


def reason(findings: dict[str, Finding], check: str) -> tuple[str, str]:
    return findings[check].status, findings[check].reason


# ---- a server of the test's own --------------------------------------------------------------------------------------


def machine() -> datetime:
    return datetime.now(UTC)  # real clock: doctor compares the server's with the machine's


@contextmanager
def serving(
    now: Callable[[], datetime] = machine,
    systems: tuple[str, ...] = ("ise",),
    tls: Any = None,
    origins: tuple[str, ...] = (),
    ready: bool = True,
) -> Iterator[int]:
    """The answers that doctor asks for; its port. Without `origins` it goes by the name that it is asked by; one that is ready keeps
    that to its own machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            own = (f"{'http' if tls is None else 'https'}://{self.headers['Host']}",)
            answers: dict[str, Any] = {
                "/v1/clock": {"now": now().isoformat(), "origins": origins or own},
                "/v1/systems": [{"id": name} for name in systems],
            }
            body = json.dumps(answers.get(self.path, {})).encode()
            status = 200 if self.path in answers else 404
            if self.path == "/v1/ready" and not ready:
                status, body = 503, json.dumps({"type": "", "code": "E-NOT-READY", "title": "", "status": 503}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing to say."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that does not like the certificate hangs up: that is what is tested."""

    with Quiet(("127.0.0.1", 0), Handler) as http:
        if tls is not None:
            http.socket = tls.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield http.server_port
        finally:
            http.shutdown()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


# ---- address and connection ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["", "localhost", "ftp://localhost", "https://", "https://me@localhost", "http://localhost:port"])
def test_addresses_that_are_none(address: str) -> None:
    assert reason(look(address), "server.address") == ("failure", "invalid")


def test_an_address_that_a_card_may_not_sign_for() -> None:
    assert reason(look("http://127.0.0.1:1", allowed_origins=("https://other.example",)), "server.address") == ("failure", "not_allowed")
    assert reason(look("http://127.0.0.1:1", allowed_origins=("other",)), "server.address") == ("failure", "invalid_allowed")


def test_nobody_is_there(short_dir: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert reason(look(f"http://127.0.0.1:{port}"), "server.reachable") == ("failure", "refused")
    assert reason(look("http://127.0.0.1", server_socket=str(short_dir / "none")), "server.reachable") == ("failure", "no_socket")


def test_a_name_that_does_not_exist() -> None:
    assert reason(look("https://server.invalid"), "server.reachable")[1] in ("no_name", "no_way")


def test_a_server_that_takes_connections_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(server, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        begun = time.monotonic()
        assert reason(look(f"http://127.0.0.1:{mute.getsockname()[1]}"), "server.reachable") == ("failure", "silent")
        assert reason(look(f"https://127.0.0.1:{mute.getsockname()[1]}"), "server.tls") == ("failure", "silent")
        assert time.monotonic() - begun < scaled(3)


def test_another_kind_of_server() -> None:
    with serving(systems=()) as port:
        assert reason(look(f"http://127.0.0.1:{port}/else"), "server.reachable") == ("failure", "not_ours")


def test_all_is_well() -> None:
    with serving() as port:
        found = look(f"http://127.0.0.1:{port}")
    assert list(found) == [*server.IDS[:2], "server.tls", "server.reachable", *server.IDS[4:]]
    for check in ("server.address", "server.reachable", "server.clock", "server.system"):
        assert found[check].status == "ok"
    assert reason(found, "server.tls") == ("ok", "not_needed")


def test_a_server_that_says_it_is_not_ready() -> None:
    """Its anchors have ended, or nobody writes."""
    with serving(ready=False) as port:
        found = look(f"http://127.0.0.1:{port}")
    assert reason(found, "server.ready") == ("warning", "not_ready")
    assert reason(found, "server.reachable") == ("ok", "ok")


# ---- TLS -------------------------------------------------------------------------------------------------------------


def test_tls_with_an_authority_of_ones_own(authority: Authority) -> None:
    with serving(tls=authority.context()) as port:
        found = look(f"https://localhost:{port}", server_ca=str(authority.file))
    assert reason(found, "server.tls") == ("ok", "ok")
    assert found["server.tls"].values == {"days": 60, "version": "TLSv1.3"}
    assert found["server.clock"].status == "ok"


@pytest.mark.parametrize(
    ("certificate", "status", "expected"),
    [
        ({"ends": 5}, "warning", "soon"),
        ({"begins": -9, "ends": -2}, "failure", "expired"),
        ({"begins": 2}, "failure", "not_yet"),
        ({"host": "other.example"}, "failure", "name"),
        ({"host": ""}, "failure", "name"),
    ],
)
def test_certificates(authority: Authority, certificate: dict[str, Any], status: str, expected: str) -> None:
    with serving(tls=authority.context(**certificate)) as port:
        found = look(f"https://localhost:{port}", server_ca=str(authority.file))
    assert reason(found, "server.tls") == (status, expected)


def test_authorities(authority: Authority, tmp_path: Path) -> None:
    (elsewhere := tmp_path / "else").mkdir()
    (broken := tmp_path / "broken.pem").write_text("no certificate")
    with serving(tls=authority.context()) as port:
        address = f"https://localhost:{port}"
        assert reason(look(address), "server.tls") == ("failure", "unknown_authority")
        assert reason(look(address, server_ca=str(Authority(elsewhere).file)), "server.tls") == ("failure", "other_authority")
        for file in (broken, tmp_path / "none.pem"):
            assert reason(look(address, server_ca=str(file)), "server.tls") == ("failure", "ca_file")


def test_http_where_https_is_asked_for() -> None:
    with serving() as port:
        assert reason(look(f"https://localhost:{port}"), "server.tls")[1] in ("no_tls", "handshake")


def test_http_to_another_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as port:
        monkeypatch.setattr(server, "on_loopback", lambda _url: False)
        found = look(f"http://127.0.0.1:{port}")
    assert reason(found, "server.tls") == ("failure", "plain"), "the client would not ask there"
    assert "server.reachable" not in found


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "localhost"])
def test_every_spelling_of_this_machine(host: str) -> None:
    assert on_loopback(f"http://{host}:9410")


@pytest.mark.parametrize(
    "url", ["http://127.1:1", "http://[::1", "http://[::ffff:10.0.0.1]", "http://localhost.example", "http://0.0.0.0", ""]
)
def test_no_other_machine_is_this_one(url: str) -> None:
    """And what is looked at ends in findings, also where it is reached by a name that is no address."""
    assert not on_loopback(url)
    assert any(status == "failure" for status in (finding.status for finding in look(url).values()))


def test_a_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    found = look("https://bidding.example")
    assert reason(found, "network.proxy") == ("ok", "used")
    assert reason(found, "server.reachable") == ("failure", "proxy")
    monkeypatch.setenv("HTTPS_PROXY", "socks5://user:Demo-pass1@127.0.0.1:1")
    found = look("https://bidding.example")
    assert reason(found, "network.proxy") == ("failure", "unusable")
    assert "HTTPS_PROXY" in found["network.proxy"].detail
    assert "Demo-pass1" not in repr(found)
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert reason(look("https://localhost:1"), "network.proxy") == ("ok", "none")


# ---- what it says ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("off", "status"), [(0, "ok"), (50, "ok"), (3600, "warning"), (-86400, "warning")])
def test_clocks(off: int, status: str) -> None:
    with serving(now=lambda: machine() + timedelta(seconds=off)) as port:
        finding = look(f"http://127.0.0.1:{port}")["server.clock"]
    assert finding.status == status
    if status == "warning":
        assert abs(int(str(finding.values["seconds"])) - abs(off)) <= 2


def test_a_server_that_goes_by_another_name() -> None:
    """S10: told here, and not after the PIN."""
    with serving(origins=("http://::1:8000", "https://other.example")) as port:
        finding = look(f"http://127.0.0.1:{port}")["server.origin"]
    assert (finding.status, finding.reason, finding.place) == ("failure", "other", "http://::1:8000 https://other.example")
    assert "other.example" not in finding.detail + finding.remedy, "a report is sent to strangers"


def test_a_server_without_our_system() -> None:
    with serving(systems=("elsewhere",)) as port:
        assert reason(look(f"http://127.0.0.1:{port}"), "server.system") == ("failure", "not_served")


@pytest.mark.parametrize(
    ("now", "status", "detail"),
    [
        (OPEN, "ok", "20:00"),
        (OPEN + timedelta(hours=11), "warning", "2026/11/19 08:30"),
        (OPEN + timedelta(days=3), "warning", "2026/11/24 08:30"),
    ],
    ids=["open", "evening", "a Saturday before a holiday"],
)
def test_service_hours_go_by_the_servers_clock(now: datetime, status: str, detail: str) -> None:
    with serving(now=lambda: now) as port:
        finding = look(f"http://127.0.0.1:{port}")["server.hours"]
    assert finding.status == status
    assert detail in finding.detail
