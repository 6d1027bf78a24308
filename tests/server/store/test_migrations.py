"""A database with registrations in it, brought up and taken back: nothing that the older program knew is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, inspect, text
from sqlalchemy.exc import IntegrityError

from ebid_tui.server.store.engine import migrating_engine, refuse_broken_references, writing_engine
from ebid_tui.server.store.migrate import MIGRATIONS, downgrade, make_ready, revision, upgrade
from ebid_tui.server.store.schema import REVISION, metadata
from ebid_tui.server.store.search_index import BESIDE_SEARCH, PREFIX
from tests.clock import NOW
from tests.server import databases

FIRST = [
    "INSERT INTO registrations VALUES ('R-1', 'ise', 'ise', 'construction', 'construction', '1000000005', 'active',"
    " 'fingerprint-1', '659', 'OU=TEST CA', '2028-02-29 14:59:59', '{}', '2025-04-01 01:00:00')",
    "INSERT INTO receipts VALUES ('X-1', 'R-1', 'ise', 'fingerprint-1', '{\"id\":\"X-1\"}', '2025-04-01 01:00:00')",
    "INSERT INTO evidence VALUES ('X-1', '{}', x'30', '2025-04-01 01:00:00')",
    "INSERT INTO audit (at, system, event, actor, subject, receipt_id)"
    " VALUES ('2025-04-01 01:00:00', 'ise', 'registration', 'fingerprint-1', '1000000005', 'X-1')",
    "INSERT INTO idempotency VALUES ('ise', 'fingerprint-1', 'the-key-of-it', 'hash', 'X-1')",
    "INSERT INTO mail_outbox (receipt_id, recipient, subject, body, state, created_at)"
    " VALUES ('X-1', 'a@example.com', 's', 'b', 'waiting', '2025-04-01 01:00:00')",
    "INSERT INTO sessions VALUES ('hash', 'ise', 'o', 'fingerprint-1', '2025-04-01 01:00:00', '2025-04-01 01:15:00', NULL, NULL, NULL)",
]
"""As the first version of the program wrote it."""
CARD_FREE = (
    "INSERT INTO registrations (id, system, agency, category, realm, number, state, blocks, registered_at)"
    " VALUES ('{id}', 'ise', 'ise', 'goods', 'goods', '2000000001', 'active', '{{}}', '2026-01-01 00:00:00')"
)
WITHOUT_A_CARD = [
    CARD_FREE.format(id="R-2"),
    "INSERT INTO receipts VALUES ('X-2', 'R-2', 'ise', 'number:2000000001', '{\"id\":\"X-2\"}', '2026-01-01 00:00:00')",
    "INSERT INTO evidence (receipt_id, proof, statement, received_at) VALUES ('X-2', 'password', '{}', '2026-01-01 00:00:00')",
    "INSERT INTO propagations (system, agency, category, number, operation, receipt_id, state, created_at)"
    " VALUES ('ise', 'ise', 'goods', '2000000001', 'registration', 'X-2', 'waiting', '2026-01-01 00:00:00')",
]


@pytest.fixture
def url(database_kind: str, tmp_path: Path) -> str:
    made = databases.url(tmp_path)
    upgrade(made, "0001")
    with database(made) as connection:
        for statement in FIRST:
            connection.execute(text(statement if database_kind == "sqlite" else statement.replace("x'30'", "'\\x30'")))
    return made


@contextmanager
def database(url: str) -> Iterator[Connection]:
    engine = writing_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_brought_up_with_everything_in_it(url: str) -> None:
    make_ready(url)
    with database(url) as connection:
        assert revision(connection) == REVISION
        assert compare_metadata(MigrationContext.configure(connection, opts=BESIDE_SEARCH), metadata) == []
        assert connection.execute(text("SELECT owner FROM receipts")).scalars().all() == ["fingerprint-1"]
        assert connection.execute(text("SELECT owner, key FROM idempotency")).all() == [("fingerprint-1", "the-key-of-it")]
        assert connection.execute(text("SELECT proof, certificate FROM evidence")).all() == [("signature", b"0")]
        assert connection.execute(text("SELECT serial FROM registrations")).scalars().all() == ["659"]
        assert connection.execute(text("SELECT count(*) FROM sessions")).scalar() == 0


def test_a_fresh_one_has_the_same_indexes(url: str, tmp_path: Path) -> None:
    (beside := tmp_path / "fresh").mkdir()
    found = []
    for each in (url, databases.url(beside)):
        make_ready(each)
        with database(each) as connection:
            indexes = inspect(connection).get_indexes("registrations")
            told = {str(index["name"]): {name: str(value) for name, value in index["dialect_options"].items()} for index in indexes}
            found.append((told, {str(index["name"]): (index["column_names"], index["unique"]) for index in indexes}))
    assert found[0] == found[1]
    assert "fingerprint IS NULL" in str(found[1][0]["uq_registrations_card_free"])


def test_one_registration_without_a_card_a_vendor(url: str) -> None:
    make_ready(url)
    with database(url) as connection:
        connection.execute(text(CARD_FREE.format(id="R-2")))
    with pytest.raises(IntegrityError), database(url) as connection:
        connection.execute(text(CARD_FREE.format(id="R-3")))


def test_taken_back_and_brought_up_again(url: str) -> None:
    make_ready(url)
    with database(url) as connection:
        for statement in WITHOUT_A_CARD:
            connection.execute(text(statement))
    downgrade(url, "0001")
    with database(url) as connection:
        assert revision(connection) == "0001"
        assert connection.execute(text("SELECT id FROM registrations")).scalars().all() == ["R-1"]
        assert connection.execute(text("SELECT id, fingerprint FROM receipts")).all() == [("X-1", "fingerprint-1")]
        assert connection.execute(text("SELECT count(*) FROM evidence")).scalar() == 1
        refuse_broken_references(connection)
    make_ready(url)
    with database(url) as connection:
        assert revision(connection) == REVISION
        assert connection.execute(text("SELECT id FROM receipts")).scalars().all() == ["X-1"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # what it finds is in the migration
def test_the_newest_takes_a_row_of_every_table_up_and_leaves_nothing_when_taken_back(database_kind: str, tmp_path: Path) -> None:
    made = databases.url(tmp_path)
    newest = ScriptDirectory(str(MIGRATIONS)).get_revision("head")
    before = str(newest.down_revision)
    upgrade(made, before)
    with database(made) as connection:
        for table in tables(connection):
            connection.execute(
                table.insert().prefix_with("OR IGNORE"), {column.name: ANYTHING[column.type.python_type] for column in table.columns}
            )
        older = columns(connection)
    upgrade(made)
    downgrade(made, before)
    with database(made) as connection:
        assert columns(connection) == older


ANYTHING = {str: "1", int: 1, bool: True, bytes: b"1", datetime: NOW, date: NOW.date()}
"""By a column's type. The same everywhere, so that every reference leads to the row of the table that it names."""


def tables(connection: Connection) -> list[Table]:
    """But for Alembic's own and the search's."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name != "alembic_version" and not name.startswith(PREFIX))
    return found.sorted_tables


def columns(connection: Connection) -> dict[str, list[tuple[str, str, bool]]]:
    return {
        table.name: [(column.name, str(column.type), bool(column.nullable)) for column in table.columns] for table in tables(connection)
    }


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # PostgreSQL refuses the statement that breaks one
def test_references_that_would_break_undo_the_migration(url: str) -> None:
    engine = migrating_engine(url)  # does not look at references by itself
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM registrations"))
    engine.dispose()
    with pytest.raises(ValueError, match="receipts"):
        upgrade(url)
    with database(url) as connection:
        assert revision(connection) == "0001"
