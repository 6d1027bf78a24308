"""A program that writes audit rows beside others: DATABASE, a name of its own, how many transactions; none, one or two rows in each."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.server.store import accepted_changes
from ebid_tui.server.store.engine import writing_engine
from tests.clock import NOW


def main(argv: Sequence[str]) -> int:
    database, name, count = argv
    engine = writing_engine(database)
    for number in range(int(count)):
        with engine.begin() as connection:
            for part in range(number % 3):
                accepted_changes.add_audit(connection, "minato", "noted", "process", f"{name}/{number}/{part}", NOW)
    return 0
