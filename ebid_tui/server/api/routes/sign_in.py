"""Signing in with a card: a nonce to sign, the signed nonce, a session."""

from __future__ import annotations

import msgspec
from litestar import delete, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import Connection

from ebid_tui.domain.profile.fingerprint import fingerprint
from ebid_tui.domain.records import Challenge, RegisteredCard, SignedIn
from ebid_tui.domain.statement import SignIn
from ebid_tui.errors import RuleError
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import Id
from ebid_tui.server.api.limits import limited
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import accepting, opening
from ebid_tui.server.decisions.accepting import SignedRequest
from ebid_tui.server.services import Services
from ebid_tui.server.store import registrations, sign_ins
from ebid_tui.server.store.sign_ins import BidderSession


class ChallengeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For which system a nonce is wanted, and at which of its agencies something is to be changed."""

    system: Id
    agency: Id = ""


@post("/challenges", guards=[limited], responses=refuses(400, 404, 413, 422, 429))
async def challenge(services: NamedDependency[Services], data: JSONBody[ChallengeRequest]) -> Challenge:
    """A nonce that may be signed once. With an agency, R-22 outside its service hours; without one, for looking only."""
    profile, settings = services.profile(data.system), services.settings
    if data.agency:
        opening.refuse_closed(settings, profile, data.agency)
    made = await services.store.write(lambda c: sign_ins.new_challenge(c, profile.id, settings.now(), settings.challenge_lifetime))
    return msgspec.structs.replace(made, origins=settings.origins, profile=fingerprint(profile))


@post("/sessions", guards=[limited], responses=refuses(400, 404, 409, 413, 422, 429))
async def sign_in(services: NamedDependency[Services], data: JSONBody[SignedRequest]) -> SignedIn:
    """Sign in with a card; the answer tells where it is registered already (R-05). R-11 for a card that was replaced."""
    settings, now = services.settings, services.settings.now()
    profile, said, signer = await accepting.signed_in(services, data.statement, SignIn, now)
    fingerprint, until = signer.certificate.fingerprint, now + settings.session_lifetime

    def write(connection: Connection) -> SignedIn:
        sign_ins.use_challenge(connection, said.nonce, profile.id, now)
        registered = registrations.registered_cards(connection, profile.id, fingerprint)
        _refuse_ended(registered)
        token = sign_ins.open_card_session(connection, profile.id, said.origin, fingerprint, signer.chain[0], now, until)
        return SignedIn(token=token, expires_at=until, registered=registered)

    return await services.store.write(write)


def _refuse_ended(registered: tuple[RegisteredCard, ...]) -> None:
    """R-11: a card that was renewed or cancelled everywhere cannot sign in any more; where it was, it is refused by itself."""
    if registered and all(card.state in ("renewed", "cancelled") for card in registered):
        raise RuleError("R-11", registered[-1].state)


@delete("/sessions/current", responses=refuses(401), security=SESSION)
async def sign_out(services: NamedDependency[Services], session: NamedDependency[BidderSession]) -> None:
    """End the session."""
    await services.store.write(lambda connection: sign_ins.end_session(connection, session.token_hash))


@delete("/sessions", responses=refuses(401), security=SESSION)
async def sign_out_everywhere(services: NamedDependency[Services], session: NamedDependency[BidderSession]) -> None:
    """End every session of this card; without one, every session that the number's password opened."""

    def write(connection: Connection) -> None:
        if session.fingerprint:
            sign_ins.end_sessions_of_card(connection, session.system, session.fingerprint)
        elif session.vendor is not None:
            sign_ins.end_sessions_of(connection, session.system, session.vendor.number)

    await services.store.write(write)
