"""The database goes away, is full, is held by somebody, and the clock is set: what is said then, and that it goes on afterwards."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from ebid_tui.client import api
from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import ServerAway
from ebid_tui.server.store import engine, scheduled_jobs, schema
from ebid_tui.server.store.engine import WRITING_LOCK, is_gone, is_trouble, writing_engine
from ebid_tui.server.store.migrate import make_ready
from tests.patience import scaled
from tests.server import databases, postgres
from tests.server.lives import lives, office, populate, refused, trust
from tests.server.postgres import Cluster, cluster, name_of
from tests.server.running_server import Bidder, Running, running
from tests.server.signing import Authority, Card

SHORT = "400ms"


@pytest.fixture
def own_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL that may be stopped. Its administrator has given durability away; this program has not."""
    if postgres.programs() is None:
        pytest.skip("no PostgreSQL here (Debian: postgresql)")
    with cluster((*postgres.QUICK, "synchronous_commit=off")) as made:
        databases.on_postgresql(lambda: made)
        yield made
        databases.on_postgresql(None)


@contextmanager
def served(directory: Path, card_directory: Wallet, authority: Authority) -> Iterator[Running]:
    with running(directory, card_directory, authority.der) as made:
        yield made


async def prepared(server: Running, card: Card) -> tuple[Bidder, Any]:
    """Signed in, and with a statement to be sent."""
    bidder = Bidder(server, card)
    await bidder.sign_in()
    return bidder, card.signed(await bidder.statement(await bidder.search(), holder_confirmed=True))


def refuses_for_now(answer: httpx.Response) -> bool:
    return (
        answer.status_code == 503
        and answer.headers["content-type"] == "application/problem+json"
        and int(answer.headers["retry-after"]) > 0
        and answer.json()["code"] == "E-UNAVAILABLE"
    )


# ---- gone, and back --------------------------------------------------------------------------------------------------


async def test_postgresql_gone_and_back(
    own_postgresql: Cluster, short_dir: Path, card_directory: Wallet, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "REPEATS", ())
    with served(short_dir, card_directory, authority) as server:
        bidder, signed = await prepared(server, authority.card("試験建設", "個人　十郎"))
        other, signed_too = await prepared(server, authority.card("試験建設", "個人　二郎"))
        first = await other.client.register(signed_too, "key-of-the-other")
        for how in (signal.SIGQUIT, signal.SIGINT):
            own_postgresql.stop(how)
            with server.http() as http:
                for _ in range(3):
                    started = time.monotonic()
                    assert refuses_for_now(http.post("/v1/challenges", json={"system": "ise"}))  # writes
                    session = {"Authorization": "Bearer of-nobody"}
                    assert refuses_for_now(http.get("/v1/receipts/none", headers=session))  # reads
                    assert time.monotonic() - started < scaled(2)
            assert isinstance(await refused(lambda: bidder.client.register(signed, "key-of-a-test")), ServerAway)
            own_postgresql.start()
            # What was acknowledged is there, though it had not been long; the sessions are, too.
            assert await other.client.register(signed_too, "key-of-the-other") == first
            assert (await bidder.client.challenge("ise")).nonce
        receipt = await bidder.client.register(signed, "key-of-a-test")
        assert await bidder.client.register(signed, "key-of-a-test") == receipt


async def test_postgresql_gone_while_many_register(
    own_postgresql: Cluster, short_dir: Path, card_directory: Wallet, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "REPEATS", ())
    with served(short_dir, card_directory, authority) as server:
        ready = await people(server, authority, 8)
        for pause in (0.002, 0.01, 0.03):
            sending = [asyncio.ensure_future(b.client.register(signed, "key-of-a-test")) for b, signed in ready]
            await asyncio.sleep(pause)
            own_postgresql.stop(signal.SIGQUIT)
            done = await asyncio.gather(*sending, return_exceptions=True)
            assert all(isinstance(d, Receipt | ServerAway) for d in done), done
            own_postgresql.start()
            for (b, signed), before in zip(ready, done, strict=True):
                given = await b.client.register(signed, "key-of-a-test")
                assert not isinstance(before, Receipt) or given == before
        with server.database() as connection:
            assert len(connection.execute(schema.receipts.select()).all()) == len(ready)


# ---- held by somebody ------------------------------------------------------------------------------------------------


async def test_somebody_has_the_lock_and_does_not_give_it_back(
    database_kind: str, short_dir: Path, card_directory: Wallet, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PRAGMAS", (*engine.PRAGMAS, "busy_timeout=400"))
    monkeypatch.setattr(engine, "SERVING", engine.SERVING | {"lock_timeout": SHORT})
    with served(short_dir, card_directory, authority) as server:
        bidder, signed = await prepared(server, authority.card("試験建設", "個人　十郎"))
        with held(server.settings.database), server.http() as http:
            assert refuses_for_now(http.post("/v1/challenges", json={"system": "ise"}))
            assert http.get("/v1/clock").status_code == 200
            assert (
                http.get("/v1/receipts/none", headers={"Authorization": "Bearer of-nobody"}).status_code == 401
            )  # reading waits for nobody
        assert (await bidder.client.register(signed, "key-of-a-test")).id


@contextmanager
def held(url: str) -> Iterator[None]:
    """The write lock in somebody else's hands."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()
        return
    with psycopg.connect(host=url.rpartition("=")[2], user=postgres.USER, dbname=name_of(url)) as connection:
        connection.execute(f"SELECT pg_advisory_xact_lock({WRITING_LOCK})".encode())
        yield


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_process_that_hangs_while_it_writes_loses_the_lock(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_ready(url)
    monkeypatch.setattr(engine, "SERVING", engine.SERVING | {"idle_in_transaction_session_timeout": "200ms"})
    hanging, other = writing_engine(url), writing_engine(url)
    connection = hanging.connect()
    connection.begin()
    with other.begin() as waiting:
        assert waiting.exec_driver_sql("SELECT 1").scalar_one() == 1
    with pytest.raises(DBAPIError) as lost:
        connection.exec_driver_sql("SELECT 1")
    connection.close()
    assert is_gone(lost.value)
    assert is_trouble(lost.value)
    hanging.dispose()
    other.dispose()


# ---- full ------------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A tmpfs of this size."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a tmpfs")
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Take all the room that is left."""
    with open(filler := place / "filler", "wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            while True:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    break
    return filler


async def people(server: Running, authority: Authority, count: int = 12) -> list[tuple[Bidder, Any]]:
    """So many, each about to register a card of its own."""
    return [await prepared(server, authority.card("試験建設", f"個人　{n}郎")) for n in "一二三四五六七八九十百千"[:count]]


async def all_register(ready: list[tuple[Bidder, Any]]) -> list[Receipt | None]:
    """The receipts; None for whom the server could not serve for now. Anything else is raised."""
    given: list[Receipt | None] = []
    for bidder, signed in ready:
        try:
            given.append(await bidder.client.register(signed, "key-of-a-test"))
        except ServerAway:
            given.append(None)
    return given


async def refused_while_full_and_served_afterwards(server: Running, ready: list[tuple[Bidder, Any]], room: Callable[[], None]) -> None:
    """With no room left somebody is refused and nothing is broken; with room again everybody gets one receipt."""
    given = await all_register(ready)
    assert None in given
    assert whole(server) == len([receipt for receipt in given if receipt])
    with server.http() as http:
        assert http.get("/v1/receipts/none", headers={"Authorization": "Bearer of-nobody"}).status_code == 401  # it can still be looked at
    room()
    afterwards = await all_register(ready)
    assert None not in afterwards
    assert all(before in (None, after) for before, after in zip(given, afterwards, strict=True))
    assert whole(server) == len(ready)


def whole(server: Running) -> int:
    """How many receipts there are, each with its evidence, in a database that is not broken."""
    with server.database() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        receipts = {row.id for row in connection.execute(schema.receipts.select())}
        assert {row.receipt_id for row in connection.execute(schema.evidence.select())} == receipts
        assert {row.receipt_id for row in connection.execute(schema.idempotency.select())} == receipts
    return len(receipts)


async def test_sqlite_when_its_file_may_grow_no_more(
    short_dir: Path, card_directory: Wallet, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit of the process instead of a small disk: nobody has to be root."""
    monkeypatch.setattr(api, "REPEATS", ())
    url = databases.url(short_dir)
    trust(short_dir, card_directory, authority)
    server = office(short_dir, url)
    populate(server, card_directory, 1)
    with lives(short_dir, url) as living:
        await living.begin()
        await living.listens()
        ready = await people(server, authority)
        truncate(url)
        unlimited = resource.prlimit(living.child, resource.RLIMIT_FSIZE)
        resource.prlimit(living.child, resource.RLIMIT_FSIZE, (4096, unlimited[1]))
        await refused_while_full_and_served_afterwards(
            server, ready, lambda: resource.prlimit(living.child, resource.RLIMIT_FSIZE, unlimited) and None
        )


def truncate(url: str) -> None:
    """Bring SQLite's log to nothing: whatever is written next needs room."""
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    connection.close()


async def test_sqlite_on_a_full_disk(
    short_dir: Path, card_directory: Wallet, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "REPEATS", ())
    with small_disk(short_dir / "d", 8) as disk, served(disk, card_directory, authority) as server:
        ready = await people(server, authority)
        truncate(server.settings.database)
        await refused_while_full_and_served_afterwards(server, ready, fill(disk).unlink)


async def test_postgresql_on_a_full_disk(
    own_postgresql: Cluster, short_dir: Path, card_directory: Wallet, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tables' disk; its log has one of its own, as is advised."""
    monkeypatch.setattr(api, "REPEATS", ())
    with small_disk(own_postgresql.directory / "d", 32) as disk:
        own_postgresql.own(disk)
        with own_postgresql.connect() as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{disk}'".encode())
        with served(short_dir, card_directory, authority) as server:
            name = name_of(server.settings.database)
            with own_postgresql.connect() as connection:
                connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
                connection.execute(f"ALTER DATABASE {name} SET TABLESPACE small".encode())
            ready = await people(server, authority)
            await refused_while_full_and_served_afterwards(server, ready, fill(disk).unlink)
        databases.forget()
        with own_postgresql.connect() as connection:
            connection.execute("DROP TABLESPACE small")


# ---- the clock is set ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=-1), timedelta(seconds=40), timedelta(seconds=-40)])
async def test_the_servers_clock_is_set(server: Running, authority: Authority, step: timedelta) -> None:
    """A small step disturbs nobody. After a large one statements of the wrong time are refused, and nothing is lost."""
    bidder, signed = await prepared(server, authority.card("試験建設", "個人　十郎"))
    server.ahead = step
    if abs(step) < timedelta(minutes=1):
        assert (await bidder.client.register(signed, "key-of-a-test")).id
        return
    before = server.contents()
    error = await refused(lambda: bidder.client.register(signed, "key-of-a-test"))
    # Ahead: the session ended long ago. Behind: it has not, but the statement is from the future.
    assert error.code == ("E-SESSION" if step > timedelta(0) else "E-CLOCK")
    assert server.contents() == before
    server.ahead = timedelta()
    await bidder.sign_in()
    await bidder.search()
    receipt = await bidder.client.register(signed, "key-of-a-test")
    server.ahead = -abs(step)
    assert await bidder.client.register(signed, "key-of-a-test") == receipt


async def test_a_challenge_does_not_come_back_with_the_clock(server: Running, authority: Authority) -> None:
    bidder, signed = await prepared(server, authority.card("試験建設", "個人　十郎"))
    await bidder.client.register(signed, "key-of-a-test")
    server.ahead = -timedelta(minutes=10)
    assert (await refused(lambda: bidder.client.register(signed, "another-key"))).code in ("E-NONCE", "R-05")


def test_a_night_is_not_done_twice_when_the_clock_goes_back(url: str) -> None:
    make_ready(url)
    made = writing_engine(url)
    two = datetime(2026, 4, 1, 17, 0, tzinfo=UTC)  # 2:00 in Japan
    hour = timedelta(hours=1)
    with made.begin() as connection:
        assert scheduled_jobs.claim(connection, "propagate", "a", two, two, two + hour) == "mine"
        scheduled_jobs.finish(connection, "propagate", "a", two)
        # Set back by ten minutes, it becomes two o'clock again.
        assert scheduled_jobs.claim(connection, "propagate", "b", two - 24 * hour, two - hour / 6, two + hour) == "done"
        assert scheduled_jobs.claim(connection, "propagate", "b", two, two, two + hour) == "done"
        # Set ahead by a day it is due, set back it is not due before that day has come.
        assert scheduled_jobs.claim(connection, "propagate", "b", two + 24 * hour, two + 24 * hour, two + 25 * hour) == "mine"
    made.dispose()
