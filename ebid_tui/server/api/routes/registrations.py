"""登録: one signed statement becomes a registration with its receipt, evidence, audit row and mail, or nothing does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ebid_tui.domain import receipts, rules
from ebid_tui.domain.records import CardState, Receipt, Registration
from ebid_tui.domain.statement import Statement
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.server.api.access import SESSION, card_looking
from ebid_tui.server.api.bounds import IdempotencyKey
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import accepting, opening, standing, waiting
from ebid_tui.server.decisions.accepting import SignedRequest, VerifiedChange
from ebid_tui.server.decisions.checking import FormToCheck, check_blocks, differs
from ebid_tui.server.services import Services
from ebid_tui.server.store import accepted_changes, registrations, sign_ins, vendors
from ebid_tui.server.store.accepted_changes import Earlier
from ebid_tui.server.store.sign_ins import BidderSession
from ebid_tui.server.store.vendors import VendorRecord

Asked = VerifiedChange[Statement]


@dataclass(frozen=True, slots=True)
class RecordsOfVendor:
    """What is on record where somebody wants to register, all as it was at one moment.

    So a request that was sent twice, and accepted meanwhile, is told from one that is to be decided.
    """

    session: BidderSession
    earlier: Earlier | None
    """What the request's key gave before."""
    known: VendorRecord | None
    """The vendor that the session's search proved; not looked for where there is `earlier`."""


async def _looked(request: Request[Any, Any, Any], services: NamedDependency[Services]) -> RecordsOfVendor:
    key = request.headers.get("idempotency-key", "")

    def look(connection: Connection, session: BidderSession) -> tuple[Earlier | None, VendorRecord | None]:
        earlier = accepted_changes.earlier(connection, session.system, session.owner, key) if accepting.KEY.fullmatch(key) else None
        return earlier, vendors.known(connection, session.vendor) if earlier is None and session.vendor else None

    session, (earlier, known) = await card_looking(request, services, look)
    return RecordsOfVendor(session, earlier, known)


@post("/registrations", responses=refuses(400, 401, 409, 413, 422), security=SESSION, dependencies={"looked": Provide(_looked)})
async def register(
    services: NamedDependency[Services],
    looked: NamedDependency[RecordsOfVendor],
    data: JSONBody[SignedRequest],
    idempotency_key: IdempotencyKey = None,
) -> Receipt:
    """Register the session's card for the vendor that its search proved.

    The same Idempotency-Key with the same statement gives the same receipt, as often as asked.
    """
    session, known, signed = looked.session, looked.known, data.statement
    repeat = accepting.repeat_of(session, idempotency_key, signed)
    given = accepting.given_before(looked.earlier, repeat)
    if given is not None:
        return given
    asked = accepting.understood(services, session, signed, repeat, Statement, "registration", ("card",))
    _refuse_not_found_first(asked)
    opening.refuse_closed(services.settings, asked.profile, asked.said.agency)
    asked = await accepting.accepted(services, asked, services.settings.now())
    _decide(asked, known)
    try:
        return await services.store.write(_writing(asked, known, services.settings.japan_now().replace(microsecond=0)))
    except IntegrityError as error:
        # Another process was first with this card.
        raise RuleError("R-05", trade_name="") from error


@get("/receipts/{receipt_id:str}", responses=refuses(400, 401, 404), security=SESSION)
async def receipt(services: NamedDependency[Services], session: NamedDependency[BidderSession], receipt_id: FromPath[str]) -> Receipt:
    """A receipt of the session's card, or of who registered without one."""
    found = await services.store.read(lambda connection: accepted_changes.receipt(connection, receipt_id, session.system, session.owner))
    if found is None:
        raise ServerError("receipt", code="E-NOT-FOUND")
    return found


def _refuse_not_found_first(asked: Asked) -> None:
    if asked.session.vendor is None or asked.session.vendor != asked.vendor:
        raise ServerError("vendor", code="E-SEARCH-FIRST")


def _decide(asked: Asked, known: VendorRecord | None) -> None:
    """Everything that is decided on records alone, in the order of the flow.

    Raises ServerError E-SEARCH-FIRST and E-STATEMENT, InputError with every faulty field, RuleError R-06 (and by it R-32), R-18, R-35.
    """
    said, profile = asked.said, asked.profile
    (signer,) = asked.signers
    if known is None:
        raise ServerError("vendor", code="E-SEARCH-FIRST")
    rules.refuse_lapsed(known.qualification, profile.contact.name)
    if said.card != signer.certificate.record:
        raise differs("card")
    holder = signer.certificate.card_holder
    check_blocks(
        FormToCheck(profile=profile, operation="registration", category=said.category, blocks=said.blocks, card_holder=holder, known=known)
    )
    check = rules.compare_holder(known.company, holder, profile.rules.holder)
    rules.refuse_holder(check)
    if check.needs_answer and not said.holder_confirmed:
        raise RuleError("R-06")


def _writing(asked: Asked, decided_on: VendorRecord | None, now: datetime) -> Callable[[Connection], Receipt]:
    """The transaction: what may have changed since it was decided is looked at again, then everything is written."""

    def write(connection: Connection) -> Receipt:
        said, profile = asked.said, asked.profile
        sign_ins.use_challenge(connection, said.nonce, said.system, now)
        known = vendors.known(connection, asked.vendor)
        if known is None or known != decided_on:
            _decide(asked, known)
        assert known is not None
        fingerprint, realm = asked.session.fingerprint, profile.category(said.category).realm
        if not standing.refuse_taken(connection, profile, said.agency, said.category, fingerprint, said.vendor):
            registrations.add_binding(connection, profile.id, realm, fingerprint, said.vendor, now)
        return _enter(connection, asked, known, now)

    return accepting.once(asked.session, asked.repeat, write)


def _enter(connection: Connection, asked: Asked, known: VendorRecord, now: datetime) -> Receipt:
    said, profile, card = asked.said, asked.profile, asked.said.card
    blocks = receipts.kept(said.blocks)
    shared = accepting.details(profile, said.category, known, blocks)
    rule = profile.acceptance_of("registration", said.agency, said.category)
    state: CardState = "waiting" if rule.waits else "active"
    registration = Registration(id=accepting.new_id("R"), vendor=asked.vendor, state=state, card=card, blocks=blocks, registered_at=now)
    given = accepting.receipt(
        "registration",
        asked.vendor,
        blocks,
        asked.signed.payload,
        now,
        card=card,
        propagate=profile.rules.propagation,
        company_id=shared.company_id,
        state="waiting" if rule.waits else "accepted",
    )
    entered = waiting.enter(connection, registration, profile.category(said.category).realm)
    if rule.waits:
        waiting.wait(connection, rule, given, entered)
    else:
        vendors.keep_details(connection, asked.vendor, shared, now)
    return accepting.keep(connection, profile, entered, given, accepting.as_evidence(asked), asked.repeat)
