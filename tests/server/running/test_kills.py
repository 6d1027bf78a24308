"""The server is killed at any moment while people register and renew: what was acknowledged is there once, and nothing is half done."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ebid_tui.client import api
from ebid_tui.demo.cards import Wallet
from tests.server import databases, postgres
from tests.server.lives import Crowd, Lives, lives, office, populate, refuse_halves, trust
from tests.server.signing import Authority

KILLS = int(os.environ.get("FAULT_KILLS", "10"))
"""On each database; `make faults` asks for more."""
CLIENTS = 6
BIRTH, LIFE = 0.15, 0.4
"""Seconds: until so long after a life's beginning, or after it listens, it is killed."""


async def moment(living: Lives, crowd: Crowd, chance: random.Random) -> None:
    """Mostly while a change is under way, sometimes at any time, sometimes while it starts."""
    crowd.sending.clear()
    if (kind := chance.random()) < 0.1:
        await asyncio.sleep(chance.uniform(0, BIRTH))
        return
    await living.listens()
    with suppress(TimeoutError):
        if kind < 0.8:
            await asyncio.wait_for(crowd.sending.wait(), 5)
            await asyncio.sleep(chance.uniform(0, min(2 * crowd.took, 1)))
        else:
            await asyncio.sleep(chance.uniform(0, LIFE))


@pytest.fixture
def durable(database_kind: str, short_dir: Path) -> Iterator[str]:
    """A database that is on the disk when it says so: SQLite always is."""
    if database_kind == "sqlite":
        yield databases.url(short_dir)
    else:
        with postgres.cluster(postgres.DURABLE) as made:
            yield made.new()


@pytest.mark.timeout(600)
async def test_killed_at_any_moment(
    durable: str,
    short_dir: Path,
    card_directory: Wallet,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(api, "REPEATS", ())  # the crowd itself asks again, and counts
    trust(short_dir, card_directory, authority)
    server = office(short_dir, durable)
    populate(server, card_directory, 60 + KILLS * 12)
    chance = random.Random(KILLS)
    over = asyncio.Event()
    with lives(short_dir, durable) as living:
        await living.begin()
        crowd = Crowd(server, authority, itertools.count())

        async def person() -> None:
            while not over.is_set():
                await crowd.one()

        people = [asyncio.create_task(person()) for _ in range(CLIENTS)]
        await crowd.answered.wait()  # from then on it is known how long a change takes here
        started, hits = time.monotonic(), 0
        for _ in range(KILLS):
            await moment(living, crowd, chance)
            hits += crowd.under_way > 0
            living.kill()
            await living.begin()
            if ended := [p for p in people if p.done()]:
                await asyncio.gather(*ended)
        over.set()
        await asyncio.gather(*people)
        took = time.monotonic() - started
    with server.database() as connection:
        refuse_halves(connection, crowd.receipts)
    assert hits > KILLS / 4
    assert "Traceback" not in living.log.read_text()
    kind = "sqlite" if durable.startswith("sqlite") else "postgresql"
    print(f"\n{kind}: {KILLS} kills in {took:.1f} s, {hits} while a change was under way; {len(crowd.receipts)} receipts")
