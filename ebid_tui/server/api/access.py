"""Who asks: the bearer token of a session (RFC 6750), and browsers' Origin header.

A bidder's session is nothing at the desk, and an operator's nothing anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from litestar import Request
from litestar.di import NamedDependency
from sqlalchemy import Connection

from ebid_tui.errors import ServerError, SessionGone
from ebid_tui.server.operators.signed_in import DeskOperator
from ebid_tui.server.services import Services
from ebid_tui.server.settings import ServerSettings
from ebid_tui.server.store import operators, sign_ins
from ebid_tui.server.store.operators import Operator
from ebid_tui.server.store.sign_ins import BidderSession

T = TypeVar("T")

SESSION: list[dict[str, list[str]]] = [{"session": []}]
"""For a route's description: it wants a session."""


async def signed_in(request: Request[Any, Any, Any], services: NamedDependency[Services]) -> BidderSession:
    """The session of a bidder, by card or password; using it makes it last. Raises SessionGone."""
    session, _ = await _bidder(request, services, lambda _connection, _session: None)
    return session


async def signed_in_by_card(session: NamedDependency[BidderSession]) -> BidderSession:
    """The session of a card. Raises SessionGone for one that only a password opened: sign in with the card."""
    _refuse_without_card(session)
    return session


async def card_looking(
    request: Request[Any, Any, Any], services: Services, further: Callable[[Connection, BidderSession], T]
) -> tuple[BidderSession, T]:
    """The session of a card, and what `further` finds in the same view of the database: for who needs both, in one look.

    Raises SessionGone, and what `further` raises.
    """

    def look(connection: Connection, session: BidderSession) -> T:
        _refuse_without_card(session)
        return further(connection, session)

    return await _bidder(request, services, look)


async def signed_in_operator(request: Request[Any, Any, Any], services: NamedDependency[Services]) -> DeskOperator:
    """The session of an operator who has not been disabled since, asked for from the origin at which it was opened. Raises SessionGone."""
    hashed, now = _token_hash(request), services.settings.now()

    def look(connection: Connection) -> tuple[BidderSession, Operator] | None:
        session = sign_ins.session(connection, hashed, now)
        if session is None or session.kind != "operator":
            return None
        operator = operators.operator(connection, session.system, session.operator)
        return None if operator is None or operator.state != "active" else (session, operator)

    found = await services.store.look_up(look)
    if found is None:
        raise SessionGone()
    session, operator = found
    if request.headers.get("origin") != session.origin:
        raise SessionGone()
    _refuse_other_origin(request, services.settings, session)
    return DeskOperator(await _used(services, session), operator, services.profile(session.system))


async def refuse_foreign_origin(request: Request[Any, Any, Any]) -> None:
    """A page of another site asks through a visitor's browser: refused. Bidders' programs send no Origin."""
    services: Services = request.app.state.services
    origin = request.headers.get("origin")
    if origin is not None and origin not in services.settings.origins:
        raise ServerError("origin", code="E-ORIGIN")


async def _bidder(
    request: Request[Any, Any, Any], services: Services, further: Callable[[Connection, BidderSession], T]
) -> tuple[BidderSession, T]:
    hashed, now = _token_hash(request), services.settings.now()

    def look(connection: Connection) -> tuple[BidderSession, T]:
        session = sign_ins.session(connection, hashed, now)
        if session is None or session.kind in ("operator", "voucher"):
            raise SessionGone()
        _refuse_other_origin(request, services.settings, session)
        return session, further(connection, session)

    session, found = await services.store.look_up(look)
    return await _used(services, session), found


def _refuse_without_card(session: BidderSession) -> None:
    if session.kind != "card":
        raise SessionGone()


def _token_hash(request: Request[Any, Any, Any]) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SessionGone()
    return sign_ins.token_hash(token)


def _refuse_other_origin(request: Request[Any, Any, Any], settings: ServerSettings, session: BidderSession) -> None:
    """A session belongs to the origin at which it was opened. Raises SessionGone where that is not this server's any more, or another."""
    if session.origin and (session.origin not in settings.origins or request.headers.get("origin", session.origin) != session.origin):
        raise SessionGone()


async def _used(services: Services, session: BidderSession) -> BidderSession:
    """It lasts longer for being used, but not for ever. Raises SessionGone."""
    settings, now = services.settings, services.settings.now()
    longest = session.created_at + settings.session_longest
    if now >= longest:
        raise SessionGone()
    until = min(now + settings.session_lifetime, longest)
    if session.expires_at - now < settings.session_lifetime / 2 and until > session.expires_at:
        await services.store.write(lambda connection: sign_ins.extend(connection, session.token_hash, until))
    return session
