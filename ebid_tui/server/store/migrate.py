"""Bringing a database up to `schema.REVISION`.

A fresh one is made from the tables and marked, without importing Alembic (half a second); an older one is migrated.
"""

from __future__ import annotations

import logging
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from ebid_tui.errors import EbidError
from ebid_tui.server.store import acceptance_table, desk_tables, search_index  # noqa: F401 - their tables belong to a fresh database, too
from ebid_tui.server.store.engine import disposing, migrating_engine, opened_to_others, refuse_other_encodings, writing_engine
from ebid_tui.server.store.schema import REVISION, metadata

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parent / "migrations"

log = logging.getLogger("ebid_tui.server.store")

_alembic = MetaData()
_version = Table("alembic_version", _alembic, Column("version_num", String(32), primary_key=True))
"""Alembic's own mark."""


def make_ready(url: str) -> bool:
    """Make the database fit for this program; True if it was empty before. Raises EbidError E-DATABASE-OLD: a newer program's."""
    for file in opened_to_others(url):
        log.warning("database was open to others, now mode=%s", stat.filemode(file.stat().st_mode))
    with disposing(writing_engine(url)) as engine, engine.begin() as connection:
        refuse_other_encodings(connection)
        found = revision(connection)
        if found is None and not inspect(connection).get_table_names():
            metadata.create_all(connection)
            _alembic.create_all(connection)
            connection.execute(insert(_version), {"version_num": REVISION})
            return True
    if found != REVISION:
        upgrade(url)
    return False


def revision(connection: Connection) -> str | None:
    """The mark of a database; None where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    marked: str | None = connection.execute(select(_version.c.version_num)).scalar_one_or_none()
    return marked


def upgrade(url: str, to: str = "head") -> None:
    """Run the migrations that a database has not had yet. Raises EbidError E-DATABASE-OLD: its mark is none of ours."""
    from alembic import command
    from alembic.util.exc import CommandError

    try:
        _migrate(url, lambda config: command.upgrade(config, to))
    except CommandError:
        raise EbidError(code="E-DATABASE-OLD", reason=f"? / {REVISION}") from None


def downgrade(url: str, to: str) -> None:
    """Take migrations back, down to the revision `to`."""
    from alembic import command

    _migrate(url, lambda config: command.downgrade(config, to))


def _migrate(url: str, run: Callable[[Config], None]) -> None:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with disposing(migrating_engine(url)) as engine, engine.connect() as connection:
        config.attributes["connection"] = connection
        run(config)
