"""Whether this process can serve now, and if not, why: in the names of checks, never with data."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, String, column, select, table
from sqlalchemy.exc import SQLAlchemyError

from ebid_tui.server.services import Services
from ebid_tui.server.store.schema import REVISION

SECONDS = 3.0
"""How long each check may take."""
FRESH = 1.0
"""Seconds for which a result is told again: asking costs the database nothing then."""

log = logging.getLogger("ebid_tui.server")

_REVISION: Select[str] = select(column("version_num", String)).select_from(table("alembic_version"))


@dataclass(slots=True)
class Readiness:
    """What was found last."""

    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _failing: tuple[str, ...] = ()
    _at: float = float("-inf")

    async def failing(self, services: Services) -> tuple[str, ...]:
        """The checks that do not hold: `trust`, `anchors`, `database`, `revision`, `writer`. Empty: this process can serve."""
        async with self._lock:
            if time.monotonic() - self._at > FRESH:
                found = await _look(services)
                if found != self._failing:
                    log.warning("readiness failing=%s", ",".join(found) or "-")
                self._failing, self._at = found, time.monotonic()
            return self._failing


async def _look(services: Services) -> tuple[str, ...]:
    failing = [] if services.settings.anchors and services.profiles else ["trust"]
    now = services.settings.now()
    if any(services.trust.stranded(profile, now) for profile in services.profiles.values()):
        failing.append("anchors")
    revision = await _within(services.store.glance(_revision))
    if revision is None:
        return (*failing, "database")
    if revision != REVISION:
        failing.append("revision")
    # Nothing is written; but whoever cannot take the writer's place cannot accept anything.
    if not services.store.alive or await _within(services.store.write(_nothing)) is None:
        failing.append("writer")
    return tuple(failing)


async def _within(asked: Awaitable[Any]) -> Any:
    try:
        return await asyncio.wait_for(asked, SECONDS)
    except (TimeoutError, SQLAlchemyError):
        return None


def _revision(connection: Connection) -> str:
    return str(connection.execute(_REVISION).scalar_one_or_none())


def _nothing(_connection: Connection) -> bool:
    return True
