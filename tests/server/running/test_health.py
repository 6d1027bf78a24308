"""A server that cannot write is not ready and says so; and every path says which methods it has."""

from __future__ import annotations

import resource
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from ebid_tui.demo.cards import Wallet
from ebid_tui.server.app import create_app
from ebid_tui.server.running import readiness
from ebid_tui.server.running.serving import ListenAddress, make_server
from tests.patience import long, wait_until
from tests.server.running_server import NO_TLS, ORIGIN, Running
from tests.server.serving import on_socket, serve

# ---- writing ---------------------------------------------------------------------------------------------------------


def told(http: httpx.Client) -> tuple[int, list[str]]:
    """The status of `/v1/ready`, and the checks that do not hold."""
    answer = http.get("/v1/ready")
    return answer.status_code, [row["field"] for row in answer.json().get("errors", ())]


@contextmanager
def on_database(server: Running, url: str) -> Iterator[httpx.Client]:
    """A further process's worth of this server, which reaches its database in another way."""
    with tempfile.TemporaryDirectory(prefix="ebid-") as directory:
        ready, where = threading.Event(), ListenAddress(uds=Path(directory) / "s")
        made = make_server(create_app(replace(server.settings, database=url)), where, lambda _: ready.set())
        thread = threading.Thread(target=made.run)
        thread.start()
        try:
            assert ready.wait(long())
            with httpx.Client(base_url=ORIGIN, transport=httpx.HTTPTransport(verify=NO_TLS, uds=str(where.uds))) as http:
                yield http
        finally:
            made.should_exit = True
            thread.join()


def test_a_database_that_may_only_be_read_is_not_ready(server: Running) -> None:
    """A file opened for reading; on PostgreSQL what a standby, and a cluster set so, says of each transaction."""
    with server.http() as http:
        assert told(http) == (200, [])
    url = server.settings.database
    read_only = f"sqlite:///file:{server.file}?mode=ro&uri=true" if server.file else f"{url}&options=-cdefault_transaction_read_only%3Don"
    with on_database(server, read_only) as http:
        assert told(http) == (503, ["write"])
        assert http.get("/v1/health").status_code == 200


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database_kind")
def test_a_disk_that_takes_no_more_is_not_ready_and_ready_again_when_it_does(card_directory: Wallet) -> None:
    """The limit on a file's size is what a full disk is to the process: the first bytes fit, the next do not."""
    with tempfile.TemporaryDirectory(prefix="ebid-") as name, serve(Path(name), card_directory, "--uds", f"{name}/s") as served:
        server = on_socket(Path(name))
        served.listens(server)
        assert served.process is not None
        with server.http() as http:
            # A reader that has its connection: making the files beside the database would take more than the limit lets through.
            assert http.delete("/v1/sessions/current", headers={"authorization": "Bearer none"}).status_code == 401
            before = resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
            assert told(http) == (503, ["write"])
            resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, before)
            wait_until(lambda: told(http) == (200, []))


def test_something_is_really_written_now_and_then(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "FRESH", -1.0)
    monkeypatch.setattr(readiness, "WRITTEN", -1.0)

    def probes() -> int:
        with server.database() as connection:
            return len(connection.exec_driver_sql(f"SELECT * FROM rate_limits WHERE key = '{readiness.PROBE}'").all())

    with server.http() as http:
        assert [told(http) for _ in range(3)] == [(200, [])] * 3
    assert probes() == 1, "in a row of its own"


# ---- methods ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_every_path_says_which_methods_it_has(server: Running) -> None:
    """RFC 9110 section 15.5.6, for methods that there are and for any other; HEAD where there is GET (9.3.2), OPTIONS everywhere."""
    with server.http() as http:
        described = http.get("/v1/openapi.json").json()["paths"]
        described["/v1/openapi.json"] = {"get": {}}
        for path, methods in described.items():
            has = {method.upper() for method in methods} | {"OPTIONS"}
            has |= {"HEAD"} if "GET" in has else set()
            concrete = path.replace("{mail_id}", "1").replace("{", "").replace("}", "")
            for method in {"TRACE", "FOO", "PROPFIND", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - has:
                answer = http.request(method, concrete)
                assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json"), (method, path)
                assert answer.headers["allow"].split(", ") == sorted(has), (method, path)
                assert method == "HEAD" or answer.json()["code"] == "E-METHOD"
            answer = http.options(concrete)
            assert (answer.status_code, answer.headers["allow"].split(", ")) == (204, sorted(has))
        assert len(described) >= 30


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", ["/v1/clock", "/v1/ready", "/v1/systems", "/v1/openapi.json", "/v1/status", "/v1/nothing"])
def test_head_is_get_without_the_content(server: Running, path: str) -> None:
    with server.http() as http:
        got, head = http.get(path), http.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        ours = {"content-type", "content-length", "www-authenticate"}
        assert {n: v for n, v in head.headers.items() if n in ours} == {n: v for n, v in got.headers.items() if n in ours}
        assert http.get("/v1/clock").status_code == 200, "the connection is where it should be"
