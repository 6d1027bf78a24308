"""Rows for tests of single statements: one that is meant, and its neighbours, that are other in one thing each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from ebid_tui.domain.records import Vendor
from tests.clock import NOW

VENDOR = {"system": "ise", "agency": "ise", "category": "construction", "number": "1000000001"}
THIS = Vendor(**VENDOR)

REGISTRATION: dict[str, Any] = VENDOR | {
    "id": "R-1", "realm": "construction", "state": "active", "fingerprint": "f" * 64, "serial": "683", "issuer": "O=CA,C=JP",
    "not_after": NOW, "registered_at": NOW, "folded_holder": None,
    "blocks": {"card_holder": {"company": "伊勢建設", "person": "伊勢　一郎"}, "card_contact": {"email": "a@example.com"}},
}  # fmt: skip
QUALIFICATION: dict[str, Any] = VENDOR | {
    "state": "approved",
    "trade_name": "伊勢建設",
    "folded_name": "伊勢建設",
    "company": {"name": "伊勢建設"},
}
RECEIPT: dict[str, Any] = {"id": "X-1", "registration_id": "R-1", "system": "ise", "owner": "f" * 64, "body": {}, "at": NOW}


def put(connection: Connection, table: Table, *rows: Mapping[str, Any]) -> None:
    for row in rows:
        connection.execute(insert(table), row)


def neighbours(row: Mapping[str, Any], **other: Any) -> list[dict[str, Any]]:
    """Rows that are like this one but for one column each."""
    return [dict(row) | {name: value} for name, value in other.items()]


def rows(connection: Connection, table: Table, *columns: str) -> list[Any]:
    """What stands in a table, sorted; of one column only its values."""
    found = connection.execute(select(*(table.c[name] for name in columns))).all()
    return sorted((row[0] if len(columns) == 1 else tuple(row) for row in found), key=repr)


def committing(connection: Connection) -> None:
    """What a commit writes, without the commit itself."""
    connection.dispatch.commit(connection)
