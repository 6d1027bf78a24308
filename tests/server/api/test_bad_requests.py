"""Requests that no client of ours sends: each is refused with a code, and nothing else ever leaves."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from ebid_tui.messages import has
from ebid_tui.server.api.problems import STATUSES
from tests.server.running_server import Bidder, Running


@pytest.mark.parametrize(
    ("method", "path", "request_", "status", "code"),
    [
        ("POST", "/v1/challenges", {"content": b"{not json"}, 400, "E-BODY"),
        ("POST", "/v1/challenges", {"content": b""}, 400, "E-BODY"),
        ("POST", "/v1/challenges", {"content": b"\xff\xfe"}, 400, "E-BODY"),
        ("POST", "/v1/challenges", {"content": b"[" * 100_000}, 400, "E-BODY"),
        ("POST", "/v1/challenges", {"json": {}}, 400, "E-BODY"),
        ("POST", "/v1/challenges", {"json": {"system": 1}}, 400, "E-BODY"),
        ("POST", "/v1/challenges", {"json": {"system": "ise", "more": 1}}, 400, "E-BODY"),
        ("POST", "/v1/challenges", {"json": {"system": "nowhere"}}, 404, "E-NOT-FOUND"),
        ("POST", "/v1/challenges", {"json": {"system": "ise", "agency": "nagasaki-pref"}}, 404, "E-NOT-FOUND"),
        ("POST", "/v1/challenges", {"content": b" " * 300_000}, 413, "E-TOO-LARGE"),
        ("POST", "/v1/sessions", {"json": {"statement": {"payload": "", "signatures": []}}}, 403, "E-SIGNATURE"),
        ("POST", "/v1/sessions", {"json": {"statement": {"payload": "", "signatures": [], "header": {}}}}, 400, "E-BODY"),
        ("POST", "/v1/qualifications/search", {"json": {}}, 401, "E-SESSION"),
        ("POST", "/v1/registrations", {"json": {}, "headers": {"Authorization": "Basic eDp5"}}, 401, "E-SESSION"),
        ("POST", "/v1/amendments", {"json": {}}, 401, "E-SESSION"),
        ("POST", "/v1/renewals", {"json": {}}, 401, "E-SESSION"),
        ("POST", "/v1/renewals/check", {"json": {}}, 401, "E-SESSION"),
        ("POST", "/v1/registrations/card-free", {"json": {}}, 401, "E-SESSION"),
        ("POST", "/v1/amendments/card-free", {"json": {}}, 401, "E-SESSION"),
        ("GET", "/v1/registered/card-free?agency=ise&category=goods", {}, 401, "E-SESSION"),
        ("GET", "/v1/registered?agency=ise&category=goods", {}, 401, "E-SESSION"),
        ("GET", "/v1/status?agency=ise&category=goods", {}, 401, "E-SESSION"),
        ("POST", "/v1/logins", {"json": {"system": "ise"}}, 400, "E-BODY"),
        ("POST", "/v1/logins", {"json": {"system": "x", "agency": "x", "category": "x", "values": {}}}, 404, "E-NOT-FOUND"),
        ("POST", "/v1/logins", {"json": {"system": "ise", "agency": "x", "category": "x", "values": {}}}, 404, "E-NOT-FOUND"),
        ("POST", "/v1/passwords", {"json": {"system": "ise", "values": {"password": 1}}}, 400, "E-BODY"),
        ("POST", "/v1/passwords", {"json": {"system": "nowhere", "values": {}}}, 404, "E-NOT-FOUND"),
        ("POST", "/v1/passwords", {"json": {"system": "ise", "values": {}}}, 422, "E-INPUT"),
        ("POST", "/v1/qualifications/search-card-free", {"json": {}}, 400, "E-BODY"),
        ("GET", "/v1/receipts/ISE-1", {"headers": {"Authorization": "Bearer guessed"}}, 401, "E-SESSION"),
        ("GET", "/v1/systems/nowhere", {}, 404, "E-NOT-FOUND"),
        ("GET", "/v1/nothing", {}, 404, "E-NOT-FOUND"),
        ("GET", "/", {}, 404, "E-NOT-FOUND"),
        ("PUT", "/v1/clock", {}, 405, "E-METHOD"),
        ("GET", "/v1/clock", {"headers": {"Origin": "https://elsewhere.example"}}, 403, "E-ORIGIN"),
    ],
)
def test_refused_with_a_code(server: Running, method: str, path: str, request_: dict[str, Any], status: int, code: str) -> None:
    with server.http() as http:
        answer = http.request(method, path, **request_)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["title"]
    assert answer.json()["remedy"]


SIGNED = {"statement": {"payload": "", "signatures": []}}


@pytest.mark.parametrize("path", ["registrations", "amendments", "renewals"])
async def test_a_change_needs_a_key(server: Running, bidder: Bidder, path: str) -> None:
    token = (await bidder.sign_in()).token
    with server.http() as http:
        for headers in ({}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "k" * 129}):
            answer = http.post(f"/v1/{path}", json=SIGNED, headers={"Authorization": f"Bearer {token}"} | headers)
            assert answer.json()["code"] == "E-KEY-MISSING"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("renewals/check", {"agency": "ise", "category": "construction", "certificate": "no base64!"}, 400, "E-BODY"),
        ("renewals/check", {"agency": "ise", "category": "construction", "certificate": "MDA="}, 422, "E-CERT"),
        ("renewals/check", {"agency": "nowhere", "category": "construction", "certificate": ""}, 404, "E-NOT-FOUND"),
        ("renewals", {"statement": {"payload": "e30", "signatures": [{"protected": "", "signature": ""}] * 2}}, 403, "E-SIGNATURE"),
        ("amendments", {"statement": {"payload": "e30", "signatures": []}}, 403, "E-SIGNATURE"),
        ("registrations/card-free", {"content": {}}, 400, "E-BODY"),
        ("amendments/card-free", {"content": {}}, 400, "E-BODY"),
    ],
)
async def test_nonsense_within_a_session(server: Running, bidder: Bidder, path: str, body: Any, status: int, code: str) -> None:
    token = (await bidder.sign_in()).token
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "key-of-a-test"}
    with server.http() as http:
        answer = http.post(f"/v1/{path}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        for query in ({}, {"agency": "ise"}, {"agency": "ise", "category": "nothing"}):
            assert http.get("/v1/registered", params=query, headers=headers).status_code in (400, 404)


def test_a_defect_shows_nothing_and_logs_no_personal_data(
    server: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("テスト工事業者０１")

    monkeypatch.setattr("ebid_tui.server.store.sign_ins.new_challenge", broken)
    with caplog.at_level(logging.DEBUG), server.http() as http:
        answer = http.post("/v1/challenges", json={"system": "ise"})
    assert (answer.status_code, answer.json()["code"]) == (500, "E-SERVER")
    assert "Runtime" not in answer.text
    assert "RuntimeError" in caplog.text
    assert "テスト" not in caplog.text
    assert "Traceback" not in caplog.text


def test_a_database_that_is_gone_is_an_error_and_no_more(server: Running) -> None:
    with server.database(writing=True) as connection:
        connection.exec_driver_sql("ALTER TABLE challenges RENAME TO elsewhere")
    with server.http() as http:
        assert http.post("/v1/challenges", json={"system": "ise"}).json()["code"] == "E-SERVER"
        assert http.get("/v1/clock").status_code == 200
    with server.database(writing=True) as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO challenges")
    with server.http() as http:
        assert http.post("/v1/challenges", json={"system": "ise"}).status_code == 201


def test_every_code_that_the_server_answers_has_its_sentences() -> None:
    assert [code for code in STATUSES if not (has(f"error.{code}.title") and has(f"error.{code}.remedy"))] == []
