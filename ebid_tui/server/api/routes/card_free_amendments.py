"""R-36: 変更 with number and password alone, of what was registered without a card. The search without a card is the sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from sqlalchemy import Connection

from ebid_tui.domain import receipts, statement
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Receipt, Registered, Vendor
from ebid_tui.domain.statement import CardFreeAmendment
from ebid_tui.errors import RuleError, ServerError, SessionGone
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import IdempotencyKey
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import accepting, opening, waiting
from ebid_tui.server.decisions.checking import FormToCheck, check_blocks
from ebid_tui.server.decisions.standing import StandingRegistration, refuse_unknown_place, standing_without_card
from ebid_tui.server.services import Services
from ebid_tui.server.store import vendors
from ebid_tui.server.store.accepted_changes import Repeat
from ebid_tui.server.store.proofs import Evidence
from ebid_tui.server.store.sign_ins import BidderSession


class CardFreeAmendmentRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was confirmed; nobody signed it."""

    content: CardFreeAmendment


@get("/registered/card-free", responses=refuses(400, 401, 404, 409, 422), security=SESSION)
async def registered_card_free(
    services: NamedDependency[Services], session: NamedDependency[BidderSession], agency: FromQuery[str], category: FromQuery[str]
) -> Registered:
    """What the session's vendor has registered without a card, beside its newest qualification (R-27, R-37)."""
    profile, vendor = services.profile(session.system), _vendor(session)
    refuse_unknown_place(profile, agency, category)
    if (vendor.agency, vendor.category) != (agency, category):
        raise ServerError("vendor", code="E-SEARCH-FIRST")
    found = await services.store.read(lambda connection: standing_without_card(connection, profile, vendor))
    return Registered(registration=found.registration, qualification=found.known.newest, company_id=found.known.details.company_id)


@post("/amendments/card-free", responses=refuses(400, 401, 404, 409, 413, 422), security=SESSION)
async def amend_card_free(
    services: NamedDependency[Services],
    session: NamedDependency[BidderSession],
    data: JSONBody[CardFreeAmendmentRequest],
    idempotency_key: IdempotencyKey = None,
) -> Receipt:
    """Change what the session's vendor registered without a card. The same Idempotency-Key gives the same receipt."""
    vendor, said = _vendor(session), data.content
    repeat = accepting.repeat_of(session, idempotency_key, said)
    given = await services.store.read(lambda connection: accepting.earlier(connection, session, repeat))
    if given is not None:
        return given
    profile = services.profile(session.system)
    accepting.check_circumstances(services.settings, said.origin, said.issued_at)
    if accepting.vendor_of(said) != vendor:
        raise ServerError("vendor", code="E-SEARCH-FIRST")
    if said.propagate and not profile.rules.propagation:
        raise ServerError("propagate", code="E-STATEMENT")
    opening.refuse_closed(services.settings, profile, said.agency)
    return await services.store.write(_writing(profile, session, said, repeat, services.settings.japan_now().replace(microsecond=0)))


def _vendor(session: BidderSession) -> Vendor:
    """Raises SessionGone for who signed in in another way."""
    if session.kind != "card_free" or session.vendor is None:
        raise SessionGone()
    return session.vendor


def _writing(
    profile: Profile, session: BidderSession, said: CardFreeAmendment, repeat: Repeat, now: datetime
) -> Callable[[Connection], Receipt]:
    """R-36: the transaction, in which all of it is decided on the records as they are."""

    def write(connection: Connection) -> Receipt:
        found = standing_without_card(connection, profile, accepting.vendor_of(said))
        check_blocks(
            FormToCheck(
                profile=profile, operation="amendment", category=said.category, blocks=said.blocks, card_holder=None, known=found.known
            )
        )
        return _enter(connection, profile, said, found, repeat, now)

    return accepting.once(session, repeat, write)


def _enter(
    connection: Connection, profile: Profile, said: CardFreeAmendment, found: StandingRegistration, repeat: Repeat, now: datetime
) -> Receipt:
    vendor, blocks = accepting.vendor_of(said), receipts.kept(said.blocks)
    rule = profile.acceptance_of("amendment", said.agency, said.category)
    shared = accepting.details(profile, said.category, found.known, blocks)
    given = accepting.receipt(
        "amendment",
        vendor,
        blocks,
        statement.payload(said),
        now,
        card=None,
        propagate=said.propagate,
        company_id=shared.company_id,
        state=waiting.state_of(rule, found.registration),
    )
    if not waiting.change(connection, rule, given, found.registration, repeat.owner):
        raise RuleError("R-11")
    if given.state == "accepted":
        vendors.keep_details(connection, vendor, shared, now)
    proof = Evidence(statement=msgspec.json.encode(said).decode(), certificate=None)
    return accepting.keep(connection, profile, found.registration.id, given, proof, repeat)
