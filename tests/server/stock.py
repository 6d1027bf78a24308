"""Empty databases that are made ready already: some forty statements that define tables cost more than most tests on them.

Of SQLite it is a file that is copied. Of PostgreSQL it is databases that are emptied after use, and are used again if nothing
but rows was changed in them.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from ebid_tui.server.store.migrate import make_ready
from ebid_tui.server.store.schema import metadata
from tests.patience import long

if TYPE_CHECKING:
    from tests.server.postgres import Cluster

_CATALOGS = {
    "pg_class": "relnamespace = 'public'::regnamespace",
    "pg_attribute": "attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)",
    "pg_attrdef": "true",
    "pg_index": "indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)",
    "pg_constraint": "connamespace = 'public'::regnamespace",
    "pg_trigger": "true",
    "pg_event_trigger": "true",
    "pg_rewrite": "ev_class IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)",
    "pg_proc": "pronamespace = 'public'::regnamespace",
    "pg_type": "typnamespace = 'public'::regnamespace",
    "pg_namespace": "nspname !~ '^pg_(toast_)?temp_'",
    "pg_extension": "true",
    "pg_default_acl": "true",
    "pg_db_role_setting": "true",
    "pg_database": "datname = current_database()",
}
_AS_MADE = "SELECT md5(string_agg(row, ' ' ORDER BY row)) FROM ({}) AS rows".format(
    " UNION ALL ".join(
        f"SELECT concat_ws(' ', '{catalog}', tableoid, ctid, xmin) AS row FROM {catalog} WHERE {those}"
        for catalog, those in _CATALOGS.items()
    )
    + " UNION ALL SELECT version_num FROM alembic_version"
)
"""Which rows the catalogs have, and which transaction wrote each: whatever defines, changes or renames something changes this."""
_EMPTIED = """
DO $$
DECLARE
    filled boolean;
    used text;
BEGIN
    %s
    FOR used IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        PERFORM setval(used, 1, false);
    END LOOP;
END $$
""" % "\n".join(  # noqa: UP031 - braces would be of no use here
    f"SELECT EXISTS (SELECT FROM {table.name}) INTO filled; IF filled THEN DELETE FROM {table.name}; END IF;"
    for table in reversed(metadata.sorted_tables)
)
_ALONE = f"""
SELECT bool_and(pg_terminate_backend(pid, {round(long() * 1000)})) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@cache
def sqlite_file() -> bytes:
    """An SQLite database as `make_ready` leaves an empty one."""
    with tempfile.TemporaryDirectory(prefix="ebid-") as directory:
        file = Path(directory) / "ebid.db"
        make_ready(f"sqlite:///{file}")
        return file.read_bytes()


@dataclass(frozen=True)
class _Made:
    """A connection of our own, which stays: opening one costs a process and all that it has to look up."""

    connection: psycopg.Connection
    as_made: object


class Stock:
    """The databases of one cluster that are made ready."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._made: dict[str, _Made] = {}
        self._free: list[str] = []

    def take(self) -> str:
        """The URL of one that is empty."""
        if self._free:
            return self._free.pop()
        url = self._cluster.new()
        make_ready(url)
        connection = self._cluster.connect_to(url)
        self._made[url] = _Made(connection, _one(connection, _AS_MADE))
        return url

    def has(self, url: str) -> bool:
        return url in self._made

    def give_back(self, url: str) -> None:
        """Empty it, or drop it where more than rows was changed. Whoever is still connected loses the connection either way."""
        made = self._made[url]
        try:
            if _one(made.connection, _ALONE) is not False and _one(made.connection, _AS_MADE) == made.as_made:
                made.connection.execute(_EMPTIED.encode())
                self._free.append(url)
                return
        except psycopg.Error:
            pass  # the server was stopped meanwhile, or refuses: a new database then
        made.connection.close()
        del self._made[url]
        self._cluster.drop(url)

    def close(self) -> None:
        for made in self._made.values():
            with suppress(psycopg.Error):
                made.connection.close()


def _one(connection: psycopg.Connection, query: str) -> object:
    found = connection.execute(query.encode()).fetchone()
    assert found is not None
    return found[0]
