"""反映 (R-16) run twice, killed in the middle, by several at once: always the same end, and each copy once."""

from __future__ import annotations

import signal
import threading
import time
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.dialects import postgresql

from ebid_tui.server.store import propagation, schema
from ebid_tui.server.store.engine import reading_engine
from tests.forked import Forked, nursery
from tests.patience import long
from tests.server.vendors import PROFILES, Office, many, numbers, office

VENDORS, BATCH = 500, 8
"""A night of more than 60 transactions: long enough to be killed in the middle, or to be shared."""


@pytest.fixture
def place(tmp_path: Path, database_kind: str) -> Office:
    return office(tmp_path)


def state_of(place: Office) -> list[list[tuple[object, ...]]]:
    """Everything that a night can change, but for times and row numbers."""
    return [
        place.rows(schema.registrations, "id", "agency", "number", "state", "fingerprint", "blocks"),
        place.rows(schema.vendor_details, "agency", "number", "company", "representative_contact", "company_id", "updated_at"),
        place.rows(schema.audit, "event", "actor", "subject", "receipt_id", "agency"),
        place.rows(schema.propagations, "id", "state"),
        place.rows(schema.card_bindings),
    ]


# ---- again, killed, several at once ----------------------------------------------------------------------------------


def test_running_twice_changes_nothing(place: Office) -> None:
    busy_day(place, 5)
    place.night()
    once = state_of(place)
    assert place.night().operations == 0
    assert state_of(place) == once
    with place.database() as connection:
        connection.execute(update(schema.propagations).where(schema.propagations.c.operation == "registration").values(state="waiting"))
    assert place.night().operations == 5
    assert state_of(place)[0] == once[0]


@pytest.mark.usefixtures("database_kind")
def test_the_size_of_a_batch_changes_nothing(tmp_path: Path) -> None:
    ends = []
    for batch in (1, 4, 1000):
        (directory := tmp_path / str(batch)).mkdir()
        place = office(directory)
        busy_day(place, 5)
        place.night(batch=batch)
        ends.append(state_of(place))
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.usefixtures("database_kind")
def test_killed_in_the_middle_and_run_again(tmp_path: Path) -> None:
    place = many(tmp_path / "killed", VENDORS)
    process = admin(place)
    try:
        wait_for(lambda: 0 < copied(place) < 2 * VENDORS, process)
        process.send_signal(signal.SIGKILL)
        process.wait(long())
    finally:
        process.kill()
    half = copied(place)
    assert 0 < half < 2 * VENDORS
    # No half batch: every row that is done has its copies, and no other has.
    p = schema.propagations
    with place.database() as connection:
        done = connection.execute(select(func.count()).select_from(p).where(p.c.state == "done")).scalar_one()
        noted = connection.execute(select(func.count()).select_from(schema.audit)).scalar_one()
    assert half == noted == 2 * done
    assert finished(admin(place)) == 0
    whole = many(tmp_path / "whole", VENDORS)
    whole.night()
    assert state_of(place) == state_of(whole)


@pytest.mark.usefixtures("database_kind")
def test_two_processes_on_one_database_copy_everything_once(tmp_path: Path) -> None:
    place = many(tmp_path / "two", VENDORS)
    both = [admin(place), admin(place)]
    assert [finished(process) for process in both] == [0, 0]
    whole = many(tmp_path / "whole", VENDORS)
    whole.night()
    assert state_of(place) == state_of(whole)


def test_a_batch_that_fails_leaves_nothing_behind(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    busy_day(place, 3)
    before = state_of(place)

    def broken(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(propagation, "mark", broken)
        with pytest.raises(OSError, match="disk full"):
            place.night()
    assert state_of(place) == before
    assert place.night().operations == 12


@pytest.mark.usefixtures("database_kind")
def test_the_server_goes_on_while_the_night_works(tmp_path: Path) -> None:
    """SQLite's one writer is given up now and then: a registration waits seconds at most, never for the whole night."""
    place = many(tmp_path / "busy", VENDORS)
    waits: list[float] = []
    process = admin(place)
    wait_for(lambda: copied(place) > 0, process)
    while process.poll() is None and len(waits) < 20:
        started = time.monotonic()
        with place.database() as connection:
            connection.execute(delete(schema.challenges))
        waits.append(time.monotonic() - started)
    assert finished(process) == 0
    assert waits
    assert max(waits) < 5


def test_in_threads_with_other_writers(place: Office) -> None:
    busy_day(place, 10)
    threads = [threading.Thread(target=place.night, kwargs={"batch": 2}) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {row[0] for row in place.rows(schema.propagations, "state")} == {"done"}
    assert len(place.rows(schema.registrations)) == 10 * 2 * 3


def test_postgresql_would_lock_row_by_row() -> None:
    """On a database with many writers the claim is a row lock that others skip."""
    statement = str(propagation._CLAIM.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    assert "FOR UPDATE OF propagations SKIP LOCKED" in statement
    assert "ON CONFLICT DO NOTHING" in str(propagation._copy_registrations("postgresql", [1]).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


# ---- helpers ---------------------------------------------------------------------------------------------------------


def busy_day(place: Office, count: int) -> None:
    """Each vendor registers, amends, amends without choosing, and renews."""
    for number in numbers(count):
        place.qualify(number)
        place.register(number, "town", f"{number}a", "甲")
    for number in numbers(count):
        place.amend(number, "town", f"{number}a", "乙", propagate=True)
        place.amend(number, "town", f"{number}a", "丙", propagate=False)
        place.renew(number, "town", f"{number}a", f"{number}b", propagate=True)
        place.amend(number, "town", f"{number}b", "丁", propagate=True)


def admin(place: Office) -> Forked:
    arguments = ["propagate", "--database", place.url, "--systems-dir", str(PROFILES), "--batch", str(BATCH)]
    return nursery.begin("ebid_tui.server.admin.command_line", arguments)


def finished(process: Forked) -> int:
    assert process.wait(long()) == 0, process.output.read_text()
    return 0


@cache
def looking(url: str) -> Engine:
    """Asked every few milliseconds: only its first statement is compiled."""
    return reading_engine(url)


def copied(place: Office) -> int:
    engine = looking(place.url)
    r = schema.registrations
    with engine.begin() as connection:
        number: int = connection.execute(select(func.count()).select_from(r).where(r.c.agency != "town")).scalar_one()
    engine.dispose()
    return number


def wait_for(condition: object, process: Forked) -> None:
    assert callable(condition)
    deadline = time.monotonic() + long()
    while not condition():
        assert process.poll() is None, process.output.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.005)
