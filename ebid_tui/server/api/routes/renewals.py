"""ICカード更新: one statement that names two cards, signed by both; the registration moves and the current card is out (R-11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import renewal
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.records import CardState, Receipt, Registration
from ebid_tui.domain.statement import LONGEST_CHAIN, RenewalStatement
from ebid_tui.errors import RuleError
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import CertificateBytes, Id, IdempotencyKey
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import accepting, opening, waiting
from ebid_tui.server.decisions.accepting import SignedRequest, VerifiedChange
from ebid_tui.server.decisions.checking import CARD_BLOCK, differs
from ebid_tui.server.decisions.standing import StandingRegistration, refuse_taken, refuse_unknown_place, standing
from ebid_tui.server.evidence import statements
from ebid_tui.server.services import Services
from ebid_tui.server.store import registrations, sign_ins
from ebid_tui.server.store.sign_ins import BidderSession

Request = VerifiedChange[RenewalStatement]


class CheckRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The new card's certificate and those above it that the card has (DER, base64), and where it is to take the current card's place."""

    agency: Id
    category: Id
    certificate: CertificateBytes
    chain: Annotated[tuple[CertificateBytes, ...], msgspec.Meta(max_length=LONGEST_CHAIN - 1)] = ()


@post("/renewals/check", status_code=204, responses=refuses(400, 401, 404, 409, 413, 422), security=SESSION)
async def check(services: NamedDependency[Services], card_session: NamedDependency[BidderSession], data: JSONBody[CheckRequest]) -> None:
    """Whether the session's card may be renewed to this one: every refusal before the new card's PIN is asked.

    R-05, R-08, R-09, R-10, R-11, R-30, R-34, R-35.
    """
    profile = services.profile(card_session.system)
    refuse_unknown_place(profile, data.agency, data.category)
    now = services.settings.now()
    current, new = certificates.read(card_session.certificate), certificates.read(data.certificate)

    def look(connection: Connection) -> None:
        found = standing(connection, profile, card_session, data.agency, data.category)
        waiting.refuse_pending(connection, found.registration.id)
        renewal.refuse(profile, current, new, now)
        refuse_taken(connection, profile, data.agency, data.category, new.fingerprint, found.registration.vendor.number)

    await services.store.read(look)
    await services.trust.accept(profile, new, (new.der, *data.chain), now)


@post("/renewals", responses=refuses(400, 401, 404, 409, 413, 422), security=SESSION)
async def renew(
    services: NamedDependency[Services],
    card_session: NamedDependency[BidderSession],
    data: JSONBody[SignedRequest],
    idempotency_key: IdempotencyKey = None,
) -> Receipt:
    """Move the session's card's registration at one agency and category to a new card.

    Two signatures over one payload: roles `current` and `new` in this order, distinct keys and certificates. Asked again
    under the same Idempotency-Key it gives the same receipt.
    """
    session, signed = card_session, data.statement
    repeat = accepting.repeat_of(session, idempotency_key, signed)
    given = await services.store.read(lambda connection: accepting.earlier(connection, session, repeat))
    if given is not None:
        return given
    request = accepting.understood(services, session, signed, repeat, RenewalStatement, "renewal", ("current", "new"))
    said, profile, now = request.said, request.profile, services.settings.now()
    if (said.current, said.new) != tuple(signer.certificate.record for signer in request.signers):
        raise statements.refused("cards")
    refuse_unknown_place(profile, said.agency, said.category)
    opening.refuse_closed(services.settings, profile, said.agency)
    given = await services.store.read(lambda connection: _given_or_decided(connection, request, now))
    if given is not None:
        return given
    request = await accepting.accepted(services, request, now)
    try:
        return await services.store.write(_writing(request, services.settings.japan_now().replace(microsecond=0)))
    except IntegrityError as error:
        # Another process was first with the new card.
        raise RuleError("R-05", trade_name="") from error


def _cards(request: Request) -> tuple[Certificate, Certificate]:
    current, new = request.signers
    return current.certificate, new.certificate


def _decide(connection: Connection, request: Request, now: datetime) -> StandingRegistration:
    """The current card's registration, if it may move to the new card.

    Raises what `check` raises, and ServerError E-STATEMENT where a row is not what the server compares, R-06 where
    nobody answered for a difference (R-08).
    """
    said, profile = request.said, request.profile
    current, new = _cards(request)
    refuse_taken(connection, profile, said.agency, said.category, new.fingerprint, said.vendor)
    found = standing(connection, profile, request.session, said.agency, said.category)
    waiting.refuse_pending(connection, found.registration.id)
    if request.vendor != found.registration.vendor:
        raise differs("vendor")
    renewal.refuse(profile, current, new, now)
    compared = renewal.rows(profile, found.known.company, current, new)
    if said.rows != compared:
        raise differs("rows")
    if renewal.needs_answer(compared) and not said.holder_confirmed:
        raise RuleError("R-06")
    return found


def _given_or_decided(connection: Connection, request: Request, now: datetime) -> Receipt | None:
    """None if the renewal may be made; the receipt if the same one, sent twice, was made meanwhile. Raises what `_decide` raises."""
    given = accepting.earlier(connection, request.session, request.repeat)
    if given is None:
        _decide(connection, request, now)
    return given


def _writing(request: Request, now: datetime) -> Callable[[Connection], Receipt]:
    """The transaction: everything is decided again on the records as they are in it, then everything is written."""

    def write(connection: Connection) -> Receipt:
        sign_ins.use_challenge(connection, request.said.nonce, request.said.system, now)
        return _enter(connection, request, _decide(connection, request, now), now)

    return accepting.once(request.session, request.repeat, write)


def _enter(connection: Connection, request: Request, found: StandingRegistration, now: datetime) -> Receipt:
    said, profile = request.said, request.profile
    _, new = _cards(request)
    rule, old = profile.acceptance_of("renewal", said.agency, said.category), found.registration.id
    if not rule.waits and not registrations.end_renewed(connection, old):
        raise RuleError("R-11")
    state: CardState = "waiting" if rule.waits else "active"
    blocks = found.registration.blocks | {CARD_BLOCK: new.card_holder}
    moved = Registration(id=accepting.new_id("R"), vendor=request.vendor, state=state, card=said.new, blocks=blocks, registered_at=now)
    given = accepting.receipt(
        "renewal",
        request.vendor,
        blocks,
        request.signed.payload,
        now,
        card=said.new,
        previous=said.current,
        propagate=said.propagate,
        company_id=found.known.details.company_id,
        state="waiting" if rule.waits else "accepted",
    )
    accepting.bind(connection, profile, said.category, new.fingerprint, said.vendor, now)
    entered = waiting.enter(connection, moved, profile.category(said.category).realm)
    if rule.waits:
        waiting.wait(connection, rule, given, entered, previous_id=old)
    return accepting.keep(connection, profile, entered, given, accepting.as_evidence(request), request.repeat)
