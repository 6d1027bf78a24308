"""How often something was done: one row a bucket (the generic cell rate algorithm), the same for every process.

A bucket is named by a hash. Transactions that write come one after the other (`engine.py`), so looking and counting in one is exact.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select

from ebid_tui.server.settings import Rate
from ebid_tui.server.store.desk_tables import rate_limits
from ebid_tui.server.store.engine import insertion

_EMPTY_AT = select(rate_limits.c.empty_at).where(rate_limits.c.key == bindparam("p_key"))
_OLD = delete(rate_limits).where(rate_limits.c.empty_at < bindparam("p_now"))
SWEEP = 64
"""Once in so many times the empty buckets are taken away."""


def bucket(*what: str) -> str:
    """A bucket's name: neither addresses nor numbers can be read from it."""
    return hashlib.sha256("\0".join(what).encode()).hexdigest()


def wait(connection: Connection, key: str, rate: Rate, now: datetime) -> float:
    """Seconds until one more is allowed; 0 for now."""
    return max(0, _empty_at(connection, key) - _milliseconds(rate.every) * (rate.burst - 1) - _since_1970(now)) / 1000


def count(connection: Connection, key: str, rate: Rate, now: datetime) -> None:
    """Count one, allowed or not."""
    at = _since_1970(now)
    full = at + _milliseconds(rate.every) * rate.burst
    empty_at = min(max(_empty_at(connection, key), at) + _milliseconds(rate.every), full)
    statement = insertion(connection.dialect.name, rate_limits)
    put = statement.on_conflict_do_update(index_elements=["key"], set_={"empty_at": statement.excluded.empty_at})
    connection.execute(put, {"key": key, "empty_at": empty_at})
    if secrets.randbelow(SWEEP) == 0:
        connection.execute(_OLD, {"p_now": at})


def _empty_at(connection: Connection, key: str) -> int:
    found: int | None = connection.execute(_EMPTY_AT, {"p_key": key}).scalar_one_or_none()
    return found or 0


def _since_1970(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _milliseconds(span: timedelta) -> int:
    return max(1, int(span.total_seconds() * 1000))
