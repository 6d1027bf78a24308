"""Overnight propagation (R-16) of 100,000 registrations to three agencies each, against one hand-written INSERT … SELECT.

Both work on the same database, with the same durability; the statement by hand writes the registrations only, in one
transaction. The program writes beside them what the vendor's cards share, an audit row for each copy and the mark of each
source, in transactions that can be resumed.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

from ebid_tui.server.nightly import propagate
from ebid_tui.server.store.engine import PRAGMAS, writing_engine
from ebid_tui.server.store.transactions import direct
from tests.server.vendors import SYSTEM, Office, many

COUNT = 100_000
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


def test_rows_per_second_against_an_insert_by_hand(tmp_path: Path) -> None:
    first = many(tmp_path / "program", COUNT, AGENCIES)
    closed(first)
    file = tmp_path / "program" / "ebid.db"
    shutil.copy(file, tmp_path / "by-hand.db")

    by_hand = hand_written(tmp_path / "by-hand.db")
    program = as_the_program_does(first)

    ratio = by_hand / program
    rows = COUNT * (len(AGENCIES) - 1)
    print(f"\npropagation of {COUNT:,} registrations to {len(AGENCIES) - 1} agencies each, SQLite")
    print(f"  one INSERT by hand  {rows / by_hand:10,.0f} rows/s  ({by_hand:.1f} s)")
    print(f"  admin propagate     {rows / program:10,.0f} rows/s  ({program:.1f} s)")
    print(f"  ratio               {ratio:10.2f}         (at least 0.5)")
    assert ratio >= 0.5


def hand_written(file: Path) -> float:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in PRAGMAS:
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
    engine = writing_engine(place.url)
    started = time.perf_counter()
    done = propagate(direct(engine), {SYSTEM: place.profile}, lambda: datetime.now(UTC))
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
