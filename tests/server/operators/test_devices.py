"""Devices on which operators signed in before: a stranger's wrong tries, from wherever, do not stop who sits at one."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from ebid_tui.client.desk import DeskServer
from ebid_tui.client.desk_devices import DeskDevices
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.errors import EbidError, ServerError
from ebid_tui.server.settings import Limits
from ebid_tui.server.store import desk_tables, devices
from tests.clock import NOW
from tests.server.operating import PASSWORD, SYSTEM, Clerk, audit
from tests.server.running_server import ORIGIN, Running

pytestmark = pytest.mark.usefixtures("stands_still")


def at_device(office: Running, directory: Path, name: str = "desk") -> Clerk:
    clerk = Clerk(office, name)
    clerk.client = DeskServer(ServerAddress(ORIGIN, ORIGIN, office.socket, (ORIGIN,)), devices=DeskDevices(directory / "devices"))
    return clerk


async def code_of(clerk: Clerk, **changes: str) -> str:
    """How a sign-in ends, with the next code that was not used yet."""
    clerk.wait_for_a_code()
    try:
        await clerk.sign_in(**changes)
    except EbidError as error:
        return error.code
    return "signed in"


def wrong_try(http: httpx.Client, name: str, address: str) -> httpx.Response:
    body = {"system": SYSTEM, "origin": ORIGIN, "login_id": name, "password": "Wrong-password", "code": "000000", "device": "x" * 43}
    return http.post("/v1/desk/sessions", json=body, headers={"X-Forwarded-For": address})


def kept(office: Running) -> list[str]:
    with office.database() as connection:
        return list(connection.execute(select(desk_tables.operator_devices.c.token_hash)).scalars())


@pytest.fixture
def earnest(office: Running) -> Iterator[None]:
    """The limits of a real server."""
    before = office.settings.limits
    object.__setattr__(office.settings, "limits", Limits())
    yield
    object.__setattr__(office.settings, "limits", before)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("addresses", "known"), [(1, True), (1, False), (200, True), (200, False)])
@pytest.mark.usefixtures("earnest")
async def test_the_attack(office: Running, tmp_path: Path, addresses: int, known: bool) -> None:
    """Ten minutes long a wrong try every ten seconds at each of three operators, who sign in every half minute (a code counts once)."""
    office.stands = NOW
    names = ("desk", "second", "boss")
    clerks = [at_device(office, tmp_path, name) if known else Clerk(office, name) for name in names]
    for clerk in clerks:
        assert await code_of(clerk) == "signed in"
    told, attacks = [], 0
    with office.http() as http:
        for second in range(0, 600, 10):
            office.ahead = timedelta(minutes=5, seconds=second)
            for name in names:
                attacks += 1
                address = f"198.51.100.{1 + attacks % addresses}"
                assert wrong_try(http, name, address).status_code in (403, 429)
            if second % 30 == 20:
                for clerk in clerks:
                    clerk.used = 0
                    told.append(await code_of(clerk))
    counted = {code: told.count(code) for code in set(told)}
    if known:
        assert counted == {"signed in": 60}
    else:
        assert counted == {"signed in": 3, "E-TOO-MANY": 57}, "without a device tries stay bounded, whosever: a code has few values"


async def test_a_device_has_as_many_tries_as_a_stranger_and_no_more(office: Running, tmp_path: Path) -> None:
    clerk, stranger = at_device(office, tmp_path), Clerk(office)
    assert await code_of(clerk) == "signed in"
    assert [await code_of(clerk, code="000000") for _ in range(6)] == ["E-OPERATOR"] * 5 + ["E-TOO-MANY"]
    stranger.used = clerk.used
    assert await code_of(stranger) == "signed in", "what went wrong at the device is the device's"
    office.ahead += timedelta(minutes=4)
    clerk.used = stranger.used
    assert await code_of(clerk) == "signed in"


async def test_it_is_one_operators_of_one_system_and_ends(office: Running, tmp_path: Path) -> None:
    clerk = at_device(office, tmp_path)
    assert await code_of(clerk) == "signed in"
    token = DeskDevices(tmp_path / "devices").token(ORIGIN, SYSTEM, "desk")
    now = office.settings.now()
    with office.database() as connection:
        assert devices.known(connection, SYSTEM, "desk", token, now) == kept(office)[0]
        assert devices.known(connection, SYSTEM, "second", token, now) is None
        assert devices.known(connection, "ise", "desk", token, now) is None
        assert devices.known(connection, SYSTEM, "desk", kept(office)[0], now) is None, "what is kept opens nothing"
        assert devices.known(connection, SYSTEM, "desk", token, now + office.settings.device_lifetime) is None
    office.ahead += timedelta(days=60)
    assert await code_of(clerk) == "signed in"
    office.ahead += timedelta(days=60)
    assert await code_of(clerk) == "signed in"
    assert len(kept(office)) == 1, "used again, it is known for longer"
    assert [event for event, *_ in audit(office) if "sign_in" in event] == ["desk_sign_in_new_device", "desk_sign_in", "desk_sign_in"]


async def test_out_everywhere_and_it_is_a_stranger_again(office: Running, tmp_path: Path) -> None:
    clerk = at_device(office, tmp_path)
    await code_of(clerk)
    await clerk.client.sign_out(everywhere=True)
    assert kept(office) == []
    assert audit(office)[-1][:3] == ("desk_devices_forgotten", "operator:desk", "desk")
    before = DeskDevices(tmp_path / "devices").token(ORIGIN, SYSTEM, "desk")
    assert await code_of(clerk) == "signed in"
    assert DeskDevices(tmp_path / "devices").token(ORIGIN, SYSTEM, "desk") not in ("", before)


async def test_ten_devices_and_the_one_used_longest_ago_makes_room(office: Running) -> None:
    now = office.settings.now()
    with office.database(writing=True) as connection:
        tokens = [devices.add(connection, SYSTEM, "desk", now + timedelta(seconds=n), timedelta(days=1)) for n in range(12)]
        found = [devices.known(connection, SYSTEM, "desk", token, now) is not None for token in tokens]
    assert found == [False] * 2 + [True] * 10


async def test_who_asks_for_none_is_given_none(office: Running) -> None:
    assert (await Clerk(office).sign_in()).device is None
    assert kept(office) == []


async def test_the_secret_is_in_this_users_file_and_nowhere_else(office: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    before = os.umask(0)
    try:
        clerk = at_device(office, tmp_path)
        opened = await clerk.sign_in()
    finally:
        os.umask(before)
    (file,) = (tmp_path / "devices").iterdir()
    token = file.read_text()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert len(token) == 43
    assert "desk" not in file.name
    assert token not in repr(opened) + caplog.text
    assert token.encode() not in b"".join(office.written())
    file.chmod(0o644)
    assert DeskDevices(tmp_path / "devices").token(ORIGIN, SYSTEM, "desk") == "", "others could read it"
    assert await code_of(clerk) == "signed in"
    assert file.read_text() != token


@pytest.mark.parametrize("token", ["", "short", "x" * 65, "\x1b]0;x\x07" + "x" * 40, "あ" * 30])
def test_what_is_no_token_is_not_kept(tmp_path: Path, token: str) -> None:
    DeskDevices(tmp_path / "devices").keep(ORIGIN, SYSTEM, "desk", token)
    assert not (tmp_path / "devices").exists()


async def test_a_directory_that_cannot_be_is_no_trouble(office: Running, tmp_path: Path) -> None:
    (tmp_path / "devices").write_text("a file")
    assert await code_of(at_device(office, tmp_path)) == "signed in"


async def test_a_token_too_long_for_anybody_is_refused_before_it_is_looked_at(office: Running) -> None:
    body = {"system": SYSTEM, "origin": ORIGIN, "login_id": "desk", "password": PASSWORD, "code": "1", "device": "x" * 65}
    with office.http() as http:
        assert http.post("/v1/desk/sessions", json=body).status_code == 400
    with pytest.raises(ServerError):
        await Clerk(office).sign_in(code="1")
