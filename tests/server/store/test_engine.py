"""Engines: what each may do, what it waits for, and what an error tells."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ebid_tui.server.store import engine as made
from ebid_tui.server.store.schema import challenges
from tests.clock import NOW
from tests.server import postgres
from tests.server.postgres import Cluster

WRITING = (made.writing_engine, made.bulk_engine, made.migrating_engine)
READING = (made.reading_engine, made.long_reading_engine)
Make = Callable[[str], Engine]


@contextmanager
def connected(make: Make, url: str) -> Iterator[Connection]:
    engine = make(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def shown(connection: Connection, *names: str) -> list[str]:
    show = "PRAGMA" if connection.dialect.name == "sqlite" else "SHOW"
    return [str(connection.exec_driver_sql(f"{show} {name}").scalar()) for name in names]


CHALLENGE = {"nonce": "secret", "system": "ise", "expires_at": NOW}


@pytest.mark.parametrize("make", WRITING)
def test_one_writes_at_a_time(shared: str, make: Make) -> None:
    with connected(make, shared) as first, connected(made.writing_engine, shared) as second:
        first.execute(insert(challenges), CHALLENGE)
        if first.dialect.name == "sqlite":
            second.connection.driver_connection.execute("PRAGMA busy_timeout=1")  # type: ignore[union-attr]
            second.rollback()
            with pytest.raises(OperationalError, match="locked"):
                second.begin()
        else:
            held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 1700948324"
            second.connection.driver_connection.execute("SET lock_timeout = 1")  # type: ignore[union-attr]
            second.connection.driver_connection.commit()  # type: ignore[union-attr]
            assert first.exec_driver_sql(held).scalar() == 1
            with pytest.raises(OperationalError, match="lock timeout"):
                second.begin()
        first.rollback()


@pytest.mark.parametrize("make", READING)
def test_who_reads_waits_for_nobody_and_changes_nothing(shared: str, make: Make) -> None:
    with connected(made.writing_engine, shared) as writer, connected(make, shared) as reader:
        writer.execute(insert(challenges), CHALLENGE)
        assert reader.exec_driver_sql("SELECT count(*) FROM challenges").scalar() == 0
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            reader.execute(insert(challenges), CHALLENGE)
        writer.rollback()


SETTINGS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_isolation", "transaction_read_only")
WANTED: dict[Make, list[str]] = {
    made.writing_engine: ["10s", "5s", "10s", "read committed", "off"], made.bulk_engine: ["0", "1min", "1min", "read committed", "off"],
    made.migrating_engine: ["0", "1min", "0", "read committed", "off"], made.reading_engine: ["10s", "5s", "10s", "repeatable read", "on"],
    made.long_reading_engine: ["0", "0", "0", "repeatable read", "on"],
}  # fmt: skip


@pytest.mark.parametrize("make", WANTED)
@pytest.mark.parametrize("kind", ["postgres"])
def test_how_long_each_may_take(shared: str, make: Make) -> None:
    with connected(make, shared) as connection:
        for _ in range(2):  # what was set stays when a transaction is given up
            assert shown(connection, *SETTINGS) == WANTED[make]
            connection.rollback()


@pytest.mark.parametrize(
    ("make", "keys"), [(made.writing_engine, "1"), (made.bulk_engine, "1"), (made.migrating_engine, "0"), (made.reading_engine, "1")]
)
@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_sqlite_checks(shared: str, make: Make, keys: str) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only")
    with connected(make, shared) as connection:
        assert shown(connection, *names) == ["wal", "2", keys, "5000", "1" if make is made.reading_engine else "0"]
        cache = shown(connection, "cache_size")
    assert (cache == ["-131072"]) == (make is made.bulk_engine)


@pytest.mark.parametrize(("asked", "wanted"), [("", "on"), ("off", "on"), ("local", "on"), ("remote_write", "remote_write")])
@pytest.mark.parametrize("kind", ["postgres"])
def test_a_commit_is_on_the_disk_whatever_the_database_does_for_others(shared: str, asked: str, wanted: str) -> None:
    url = f"{shared}&options=-csynchronous_commit%3D{asked}" if asked else shared
    with connected(made.writing_engine, url) as connection:
        assert shown(connection, "synchronous_commit") == [wanted]


@pytest.mark.parametrize("kind", ["postgres"])
def test_silence_is_noticed_and_what_the_url_says_goes_before(shared: str) -> None:
    impatient = re.sub(r"connect_timeout=\d+&", "", shared)
    with connected(made.writing_engine, f"{impatient}&keepalives_idle=99") as connection:
        found = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
    assert {name: found[name] for name in made.REACHING} == made.REACHING | {"keepalives_idle": "99"}


@pytest.mark.parametrize("make", WRITING)
def test_an_error_shows_no_values(shared: str, make: Make) -> None:
    with connected(make, shared) as connection:
        connection.execute(insert(challenges), CHALLENGE)
        with pytest.raises(IntegrityError) as caught:
            connection.execute(insert(challenges), CHALLENGE)
    assert "secret" not in str(caught.value)
    assert caught.value.orig is not None
    assert "secret" not in str(caught.value.orig)
    assert len(str(caught.value.orig).splitlines()) == 1
    assert caught.value.__cause__ is None or "secret" not in str(caught.value.__cause__)


def test_a_file_is_there_or_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ebid.db'}"
    assert [made.is_there(one) for one in (url, f"sqlite:///{tmp_path}", "sqlite://", "postgresql+psycopg://a@/b")] == [
        False,
        False,
        False,
        True,
    ]
    (tmp_path / "ebid.db").touch()
    assert made.is_there(url)


def test_a_reference_to_nothing_is_refused(tmp_path: Path) -> None:
    with connected(made.migrating_engine, f"sqlite:///{tmp_path / 'ebid.db'}") as connection:
        for table in ("one", "another"):
            connection.exec_driver_sql(f"CREATE TABLE {table} (id INTEGER REFERENCES {table}(key), key INTEGER PRIMARY KEY)")
        made.refuse_broken_references(connection)
        for table in ("one", "another"):
            connection.exec_driver_sql(f"INSERT INTO {table} (id) VALUES (7), (8)")
        with pytest.raises(ValueError, match=r"^references are broken in another, one$"):
            made.refuse_broken_references(connection)


def test_references_are_asked_for_where_they_can_be_broken(connection: Connection) -> None:
    made.refuse_broken_references(connection)
    made.refuse_other_encodings(connection)


@pytest.mark.parametrize("kind", ["postgres"])
def test_a_database_made_for_one_language_is_refused(kind: str, postgresql: Callable[[], Cluster]) -> None:
    assert kind == "postgres"
    url = postgresql().new()
    name = postgres.name_of(url)
    with postgresql().connect() as direct:
        direct.execute(f"DROP DATABASE {name}".encode())
        direct.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1'".encode())
    with connected(made.writing_engine, url) as connection, pytest.raises(ValueError, match="encoding is LATIN1, not UTF8"):
        made.refuse_other_encodings(connection)
    postgresql().drop(url)


NUMBERED = Table("numbered", MetaData(), Column("id", Integer, primary_key=True), Column("name", String))
NAMED = Table("named", MetaData(), Column("name", String, primary_key=True))
UNNUMBERED = Table("unnumbered", MetaData(), Column("id", Integer, primary_key=True, autoincrement=False))


@pytest.mark.parametrize("highest", [None, 1, 7])
def test_numbers_go_on_behind_the_highest(connection: Connection, highest: int | None) -> None:
    tables = (UNNUMBERED, NAMED, NUMBERED)
    for table in tables:
        table.create(connection)
    if highest is not None:
        connection.execute(insert(NUMBERED), {"id": highest})
    made.continue_numbers(connection, tables)
    numbers = [connection.execute(insert(NUMBERED), {"name": "x"}).inserted_primary_key for _ in range(2)]
    assert [one[0] for one in numbers if one] == [(highest or 0) + 1, (highest or 0) + 2]


# ---- whose fault an error is -----------------------------------------------------------------------------------------


def of_sqlite(kind: type[sqlite3.Error], code: int) -> DBAPIError:
    error = kind("said")
    error.sqlite_errorcode = code
    return OperationalError("", {}, error)


def of_postgresql(state: str | None, *, gone: bool = False, kind: type[Exception] = psycopg.OperationalError) -> DBAPIError:
    error = kind("said")
    error.sqlstate = state  # type: ignore[attr-defined]
    return OperationalError("", {}, error, connection_invalidated=gone)


TROUBLE = [
    (PoolTimeout(), True),
    (ValueError(), False),
    (DBAPIError("", {}, None), False),  # type: ignore[arg-type]
    (of_sqlite(sqlite3.OperationalError, sqlite3.SQLITE_BUSY), True),
    (of_sqlite(sqlite3.OperationalError, sqlite3.SQLITE_BUSY_SNAPSHOT), True),
    (of_sqlite(sqlite3.OperationalError, sqlite3.SQLITE_FULL), True),
    (of_sqlite(sqlite3.DatabaseError, sqlite3.SQLITE_CORRUPT), True),
    (of_sqlite(sqlite3.OperationalError, sqlite3.SQLITE_IOERR_FSYNC), True),
    (of_sqlite(sqlite3.OperationalError, sqlite3.SQLITE_ERROR), False),
    (of_sqlite(sqlite3.OperationalError, sqlite3.SQLITE_ERROR_RETRY), False),
    (of_sqlite(sqlite3.OperationalError, sqlite3.SQLITE_MISUSE), False),
    (of_sqlite(sqlite3.OperationalError, sqlite3.SQLITE_RANGE), False),
    (of_sqlite(sqlite3.IntegrityError, sqlite3.SQLITE_CONSTRAINT), False),
    (of_sqlite(sqlite3.DataError, sqlite3.SQLITE_TOOBIG), False),
    (of_sqlite(sqlite3.ProgrammingError, sqlite3.SQLITE_BUSY), False),
    (of_sqlite(sqlite3.InterfaceError, sqlite3.SQLITE_BUSY), False),
    (of_postgresql(None), True),
    (of_postgresql(None, kind=psycopg.ProgrammingError), False),
    (of_postgresql(None, kind=psycopg.ProgrammingError, gone=True), True),
    (of_postgresql("23505"), False),
    (of_postgresql("42P01"), False),
    *((of_postgresql(state), True) for state in ("08006", "25006", "40001", "40P01", "53100", "55P03", "57014", "57P01", "58030")),
    (ProgrammingError("", {}, sqlite3.ProgrammingError("no code")), False),
    (InterfaceError("", {}, Exception("no code")), False),
]


@pytest.mark.parametrize(("error", "trouble"), TROUBLE)
def test_whose_fault_an_error_is(error: Exception, trouble: bool) -> None:
    assert made.is_trouble(error) == trouble


def test_a_connection_that_is_gone() -> None:
    given = (of_postgresql("57P01"), of_postgresql("57P01", gone=True), of_postgresql(None, gone=True), PoolTimeout(), ValueError())
    assert [made.is_gone(error) for error in given] == [False, True, True, False, False]


def test_an_insertion_says_how_many_rows_it_wrote(connection: Connection) -> None:
    statement = made.insertion(connection.dialect.name, challenges).on_conflict_do_nothing()
    assert [connection.execute(statement, row).rowcount for row in (CHALLENGE, CHALLENGE, CHALLENGE | {"nonce": "b"})] == [1, 0, 1]
    assert connection.execute(text("SELECT count(*) FROM challenges")).scalar() == 2
