"""Who waits for the writer or a reader: one outcome for each, whatever the others of a group do, and after trouble of the database."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from ebid_tui.server.store import deferred_inserts, group_commit
from ebid_tui.server.store.engine import reading_engine, writing_engine
from ebid_tui.server.store.group_commit import GroupCommitter, StoreJob
from ebid_tui.server.store.schema import challenges, metadata
from ebid_tui.server.store.writer import Store
from tests.clock import NOW
from tests.server.filling import put


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path / 'ebid.db'}"
    engine = writing_engine(made)
    with engine.begin() as connection:
        metadata.create_all(connection)
    engine.dispose()
    return made


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    made = Store(writing_engine(url), reading_engine(url))
    yield made
    for engine in (made._writing, made._reading):
        engine.dispose()


def gone() -> DBAPIError:
    return OperationalError("", {}, Exception("gone"), connection_invalidated=True)


def trouble() -> DBAPIError:
    return OperationalError("", {}, type("OperationalError", (Exception,), {})("full"))


def defect() -> DBAPIError:
    return OperationalError("", {}, Exception("no such table"))


def failing(runs: list[str], name: str, *errors: Exception | None) -> Callable[[Connection], str]:
    """Work that enters a row, and then raises these, one each time that it is run."""
    left = list(errors)

    def work(connection: Connection) -> str:
        runs.append(name)
        put(connection, challenges, {"nonce": f"{name} {len(runs)}", "system": "ise", "expires_at": NOW})
        if left and (error := left.pop(0)) is not None:
            raise error
        return name

    return work


def jobs(*work: Callable[[Connection], Any]) -> list[StoreJob]:
    return [StoreJob(one, None, None) for one in work]  # type: ignore[arg-type]


def outcomes(group: list[StoreJob]) -> list[object]:
    return [job.result if job.error is None else type(job.error).__name__ for job in group]


def names(store: Store) -> list[str]:
    return store.look(
        lambda connection: [n.split()[0] for n in connection.execute(select(challenges.c.nonce).order_by(challenges.c.nonce)).scalars()]
    )


def test_a_group_is_one_transaction(store: Store) -> None:
    runs: list[str] = []
    group = jobs(*(failing(runs, name) for name in "abc"))
    store._commit(group)
    assert (outcomes(group), runs, names(store)) == (["a", "b", "c"], ["a", "b", "c"], ["a", "b", "c"])


def test_a_job_that_refuses_takes_nobody_along(store: Store) -> None:
    runs: list[str] = []
    group = jobs(failing(runs, "a"), failing(runs, "b", ValueError(), ValueError()), failing(runs, "c"))
    store._commit(group)
    assert outcomes(group) == ["a", "ValueError", "c"]
    assert runs == ["a", "b", "a", "b", "c"]
    assert names(store) == ["a", "c"]


def test_who_refuses_only_once_is_done_the_second_time(store: Store) -> None:
    runs: list[str] = []
    group = jobs(failing(runs, "a", ValueError()), failing(runs, "b"))
    store._commit(group)
    assert (outcomes(group), names(store)) == (["a", "b"], ["a", "b"])


@pytest.mark.parametrize(("error", "runs"), [(gone(), 2), (defect(), 1), (ValueError(), 1)])
def test_one_job_alone_is_done_again_only_if_the_connection_was_lost(store: Store, error: Exception, runs: int) -> None:
    ran: list[str] = []
    group = jobs(failing(ran, "a", error))
    store._commit(group)
    assert (outcomes(group), len(ran)) == (["a"] if runs == 2 else [type(error).__name__], runs)


def test_a_connection_that_is_lost_twice_is_told_to_all(store: Store) -> None:
    runs: list[str] = []
    group = jobs(failing(runs, "a"), failing(runs, "b", gone(), gone()), failing(runs, "c"))
    store._commit(group)
    assert (outcomes(group), runs) == (["OperationalError"] * 3, ["a", "b", "a", "b"])
    assert all(job.result is None for job in group)
    assert names(store) == []


def test_a_database_that_fails_in_a_savepoint_lets_each_try_alone(store: Store) -> None:
    runs: list[str] = []
    group = jobs(failing(runs, "a"), failing(runs, "b", ValueError(), defect(), defect()), failing(runs, "c"))
    store._commit(group)
    assert outcomes(group) == ["a", "OperationalError", "c"]
    assert names(store) == ["a", "c"]


def test_a_row_that_is_refused_is_refused_to_the_one_whose_it_is(store: Store) -> None:
    write = deferred_inserts.into(challenges)

    def leaf(nonce: str) -> Callable[[Connection], str]:
        def work(connection: Connection) -> str:
            deferred_inserts.add(connection, write, {"nonce": nonce, "system": "ise", "expires_at": NOW})
            return nonce

        return work

    group = jobs(leaf("a"), leaf("b"), leaf("b"), leaf("c"))
    store._commit(group)
    assert outcomes(group) == ["a", "b", "IntegrityError", "c"]
    assert isinstance(group[2].error, IntegrityError)
    assert names(store) == ["a", "b", "c"]


def test_at_the_commit_nobody_knows_and_all_are_told_the_same(store: Store) -> None:
    runs: list[str] = []
    group = jobs(failing(runs, "a"), failing(runs, "b"))

    def refuse(_connection: Connection) -> None:
        raise gone()

    event.listen(store._writing, "commit", refuse)
    store._commit(group)
    assert (outcomes(group), runs) == (["OperationalError"] * 2, ["a", "b"])
    assert all(job.result is None for job in group)


@pytest.mark.parametrize("error", [defect(), gone()])
def test_in_the_beginning_nobody_was_the_cause(store: Store, error: DBAPIError) -> None:
    runs: list[str] = []
    begun: list[int] = []
    group = jobs(failing(runs, "a"), failing(runs, "b"))

    def refuse(_connection: Connection) -> None:
        begun.append(1)
        raise error

    event.listen(store._writing, "begin", refuse)
    store._commit(group)
    assert (outcomes(group), runs, len(begun)) == (["OperationalError"] * 2, [], 2 if error.connection_invalidated else 1)


@pytest.mark.parametrize(
    ("errors", "told", "runs"),
    [
        ((), None, 1),
        ((gone(),), None, 2),
        ((gone(), gone()), OperationalError, 2),
        ((defect(),), OperationalError, 1),
        ((ValueError(),), ValueError, 1),
    ],
)
def test_a_look_is_taken_again_only_if_the_connection_was_lost(
    store: Store, errors: tuple[Exception, ...], told: type[Exception] | None, runs: int
) -> None:
    ran: list[str] = []
    if told is None:
        assert store.look(look(ran, "seen", *errors)) == "seen"
    else:
        with pytest.raises(told):
            store.look(look(ran, "seen", *errors))
    assert len(ran) == runs


def look(runs: list[str], name: str, *errors: Exception) -> Callable[[Connection], str]:
    left = list(errors)

    def work(_connection: Connection) -> str:
        runs.append(name)
        if left:
            raise left.pop(0)
        return name

    return work


def test_glances_have_an_outcome_each(store: Store) -> None:
    runs: list[str] = []
    group = jobs(look(runs, "a"), look(runs, "b", ValueError()), look(runs, "c"))
    store._look_up_all(group)
    assert (outcomes(group), runs) == (["a", "ValueError", "c"], ["a", "b", "c"])
    group = jobs(look(runs, "a"), look(runs, "b", defect(), defect()), look(runs, "c"))
    store._look_up_all(group)
    assert outcomes(group) == ["a", "OperationalError", "c"]


def test_a_database_in_trouble_is_asked_once_for_all_glances(store: Store) -> None:
    runs: list[str] = []
    group = jobs(look(runs, "a"), look(runs, "b", trouble()), look(runs, "c"))
    store._look_up_all(group)
    assert (outcomes(group), runs) == (["OperationalError"] * 3, ["a", "b"])


# ---- groups ----------------------------------------------------------------------------------------------------------


def numbered(n: int, _connection: Connection) -> int:
    return n


async def test_what_waits_is_done_together_up_to_a_limit_and_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "GROUP", 3)
    sizes: list[int] = []

    def run(group: list[StoreJob]) -> None:
        sizes.append(len(group))
        for job in group:
            job.attempt(None)  # type: ignore[arg-type]

    made = GroupCommitter("test-group", run)
    waiting = [asyncio.ensure_future(made.done(partial(numbered, n))) for n in range(7)]
    await asyncio.sleep(0)
    assert [made.waiting, made.alive] == [7, False]
    made.start()
    assert await asyncio.gather(*waiting) == list(range(7))
    assert [made.alive] == [True]
    assert sizes == [3, 3, 1]
    last = [asyncio.ensure_future(made.done(partial(numbered, n))) for n in range(2)]
    await asyncio.sleep(0)
    await asyncio.to_thread(made.stop)
    assert await asyncio.gather(*last) == [0, 1]
    assert [made.alive] == [False]
    assert "test-group" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("count", [1, 2, 3, 4])
async def test_the_end_is_the_end_however_many_wait_before_it(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(group_commit, "GROUP", 3)
    sizes: list[int] = []

    def run(group: list[StoreJob]) -> None:
        sizes.append(len(group))
        for job in group:
            job.attempt(None)  # type: ignore[arg-type]

    made = GroupCommitter("test-group", run)
    waiting = [asyncio.ensure_future(made.done(partial(numbered, n))) for n in range(count)]
    await asyncio.sleep(0)
    made._jobs.put(None)
    made.start()
    assert await asyncio.gather(*waiting) == list(range(count))
    made._thread.join(60)
    assert [made.alive] == [False]
    assert sizes == ([count] if count <= 3 else [3, 1])


async def test_who_gave_up_waiting_disturbs_nobody(store: Store) -> None:
    store.start()
    asked = asyncio.ensure_future(store.write(lambda _: 1))
    await asyncio.sleep(0)
    asked.cancel()
    assert await store.write(lambda _: 2) == 2
    assert await store.read(lambda _: 3) == 3
    assert await store.look_up(lambda _: 4) == 4
    assert [store.alive, store.waiting] == [True, 0]
    await asyncio.to_thread(store.stop)
    assert [store.alive] == [False]


def test_a_jobs_own_refusal_is_kept_and_the_databases_error_is_not() -> None:
    runs: list[str] = []
    (job,) = jobs(look(runs, "a", ValueError(), defect()))
    job.attempt(None)  # type: ignore[arg-type]
    assert isinstance(job.error, ValueError)
    with pytest.raises(OperationalError):
        job.attempt(None)  # type: ignore[arg-type]
    job.attempt(None)  # type: ignore[arg-type]
    assert [job.result, job.error] == ["a", None]
