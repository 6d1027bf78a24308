"""The server's time (R-01), and whether the server is well."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import get
from litestar.di import NamedDependency
from sqlalchemy import text

from ebid_tui.server.problems import refuses
from ebid_tui.server.services import Services


class Clock(msgspec.Struct, frozen=True):
    """The server's time in Japan."""

    now: datetime


class Health(msgspec.Struct, frozen=True):
    """`ok` when the database answers."""

    status: str


@get("/clock", sync_to_thread=False, responses=refuses())
def clock(services: NamedDependency[Services]) -> Clock:
    """The time that screens show and documents are dated with (R-01)."""
    return Clock(services.settings.japan_now())


@get("/health", responses=refuses())
async def health(services: NamedDependency[Services]) -> Health:
    """Whether this process can serve."""
    await services.store.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
    return Health("ok")
