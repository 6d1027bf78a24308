"""R-36: registering with number and password alone, where the category allows it; a card may be added later (登録)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ebid_tui.domain import receipts, rules, statement
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import CardState, Found, Receipt, Registration, Vendor
from ebid_tui.domain.statement import CardFree
from ebid_tui.errors import RuleError, ServerError, SessionGone
from ebid_tui.messages import t
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import IdempotencyKey, TypedAtPlace
from ebid_tui.server.api.limits import limited
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import accepting, opening, proving, waiting
from ebid_tui.server.decisions.checking import FormToCheck, check_blocks
from ebid_tui.server.decisions.limits import Caller
from ebid_tui.server.services import Services
from ebid_tui.server.store import sign_ins, vendors
from ebid_tui.server.store.accepted_changes import Repeat
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.proofs import Evidence
from ebid_tui.server.store.sign_ins import BidderSession
from ebid_tui.server.store.vendors import VendorRecord


class CardFreeSearch(TypedAtPlace, frozen=True, forbid_unknown_fields=True):
    """What was typed into the search, by field id, and where."""


class FoundCardFree(msgspec.Struct, frozen=True):
    """A session, and what the search found."""

    token: str
    expires_at: datetime
    found: Found


class CardFreeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was confirmed; nobody signed it."""

    content: CardFree


@post("/qualifications/search-card-free", guards=[limited], responses=refuses(400, 404, 413, 422, 423, 429))
async def search_card_free(
    services: NamedDependency[Services], caller: NamedDependency[Caller], data: JSONBody[CardFreeSearch]
) -> FoundCardFree:
    """Find a qualification by number, name and password, and sign in with it. R-36 where a card is needed; the rest as the search."""
    profile, now = services.profile(data.system), services.settings.now()
    asked = proving.checked_search(profile, data.agency, data.category, data.values)
    if not profile.category(data.category).card_free or asked.password is None:
        raise RuleError("R-36")
    vendor = Vendor(system=profile.id, agency=data.agency, category=data.category, number=asked.number)
    until = now + services.settings.session_lifetime

    def decide(connection: Connection, account: Account) -> FoundCardFree:
        found = proving.qualified(connection, services, asked, account, vendor)
        return FoundCardFree(sign_ins.open_session(connection, "card_free", vendor, now, until), until, found)

    return await proving.proven(services, caller, asked, decide)


@post("/registrations/card-free", responses=refuses(400, 401, 409, 413, 422), security=SESSION)
async def register_card_free(
    services: NamedDependency[Services],
    session: NamedDependency[BidderSession],
    data: JSONBody[CardFreeRequest],
    idempotency_key: IdempotencyKey = None,
) -> Receipt:
    """Register the session's vendor without a card, once. Asked again under the same Idempotency-Key it gives the same receipt."""
    if session.kind != "card_free":
        raise SessionGone()
    said = data.content
    repeat = accepting.repeat_of(session, idempotency_key, said)
    given = await services.store.read(lambda connection: accepting.earlier(connection, session, repeat))
    if given is not None:
        return given
    profile = services.profile(session.system)
    accepting.check_circumstances(services.settings, said.origin, said.issued_at)
    if accepting.vendor_of(said) != session.vendor:
        raise ServerError("vendor", code="E-SEARCH-FIRST")
    opening.refuse_closed(services.settings, profile, said.agency)
    try:
        return await services.store.write(_writing(profile, session, said, repeat, services.settings.japan_now().replace(microsecond=0)))
    except IntegrityError as error:
        again = RuleError("R-36", "registered")
        raise again.telling(title=t("server.card_free_again"), remedy=t("server.card_free_again_remedy")) from error


def _decide(profile: Profile, said: CardFree, known: VendorRecord | None) -> VendorRecord:
    """Raises ServerError E-SEARCH-FIRST and E-STATEMENT, InputError with every faulty field, RuleError R-18, R-35, R-36."""
    if known is None:
        raise ServerError("vendor", code="E-SEARCH-FIRST")
    if not profile.category(said.category).card_free:
        raise RuleError("R-36")
    rules.refuse_lapsed(known.qualification, profile.contact.name)
    check_blocks(
        FormToCheck(profile=profile, operation="registration", category=said.category, blocks=said.blocks, card_holder=None, known=known)
    )
    return known


def _writing(profile: Profile, session: BidderSession, said: CardFree, repeat: Repeat, now: datetime) -> Callable[[Connection], Receipt]:
    def write(connection: Connection) -> Receipt:
        vendor = accepting.vendor_of(said)
        known = _decide(profile, said, vendors.known(connection, vendor))
        return _enter(connection, profile, said, known, repeat, now)

    return accepting.once(session, repeat, write)


def _enter(connection: Connection, profile: Profile, said: CardFree, known: VendorRecord, repeat: Repeat, now: datetime) -> Receipt:
    vendor, blocks = accepting.vendor_of(said), receipts.kept(said.blocks)
    rule = profile.acceptance_of("registration", said.agency, said.category)
    state: CardState = "waiting" if rule.waits else "active"
    registration = Registration(id=accepting.new_id("R"), vendor=vendor, state=state, card=None, blocks=blocks, registered_at=now)
    shared = accepting.details(profile, said.category, known, blocks)
    given = accepting.receipt(
        "registration",
        vendor,
        blocks,
        statement.payload(said),
        now,
        card=None,
        propagate=profile.rules.propagation,
        company_id=shared.company_id,
        state="waiting" if rule.waits else "accepted",
    )
    entered = waiting.enter(connection, registration, profile.category(said.category).realm)
    if rule.waits:
        waiting.wait(connection, rule, given, entered)
    else:
        vendors.keep_details(connection, vendor, shared, now)
    proof = Evidence(statement=msgspec.json.encode(said).decode(), certificate=None)
    return accepting.keep(connection, profile, entered, given, proof, repeat)
