"""Who asks: the bearer token of a session (RFC 6750), and browsers' Origin header.

A bidder's session is nothing at the desk, and an operator's nothing anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from litestar import Request
from litestar.di import NamedDependency
from sqlalchemy import Connection

from ebid_tui.domain.desk import Role
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import ServerError, SessionGone
from ebid_tui.server.services import Services
from ebid_tui.server.settings import Settings
from ebid_tui.server.store import entries, operators, sign_ins
from ebid_tui.server.store.operators import Operator
from ebid_tui.server.store.sign_ins import Session

T = TypeVar("T")

LONGEST_SUBJECT = 64
"""Of a row of the audit log."""
SESSION: list[dict[str, list[str]]] = [{"session": []}]
"""For a route's description: it wants a session."""


@dataclass(frozen=True, slots=True)
class Desk:
    """An operator who is signed in, and what that one may see."""

    session: Session
    operator: Operator
    profile: Profile

    @property
    def agencies(self) -> tuple[str, ...]:
        """Those of the system that the operator is of."""
        return seen(self.profile, self.operator)

    def refuse_agency(self, agency: str) -> None:
        """Raise ServerError E-NOT-FOUND for an agency that this operator does not see, whether it exists or not."""
        if agency not in self.agencies:
            raise ServerError("agency", code="E-NOT-FOUND")

    def refuse_role(self, role: Role) -> None:
        """Raise ServerError E-ROLE for an operator of another one."""
        if self.operator.role != role:
            raise ServerError("role", code="E-ROLE")

    @property
    def actor(self) -> str:
        """How the audit log calls this operator."""
        return operator_actor(self.operator.login_id)

    def note(self, connection: Connection, what: str, why: str, subject: str, now: datetime, agency: str | None = None) -> None:
        """One row of the audit log, by this operator; the event is `what:why`, as in `desk_view:inquiry`. Looking is told like changing."""
        entries.add_audit(connection, self.profile.id, f"{what}:{why}", self.actor, subject[:LONGEST_SUBJECT], now, agency)


def seen(profile: Profile, operator: Operator) -> tuple[str, ...]:
    """The agencies of the system that an operator is of."""
    every = tuple(agency.id for agency in profile.agencies)
    return every if operator.agencies is None else tuple(a for a in every if a in operator.agencies)


def operator_actor(login_id: str) -> str:
    """How the audit log calls an operator."""
    return f"operator:{login_id}"


async def signed_in(request: Request[Any, Any, Any], services: NamedDependency[Services]) -> Session:
    """The session of a bidder, by card or password; using it makes it last. Raises SessionGone."""
    session, _ = await _bidder(request, services, lambda _connection, _session: None)
    return session


async def signed_in_by_card(session: NamedDependency[Session]) -> Session:
    """The session of a card. Raises SessionGone for one that only a password opened: sign in with the card."""
    _refuse_without_card(session)
    return session


async def card_looking(
    request: Request[Any, Any, Any], services: Services, further: Callable[[Connection, Session], T]
) -> tuple[Session, T]:
    """The session of a card, and what `further` finds in the same view of the database: for who needs both, in one look.

    Raises SessionGone, and what `further` raises.
    """

    def look(connection: Connection, session: Session) -> T:
        _refuse_without_card(session)
        return further(connection, session)

    return await _bidder(request, services, look)


async def signed_in_operator(request: Request[Any, Any, Any], services: NamedDependency[Services]) -> Desk:
    """The session of an operator who has not been disabled since, asked for from the origin at which it was opened. Raises SessionGone."""
    hashed, now = _token_hash(request), services.settings.now()

    def look(connection: Connection) -> tuple[Session, Operator] | None:
        session = sign_ins.session(connection, hashed, now)
        if session is None or session.kind != "operator":
            return None
        operator = operators.operator(connection, session.system, session.operator)
        return None if operator is None or operator.state != "active" else (session, operator)

    found = await services.store.glance(look)
    if found is None:
        raise SessionGone()
    session, operator = found
    if request.headers.get("origin") != session.origin:
        raise SessionGone()
    _refuse_other_origin(request, services.settings, session)
    return Desk(await _used(services, session), operator, services.profile(session.system))


async def refuse_foreign_origin(request: Request[Any, Any, Any]) -> None:
    """A page of another site asks through a visitor's browser: refused. Bidders' programs send no Origin."""
    services: Services = request.app.state.services
    origin = request.headers.get("origin")
    if origin is not None and origin not in services.settings.origins:
        raise ServerError("origin", code="E-ORIGIN")


async def _bidder(request: Request[Any, Any, Any], services: Services, further: Callable[[Connection, Session], T]) -> tuple[Session, T]:
    hashed, now = _token_hash(request), services.settings.now()

    def look(connection: Connection) -> tuple[Session, T]:
        session = sign_ins.session(connection, hashed, now)
        if session is None or session.kind == "operator":
            raise SessionGone()
        _refuse_other_origin(request, services.settings, session)
        return session, further(connection, session)

    session, found = await services.store.glance(look)
    return await _used(services, session), found


def _refuse_without_card(session: Session) -> None:
    if session.kind != "card":
        raise SessionGone()


def _token_hash(request: Request[Any, Any, Any]) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SessionGone()
    return sign_ins.token_hash(token)


def _refuse_other_origin(request: Request[Any, Any, Any], settings: Settings, session: Session) -> None:
    """A session belongs to the origin at which it was opened. Raises SessionGone where that is not this server's any more, or another."""
    if session.origin and (session.origin not in settings.origins or request.headers.get("origin", session.origin) != session.origin):
        raise SessionGone()


async def _used(services: Services, session: Session) -> Session:
    """It lasts longer for being used, but not for ever. Raises SessionGone."""
    settings, now = services.settings, services.settings.now()
    longest = session.created_at + settings.session_longest
    if now >= longest:
        raise SessionGone()
    until = min(now + settings.session_lifetime, longest)
    if session.expires_at - now < settings.session_lifetime / 2 and until > session.expires_at:
        await services.store.write(lambda connection: sign_ins.extend(connection, session.token_hash, until))
    return session
