"""Who asks: the bearer token of a session (RFC 6750), and browsers' Origin header."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from sqlalchemy import Connection

from ebid_tui.errors import ServerError, SessionGone
from ebid_tui.server.services import Services
from ebid_tui.server.store import sign_ins
from ebid_tui.server.store.sign_ins import Session

SESSION: list[dict[str, list[str]]] = [{"session": []}]
"""For a route's description: it wants a session."""


async def signed_in(request: Request[Any, Any, Any], services: NamedDependency[Services]) -> Session:
    """The session of this request, by card or password; using it makes it last. Raises SessionGone."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SessionGone()
    hashed, now, lifetime = sign_ins.token_hash(token), services.settings.now(), services.settings.session_lifetime
    session = await services.store.read(lambda connection: sign_ins.session(connection, hashed, now))
    if session is None:
        raise SessionGone()
    if session.expires_at - now < lifetime / 2:

        def extend(connection: Connection) -> None:
            sign_ins.extend(connection, hashed, now + lifetime)

        await services.store.write(extend)
    return session


async def signed_in_by_card(session: NamedDependency[Session]) -> Session:
    """The session of a card. Raises SessionGone for one that only a password opened: sign in with the card."""
    if session.kind != "card":
        raise SessionGone()
    return session


def refuse_foreign_origin(request: Request[Any, Any, Any]) -> None:
    """A page of another site asks through a visitor's browser: refused. Programs send no Origin."""
    services: Services = request.app.state.services
    origin = request.headers.get("origin")
    if origin is not None and origin not in services.settings.origins:
        raise ServerError("origin", code="E-ORIGIN")
