"""The HTTP client: what it makes of answers, of silence, and of servers it must not ask."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ebid_tui.client import api
from ebid_tui.client.api import HttpServer
from ebid_tui.client.deferred import deferred
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.domain.addresses import origin_of
from ebid_tui.domain.records import Receipt
from ebid_tui.domain.statement import CardFree, CardFreeAmendment, Signed
from ebid_tui.errors import AnswerUnusable, ChallengeGone, EbidError, InputError, RuleError, ServerAway, ServerError, SessionGone
from tests.patience import long

SIGNED = Signed("payload", ())
SIGNED_IN = {"token": "secret-token", "expires_at": "2026-11-21T10:00:00Z", "registered": []}
RECEIPT = {
    "id": "X-1",
    "operation": "registration",
    "vendor": {"system": "x", "agency": "x", "category": "x", "number": "1"},
    "blocks": {},
    "card": {"fingerprint": "f0", "serial": "1", "issuer": "", "not_after": "2028-01-01T00:00:00Z"},
    "company_id": None,
    "mail_to": None,
    "check": "c0",
    "at": "2026-11-21T10:00:00Z",
}


class Office:
    """A server that answers what a test says: (status, body) or None for hanging up, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any] | None] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        office = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                office.requests.append((self.command, self.path, dict(self.headers), body))
                answer = office.answers.pop(0) if len(office.answers) > 1 else office.answers[0]
                if answer is None:
                    self.connection.close()
                    return
                status, content = answer
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()
    thread = threading.Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.http.shutdown()
    thread.join()
    made.http.server_close()


@pytest.fixture
def client(office: Office) -> HttpServer:
    return HttpServer(ServerAddress(office.url, allowed_origins=(office.url,)))


def problem(code: str, **members: Any) -> tuple[int, Any]:
    return 422, {"type": "about:blank", "title": "題", "status": 422, "code": code, **members}


async def failure(client: HttpServer) -> EbidError:
    with pytest.raises(EbidError) as caught:
        await client.clock()
    return caught.value


async def test_a_rule_speaks_in_the_servers_words(office: Office, client: HttpServer) -> None:
    office.answers = [problem("R-33", remedy="契約課に申請してください。", causes=["原因"])]
    error = await failure(client)
    assert isinstance(error, RuleError)
    assert (error.code, error.title, error.remedy, error.causes) == ("R-33", "題", "契約課に申請してください。", ("原因",))


async def test_a_code_nobody_here_knows_is_still_told(office: Office, client: HttpServer) -> None:
    office.answers = [problem("E-NEW", title="新しい理由", remedy="こうしてください。")]
    error = await failure(client)
    assert isinstance(error, ServerError)
    assert (error.title, error.remedy) == ("新しい理由", "こうしてください。")


async def test_what_a_server_says_cannot_move_the_cursor(office: Office, client: HttpServer) -> None:
    office.answers = [problem("R-28", title="題\x1b[2J\u202e", remedy="x\r\ny", causes=["\x07原因"])]
    error = await failure(client)
    assert error.title == "題[2J"
    assert "\x1b" not in error.title + error.remedy
    assert error.causes == ("原因",)


async def test_faulty_fields(office: Office, client: HttpServer) -> None:
    office.answers = [problem("E-INPUT", errors=[{"field": "company.phone", "code": "E-PHONE", "message": "電話番号"}])]
    error = await failure(client)
    assert isinstance(error, InputError)
    assert error.problems == (("company.phone", "E-PHONE", "電話番号"),)


@pytest.mark.parametrize(("code", "kind"), [("E-NONCE", ChallengeGone), ("E-SESSION", SessionGone), ("E-SERVER", ServerError)])
async def test_each_kind_of_refusal(office: Office, client: HttpServer, code: str, kind: type[EbidError]) -> None:
    office.answers = [problem(code)]
    assert isinstance(await failure(client), kind)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, ServerAway),
        ((502, b"<html>"), ServerAway),
        ((503, b""), ServerAway),
        ((500, b"<html>"), AnswerUnusable),
        ((404, {"detail": "x"}), AnswerUnusable),
        ((302, b""), AnswerUnusable),
        ((200, b"<html>"), AnswerUnusable),
        ((200, {"now": "yesterday"}), AnswerUnusable),
        ((200, b"\xff"), AnswerUnusable),
    ],
)
async def test_an_answer_that_is_none(office: Office, client: HttpServer, answer: Any, kind: type[EbidError]) -> None:
    office.answers = [answer]
    assert type(await failure(client)) is kind


async def test_nobody_there() -> None:
    client = HttpServer(ServerAddress("http://127.0.0.1:9", allowed_origins=("http://127.0.0.1:9",)))
    assert isinstance(await failure(client), ServerAway)
    client = HttpServer(ServerAddress("http://localhost", "http://localhost", "/nowhere/s", ("http://localhost",)))
    assert isinstance(await failure(client), ServerAway)


CARD_FREE = CardFree(system="x", agency="x", category="x", origin="x", issued_at=datetime(2026, 11, 21, tzinfo=UTC), vendor="1", blocks={})
CHANGE_FREE = CardFreeAmendment(
    **{n: getattr(CARD_FREE, n) for n in ("system", "agency", "category", "origin", "issued_at", "vendor", "blocks")}
)
CHANGES: list[tuple[str, Callable[[HttpServer], Awaitable[Receipt]]]] = [
    ("/v1/registrations", lambda client: client.register(SIGNED, "the-key")),
    ("/v1/amendments", lambda client: client.amend(SIGNED, "the-key")),
    ("/v1/renewals", lambda client: client.renew(SIGNED, "the-key")),
    ("/v1/registrations/card-free", lambda client: client.register_card_free(CARD_FREE, "the-key")),
    ("/v1/amendments/card-free", lambda client: client.amend_card_free(CHANGE_FREE, "the-key")),
]
Change = Callable[[HttpServer], Awaitable[Receipt]]


@pytest.mark.parametrize(("path", "change"), CHANGES)
async def test_a_lost_reply_is_asked_again_under_the_same_key(
    office: Office, client: HttpServer, monkeypatch: pytest.MonkeyPatch, path: str, change: Change
) -> None:
    monkeypatch.setattr(api, "REPEATS", (0.01, 0.01))
    office.answers = [(201, SIGNED_IN), None, None, (201, RECEIPT)]
    await client.sign_in(SIGNED)
    assert (await change(client)).id == "X-1"
    sent = office.requests[1:]
    assert len(sent) == 3
    keys = {next(value for name, value in headers.items() if name.lower() == "idempotency-key") for _, _, headers, _ in sent}
    assert keys == {"the-key"}
    assert {(method, told, body) for method, told, _, body in sent} == {("POST", path, sent[0][3])}


@pytest.mark.parametrize(("path", "change"), CHANGES)
async def test_it_gives_up_after_three(
    office: Office, client: HttpServer, monkeypatch: pytest.MonkeyPatch, path: str, change: Change
) -> None:
    monkeypatch.setattr(api, "REPEATS", (0.01, 0.01))
    office.answers = [(201, SIGNED_IN), None]
    await client.sign_in(SIGNED)
    with pytest.raises(ServerAway):
        await change(client)
    assert [told for _, told, _, _ in office.requests[1:]] == [path] * 3


@pytest.mark.parametrize(("path", "change"), CHANGES)
async def test_a_refused_change_is_not_sent_again(office: Office, client: HttpServer, path: str, change: Change) -> None:
    office.answers = [(201, SIGNED_IN), problem("R-05")]
    await client.sign_in(SIGNED)
    with pytest.raises(RuleError, match="R-05"):
        await change(client)
    assert [told for _, told, _, _ in office.requests] == ["/v1/sessions", path]


async def test_questions_name_the_place(office: Office, client: HttpServer) -> None:
    office.answers = [(201, SIGNED_IN), problem("E-NOT-REGISTERED")]
    await client.sign_in(SIGNED)
    for ask in (client.registered("a", "c"), client.status("a", "c"), client.registered_card_free("a", "c")):
        with pytest.raises(ServerError):
            await ask
    assert [told for _, told, _, _ in office.requests[1:]] == [
        f"/v1/{path}?agency=a&category=c" for path in ("registered", "status", "registered/card-free")
    ]


async def test_a_new_cards_certificate_goes_as_base64(office: Office, client: HttpServer) -> None:
    office.answers = [(201, SIGNED_IN), (204, b"")]
    await client.sign_in(SIGNED)
    await client.check_new_card("a", "c", b"\x30\x00", [b"\x30\x01"] * 9)
    told = {"agency": "a", "category": "c", "certificate": "MAA=", "chain": ["MAE="] * 3}
    assert json.loads(office.requests[-1][3]) == told


async def test_a_login_is_a_session(office: Office, client: HttpServer) -> None:
    office.answers = [(201, {"token": "password-token", "expires_at": "2026-11-21T10:00:00Z", "usable_from": "2026-11-21T09:00:00Z"})]
    assert (await client.login("x", "a", "c", {"password": "Demo-pass1"})).usable_from == datetime(2026, 11, 21, 9, tzinfo=UTC)
    await client.sign_out()
    assert office.requests[-1][2]["Authorization"] == "Bearer password-token"
    assert "password-token" not in repr(vars(client))


async def test_a_search_without_a_card_is_a_session(office: Office, client: HttpServer) -> None:
    vendor = {"system": "x", "agency": "a", "category": "c", "number": "1"}
    qualification = {"vendor": vendor, "state": "approved", "trade_name": "会社", "company": {}}
    found = {"qualification": qualification, "representative_contact": {}, "later_card": False}
    office.answers = [(201, {"token": "free-token", "expires_at": "2026-11-21T10:00:00Z", "found": found}), (201, RECEIPT)]
    assert (await client.search_card_free("x", "a", "c", {})).qualification.trade_name == "会社"
    await client.register_card_free(CARD_FREE, "the-key")
    assert office.requests[-1][2]["Authorization"] == "Bearer free-token"


@pytest.mark.parametrize("kind", ["login", "search_card_free"])
async def test_a_refused_login_ends_the_session_before_it(office: Office, client: HttpServer, kind: str) -> None:
    office.answers = [(201, SIGNED_IN), problem("R-28")]
    await client.sign_in(SIGNED)
    with pytest.raises(RuleError):
        await getattr(client, kind)("x", "a", "c", {"password": "Wrong-pass1"})
    with pytest.raises(SessionGone):
        await client.status("a", "c")


async def test_nothing_else_is_sent_twice(office: Office, client: HttpServer) -> None:
    office.answers = [None]
    await failure(client)
    assert len(office.requests) == 1


async def test_without_a_session_nothing_is_sent(office: Office, client: HttpServer) -> None:
    with pytest.raises(SessionGone):
        await client.search("a", "c", {})
    for _, change in CHANGES:
        with pytest.raises(SessionGone):
            await change(client)
    for ask in (client.registered("a", "c"), client.status("a", "c"), client.check_new_card("a", "c", b"")):
        with pytest.raises(SessionGone):
            await ask
    await client.sign_out()
    assert office.requests == []


async def test_a_session_that_is_gone_is_forgotten(office: Office, client: HttpServer) -> None:
    office.answers = [(201, SIGNED_IN), problem("E-SESSION")]
    await client.sign_in(SIGNED)
    for _ in range(2):
        with pytest.raises(SessionGone):
            await client.search("a", "c", {})
    assert len(office.requests) == 2


async def test_signing_out_never_fails(office: Office, client: HttpServer) -> None:
    office.answers = [(201, SIGNED_IN), None]
    await client.sign_in(SIGNED)
    await client.sign_out()
    assert office.requests[-1][:2] == ("DELETE", "/v1/sessions/current")
    await client.sign_out()
    assert len(office.requests) == 2


async def test_secrets_are_in_no_error(office: Office, client: HttpServer) -> None:
    office.answers = [(201, SIGNED_IN), None]
    await client.sign_in(SIGNED)
    with pytest.raises(ServerAway) as caught:
        await client.search("a", "c", {"password": "Demo-pass1"})
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    with pytest.raises(ServerAway) as caught:
        await client.change_password("x", {"password": "Demo-pass1"})
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "secret-token" not in repr(vars(client))


@pytest.mark.parametrize(
    ("url", "origin", "allowed"),
    [
        ("https://evil.example", None, ("https://good.example",)),
        ("https://good.example:444", None, ("https://good.example",)),
        ("http://good.example", None, ("https://good.example",)),
        ("https://evil.example", "https://good.example", ("https://good.example",)),
        ("https://good.example", None, ()),
    ],
)
def test_only_servers_on_the_list_are_asked(url: str, origin: str | None, allowed: tuple[str, ...]) -> None:
    with pytest.raises(ServerError) as caught:
        HttpServer(ServerAddress(url, origin, None, allowed))
    assert caught.value.code == "E-ORIGIN"


def test_without_tls_only_this_machine_is_asked() -> None:
    with pytest.raises(ServerError) as caught:
        HttpServer(ServerAddress("http://ebid.example", allowed_origins=("http://ebid.example",)))
    assert caught.value.code == "E-SERVER-PLAIN"
    assert HttpServer(ServerAddress("http://127.0.0.1:9", allowed_origins=("http://127.0.0.1:9",))).origin == "http://127.0.0.1:9"


def test_an_origin_is_scheme_host_and_port() -> None:
    async def never() -> HttpServer:
        raise AssertionError

    assert origin_of("https://Good.Example:443/path/") == "https://good.example"
    assert origin_of("http://127.0.0.1:8000") == "http://127.0.0.1:8000"
    assert origin_of("http://[::1]:80") == "http://[::1]"
    assert origin_of("https://[2001:DB8:0:0:0:0:0:1]:8443") == "https://[2001:db8::1]:8443"
    assert deferred("https://Good.Example:443/", never).origin == "https://good.example", "as flows sign it"
    assert origin_of("https://電子入札.Example_1.jp") == "https://電子入札.example_1.jp"
    no_host = [f"https://exa{odd}mple.jp" for odd in " \t\n\r\x1b\x00\u3000\u200b\\%,;:<>\"'`|^{}()*!$&+=~"]
    for none in (
        "http://::1:8443",
        "http://[::1",
        "http://localhost:99999",
        "https://",
        " https://x.jp",
        "https://a..b",
        "https://.",
        *no_host,
    ):
        with pytest.raises(ServerError, match="E-SERVER-URL"):
            origin_of(none)


@pytest.mark.parametrize(
    "url",
    ["http://::1:8443", "http://[::1", "http://localhost:99999", "https://", "", "ftp://good.example", "https://good.example:x",
     "https://user:Demo-pass1@good.example"],
)  # fmt: skip
def test_what_is_no_url_is_told_with_its_setting_and_not_with_its_text(url: str) -> None:
    for addresses, setting in (((url, ("https://good.example",)), "server"), (("https://good.example", (url,)), "allowed_origins")):
        with pytest.raises(ServerError, match="E-SERVER-URL") as caught:
            HttpServer(ServerAddress(addresses[0], allowed_origins=addresses[1]))
        told = caught.value.title + caught.value.remedy
        assert f" {setting} " in told
        assert "Demo-pass1" not in told + str(caught.value)


async def test_an_answer_may_take_so_many_seconds_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ServerAway):
            await asyncio.wait_for(HttpServer(ServerAddress(url, allowed_origins=(url,), patience=0.2)).clock(), long() / 2)
