"""A server that lies, floods, dawdles or points elsewhere: each is one of our errors, in time, and nothing is taken in for it.

Bad input of S7 and S12 among what was found; RFC 9110 (redirects, encodings), RFC 8259 (JSON), RFC 9525 (names in certificates).
"""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebid_tui.client import http_request
from ebid_tui.client.api import HttpServer
from ebid_tui.client.desk import DeskServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.errors import AnswerUnusable, EbidError, ServerAway, ServerError, TlsRefused
from tests.client.authority import Authority
from tests.client.liar import http, liar, says
from tests.client.test_http_server import RECEIPT, SIGNED, SIGNED_IN
from tests.patience import long, scaled

NOW = {"now": "2026-11-21T19:00:00+09:00"}
CLOCK = json.dumps(NOW).encode()
MEGABYTE = b"0" * (1 << 20)


def client(url: str, **changes: Any) -> HttpServer:
    return HttpServer(ServerAddress(url, allowed_origins=(url,), **changes))


def bomb() -> bytes:
    """Packed where it is sent: packing it takes longer than all the other answers together."""
    return http(gzip.compress(MEGABYTE * 100, 1), "200 OK", "Content-Encoding: gzip")


async def failure(url: str, **changes: Any) -> EbidError:
    asked = client(url, **changes)
    with pytest.raises(EbidError) as caught:
        await asyncio.wait_for(asked.clock(), long())
    await asked.close()
    return caught.value


def clock(text: str) -> bytes:
    return http(text.encode())


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (http(NOW, "302 Found", "Location: https://evil.example/v1/clock"), "E-SERVER-MOVED"),
        (http(NOW, "308 Permanent Redirect", "Location: /v1/clock"), "E-SERVER-MOVED"),
        (http(b"<html>\x1b]0;owned\x07</html>", "200 OK", "Content-Type: text/html"), "E-SERVER-ANSWER"),
        (http(b"<html>", "404 Not Found", "Content-Type: text/html"), "E-SERVER-ANSWER"),
        (http(b"<html>", "502 Bad Gateway"), "E-SERVER-AWAY"),
        (clock('{"now": "2026-11-21T19:00:00Z", "now": "2026-11-22T19:00:00Z"}'), "E-SERVER-ANSWER"),
        (clock('{"now": "2026-11-21T19:00:00Z", "x": NaN}'), "E-SERVER-ANSWER"),
        (clock('{"now": "2026-11-21T19:00:00Z"} x'), "E-SERVER-ANSWER"),
        (clock('{"now": "2026-11-21T19:00:00"}'), "E-SERVER-ANSWER"),
        (clock('{"now": "0001-01-01T00:00:00Z"}'), "E-SERVER-ANSWER"),
        (clock('{"now": "9999-12-31T23:59:59Z"}'), "E-SERVER-ANSWER"),
        (clock("[" * 100_000), "E-SERVER-ANSWER"),
        (http('{"now": "2026-11-21T19:00:00Z", "x": "受"}'.encode("cp932"), "200 OK", "Content-Type: x; charset=cp932"), "E-SERVER-ANSWER"),
        (http(CLOCK.decode().encode("utf-16"), "200 OK", "Content-Type: application/json; charset=utf-16"), "E-SERVER-ANSWER"),
        (http(b"", "200 OK"), "E-SERVER-ANSWER"),
        (http(gzip.compress(CLOCK), "200 OK", "Content-Encoding: gzip"), "E-SERVER-ANSWER"),
        (http(b"no gzip", "200 OK", "Content-Encoding: gzip"), "E-SERVER-ANSWER"),
        (bomb, "E-SERVER-ANSWER"),
        (http(CLOCK, "200 OK", "Content-Encoding: identity, br"), "E-SERVER-ANSWER"),
        (http(CLOCK, "200 OK", "Content-Length: 7"), "E-SERVER-AWAY"),
        (http(CLOCK, "200 OK")[:-5], "E-SERVER-AWAY"),
        (http(CLOCK, "999 \x1b[2J"), "E-SERVER-ANSWER"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "E-SERVER-AWAY"),
        (b"HTTP/1.1 200 OK\r\nX: " + MEGABYTE, "E-SERVER-AWAY"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "E-SERVER-AWAY"),
        (http({"type": "", "title": "題", "status": 422, "code": "R-99\x1b[2J"}, "422 Unprocessable Content"), "E-SERVER-ANSWER"),
        (http(MEGABYTE, "500 Internal Server Error"), "E-SERVER-LARGE"),
    ],
)  # fmt: skip
async def test_no_answer_at_all_is_told_and_may_be_asked_again(answer: bytes | Callable[[], bytes], code: str) -> None:
    async with liar(says(answer() if callable(answer) else answer)) as url:
        error = await failure(url)
    assert isinstance(error, ServerError)
    assert (error.code, error.retriable) == (code, True)
    assert (error.__cause__, error.__context__ if code != "E-SERVER-ANSWER" else None) == (None, None)


async def test_600_megabytes_are_not_taken() -> None:
    """S7: 600 MB were kept."""
    sent = 0

    async def flood(writer: asyncio.StreamWriter, _head: bytes) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 629145600\r\n\r\n")
        for _ in range(600):
            writer.write(MEGABYTE)
            await writer.drain()
            sent += len(MEGABYTE)

    async with liar(flood) as url:
        assert (await failure(url)).code == "E-SERVER-LARGE"
    assert http_request.LARGEST <= sent <= http_request.LARGEST + (24 << 20), "the rest is what sockets hold"


async def test_a_long_list_is_taken_at_the_desk_alone() -> None:
    long_one = http(NOW | {"x": "0" * (2 << 20)})
    async with liar(says(long_one)) as url:
        assert (await failure(url)).code == "E-SERVER-LARGE"
        asked = DeskServer(ServerAddress(url, allowed_origins=(url,)))
        assert (await asked.clock()).year == 2026
        await asked.close()


@pytest.mark.parametrize(
    "begun", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"]
)
async def test_a_byte_every_so_often_ends(begun: bytes) -> None:
    """S7: a byte every three seconds never did. Between bytes there is less time than the answer may keep one waiting."""

    async def dawdle(writer: asyncio.StreamWriter, _: bytes) -> None:
        writer.write(begun)
        while True:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" if b"Continue" in begun else b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with liar(dawdle) as url:
        error = await failure(url, patience=long(), whole=scaled(0.1))
    assert (error.code, error.retriable) == ("E-SERVER-SLOW", True)


async def test_a_change_that_was_answered_with_nonsense_is_not_sent_again_by_itself() -> None:
    """It may have been done, so the statement is kept (ServerAway); but whoever answers so is there, and would answer so again."""
    asked: list[int] = []

    async def speak(writer: asyncio.StreamWriter, _: bytes) -> None:
        asked.append(1)
        writer.write(http(SIGNED_IN if len(asked) == 1 else RECEIPT | {"id": "X-1\u202e"}, "201 Created", "Connection: close"))

    async with liar(speak) as url:
        asking = client(url)
        await asking.sign_in(SIGNED)
        with pytest.raises(ServerAway, match="E-SERVER-ANSWER"):
            await asking.register(SIGNED, "the-key")
        await asking.close()
    assert len(asked) == 2


async def test_a_token_that_is_none_is_never_sent() -> None:
    for token in ("a\r\nX-Evil: 1", "受付", "a b", "x" * 300):
        async with liar(says(http(SIGNED_IN | {"token": token}))) as url:
            asking = client(url)
            with pytest.raises(AnswerUnusable):
                await asking.sign_in(SIGNED)
            await asking.close()


# ---- TLS -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("certificate", "trusted", "code"),
    [
        ({}, True, ""),
        ({"host": "other.example"}, True, "E-SERVER-TLS-NAME"),
        ({"host": ""}, True, "E-SERVER-TLS-NAME"),
        ({"begins": -9, "ends": -2}, True, "E-SERVER-TLS-EXPIRED"),
        ({"begins": 2}, True, "E-SERVER-TLS-EARLY"),
        ({}, False, "E-SERVER-TLS-UNKNOWN"),
    ],
    ids=["good", "another name", "no name but a CN", "expired", "not yet valid", "unknown authority"],
)
async def test_what_tls_refuses_is_told_as_what_it_is(tmp_path: Path, certificate: dict[str, Any], trusted: bool, code: str) -> None:
    """S7, S12: all of them were 「サーバーに接続できません」, and a CN was enough."""
    authority = Authority(tmp_path)
    async with liar(says(http(NOW)), authority.context(**certificate)) as url:
        changes = {"authorities": str(authority.file)} if trusted else {}
        if not code:
            assert (await client(url, **changes).clock()).year == 2026
            return
        error = await failure(url, **changes)
    assert isinstance(error, TlsRefused)
    assert (error.code, error.retriable) == (code, False)
    assert "管理者" in error.remedy
    assert ("localhost" in error.remedy) == (code == "E-SERVER-TLS-NAME")


async def test_no_tls_and_an_old_one(tmp_path: Path) -> None:
    async with liar(says(http(NOW, "400 Bad Request")), listens=False) as url:
        assert (await failure(url.replace("http://127.0.0.1", "https://localhost"))).code == "E-SERVER-TLS-NONE"
    old = Authority(tmp_path).context()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    async with liar(says(http(NOW)), old) as url:
        assert (await failure(url)).code == "E-SERVER-TLS"
    (broken := tmp_path / "broken.pem").write_text("no certificate")
    for file in (broken, tmp_path / "none.pem"):
        error = await failure("https://localhost:1", authorities=str(file))
        assert error.code == "E-SERVER-CA"
        assert str(file) in error.title


# ---- who it is -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [HttpServer, DeskServer])
async def test_a_server_of_another_name_is_told_before_a_pin_is_asked(kind: Callable[..., HttpServer | DeskServer]) -> None:
    """S10: a client of http://[::1]:P was refused after the PIN."""
    for origins, code in (((), ""), (("http://::1:8443",), "E-ORIGIN-OTHER"), (("x\x1b",), "E-SERVER-ANSWER")):
        challenge = {"nonce": "n", "expires_at": NOW["now"]}
        async with liar(says(http(NOW | challenge | {"origins": origins}, "200 OK", "Connection: close"))) as url:
            asked = kind(ServerAddress(url, allowed_origins=(url,)))
            for ask in (asked.clock, lambda asked=asked: asked.challenge("ise")):
                try:
                    await ask()
                    told = ""
                except ServerError as error:
                    told = error.code
                assert told == code
            await asked.close()


# ---- whatever it is --------------------------------------------------------------------------------------------------

LINES = st.binary(max_size=60) | st.sampled_from(
    [b"Content-Length: 5", b"Content-Length: -1", b"Content-Length: 9" * 9, b"Transfer-Encoding: chunked", b"Content-Encoding: deflate",
     b"Set-Cookie: a=b; Max-Age=x; Expires=Sun, 99 Foo 0000 99:99:99", b"Location: http://[", b"Connection: close", b"Upgrade: h2c"]
)  # fmt: skip
SPOKEN = st.binary(max_size=300) | st.builds(
    lambda status, lines, body: b"HTTP/1.1 %d x\r\n%s\r\n\r\n%s" % (status, b"\r\n".join(lines), body),
    st.integers(0, 1200),
    st.lists(LINES, max_size=4),
    st.binary(max_size=100) | st.sampled_from([CLOCK, b'{"now":' * 30, http({"code": "R-05", "title": "", "type": "", "status": 4})]),
)


def test_whatever_is_answered_is_an_answer_or_an_error_of_ours() -> None:
    """Nothing else ever leaves `Wire.ask`; 80 generated answers on one client, as one broken server would be asked."""
    spoken = [b""]

    async def speak(writer: asyncio.StreamWriter, _: bytes) -> None:
        writer.write(spoken[0])

    with asyncio.Runner() as runner:
        around = liar(speak)
        url = runner.run(around.__aenter__())
        asked = client(url, patience=scaled(2.0))

        @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
        @given(SPOKEN)
        def tried(answer: bytes) -> None:
            spoken[0] = answer
            told: EbidError | None = None
            try:
                runner.run(asked.challenge("x"))
            except EbidError as error:
                told = error
            assert told is None or (told.title and told.remedy)

        tried()
        runner.run(asked.close())
        runner.run(around.__aexit__(None, None, None))
