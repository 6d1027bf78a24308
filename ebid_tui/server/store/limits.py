"""How often something was done: one row a bucket (the generic cell rate algorithm), the same for every process.

A bucket is named by a hash. Transactions that write come one after the other (`engine.py`), and `take` looks and counts in one of them:
of a hundred requests at once exactly as many get through as of a hundred one after the other.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import Connection, bindparam, delete, select, update

from ebid_tui.server.settings import Rate
from ebid_tui.server.store.desk_tables import rate_limits
from ebid_tui.server.store.engine import insertion

_EMPTY_AT = select(rate_limits.c.empty_at).where(rate_limits.c.key == bindparam("p_key"))
_OLD = delete(rate_limits).where(rate_limits.c.empty_at < bindparam("p_now"))
_GIVE_BACK = (
    update(rate_limits).where(rate_limits.c.key == bindparam("p_key")).values(empty_at=rate_limits.c.empty_at - bindparam("p_back"))
)
SWEEP = 64
"""Once in so many times the empty buckets are taken away."""

Bucket: TypeAlias = tuple[str, Rate]
"""A bucket's name (`bucket`), and how much it holds."""


def bucket(*what: str) -> str:
    """A bucket's name: neither addresses nor numbers can be read from it."""
    return hashlib.sha256("\0".join(what).encode()).hexdigest()


def wait(connection: Connection, key: str, rate: Rate, now: datetime) -> float:
    """Seconds until one more is allowed; 0 for now."""
    return max(0, _empty_at(connection, key) - _milliseconds(rate.every) * (rate.burst - 1) - _since_1970(now)) / 1000


def longest_wait(connection: Connection, wanted: Sequence[Bucket], now: datetime) -> float:
    """Seconds until one from each of them is allowed; 0 for now."""
    return max((wait(connection, key, rate, now) for key, rate in wanted), default=0.0)


def take(connection: Connection, wanted: Sequence[Bucket], now: datetime) -> float:
    """One from each of them, or from none: the answer is how many seconds to wait, 0 where they were taken."""
    seconds = longest_wait(connection, wanted, now)
    if not seconds:
        for key, rate in wanted:
            count(connection, key, rate, now)
    return seconds


def give_back(connection: Connection, taken: Sequence[Bucket], times: int = 1) -> None:
    """What was taken turned out not to count; a bucket that has run empty meanwhile stays empty."""
    for key, rate in taken:
        connection.execute(_GIVE_BACK, {"p_key": key, "p_back": _milliseconds(rate.every) * times})


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
