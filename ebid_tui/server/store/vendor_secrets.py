"""Hashes of what a search asks as a secret beside number and password, as the agency's list brings it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select

from ebid_tui.server.store.engine import insertion
from ebid_tui.server.store.schema import vendor_secrets

_s = vendor_secrets.c
_OF = select(_s.number, _s.field, _s.hash).where(_s.system == bindparam("p_system"), _s.number.in_(bindparam("p_numbers", expanding=True)))


def secrets_of(connection: Connection, system: str, numbers: Collection[str]) -> dict[str, dict[str, str]]:
    """By number and field id: the hashes that there are."""
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(_OF, {"p_system": system, "p_numbers": list(numbers)}):
        found.setdefault(row.number, {})[row.field] = row.hash
    return found


@cache
def _put(dialect: str) -> Any:
    made = insertion(dialect, vendor_secrets)
    return made.on_conflict_do_update(index_elements=["system", "number", "field"], set_={"hash": made.excluded.hash})


def put_secrets(connection: Connection, system: str, rows: Iterable[tuple[str, str, str]]) -> None:
    """Number, field id and hash of each: it takes the place of what there is."""
    values = [{"system": system, "number": number, "field": field, "hash": hashed} for number, field, hashed in rows]
    if values:
        connection.execute(_put(connection.dialect.name), values)
