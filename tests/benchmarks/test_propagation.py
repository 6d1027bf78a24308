"""Overnight propagation (R-16) of 100,000 registrations to three agencies each, against one hand-written INSERT … SELECT.

Both work on the same database with the same durability. The statement by hand writes the registrations only, in one
transaction. The program writes beside them what the vendor's cards share, an audit row for each copy and the mark of each
source, in transactions of bounded size that can be resumed. `admin propagate` gives SQLite more memory than a server's
connection has: what the statement by hand gains by that is shown as well.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ebid_tui.server.overnight.propagation import propagate
from ebid_tui.server.store.engine import BULK, PRAGMAS, bulk_engine
from ebid_tui.server.store.transactions import direct
from tests.benchmarks.conftest import Measured
from tests.clock import NOW
from tests.server.vendors import SYSTEM, Office, many

COUNT = 100_000
ROUNDS = 3
RATIO = 0.5
"""Of the statement by hand, which writes no audit rows and no marks, in one transaction."""
AGENCIES = ("town", "water", "port", "school")
TABLES = ("registrations", "vendor_details", "audit", "propagations")

BY_HAND = """
INSERT INTO registrations
       (id, system, agency, category, realm, number, state, fingerprint, serial, issuer, not_after, blocks, registered_at)
SELECT s.id || '-' || q.agency, s.system, q.agency, s.category, s.realm, s.number, 'active', s.fingerprint, s.serial, s.issuer,
       s.not_after, s.blocks, '2026-04-02 00:00:00.000000'
  FROM registrations AS s CROSS JOIN qualifications AS q INDEXED BY ix_qualifications_vendor
 WHERE s.agency = 'town' AND q.system = s.system AND q.category = s.category AND q.number = s.number AND q.agency <> s.agency
"""


@pytest.mark.timeout(600)
def test_rows_per_second_against_an_insert_by_hand(tmp_path: Path, measured: Measured) -> None:
    place = many(tmp_path / "start", COUNT, AGENCIES)
    closed(place)
    start = tmp_path / "start" / "ebid.db"
    by_hand: list[float] = []
    with_memory: list[float] = []
    program: list[float] = []
    for number in range(ROUNDS):
        (directory := tmp_path / str(number)).mkdir()
        for name in ("by-hand.db", "with-memory.db", "ebid.db"):
            shutil.copy(start, directory / name)
        by_hand.append(hand_written(directory / "by-hand.db", PRAGMAS))
        with_memory.append(hand_written(directory / "with-memory.db", (*PRAGMAS, *BULK)))
        program.append(as_the_program_does(replace(place, url=f"sqlite:///{directory / 'ebid.db'}")))
        shutil.rmtree(directory)

    rows, ratio = COUNT * (len(AGENCIES) - 1), min(by_hand) / min(program)
    what = f"propagation of {COUNT:,} registrations to {len(AGENCIES) - 1} agencies each, SQLite, best of {ROUNDS}"
    for name, times in (("one INSERT by hand", by_hand), ("… with more memory", with_memory), ("admin propagate", program)):
        measured(f"{what}: {name}" if what else f"… {name}", f"{rows / min(times):,.0f} rows/s ({min(times):.1f} s)")
        what = ""
    measured("… ratio", f"{ratio:.2f}", f">= {RATIO}", ratio >= RATIO)


def hand_written(file: Path, pragmas: Sequence[str]) -> float:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")
    started = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    made = connection.execute(BY_HAND).rowcount
    connection.execute("COMMIT")
    spent = time.perf_counter() - started
    connection.close()
    assert made == COUNT * (len(AGENCIES) - 1)
    return spent


def as_the_program_does(place: Office) -> float:
    engine = bulk_engine(place.url)
    started = time.perf_counter()
    done = propagate(direct(engine), {SYSTEM: place.profile}, lambda: NOW)
    spent = time.perf_counter() - started
    engine.dispose()
    assert done.copies == COUNT * (len(AGENCIES) - 1)
    with place.database() as connection:
        counts = [connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in TABLES]
    assert counts == [COUNT * len(AGENCIES), COUNT * len(AGENCIES), COUNT * (len(AGENCIES) - 1), COUNT]
    return spent


def closed(place: Office) -> None:
    """Everything is in the database's one file, so that it can be copied."""
    with place.database():
        pass
    connection = sqlite3.connect(place.url.removeprefix("sqlite:///"))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
