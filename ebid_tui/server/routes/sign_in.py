"""Signing in with a card: a nonce to sign, the signed nonce, a session."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import delete, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import Connection

from ebid_tui.domain.records import Challenge, SignedIn
from ebid_tui.domain.statement import Signed, SignIn
from ebid_tui.errors import ServerError
from ebid_tui.server import evidence
from ebid_tui.server.access import SESSION
from ebid_tui.server.problems import refuses
from ebid_tui.server.services import Services
from ebid_tui.server.settings import Settings
from ebid_tui.server.store import registrations, sign_ins
from ebid_tui.server.store.sign_ins import Session


class ChallengeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For which system a nonce is wanted, and at which of its agencies where that is known."""

    system: str
    agency: str = ""


class SignedRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed statement."""

    statement: Signed


def check_circumstances(settings: Settings, origin: str, issued_at: datetime) -> None:
    """A statement must be for this server, and of this time. Raises ServerError E-ORIGIN, E-CLOCK, E-SIGNATURE."""
    if origin not in settings.origins:
        raise ServerError("origin", code="E-ORIGIN")
    if issued_at.tzinfo is None:
        raise evidence.refused("issued_at has no zone")
    if abs(settings.now() - issued_at) > settings.statement_skew:
        raise ServerError("issued_at", code="E-CLOCK")


@post("/challenges", responses=refuses(400, 404, 413))
async def challenge(services: NamedDependency[Services], data: JSONBody[ChallengeRequest]) -> Challenge:
    """A nonce that may be signed once."""
    profile, settings = services.profile(data.system), services.settings
    if data.agency and data.agency not in {agency.id for agency in profile.agencies}:
        raise ServerError("agency", code="E-NOT-FOUND")

    def write(connection: Connection) -> Challenge:
        return sign_ins.new_challenge(connection, profile.id, settings.now(), settings.challenge_lifetime)

    return await services.store.write(write)


@post("/sessions", responses=refuses(400, 404, 409, 413, 422))
async def sign_in(services: NamedDependency[Services], data: JSONBody[SignedRequest]) -> SignedIn:
    """Sign in with a card; the answer tells where it is registered already (R-05)."""
    settings, now = services.settings, services.settings.now()
    (signer,) = evidence.verify(data.statement, ("card",))
    said = evidence.content(data.statement, SignIn)
    profile = services.profile(said.system)
    check_circumstances(settings, said.origin, said.issued_at)
    await services.trust.accept(profile, signer.certificate, signer.chain, now)
    fingerprint, until = signer.certificate.fingerprint, now + settings.session_lifetime

    def write(connection: Connection) -> SignedIn:
        sign_ins.use_challenge(connection, said.nonce, profile.id, now)
        token = sign_ins.open_session(connection, profile.id, said.origin, fingerprint, now, until)
        registered = registrations.registered_cards(connection, profile.id, fingerprint)
        return SignedIn(token=token, expires_at=until, registered=registered)

    return await services.store.write(write)


@delete("/sessions/current", responses=refuses(401), security=SESSION)
async def sign_out(services: NamedDependency[Services], session: NamedDependency[Session]) -> None:
    """End the session."""

    def write(connection: Connection) -> None:
        sign_ins.end_session(connection, session.token_hash)

    await services.store.write(write)
