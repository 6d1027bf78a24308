"""The reference server: routes under /v1, described at /v1/openapi.json."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from ebid_tui.server.api import problems
from ebid_tui.server.api.access import refuse_foreign_origin, signed_in, signed_in_by_card, signed_in_operator
from ebid_tui.server.api.limits import caller
from ebid_tui.server.api.openapi import description
from ebid_tui.server.api.routes import (
    amendments,
    card_free,
    card_free_amendments,
    clock,
    desk_acceptances,
    desk_find,
    desk_requests,
    desk_sign_in,
    passwords,
    registrations,
    renewals,
    search,
    sign_in,
    status,
    systems,
    unlocks,
    vouchers,
)
from ebid_tui.server.api.strictness import StrictRequest, refuse_odd_target
from ebid_tui.server.running.metrics import Metrics
from ebid_tui.server.running.readiness import Readiness
from ebid_tui.server.services import Services, services
from ebid_tui.server.settings import ServerSettings

if TYPE_CHECKING:
    from ebid_tui.server.overnight.schedule import Scheduler


def create_app(settings: ServerSettings) -> Litestar:
    """The ASGI application. The database must have been made ready (`store.migrate.make_ready`)."""

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        made = services(settings)
        app.state.services = made
        app.state.metrics.watch(made)
        scheduler = _scheduler(made)
        try:
            yield
        finally:
            if scheduler is not None:
                # Not in the event loop: its transactions need that until the last one.
                await asyncio.to_thread(scheduler.stop)
            made.passwords.stop()
            made.trust.stop()
            made.store.stop()

    return Litestar(
        path="/v1",
        route_handlers=ROUTES,
        dependencies={
            "services": Provide(_services, sync_to_thread=False),
            "session": Provide(signed_in),
            "card_session": Provide(signed_in_by_card),
            "desk": Provide(signed_in_operator),
            "caller": Provide(caller, sync_to_thread=False),
        },
        lifespan=[running],
        before_request=_refuse_early,
        exception_handlers=problems.HANDLERS,
        request_max_body_size=settings.body_limit,
        request_class=StrictRequest,
        state=State({"metrics": Metrics(), "readiness": Readiness(), "settings": settings}),
        openapi_config=description(),
        logging_config=None,
    )


def import_all() -> None:
    """What is imported where it is needed, so that other programs start quickly: a server's first card would wait for it (100 ms)."""
    for name in ("email_validator", "pyhanko_certvalidator", "pyhanko_certvalidator.ltv.types", "asn1crypto.ocsp"):
        import_module(name)


def _scheduler(made: Services) -> Scheduler | None:
    if made.settings.overnight is None:
        return None
    from ebid_tui.server.overnight.schedule import LOOK, Scheduler, lists, planned, queued_transactions

    plan, now = made.settings.overnight, made.settings.now
    transact = queued_transactions(made.store, asyncio.get_running_loop())
    pause = min(LOOK, plan.mail_every.total_seconds())
    jobs = (*planned(plan, made.profiles, transact, now), lists(made.settings.revocation, transact, now))
    scheduler = Scheduler(jobs, transact, now, pause)
    scheduler.start()
    return scheduler


async def _refuse_early(request: Request[Any, Any, Any]) -> None:
    await refuse_foreign_origin(request)
    refuse_odd_target(request)


def _services(request: Request[Any, Any, Any]) -> Services:
    found: Services = request.app.state.services
    return found


_MODULES = (
    clock, systems, sign_in, search, vouchers, unlocks, registrations, amendments, renewals, card_free, card_free_amendments, status,
    passwords, desk_sign_in, desk_find, desk_requests, desk_acceptances,
)  # fmt: skip
ROUTES = tuple(route for module in _MODULES for route in vars(module).values() if isinstance(route, HTTPRouteHandler))
"""Every route of these modules."""
