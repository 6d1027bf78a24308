"""The reference server: routes under /v1, described at /v1/openapi.json."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Request, Router
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from ebid_tui.server import problems
from ebid_tui.server.access import refuse_foreign_origin, signed_in, signed_in_by_card
from ebid_tui.server.routes import amendments, card_free, clock, passwords, registrations, renewals, search, sign_in, status, systems
from ebid_tui.server.services import Services, services
from ebid_tui.server.settings import Settings

if TYPE_CHECKING:
    from ebid_tui.server.overnight import Scheduler


def create_app(settings: Settings) -> Litestar:
    """The ASGI application. The database must have been made ready (`store.migrate.make_ready`)."""

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        made = services(settings)
        app.state.services = made
        scheduler = _scheduler(made)
        try:
            yield
        finally:
            if scheduler is not None:
                # Not in the event loop: its transactions need that until the last one.
                await asyncio.to_thread(scheduler.stop)
            made.passwords.stop()
            made.store.stop()

    return Litestar(
        route_handlers=[_version_one()],
        dependencies={
            "services": Provide(_services, sync_to_thread=False),
            "session": Provide(signed_in),
            "card_session": Provide(signed_in_by_card),
        },
        lifespan=[running],
        before_request=refuse_foreign_origin,
        exception_handlers=problems.HANDLERS,
        request_max_body_size=settings.body_limit,
        openapi_config=_openapi(),
        logging_config=None,
    )


def _scheduler(made: Services) -> Scheduler | None:
    if made.settings.overnight is None:
        return None
    from ebid_tui.server.overnight import LOOK, Scheduler, planned, through

    plan, now = made.settings.overnight, made.settings.now
    transact = through(made.store, asyncio.get_running_loop())
    pause = min(LOOK, plan.mail_every.total_seconds())
    scheduler = Scheduler(planned(plan, made.profiles, transact, now), transact, now, pause)
    scheduler.start()
    return scheduler


def _services(request: Request[Any, Any, Any]) -> Services:
    found: Services = request.app.state.services
    return found


def _version_one() -> Router:
    return Router(
        "/v1",
        route_handlers=[
            clock.clock,
            clock.health,
            systems.systems,
            systems.system,
            sign_in.challenge,
            sign_in.sign_in,
            sign_in.sign_out,
            search.search,
            registrations.register,
            registrations.receipt,
            amendments.registered,
            amendments.amend,
            renewals.check,
            renewals.renew,
            card_free.search_card_free,
            card_free.register_card_free,
            status.login,
            status.status,
            passwords.change_password,
        ],
    )


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="ebid-tui",
        version="1",
        description="Registers IC cards for Japanese electronic bidding. Errors are problem+json with the rule's code.",
        path="/v1/openapi.json",  # a folder would answer unknown paths beside it with a page of HTML
        render_plugins=[JsonRenderPlugin(path="/")],
        components=Components(security_schemes={"session": SecurityScheme(type="http", scheme="bearer")}),
        use_handler_docstrings=True,
    )
