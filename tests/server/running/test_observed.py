"""What a running server tells of itself: its log, its numbers, whether it lives and can serve. Never personal data."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from cryptography import x509
from sqlalchemy import text

from ebid_tui.demo.cards import Wallet
from ebid_tui.errors import EbidError
from ebid_tui.server import cli
from ebid_tui.server.running import observing, readiness
from ebid_tui.server.running.metrics import Metrics
from ebid_tui.server.store.schema import REVISION
from tests.patience import long, looking
from tests.server.raw import Raw
from tests.server.running_server import CONTACT, NAME_1, SEARCH_1, Bidder, Running
from tests.server.serving import on_socket, serve
from tests.server.signing import Card

PERSONAL = {**CONTACT, "person": "秘密　太郎", "email": "himitsu@secret.example", "phone": "099-9999-991", "fax": "099-9999-992"}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def answering(port: int) -> str:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(f"http://127.0.0.1:{port}/metrics")).text


def numbers(told: str) -> dict[str, float]:
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in told.splitlines() if not line.startswith("#"))}


# ---- the log ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("database_kind")
async def test_the_log_of_a_registration_names_nobody(short_dir: Path, card_directory: Wallet, card: Callable[[str], Card]) -> None:
    """At the finest level, with refusals of everything typed, and numbers beside it."""
    port = free_port()
    options = ["--log-format", "json", "--log-level", "debug", "--metrics", f"127.0.0.1:{port}"]
    with serve(short_dir, card_directory, "--uds", str(short_dir / "s"), *options) as served:
        bidder = Bidder(on_socket(short_dir), card("ise-new"))
        await served.answers(bidder.client)
        await bidder.sign_in()
        with pytest.raises(EbidError, match="R-28"):
            await bidder.search(password="Himitsu-no-7", trade_name="秘密建設")
        found = await bidder.search()
        said = await bidder.statement(found)
        blocks = said.blocks | {"card_contact": PERSONAL, "representative_contact": PERSONAL}
        signed = bidder.card.signed(await bidder.statement(found, blocks=blocks))
        receipt = await bidder.client.register(signed, "himitsu-key-of-a-test")
        assert await bidder.client.register(signed, "himitsu-key-of-a-test") == receipt
        with bidder.server.http() as http:
            http.get("/v1/receipts/himitsu-receipt?name=himitsu", headers={"Authorization": "Bearer himitsu", "X-Himitsu": "himitsu"})
            http.get("/himitsu/path")
            http.request("HIMITSU", "/v1/clock")
            http.post("/v1/challenges", content=b'{"himitsu": "himitsu"}')
            http.get(f"/v1/desk/vendors/ise/construction/{SEARCH_1['vendor_no']}", params={"reason": "inquiry"})
        with Raw(str(short_dir / "s")) as connection:
            connection.sendall(b"himitsu himitsu himitsu\r\n\r\n")
            connection.answer()
        told = await answering(port)
        assert served.end(signal.SIGTERM) == 0
    written = (short_dir / "log").read_text("utf-8")
    lines = [json.loads(line) for line in written.splitlines()]
    typed = [*PERSONAL.values(), *SEARCH_1.values(), *CONTACT.values(), NAME_1, "秘密建設", "Himitsu-no-7", receipt.id]
    typed += [
        bidder.card.certificate.fingerprint,
        *bidder.card.certificate.card_holder.values(),
        receipt.card.serial if receipt.card else "",
    ]
    typed += [json.dumps(value)[1:-1] for value in typed]
    for value in typed:
        if len(value) > 3:
            assert value not in written, value
            assert value not in told, value
    assert "himitsu" not in (written + told).lower()
    requests = [line for line in lines if line["message"] == "request"]
    accepted = [line for line in requests if line["route"] == "/v1/registrations"]
    assert [(line["method"], line["status"]) for line in accepted] == [("POST", 201)] * 2
    assert {"time", "level", "logger", "request", "ms"} <= set(accepted[0])
    assert len({line["request"] for line in requests}) == len(requests)
    refused = {(line["route"], line["status"], line.get("code")) for line in requests if line["status"] >= 400}
    assert ("/v1/receipts/{receipt_id}", 401, "E-SESSION") in refused
    assert ("/v1/desk/vendors/{agency}/{category}/{number}", 401, "E-SESSION") in refused
    assert ("-", 404, "E-NOT-FOUND") in refused
    assert ("/v1/qualifications/search", 404, "R-28") in refused
    found_numbers = numbers(told)
    assert found_numbers['ebid_receipts_total{operation="registration"}'] == 2
    assert found_numbers['ebid_refusals_total{code="R-28"}'] == 1
    assert found_numbers['ebid_mails{state="waiting"}'] == 1
    assert found_numbers['ebid_requests_total{method="other",route="-",status="405"}'] == 1


def test_the_request_id_of_the_answer_is_the_logs(server: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="ebid_tui")
    with server.http() as http:
        answer = http.get("/v1/health", headers={"X-Request-ID": "himitsu"})
    assert len(answer.headers["x-request-id"]) == 16
    until = time.monotonic() + long()  # the line is written when the answer is out
    fields: list[Any] = []
    while not fields and time.monotonic() < until:
        time.sleep(0.01)
        fields = [record.fields for record in caplog.records if hasattr(record, "fields")]
    assert fields[-1]["route"] == "/v1/health"


def test_the_log_tells_the_code_of_a_refusal_and_of_nothing_else(server: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="ebid_tui")
    with server.http() as http:
        http.get("/v1/receipts/none", headers={"Authorization": "Bearer of-nobody"})
        http.get("/v1/health")
    until = time.monotonic() + 60  # the lines are written when the answers are out
    told: list[Any] = []
    while len(told) < 2 and time.monotonic() < until:
        time.sleep(0.01)
        told = [(record.fields["status"], record.fields.get("code")) for record in caplog.records if hasattr(record, "fields")]
    assert told == [(401, "E-SESSION"), (200, None)]


async def test_the_log_tells_tenths_of_a_millisecond(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A clock that goes 12.345 ms while a request is under way."""
    caplog.set_level("INFO", logger="ebid_tui")
    readings = iter([100.0, 100.012345])
    monkeypatch.setattr(observing, "time", SimpleNamespace(perf_counter=lambda: next(readings)))

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    await sent_by(app)
    (fields,) = [record.fields for record in caplog.records if hasattr(record, "fields")]
    assert (fields["status"], fields["ms"]) == (204, 12.3)


async def sent_by(app: Any) -> list[Any]:
    """What an observed application sends."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {"type": "http", "http_version": "1.1", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "headers": []}
    await observing.ObservedApp(app, Metrics())(scope, receive, send)
    return sent


@pytest.mark.parametrize(("begun", "statuses"), [(False, [503]), (True, [204])])
async def test_what_is_broken_off_at_a_stop_is_refused_unless_its_answer_has_begun(
    begun: bool, statuses: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="ebid_tui")

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 204, "headers": []})
        raise asyncio.CancelledError

    assert [message["status"] for message in await sent_by(app) if message["type"] == "http.response.start"] == statuses
    (fields,) = [record.fields for record in caplog.records if hasattr(record, "fields")]
    assert (fields["status"], fields.get("code")) == (statuses[0], None if begun else "E-BUSY")


# ---- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("database_kind")
async def test_numbers_of_queues_and_database(short_dir: Path, card_directory: Wallet) -> None:
    port = free_port()
    with serve(short_dir, card_directory, "--uds", str(short_dir / "s"), "--metrics", f"127.0.0.1:{port}") as served:
        await served.answers(on_socket(short_dir).client())
        found = numbers(await answering(port))
    wanted = {
        "ebid_writer_waiting": 0,
        "ebid_writer_alive": 1,
        "ebid_passwords_waiting": 0,
        "ebid_anchors_unused": 0,
        "ebid_database_up": 1,
        "ebid_copies_waiting": 0,
    }
    assert {name: found[name] for name in wanted} == wanted
    assert {f'ebid_mails{{state="{state}"}}' for state in ("waiting", "sending", "failed", "uncertain")} <= set(found)
    assert found["process_resident_memory_bytes"] > 1_000_000


@pytest.mark.parametrize("where", ["0.0.0.0:9464", "192.0.2.1:9464"])
def test_numbers_stay_on_the_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str) -> None:
    assert cli.main(["--database", "sqlite:////nowhere/x", "--trust", str(tmp_path), "--metrics", where]) == 1
    assert "E-PLAIN-HTTP" in capsys.readouterr().err


async def test_the_metrics_port_that_is_taken(short_dir: Path, card_directory: Wallet) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        with serve(short_dir, card_directory, "--uds", str(short_dir / "s"), "--metrics", where) as served:
            assert served.process is not None
            assert await asyncio.to_thread(served.process.wait, 20) == 1
            served.process = None
    assert "E-METRICS" in (short_dir / "log").read_text()


# ---- alive and ready -------------------------------------------------------------------------------------------------


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "FRESH", -1.0)


@pytest.mark.usefixtures("at_once")
def test_a_database_of_another_revision_is_not_ready(server: Running) -> None:
    with server.database(writing=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        with server.http() as http:
            answer = http.get("/v1/ready")
            assert http.get("/v1/health").status_code == 200
    finally:
        with server.database(writing=True) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": REVISION})
    assert (answer.status_code, answer.json()["code"]) == (503, "E-NOT-READY")
    assert [row["field"] for row in answer.json()["errors"]] == ["revision"]
    assert answer.headers["retry-after"]
    with server.http() as http:
        assert http.get("/v1/ready").status_code == 200


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_writer_that_is_held_up_is_not_ready(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "SECONDS", 0.3)
    with server.database(writing=True), server.http() as http:
        answer = http.get("/v1/ready")
        assert [row["field"] for row in answer.json()["errors"]] == ["writer"]
    with server.http() as http:
        assert http.get("/v1/ready").status_code == 200


@pytest.mark.usefixtures("at_once")
def test_a_database_that_is_away_is_not_ready(server: Running) -> None:
    with server.database(writing=True) as connection:
        connection.exec_driver_sql("ALTER TABLE alembic_version RENAME TO elsewhere")
    with server.http() as http:
        assert [row["field"] for row in http.get("/v1/ready").json()["errors"]] == ["database"]
        assert http.get("/v1/health").json() == {"status": "ok"}
    with server.database(writing=True) as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO alembic_version")
    with server.http() as http:
        assert http.get("/v1/ready").status_code == 200


@pytest.mark.usefixtures("at_once")
def test_r_34_a_system_whose_anchors_have_all_ended_is_not_ready(server: Running) -> None:
    """While the server runs, and without another start."""
    certificates = [x509.load_der_x509_certificate(der) for ders in server.settings.anchors.values() for der in ders]
    server.ahead = max(c.not_valid_after_utc for c in certificates) - datetime.now(UTC) + timedelta(days=1)  # real clock: as the server's
    try:
        with server.http() as http:
            answer = http.get("/v1/ready")
            assert (answer.status_code, [row["field"] for row in answer.json()["errors"]]) == (503, ["anchors"])
    finally:
        server.ahead = timedelta()
    with server.http() as http:
        assert http.get("/v1/ready").status_code == 200


# ---- stopping --------------------------------------------------------------------------------------------------------


def answers(path: Path) -> bool:
    """Whether somebody takes connections there."""
    try:
        Raw(str(path)).close()
    except (FileNotFoundError, ConnectionError):
        return False
    return True


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database_kind")
async def test_what_is_under_way_is_finished_and_nothing_new_begun(short_dir: Path, card_directory: Wallet) -> None:
    with serve(short_dir, card_directory, "--uds", str(short_dir / "s")) as served:
        await served.answers(on_socket(short_dir).client())
        body = b'{"system": "ise"}'
        with Raw(str(short_dir / "s")) as slow, Raw(str(short_dir / "s")) as idle:
            slow.sendall(b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:5])
            idle.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.answer().status == 200
            assert served.process is not None
            served.process.send_signal(signal.SIGTERM)
            assert idle.ended()
            async for _ in looking():
                if not answers(short_dir / "s"):
                    break
            assert not answers(short_dir / "s"), "it takes nobody new"
            slow.sendall(body[5:])
            answer = slow.answer()
            assert answer.status == 201
            assert slow.ended()
        assert await asyncio.to_thread(served.process.wait, long()) == 0
        served.process = None


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database_kind")
async def test_a_request_that_never_ends_does_not_keep_the_server(short_dir: Path, card_directory: Wallet) -> None:
    with serve(short_dir, card_directory, "--uds", str(short_dir / "s")) as served:
        await served.answers(on_socket(short_dir).client())
        with Raw(str(short_dir / "s")) as slow:
            slow.sendall(b"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            await asyncio.sleep(0.3)
            assert served.process is not None
            served.process.send_signal(signal.SIGTERM)
            answer = await asyncio.to_thread(slow.answer)
            assert (answer.status, answer.code) == (503, "E-BUSY")
            assert await asyncio.to_thread(served.process.wait, long()) == 0
            served.process = None
    assert "Traceback" not in (short_dir / "log").read_text()
