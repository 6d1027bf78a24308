"""The desk's client: what it sends, and which servers it never asks."""

from __future__ import annotations

import json

import pytest

from ebid_tui.client.desk import DeskServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.domain.records import Vendor
from ebid_tui.errors import ServerError, SessionGone
from tests.client.test_http_server import Office, office, problem  # noqa: F401 - a fixture

SIGNED_IN = {"token": "secret-token", "expires_at": "2026-11-21T10:00:00Z", "login_id": "desk", "role": "desk", "agencies": ["a"]}
VENDOR = Vendor(system="x", agency="a b", category="c/d", number="1?2")


@pytest.fixture
def desk(office: Office) -> DeskServer:  # noqa: F811
    return DeskServer(ServerAddress(office.url, allowed_origins=(office.url,)))


async def signed_in(office: Office, desk: DeskServer) -> None:  # noqa: F811
    office.answers = [(201, SIGNED_IN)]
    opened = await desk.sign_in("x", "desk", "password", "123456")
    assert opened.agencies == ("a",)


async def test_the_origin_goes_along_with_the_token(office: Office, desk: DeskServer) -> None:  # noqa: F811
    await signed_in(office, desk)
    assert json.loads(office.requests[0][3]) == {
        "system": "x",
        "origin": office.url,
        "login_id": "desk",
        "password": "password",
        "code": "123456",
    }
    office.answers = [(200, {"hits": [], "next": "8"})]
    assert (await desk.find("name", "山田", "inquiry")).next == "8"
    method, path, headers, body = office.requests[1]
    assert (method, path) == ("POST", "/v1/desk/vendors/search")
    assert (headers["Authorization"], headers["Origin"]) == ("Bearer secret-token", office.url)
    assert json.loads(body)["q"] == "山田"
    assert "secret-token" not in repr(desk)


async def test_a_name_is_never_in_an_address(office: Office, desk: DeskServer) -> None:  # noqa: F811
    await signed_in(office, desk)
    office.answers = [problem("E-NOT-FOUND")]
    with pytest.raises(ServerError, match="E-NOT-FOUND"):
        await desk.vendor(VENDOR, "inquiry")
    assert office.requests[-1][1] == "/v1/desk/vendors/a%20b/c%2Fd/1%3F2?reason=inquiry"
    with pytest.raises(ServerError, match="E-NOT-FOUND"):
        await desk.complete("../sessions")
    assert office.requests[-1][1] == "/v1/desk/requests/..%2Fsessions/completion"


async def test_a_session_that_is_gone_is_forgotten(office: Office, desk: DeskServer) -> None:  # noqa: F811
    with pytest.raises(SessionGone):
        await desk.requests()
    assert office.requests == []
    await signed_in(office, desk)
    office.answers = [problem("E-SESSION")]
    with pytest.raises(SessionGone):
        await desk.requests()
    assert not desk.signed_in


@pytest.mark.parametrize(("everywhere", "path"), [(False, "/v1/desk/sessions/current"), (True, "/v1/desk/sessions")])
async def test_signing_out(office: Office, desk: DeskServer, everywhere: bool, path: str) -> None:  # noqa: F811
    await desk.sign_out()
    await signed_in(office, desk)
    office.answers = [problem("E-SESSION")]
    await desk.sign_out(everywhere)
    assert office.requests[-1][:2] == ("DELETE", path)
    assert not desk.signed_in


async def test_a_lost_reply_is_not_asked_again(office: Office, desk: DeskServer) -> None:  # noqa: F811
    """It may have been done: who asks looks at the vendor first."""
    await signed_in(office, desk)
    office.answers = [None]
    before = len(office.requests)
    with pytest.raises(ServerError, match="E-SERVER-AWAY"):
        await desk.ask(VENDOR, "reset_password", "R8-1")
    assert len(office.requests) == before + 1


def test_only_servers_of_the_list() -> None:
    with pytest.raises(ServerError, match="E-ORIGIN"):
        DeskServer(ServerAddress("https://elsewhere.example", allowed_origins=("https://office.example",)))
    with pytest.raises(ServerError, match="E-ORIGIN"):
        DeskServer(ServerAddress("http://10.0.0.1", "https://office.example", allowed_origins=("https://office.example",)))
