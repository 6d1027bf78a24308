"""The server that the accidents must leave alone: its tables compared quickly, and put back where something was registered."""

from __future__ import annotations

import sqlite3
from typing import Any

from ebid_tui.server.store.schema import metadata
from tests.server.running_server import Running

SIGNING_IN = ("challenges", "sessions", "rate_limits")
"""Tables of signing in: a flow that was broken off may leave rows there."""


class Counter:
    """A real server and a look into its database."""

    def __init__(self, server: Running) -> None:
        self.server = server
        assert server.file
        self._file = sqlite3.connect(server.file)
        self._tables = [table.name for table in metadata.sorted_tables if table.name not in SIGNING_IN]

    def contents(self) -> dict[str, list[Any]]:
        """Every row but those of signing in."""
        with self._file:
            self._file.execute("BEGIN")
            return {table: self._file.execute(f"SELECT * FROM {table}").fetchall() for table in self._tables}

    def restore(self) -> None:
        """As it was in the beginning."""
        self.server.restore()

    def close(self) -> None:
        self._file.close()
