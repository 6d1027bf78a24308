"""Vendors found by a part of their name among 500,000, on both databases: p99, and the ratio to the same question in bare SQL.

The names are made up of some fifty kanji, so that most parts of two characters are in thousands of names. Bare SQL is the same
question on the driver's own cursor, with the same index and the same page of 50.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from ebid_tui.domain.text import names
from ebid_tui.server.store import finding, search_index
from ebid_tui.server.store.engine import PRAGMAS, bulk_engine, reading_engine
from ebid_tui.server.store.finding import PageRange, SearchScope
from ebid_tui.server.store.migrate import make_ready
from ebid_tui.server.store.schema import qualifications
from tests.benchmarks.conftest import Measured
from tests.server import postgres

COUNT = 500_000
ASKED = 400
PAGE = 50
SYSTEM, AGENCIES = "minato", tuple(f"town-{n:02d}" for n in range(60))
KANJI = "山田中川村林森木石本井上原島橋高松竹大小西東南北藤斎佐伊加青白黒赤金銀鉄水土港町城宮池谷野沢浜崎岡坂"
FORMS = ("株式会社{}", "{}株式会社", "有限会社{}", "合同会社{}")
TRADES = ("建設", "工業", "電機", "土木", "設備", "商会", "産業", "技建", "サービス", "組", "造園", "測量設計")
P99_MS = 50.0
RATIO = 0.25

Ask = Callable[[str, str | None], Sequence[Any]]
"""(part of a name, agency or None for all) → the first page."""


def name(chance: random.Random) -> str:
    own = "".join(chance.choices(KANJI, k=chance.randint(2, 4))) + chance.choice(TRADES)
    return chance.choice(FORMS).format(own)


def fill(url: str, chance: random.Random) -> float:
    """The roster; rows per second."""
    make_ready(url)
    engine = bulk_engine(url)
    where = {"system": SYSTEM, "category": "works", "state": "approved", "company": {}}
    started = time.perf_counter()
    with engine.begin() as connection:
        for first in range(0, COUNT, 10_000):
            made = [(n, name(chance)) for n in range(first, first + 10_000)]
            rows = [
                where | {"agency": AGENCIES[n % 60], "number": f"{n:010d}", "trade_name": text, "folded_name": names.search_key(text)}
                for n, text in made
            ]
            connection.execute(insert(qualifications), rows)
    spent = time.perf_counter() - started
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE qualifications")
    engine.dispose()
    return COUNT / spent


def questions(chance: random.Random) -> list[tuple[str, str | None]]:
    """Parts of one to five characters of names that are there, and some that are nowhere; at one agency, and at all."""
    asked: list[tuple[str, str | None]] = []
    for n in range(ASKED):
        whole, length = name(chance), chance.choice((1, 2, 2, 2, 3, 3, 4, 5))
        start = chance.randrange(max(1, len(whole) - length))
        part = whole[start : start + length] if n % 10 else chance.choice(("髙㐂", "龘", "無業者", "山田山田山田"))
        asked.append((part, None if n % 2 else AGENCIES[n % 60]))
    return asked


@contextmanager
def program(url: str) -> Iterator[tuple[Ask, Engine]]:
    engine = reading_engine(url)
    with engine.connect() as connection:

        def ask(part: str, agency: str | None) -> Sequence[Any]:
            where = SearchScope(system=SYSTEM, agencies=None if agency is None else (agency,))
            with connection.begin():
                return finding.by_name(connection, where, names.search_key(part), PageRange(PAGE))[0]

        yield ask, engine
    engine.dispose()


@contextmanager
def bare_sqlite(url: str) -> Iterator[Ask]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    statement = (
        "SELECT q.system, q.agency, q.category, q.number, q.trade_name, q.state, q.id FROM search_names AS f JOIN qualifications AS q"
        " ON q.id = f.rowid WHERE search_names MATCH ? AND instr(q.folded_name, ?) > 0 ORDER BY f.rowid LIMIT 51"
    )

    def ask(part: str, agency: str | None) -> Sequence[Any]:
        key = names.search_key(part)
        match = f"{search_index.scope_gram(SYSTEM, agency)} AND {search_index.grams(key)}"
        return connection.execute(statement, (match, key)).fetchall()[:PAGE]

    yield ask
    connection.close()


@contextmanager
def bare_postgresql(url: str) -> Iterator[Ask]:
    import psycopg

    statement = (
        "SELECT system, agency, category, number, trade_name, state, id FROM qualifications"
        " WHERE name_grams(system, agency, folded_name) @> %s::text[] AND strpos(folded_name, %s) > 0 ORDER BY id LIMIT 51"
    )
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:

        def ask(part: str, agency: str | None) -> Sequence[Any]:
            key = names.search_key(part)
            grams = [*search_index.postgresql_grams(key), search_index.postgresql_scope(SYSTEM, agency)]
            return connection.execute(statement, (grams, key)).fetchall()[:PAGE]

        yield ask


def measure(ask: Ask, asked: Sequence[tuple[str, str | None]]) -> tuple[list[float], list[int]]:
    taken, sizes = [], []
    for part, agency in asked:
        started = time.perf_counter()
        found = ask(part, agency)
        taken.append((time.perf_counter() - started) * 1000)
        sizes.append(len(found))
    return taken, sizes


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_part_of_a_name_among_500_000(kind: str, tmp_path: Path, measured: Measured) -> None:
    if kind == "postgresql" and postgres.programs() is None:
        pytest.skip("no PostgreSQL here (Debian: postgresql)")
    chance = random.Random(1)
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'ebid.db'}"
        judge(kind, url, bare_sqlite, chance, measured)
    else:
        with postgres.cluster() as cluster:
            judge(kind, cluster.new(), bare_postgresql, chance, measured)


def judge(kind: str, url: str, bare: Callable[[str], Any], chance: random.Random, measured: Measured) -> None:
    rate, asked = fill(url, chance), questions(chance)
    with program(url) as (ours, _), bare(url) as theirs:
        for ask in (ours, theirs):
            measure(ask, asked[:40])  # warm
        own, found = measure(ours, asked)
        floor, same = measure(theirs, asked)
    assert found == same
    assert sum(found) > ASKED
    p99 = statistics.quantiles(own, n=100)[98]
    ratio = sum(floor) / sum(own)
    measured(f"search, {kind}: p50 / p99 ms", f"{statistics.median(own):.1f} / {p99:.1f}", f"p99 <= {P99_MS:.0f}", p99 <= P99_MS)
    measured(f"search, {kind}: bare SQL p50 / p99 ms", f"{statistics.median(floor):.1f} / {statistics.quantiles(floor, n=100)[98]:.1f}")
    measured(f"search, {kind}: bare SQL's time to ours", f"{ratio:.2f}", f">= {RATIO}", ratio >= RATIO)
    measured(f"search, {kind}: rows/s filled with the index", f"{rate:,.0f}")
    slowest = sorted(zip(own, asked, found, strict=True), reverse=True)[:5]
    print(*(f"\n  {ms:6.1f} ms  {part} at {agency or 'all'}: {size}" for ms, (part, agency), size in slowest))
