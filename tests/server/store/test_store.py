"""The database: migrations, group commit, and what a failing job does to its neighbours."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, insert, inspect, select
from sqlalchemy.exc import DBAPIError, OperationalError

from ebid_tui.errors import EbidError
from ebid_tui.server.store import deferred_inserts, schema
from ebid_tui.server.store.engine import bulk_engine, reading_engine, writing_engine
from ebid_tui.server.store.migrate import MIGRATIONS, make_ready, revision, upgrade
from ebid_tui.server.store.schema import metadata
from ebid_tui.server.store.search_index import BESIDE_SEARCH, PREFIX
from ebid_tui.server.store.transactions import database_errors
from ebid_tui.server.store.writer import Store
from tests.clock import NOW
from tests.patience import long


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    make_ready(url)
    made = Store(writing_engine(url), reading_engine(url))
    made.start()
    yield made
    made.stop()


def test_the_mark_of_a_fresh_database_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == schema.REVISION


def test_migrations_make_the_same_tables(url: str) -> None:
    upgrade(url)
    engine = writing_engine(url)
    with engine.connect() as connection:
        assert revision(connection) == schema.REVISION
        compared = MigrationContext.configure(connection, opts={**BESIDE_SEARCH, "compare_server_default": True})
        assert compare_metadata(compared, metadata) == []
        names = {n for n in inspect(connection).get_table_names() if not n.startswith(PREFIX)}
        found = [i for name in names for i in inspect(connection).get_indexes(name) if "ix_search_" not in str(i["name"])]
        # PostgreSQL keeps every unique constraint with an index of the same name.
        indexes = {i["name"] for i in found if "duplicates_constraint" not in i}
    engine.dispose()
    assert names == set(metadata.tables) | {"alembic_version"}
    assert indexes == {index.name for table in metadata.tables.values() for index in table.indexes}


def test_an_old_database_is_brought_up(url: str) -> None:
    upgrade(url)
    assert not make_ready(url)


def test_durable_and_checked(url: str) -> None:
    make_ready(url)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1} if url.startswith("sqlite") else {"synchronous_commit": "on"}
    show = "PRAGMA" if url.startswith("sqlite") else "SHOW"
    for engine in (writing_engine(url), bulk_engine(url)):
        with engine.connect() as connection:
            found = {name: connection.exec_driver_sql(f"{show} {name}").scalar() for name in wanted}
        engine.dispose()
        assert found == wanted


async def test_a_failing_job_takes_nobody_along(store: Store) -> None:
    wanted = ("1", "2", "2", "3", "broken", "4")
    outcomes = await asyncio.gather(*(store.write(partial(_add, number=number)) for number in wanted), return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "NoneType",
        "NoneType",
        "IntegrityError",
        "NoneType",
        "ValueError",
        "NoneType",
    ]
    assert await store.read(_numbers) == ["1", "2", "3", "4"]


async def test_leaves_are_written_before_the_commit_and_refused_to_the_one_whose_they_are(store: Store) -> None:
    add_nonces = deferred_inserts.into(schema.challenges)

    def job(nonce: str) -> Callable[[Connection], str]:
        def work(connection: Connection) -> str:
            deferred_inserts.add(connection, add_nonces, {"nonce": nonce, "system": "ise", "expires_at": NOW})
            if nonce == "broken":
                raise ValueError(nonce)
            return nonce

        return work

    wanted = ("1", "2", "2", "3", "broken", "4")
    outcomes = await asyncio.gather(*(store.write(job(nonce)) for nonce in wanted), return_exceptions=True)
    kept = [outcome if isinstance(outcome, str) else type(outcome).__name__ for outcome in outcomes]
    assert kept == ["1", "2", "IntegrityError", "3", "ValueError", "4"]
    nonces = select(schema.challenges.c.nonce).order_by(schema.challenges.c.nonce)
    assert await store.read(lambda connection: list(connection.execute(nonces).scalars())) == ["1", "2", "3", "4"]


async def test_glances_that_wait_are_one_view_and_each_has_its_own_outcome(store: Store) -> None:
    await store.write(lambda connection: _add(connection, "1"))

    def refusing(_connection: Connection) -> None:
        raise ValueError("own")

    def failing(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT * FROM nowhere")

    work = (_numbers, refusing, _numbers, failing, _numbers)
    first, refused, second, failed, third = await asyncio.gather(*map(store.look_up, work), return_exceptions=True)
    assert first == second == third == ["1"]
    assert isinstance(refused, ValueError)
    assert isinstance(failed, DBAPIError)


async def test_a_lost_transaction_is_run_again_job_by_job(store: Store) -> None:
    runs: list[str] = []

    def breaking(connection: Connection) -> None:
        runs.append("breaking")
        connection.exec_driver_sql("SELECT * FROM nowhere")

    def working(connection: Connection) -> None:
        runs.append("working")
        _add(connection, "1")

    outcomes = await asyncio.gather(store.write(working), store.write(breaking), return_exceptions=True)
    assert outcomes[0] is None
    assert isinstance(outcomes[1], Exception)
    assert await store.read(_numbers) == ["1"]


async def test_a_job_whose_connection_was_lost_is_done_once_more_on_another(store: Store) -> None:
    runs: list[str] = []

    def lost(connection: Connection, *, times: int) -> None:
        runs.append("run")
        _add(connection, f"{times} lost, {len(runs)}")
        if len(runs) <= times:
            raise OperationalError("", {}, Exception("gone"), connection_invalidated=True)

    await store.write(partial(lost, times=1))
    assert await store.read(_numbers) == ["1 lost, 2"]
    runs.clear()
    with pytest.raises(OperationalError):
        await store.write(partial(lost, times=2))
    assert len(runs) == 2
    assert await store.read(_numbers) == ["1 lost, 2"]


async def test_the_jobs_that_wait_for_the_writer_are_counted(store: Store) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(_: Connection) -> None:
        begun.set()
        may_end.wait(long())

    writes = [asyncio.ensure_future(store.write(slow))]
    await asyncio.to_thread(begun.wait, long())
    counted = [store.waiting]
    writes += [asyncio.ensure_future(store.write(partial(_add, number=number))) for number in "12"]
    await asyncio.sleep(0)
    counted.append(store.waiting)
    may_end.set()
    await asyncio.gather(*writes)
    assert [*counted, store.waiting] == [0, 2, 0]


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only"):
        await store.read(lambda connection: _add(connection, "1"))


async def test_a_store_that_stops_leaves_neither_threads_nor_connections(url: str) -> None:
    make_ready(url)
    engines, before = (writing_engine(url), reading_engine(url)), set(threading.enumerate())
    closed: list[int] = []
    for number, engine in enumerate(engines):
        event.listen(engine, "close", lambda *_, number=number: closed.append(number))
    store = Store(*engines)
    store.start()
    await store.write(lambda connection: _add(connection, "1"))
    assert await store.read(_numbers) == ["1"]
    assert {thread.name.partition("_")[0] for thread in set(threading.enumerate()) - before} >= {"store-write", "store-read"}
    assert closed == []
    store.stop()
    assert set(threading.enumerate()) <= before
    assert set(closed) == {0, 1}


@pytest.mark.parametrize(
    ("said", "reason"), [("disk I/O error", "disk I/O error"), ("no such table\nDETAIL: a row", "no such table"), ("", "OperationalError")]
)
def test_a_databases_trouble_is_told_in_its_first_line(said: str, reason: str) -> None:
    with pytest.raises(EbidError) as caught, database_errors():
        raise OperationalError("SELECT secret", {}, Exception(said))
    assert caught.value.code == "E-DATABASE"
    assert reason in caught.value.title + caught.value.remedy
    assert "secret" not in str(caught.value)
    assert "DETAIL" not in str(caught.value)


def _add(connection: Connection, number: str) -> None:
    row = {"system": "ise", "number": number, "password_state": "none", "wrong": 0}
    connection.execute(insert(schema.accounts), row)
    if number == "broken":
        raise ValueError(number)


def _numbers(connection: Connection) -> list[str]:
    return list(connection.execute(select(schema.accounts.c.number).order_by(schema.accounts.c.number)).scalars())
