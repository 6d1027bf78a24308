"""変更: what a card has registered, and one signed statement that changes it (R-19: each card, each category by itself)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from sqlalchemy import Connection

from ebid_tui.domain import receipts
from ebid_tui.domain.records import Receipt, Registered
from ebid_tui.domain.statement import Statement
from ebid_tui.errors import RuleError
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import IdempotencyKey
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import accepting, opening, waiting
from ebid_tui.server.decisions.accepting import SignedRequest, VerifiedChange
from ebid_tui.server.decisions.checking import FormToCheck, check_blocks, differs
from ebid_tui.server.decisions.standing import StandingRegistration, refuse_unknown_place, standing
from ebid_tui.server.services import Services
from ebid_tui.server.store import sign_ins, vendors
from ebid_tui.server.store.sign_ins import BidderSession

Request = VerifiedChange[Statement]


@get("/registered", responses=refuses(400, 401, 404, 422), security=SESSION)
async def registered(
    services: NamedDependency[Services], card_session: NamedDependency[BidderSession], agency: FromQuery[str], category: FromQuery[str]
) -> Registered:
    """What the session's card has registered at an agency and category, beside its vendor's newest qualification (R-27, R-37)."""
    profile = services.profile(card_session.system)
    refuse_unknown_place(profile, agency, category)
    found = await services.store.read(lambda connection: standing(connection, profile, card_session, agency, category, amending=True))
    return Registered(registration=found.registration, qualification=found.known.newest, company_id=found.known.details.company_id)


@post("/amendments", responses=refuses(400, 401, 404, 409, 413, 422), security=SESSION)
async def amend(
    services: NamedDependency[Services],
    card_session: NamedDependency[BidderSession],
    data: JSONBody[SignedRequest],
    idempotency_key: IdempotencyKey = None,
) -> Receipt:
    """Change what the session's card has registered. Asked again under the same Idempotency-Key it gives the same receipt."""
    session, signed = card_session, data.statement
    repeat = accepting.repeat_of(session, idempotency_key, signed)
    given = await services.store.read(lambda connection: accepting.earlier(connection, session, repeat))
    if given is not None:
        return given
    request = accepting.understood(services, session, signed, repeat, Statement, "amendment", ("card",))
    said, profile = request.said, request.profile
    refuse_unknown_place(profile, said.agency, said.category)
    opening.refuse_closed(services.settings, profile, said.agency)
    request = await accepting.accepted(services, request, services.settings.now())
    # The key again: the same request, sent twice, may have been accepted meanwhile.
    given, found = await services.store.read(
        lambda connection: (accepting.earlier(connection, session, repeat), _standing(connection, request))
    )
    if given is not None:
        return given
    _decide(request, found)
    return await services.store.write(_writing(request, found, services.settings.japan_now().replace(microsecond=0)))


def _standing(connection: Connection, request: Request) -> StandingRegistration:
    return standing(connection, request.profile, request.session, request.said.agency, request.said.category, amending=True)


def _decide(request: Request, found: StandingRegistration) -> None:
    """Raises ServerError E-STATEMENT for what is not on record so, InputError with every faulty field."""
    said = request.said
    (signer,) = request.signers
    if request.vendor != found.registration.vendor:
        raise differs("vendor")
    if said.card != signer.certificate.record:
        raise differs("card")
    check_blocks(
        FormToCheck(
            profile=request.profile,
            operation="amendment",
            category=said.category,
            blocks=said.blocks,
            card_holder=signer.certificate.card_holder,
            known=found.known,
        )
    )


def _writing(request: Request, decided_on: StandingRegistration, now: datetime) -> Callable[[Connection], Receipt]:
    """The transaction: what may have changed since it was decided is looked at again, then everything is written."""

    def write(connection: Connection) -> Receipt:
        sign_ins.use_challenge(connection, request.said.nonce, request.said.system, now)
        found = _standing(connection, request)
        if found != decided_on:
            _decide(request, found)
        return _enter(connection, request, found, now)

    return accepting.once(request.session, request.repeat, write)


def _enter(connection: Connection, request: Request, found: StandingRegistration, now: datetime) -> Receipt:
    said, profile = request.said, request.profile
    blocks = receipts.kept(said.blocks)
    rule = profile.acceptance_of("amendment", said.agency, said.category)
    shared = accepting.details(profile, said.category, found.known, blocks)
    given = accepting.receipt(
        "amendment",
        request.vendor,
        blocks,
        request.signed.payload,
        now,
        card=said.card,
        propagate=said.propagate,
        company_id=shared.company_id,
        state=waiting.state_of(rule, found.registration),
    )
    if not waiting.change(connection, rule, given, found.registration, request.repeat.owner):
        raise RuleError("R-11")
    if given.state == "accepted":
        vendors.keep_details(connection, request.vendor, shared, now)
    return accepting.keep(connection, profile, found.registration.id, given, accepting.as_evidence(request), request.repeat)
