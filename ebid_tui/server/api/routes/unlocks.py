"""A locked number is unlocked by a card that is registered for it, where the system's file allows that (R-33)."""

from __future__ import annotations

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import Connection

from ebid_tui.domain.lost_passwords import way_back
from ebid_tui.errors import EbidError, RuleError, ServerError
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import AtPlace, Number
from ebid_tui.server.api.limits import limited
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import limits
from ebid_tui.server.decisions.standing import refuse_unknown_place
from ebid_tui.server.services import Services
from ebid_tui.server.store import accepted_changes, accounts, registrations
from ebid_tui.server.store import limits as buckets
from ebid_tui.server.store.sign_ins import BidderSession

EVENT = "unlock_by_card"


class UnlockRequest(AtPlace, frozen=True, forbid_unknown_fields=True):
    """Which number, and where the session's card is registered for it."""

    number: Number


@post("/unlocks", status_code=204, guards=[limited], responses=refuses(401, 404, 413, 422, 423, 429), security=SESSION)
async def unlock(services: NamedDependency[Services], card_session: NamedDependency[BidderSession], data: JSONBody[UnlockRequest]) -> None:
    """Unlock the number for which the session's card is in use there; asked again, it is done already. Its password stays what it was.

    R-33 where the system's file does not allow it; E-NOT-REGISTERED for the card of another number, or one that was replaced.
    """
    profile, settings = services.profile(card_session.system), services.settings
    refuse_unknown_place(profile, data.agency, data.category)
    if not profile.rules.unlock_by_card:
        raise RuleError("R-33", contact=profile.contact.name).telling(remedy=way_back(profile))

    def write(connection: Connection) -> EbidError | None:
        now = settings.now()
        found = registrations.standing(connection, profile.id, data.agency, data.category, card_session.fingerprint)
        if found is None or found.state != "active" or found.vendor.number != data.number:
            return ServerError("card", code="E-NOT-REGISTERED")
        if accounts.account(connection, profile.id, data.number).state != "locked":
            return None
        if seconds := buckets.take(connection, [limits.unlocks(settings, profile.id, data.number)], now):
            return limits.too_many(seconds)
        accounts.unlock(connection, profile.id, data.number)
        accepted_changes.add_audit(connection, profile.id, EVENT, card_session.fingerprint, data.number, now)
        return None

    refusal = await services.store.write(write)
    if refusal is not None:
        raise refusal
