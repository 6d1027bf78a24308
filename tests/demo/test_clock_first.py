"""The demo's clock answers before the rest of its server is there, and nothing else is answered wrongly meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from ebid_tui.demo.clock_first import App, ClockFirst, Receive, Scope, Send
from ebid_tui.domain.records import Clock
from ebid_tui.errors import EbidError

ORIGINS = ("http://localhost",)


class RealServer:
    """Answers with the path that was asked for; its lifespan is noted."""

    def __init__(self) -> None:
        self.may_be_made = threading.Event()
        self.made = 0
        self.noted: list[str] = []

    def make(self) -> App:
        self.made += 1
        assert self.may_be_made.wait(60)
        return self.app

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                kind = (await receive())["type"]
                self.noted.append(kind)
                await send({"type": f"{kind}.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})


@pytest.fixture
def real() -> Iterator[RealServer]:
    server = RealServer()
    yield server
    server.may_be_made.set()


async def ask(app: ClockFirst, path: str, method: str = "GET") -> tuple[int, bytes]:
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await app({"type": "http", "method": method, "path": path, "headers": []}, receive, send)
    return said[0]["status"], said[1]["body"]


async def test_the_clock_comes_first_and_everything_else_waits(real: RealServer) -> None:
    app = ClockFirst(ORIGINS, real.make)
    status, body = await ask(app, "/v1/clock")
    clock = msgspec.json.decode(body, type=Clock)
    assert (status, clock.origins) == (200, ORIGINS)
    others = [asyncio.create_task(ask(app, path)) for path in ("/v1/challenges", "/v1/ready")]
    others.append(asyncio.create_task(ask(app, "/v1/clock", "POST")))
    assert (await ask(app, "/v1/clock"))[0] == 200
    assert not any(task.done() for task in others)
    real.may_be_made.set()
    assert [(await task)[1] for task in others] == [b"/v1/challenges", b"/v1/ready", b"/v1/clock"]
    assert (await ask(app, "/v1/clock"))[1] == b"/v1/clock", "from now on it is the real server's"
    assert real.made == 1


async def test_the_real_servers_life_begins_and_ends_within_ours(real: RealServer) -> None:
    real.may_be_made.set()
    app = ClockFirst(ORIGINS, real.make)
    coming: asyncio.Queue[str] = asyncio.Queue()
    said: asyncio.Queue[str] = asyncio.Queue()

    async def receive() -> dict[str, str]:
        return {"type": await coming.get()}

    async def send(message: dict[str, str]) -> None:
        await said.put(message["type"])

    life = asyncio.create_task(app({"type": "lifespan"}, receive, send))
    await coming.put("lifespan.startup")
    assert await said.get() == "lifespan.startup.complete"
    assert await ask(app, "/v1/systems") == (200, b"/v1/systems")
    assert real.noted == ["lifespan.startup"]
    await coming.put("lifespan.shutdown")
    await life
    assert real.noted == ["lifespan.startup", "lifespan.shutdown"]
    assert await said.get() == "lifespan.shutdown.complete"


async def test_without_anybody_who_asks_it_is_made_all_the_same_or_ended_in_time(real: RealServer) -> None:
    app = ClockFirst(ORIGINS, real.make)
    coming: asyncio.Queue[str] = asyncio.Queue()

    async def receive() -> dict[str, str]:
        return {"type": await coming.get()}

    async def send(message: dict[str, str]) -> None:
        if message["type"] == "lifespan.startup.complete":
            await coming.put("lifespan.shutdown")

    await coming.put("lifespan.startup")
    await app({"type": "lifespan"}, receive, send)
    assert real.made == 0, "it was told to stop before"


@pytest.mark.parametrize(
    ("failure", "code"),
    [(EbidError("full", code="E-DEMO-KEYS", directory="/keys"), "E-DEMO-KEYS"), (OSError("the disk is full"), "E-DEMO-SERVER")],
)
async def test_a_server_that_cannot_be_made_is_told_to_whoever_asks(failure: Exception, code: str) -> None:
    def make() -> App:
        raise failure

    app = ClockFirst(ORIGINS, make)
    for _ in range(2):
        status, body = await ask(app, "/v1/challenges")
        assert (status, msgspec.json.decode(body)["code"]) == (500, code)
    assert (await ask(app, "/v1/clock"))[0] == 200
