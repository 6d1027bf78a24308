"""Whether this process can serve now, and if not, why: in the names of checks, never with data."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, String, column, select, table
from sqlalchemy.exc import SQLAlchemyError

from ebid_tui.server.services import Services
from ebid_tui.server.settings import Rate
from ebid_tui.server.store import limits as buckets
from ebid_tui.server.store.schema import REVISION

SECONDS = 3.0
"""How long each check may take."""
FRESH = 1.0
"""Seconds for which a result is told again: asking costs the database nothing then."""
WRITTEN = 10.0
"""Seconds after which something is really written again; at once where that failed last."""

PROBE = buckets.bucket("readiness")
"""The row that is written: a bucket that nobody takes from, swept out with the others."""
EVERY = Rate(1, timedelta(seconds=1))

log = logging.getLogger("ebid_tui.server")

_REVISION: Select[str] = select(column("version_num", String)).select_from(table("alembic_version"))


@dataclass(slots=True)
class Readiness:
    """What was found last."""

    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _failing: tuple[str, ...] = ()
    _at: float = float("-inf")
    _written_at: float = float("-inf")

    async def failing(self, services: Services) -> tuple[str, ...]:
        """The checks that do not hold: `trust`, `anchors`, `database`, `revision`, `writer`, `write`. Empty: this process can serve."""
        async with self._lock:
            if time.monotonic() - self._at > FRESH:
                due = time.monotonic() - self._written_at > WRITTEN
                found = await _look(services, really=due)
                if due and not found:
                    self._written_at = time.monotonic()
                if found != self._failing:
                    log.warning("readiness failing=%s", ",".join(found) or "-")
                self._failing, self._at = found, time.monotonic()
            return self._failing


async def _look(services: Services, *, really: bool) -> tuple[str, ...]:
    """`really`: a tiny row is written and committed. What is taken back again would never reach a disk, full or not."""
    failing = [] if services.settings.anchors and services.profiles else ["trust"]
    now = services.settings.now()
    if any(services.trust.stranded(profile, now) for profile in services.profiles.values()):
        failing.append("anchors")
    revision = await _within(services.store.look_up(_revision))
    if revision is None:
        return (*failing, "database")
    if revision != REVISION:
        failing.append("revision")
        really = False
    wrong = await _in_the_way_of_writing(services, really) if services.store.alive else "writer"
    return (*failing, wrong) if wrong else tuple(failing)


async def _in_the_way_of_writing(services: Services, really: bool) -> str:
    """`writer` where its place cannot be had in time, `write` where the database takes nothing: full, read only, a standby."""

    def write(connection: Connection) -> None:
        if really:
            buckets.count(connection, PROBE, EVERY, services.settings.now())

    try:
        await asyncio.wait_for(services.store.write(write), SECONDS)
    except TimeoutError:
        return "writer"
    except SQLAlchemyError:
        return "write"
    return ""


async def _within(asked: Awaitable[Any]) -> Any:
    try:
        return await asyncio.wait_for(asked, SECONDS)
    except (TimeoutError, SQLAlchemyError):
        return None


def _revision(connection: Connection) -> str:
    return str(connection.execute(_REVISION).scalar_one_or_none())
