"""The indexes by which the desk finds a vendor, kept by the databases themselves: no program that writes can forget them.

Names are found by bigrams of `folded_name` and `folded_holder`, also parts of one or two characters. SQLite has them in FTS5
tables, filled by triggers (as hexadecimal UTF-8, so that no tokenizer takes a character for a space); PostgreSQL in GIN
indexes on `name_grams(…)`. Each entry also has a mark for its system and one for its agency.

On SQLite `INSERT OR REPLACE` does not fire the triggers for the row that goes: write `ON CONFLICT DO UPDATE`. A migration that makes
`qualifications` or `registrations` anew there has to run `drop` before and `create` after.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, MetaData, event

from ebid_tui.server.store.schema import metadata

NAMES, HOLDERS, HOLDER_ROWS = "search_names", "search_holders", "search_holder_rows"
"""SQLite's tables. FTS5 makes some more, with these names before theirs."""
PREFIX = "search_"
LONGEST = 300
"""Characters of a name that are indexed."""

_FIRST = 100
_POSITIONS = ",".join(str(_FIRST + n) for n in range(LONGEST))
"""Three digits each, so that a part of it is a list of any length."""

NUMBER_INDEX = "ix_search_number"


def scope_gram(system: str, agency: str | None) -> str:
    """The mark of an entry's agency, or of its system, as SQLite has it."""
    return "s" + _hex(system) if agency is None else "a" + _hex(f"{system}/{agency}")


def grams(key: str) -> str:
    """An FTS5 query for what holds these characters somewhere; who asks still has to look whether they stand together."""
    return " ".join(_hex(key[i : i + 2]) for i in range(len(key) - 1)) if len(key) > 1 else f"{_hex(key)}*"


def postgresql_grams(key: str) -> list[str]:
    """The same as elements of `name_grams`."""
    return [key[i : i + 2] for i in range(len(key) - 1)] if len(key) > 1 else [key]


def postgresql_scope(system: str, agency: str | None) -> str:
    return f"\x01s{system}" if agency is None else f"\x01a{system}/{agency}"


def create(connection: Connection) -> None:
    """Make the indexes over what is there."""
    for statement in (_sqlite() + _sqlite_fill()) if connection.dialect.name == "sqlite" else _postgresql():
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Take them away."""
    for statement in _sqlite_drop() if connection.dialect.name == "sqlite" else _postgresql_drop():
        connection.exec_driver_sql(statement)


def _is_of_schema(name: str | None, _kind: str, _parents: Any) -> bool:
    return name is None or not name.startswith((PREFIX, "ix_search_"))


BESIDE_SEARCH = {"include_name": _is_of_schema}
"""For Alembic, when it compares a database with `schema`: these indexes are in no table of that."""


@event.listens_for(metadata, "after_create")
def _created(_metadata: MetaData, connection: Connection, **_: Any) -> None:
    create(connection)


def _hex(text: str) -> str:
    return text.encode().hex().upper()


def _content(row: str, column: str) -> str:
    """What is indexed of a row, in SQLite's words."""
    places = f"json_each('['||substr('{_POSITIONS}', 1, length({row}.{column})*4-1)||']')"
    bigrams = f"(SELECT group_concat(hex(substr({row}.{column}, p.value-{_FIRST - 1}, 2)), ' ') FROM {places} AS p)"
    marks = f"'s'||hex({row}.system)||' a'||hex({row}.system||'/'||{row}.agency)"
    return f"{marks}||' '||coalesce({bigrams}, '')"


def _sqlite() -> list[str]:
    # Six digits are one character of three bytes: names of one kanji are asked for by the beginning of a bigram.
    fts = "USING fts5(grams, content='', detail=none, columnsize=0, tokenize='ascii', prefix='6')"
    enter_name = f"INSERT INTO {NAMES}(rowid, grams) VALUES (NEW.id, {_content('NEW', 'folded_name')});"
    leave_name = f"INSERT INTO {NAMES}({NAMES}, rowid, grams) VALUES ('delete', OLD.id, {_content('OLD', 'folded_name')});"
    # A registration has no number of its own that stays, so its holder gets one; a registration without a card has no holder.
    enter_holder = (
        f"INSERT INTO {HOLDER_ROWS}(registration_id) SELECT NEW.id WHERE NEW.folded_holder IS NOT NULL;"
        f" INSERT INTO {HOLDERS}(rowid, grams)"
        f" SELECT id, {_content('NEW', 'folded_holder')} FROM {HOLDER_ROWS} WHERE registration_id = NEW.id;"
    )
    leave_holder = (
        f"INSERT INTO {HOLDERS}({HOLDERS}, rowid, grams)"
        f" SELECT 'delete', id, {_content('OLD', 'folded_holder')} FROM {HOLDER_ROWS} WHERE registration_id = OLD.id;"
        f" DELETE FROM {HOLDER_ROWS} WHERE registration_id = OLD.id;"
    )
    name_changed = " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in ("folded_name", "id", "system", "agency"))
    holder_changed = " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in ("folded_holder", "id", "system", "agency"))
    return [
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {NAMES} {fts}",
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {HOLDERS} {fts}",
        f"CREATE TABLE IF NOT EXISTS {HOLDER_ROWS} (id INTEGER PRIMARY KEY, registration_id VARCHAR(64) NOT NULL UNIQUE)",
        f"CREATE TRIGGER IF NOT EXISTS search_name_in AFTER INSERT ON qualifications BEGIN {enter_name} END",
        f"CREATE TRIGGER IF NOT EXISTS search_name_out AFTER DELETE ON qualifications BEGIN {leave_name} END",
        f"CREATE TRIGGER IF NOT EXISTS search_name_new AFTER UPDATE ON qualifications WHEN {name_changed}"
        f" BEGIN {leave_name} {enter_name} END",
        f"CREATE TRIGGER IF NOT EXISTS search_holder_in AFTER INSERT ON registrations BEGIN {enter_holder} END",
        f"CREATE TRIGGER IF NOT EXISTS search_holder_out AFTER DELETE ON registrations BEGIN {leave_holder} END",
        # One for both: in which order SQLite runs two is not said.
        f"CREATE TRIGGER IF NOT EXISTS search_holder_new AFTER UPDATE ON registrations WHEN {holder_changed}"
        f" BEGIN {leave_holder} {enter_holder} END",
        f"CREATE INDEX IF NOT EXISTS {NUMBER_INDEX} ON qualifications (system, number, agency, category)",
    ]


def _sqlite_fill() -> list[str]:
    """For the tables of a database that is brought up; fresh ones are empty."""
    chosen = f"FROM registrations AS r JOIN {HOLDER_ROWS} AS h ON h.registration_id = r.id"
    return [
        f"INSERT INTO {NAMES}(rowid, grams) SELECT q.id, {_content('q', 'folded_name')} FROM qualifications AS q",
        f"INSERT INTO {HOLDER_ROWS}(registration_id) SELECT id FROM registrations WHERE folded_holder IS NOT NULL",
        f"INSERT INTO {HOLDERS}(rowid, grams) SELECT h.id, {_content('r', 'folded_holder')} {chosen}",
    ]


def _sqlite_drop() -> list[str]:
    triggers = ("name_in", "name_out", "name_new", "holder_in", "holder_out", "holder_gone", "holder_new")
    return [
        *(f"DROP TRIGGER IF EXISTS search_{name}" for name in triggers),
        *(f"DROP TABLE IF EXISTS {table}" for table in (NAMES, HOLDERS, HOLDER_ROWS)),
        f"DROP INDEX IF EXISTS {NUMBER_INDEX}",
    ]


def _postgresql() -> list[str]:
    # IMMUTABLE: what it says of a row depends on nothing but its arguments. COST: no plan should call it for each row instead of asking
    # the index.
    marks = "ARRAY[chr(1) || 's' || system, chr(1) || 'a' || system || '/' || agency]"
    places = f"generate_series(1, least(length(name), {LONGEST})) AS n"
    parts = f"ARRAY(SELECT substr(name, n, 2) FROM {places}) || ARRAY(SELECT substr(name, n, 1) FROM {places})"
    # "C": prefixes are ranges, whatever language the database was made for.
    key = 'system, number COLLATE "C", agency, category'
    return [
        "CREATE OR REPLACE FUNCTION name_grams(system text, agency text, name text) RETURNS text[]"
        f" LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$ SELECT {marks} || {parts} $$",
        "CREATE INDEX IF NOT EXISTS ix_search_names ON qualifications USING gin (name_grams(system, agency, folded_name))",
        "CREATE INDEX IF NOT EXISTS ix_search_holders ON registrations USING gin (name_grams(system, agency, folded_holder))",
        f"CREATE INDEX IF NOT EXISTS {NUMBER_INDEX} ON qualifications ({key})",
    ]


def _postgresql_drop() -> list[str]:
    indexes = (NUMBER_INDEX, "ix_search_names", "ix_search_holders")
    return [*(f"DROP INDEX IF EXISTS {name}" for name in indexes), "DROP FUNCTION IF EXISTS name_grams(text, text, text)"]
