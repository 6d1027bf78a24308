"""Importing a roster of 500,000 vendors: rows a second, peak memory, and how many times longer than bare `executemany`.

By hand the same rows go into the same table, with the same durability and the same indexes (the search's among them), by one
`executemany` of tuples that stand ready in memory. The program decodes and parses the file, checks each field by the rules of the
screens, looks for duplicates, compares with what stands, and puts everything in, in one transaction, in bounded memory.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ebid_tui.domain.text.names import search_key
from ebid_tui.server.store.engine import BULK, PRAGMAS
from ebid_tui.server.store.migrate import make_ready
from tests.benchmarks.conftest import Measured
from tests.benchmarks.roster_rows import rows, write

COUNT = 500_000
SMALL = 50_000
FIELDS = ("name", "postal_code", "address", "representative", "title", "phone", "fax")
PROGRAM = """
import sys
from pathlib import Path
from ebid_tui.server.admin.command_line import main
code = main(sys.argv[1:])
print(Path("/proc/self/status").read_text())
sys.exit(code)
"""
"""The program, which says its own peak at the end: what the kernel tells of a child counts in the memory of who started it."""

MEMORY_GOAL = 320
"""MiB: the program with its libraries, and the 128 MiB that SQLite is given for a long job."""


@pytest.mark.timeout(1800)
def test_half_a_million_vendors(tmp_path: Path, measured: Measured) -> None:
    by_hand = written_by_hand(tmp_path / "by-hand.db", COUNT)
    file = tmp_path / "roster.csv"
    write(file, SMALL)
    _, small = imported(file, tmp_path / "small.db")
    write(file, COUNT)
    spent, peak = imported(file, tmp_path / "ebid.db")
    _, again = imported(file, tmp_path / "ebid.db")
    with sqlite3.connect(tmp_path / "ebid.db") as connection:
        assert connection.execute("SELECT count(*) FROM qualifications").fetchone() == (COUNT,)
    measured(f"roster: {COUNT:,} rows imported", f"{COUNT / spent:,.0f} rows/s ({spent:.0f} s)")
    measured("… by hand, executemany", f"{COUNT / by_hand:,.0f} rows/s ({by_hand:.0f} s)")
    measured("… ratio", f"{by_hand / spent:.2f}")
    measured("… peak memory", f"{peak} MiB", f"<= {MEMORY_GOAL} MiB", peak <= MEMORY_GOAL)
    measured(f"… of {SMALL:,} rows, and of the same file again", f"{small} and {again} MiB")


def imported(file: Path, database: Path) -> tuple[float, int]:
    """Seconds and peak MiB of `admin import-roster` in a process of its own."""
    url = f"sqlite:///{database}"
    make_ready(url)
    started = time.perf_counter()
    command = [sys.executable, "-c", PROGRAM, "import-roster", "--database", url, "--system", "ise", str(file)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    spent = time.perf_counter() - started
    peak = re.search(r"^VmHWM:\s+([0-9]+) kB$", said, re.MULTILINE)
    assert peak is not None
    return spent, int(peak[1]) // 1024


def written_by_hand(database: Path, count: int) -> float:
    make_ready(f"sqlite:///{database}")
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in (*PRAGMAS, *BULK):
        connection.execute(f"PRAGMA {pragma}")
    statement = "INSERT INTO qualifications (system, agency, category, number, state, trade_name, folded_name, company)"
    ready = [("ise", "ise", "construction", row[1], "approved", row[2], search_key(row[2]), company(row)) for row in rows(count)]
    started = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(f"{statement} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", ready)
    connection.execute("COMMIT")
    spent = time.perf_counter() - started
    connection.close()
    return spent


def company(row: tuple[str, ...]) -> str:
    values = (row[2], *row[4:])
    return "{" + ",".join(f'"{name}":"{value}"' for name, value in zip(FIELDS, values, strict=True)) + "}"
