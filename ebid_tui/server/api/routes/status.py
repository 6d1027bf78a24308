"""登録状況 (F-5): 業者概要 and 登録利用者一覧, for a card or for who logs in with number and password."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from sqlalchemy import Connection

from ebid_tui.domain import rules
from ebid_tui.domain.records import CardCertificate, Registration, Status, StatusAcceptance, StatusCard, StatusWithoutCard, Vendor
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import TypedAtPlace
from ebid_tui.server.api.limits import limited
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.api.routes.passwords import usable_from
from ebid_tui.server.decisions import proving
from ebid_tui.server.decisions.limits import Caller
from ebid_tui.server.decisions.standing import refuse_unknown_place
from ebid_tui.server.services import Services
from ebid_tui.server.store import acceptances, registrations, sign_ins, vendors
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.sign_ins import BidderSession

LOGIN_FIELD = "password"


class LoginRequest(TypedAtPlace, frozen=True, forbid_unknown_fields=True):
    """Number and password, by field id, and where."""


class LoggedIn(msgspec.Struct, frozen=True):
    """A session for looking, and from when the password registers (R-15)."""

    token: str
    expires_at: datetime
    usable_from: datetime


@post("/logins", guards=[limited], responses=refuses(400, 404, 413, 422, 423, 429))
async def login(services: NamedDependency[Services], caller: NamedDependency[Caller], data: JSONBody[LoginRequest]) -> LoggedIn:
    """Log in without a card, to look at what is registered. R-36 where a card is needed; R-03, R-28, R-33, R-35."""
    profile, now = services.profile(data.system), services.settings.now()
    refuse_unknown_place(profile, data.agency, data.category)
    if profile.password is None or not profile.password_changed_here:
        raise RuleError("R-36")
    wanted = [f for f in profile.password.fields if f.id in (profile.search.key, LOGIN_FIELD)]
    asked = proving.checked(profile, "login", wanted, data.values)
    vendor = Vendor(system=profile.id, agency=data.agency, category=data.category, number=asked.number)
    until = now + services.settings.session_lifetime

    def decide(connection: Connection, account: Account) -> LoggedIn:
        proving.refuse_initial(asked, account)
        proving.refuse_expired(asked, account, services.settings.japan_now().date())
        known = vendors.known(connection, vendor)
        if known is None:
            raise RuleError("R-28")
        rules.refuse_lapsed(known.qualification, profile.contact.name)
        token = sign_ins.open_session(connection, "password", vendor, now, until)
        return LoggedIn(token, until, usable_from(services, profile, account.changed_on))

    return await proving.proven(services, caller, asked, decide)


@get("/status", responses=refuses(400, 401, 404, 409, 422), security=SESSION)
async def status(
    services: NamedDependency[Services], session: NamedDependency[BidderSession], agency: FromQuery[str], category: FromQuery[str]
) -> Status:
    """The vendor that the session's card or password proved: its qualification, its contact, and every card with its state."""
    profile = services.profile(session.system)
    refuse_unknown_place(profile, agency, category)

    def look(connection: Connection) -> Status:
        vendor = _vendor(connection, session, agency, category)
        known = vendors.known(connection, vendor)
        if known is None:
            raise RuleError("R-10", vendor.number, contact=profile.contact.name)
        return Status(
            qualification=known.newest,
            company_id=known.details.company_id,
            representative_contact=known.details.representative_contact,
            cards=tuple(
                _card(registration, card, session, _acceptance(connection, registration))
                for registration in registrations.cards_of(connection, vendor)
                if (card := registration.card) is not None
            ),
            without_card=_without_card(connection, registrations.without_card(connection, vendor)),
        )

    return await services.store.read(look)


ENDED = ("renewed", "cancelled")
"""What waits and what was refused is shown: its vendor has to see what is to be done."""


def _vendor(connection: Connection, session: BidderSession, agency: str, category: str) -> Vendor:
    """Raises RuleError R-11, ServerError E-NOT-REGISTERED and E-SEARCH-FIRST."""
    if session.fingerprint:
        found = registrations.standing(connection, session.system, agency, category, session.fingerprint)
        if found is not None and found.state in ENDED:
            raise RuleError("R-11", found.state)
        if found is not None:
            return found.vendor
    proven = session.vendor
    if proven is not None and (proven.agency, proven.category) == (agency, category):
        return proven
    raise ServerError("vendor", code="E-NOT-REGISTERED" if session.fingerprint else "E-SEARCH-FIRST")


def _without_card(connection: Connection, registration: Registration | None) -> StatusWithoutCard | None:
    if registration is None or registration.state in ENDED:
        return None
    contact = registration.blocks.get("card_contact", {})
    accepted = _acceptance(connection, registration)
    return StatusWithoutCard(registered_at=registration.registered_at, contact=contact, acceptance=accepted)


def _acceptance(connection: Connection, registration: Registration) -> StatusAcceptance | None:
    """What waits of it, or was refused last."""
    if registration.state in ENDED:
        return None
    found = acceptances.newest_of(connection, registration.id)
    if found is None or found.state not in ("waiting", "refused"):
        return None
    return StatusAcceptance(
        operation=found.operation,
        state="waiting" if found.state == "waiting" else "refused",
        at=found.decided_at or found.since,
        reason=found.reason,
    )


def _card(registration: Registration, card: CardCertificate, session: BidderSession, accepted: StatusAcceptance | None) -> StatusCard:
    holder = registration.blocks.get("card_holder", {})
    return StatusCard(
        card=card,
        company=holder.get("company", ""),
        person=holder.get("person", ""),
        state=registration.state,
        registered_at=registration.registered_at,
        this_card=card.fingerprint == session.fingerprint,
        contact=registration.blocks.get("card_contact", {}),
        acceptance=accepted,
    )
