"""The server's time (R-01), whether its process lives, and whether it can serve."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency

from ebid_tui.domain.records import Clock
from ebid_tui.errors import InputError
from ebid_tui.messages import t
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.services import Services


class Health(msgspec.Struct, frozen=True):
    """The process lives."""

    status: Literal["ok"]


class Ready(msgspec.Struct, frozen=True, omit_defaults=True):
    """The process can serve."""

    status: Literal["ready"]
    left_out: tuple[str, ...] = ()
    """Names of systems' files that are broken and therefore not served."""


@get("/clock", sync_to_thread=False, responses=refuses())
def clock(services: NamedDependency[Services]) -> Clock:
    """The time that screens show and documents are dated with (R-01)."""
    return Clock(services.settings.japan_now(), services.settings.origins)


@get("/health", sync_to_thread=False, responses=refuses())
def health() -> Health:
    """Whether this process lives. It asks nothing else: a database that is away is no reason to start the process anew."""
    return Health("ok")


@get("/ready", responses=refuses())
async def ready(services: NamedDependency[Services], request: Request[Any, Any, Any]) -> Ready:
    """Whether this process can serve now: authorities loaded, database there and at this program's revision, somebody writes.

    503 E-NOT-READY otherwise, with the names of the checks that do not hold, so that a proxy asks another process.
    """
    failing = await request.app.state.readiness.failing(services)
    if failing:
        problem = InputError([(name, "E-NOT-READY", t(f"server.not_ready_{name}")) for name in failing])
        problem.code = "E-NOT-READY"
        raise problem
    return Ready("ready", services.left_out)
