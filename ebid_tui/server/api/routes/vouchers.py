"""A card that is registered already stands in for the password, where the system's file allows it (`password.card_sign_in`)."""

from __future__ import annotations

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import Connection

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Found, Vendor, Voucher
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import AtPlace, OptionalToken
from ebid_tui.server.api.limits import limited
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import proving
from ebid_tui.server.decisions.standing import refuse_unknown_place
from ebid_tui.server.services import Services
from ebid_tui.server.store import accepted_changes, registrations, sign_ins, vendors
from ebid_tui.server.store.sign_ins import BidderSession

EVENT = "vouched_by_card"


class CardSearchRequest(AtPlace, frozen=True, forbid_unknown_fields=True):
    """Where the vendor is looked for, and what another card has left; empty: the session's own card proves the vendor."""

    voucher: OptionalToken = ""

    def __repr__(self) -> str:
        return f"CardSearchRequest({self.agency!r}, {self.category!r})"


@post("/vouchers", guards=[limited], responses=refuses(401, 404, 413, 429), security=SESSION)
async def vouch(services: NamedDependency[Services], card_session: NamedDependency[BidderSession]) -> Voucher:
    """What the session's card, which is in use somewhere, leaves for another card of its vendor. E-NOT-REGISTERED for any other."""
    profile, settings = services.profile(card_session.system), services.settings
    _refuse_unless_allowed(profile)
    now, until = settings.now(), settings.now() + settings.session_longest

    def write(connection: Connection) -> Voucher:
        if not registrations.numbers_of_card(connection, profile.id, card_session.fingerprint):
            raise ServerError("card", code="E-NOT-REGISTERED")
        return Voucher(token=sign_ins.open_voucher(connection, card_session, now, until), expires_at=until)

    return await services.store.write(write)


@post("/qualifications/search-by-card", status_code=200, guards=[limited], responses=refuses(401, 404, 413, 422, 429), security=SESSION)
async def search_by_card(
    services: NamedDependency[Services], card_session: NamedDependency[BidderSession], data: JSONBody[CardSearchRequest]
) -> Found:
    """Find the qualification of the vendor whose card vouches; the session remembers whose it is.

    R-28 where that vendor has none there, R-35 where it has lapsed; E-NOT-REGISTERED where the card is in use no more.
    """
    profile, settings = services.profile(card_session.system), services.settings
    refuse_unknown_place(profile, data.agency, data.category)
    _refuse_unless_allowed(profile)
    now = settings.now()

    def write(connection: Connection) -> Found:
        card = card_session
        if data.voucher:
            left = sign_ins.session(connection, sign_ins.token_hash(data.voucher), now)
            if left is None or (left.kind, left.system) != ("voucher", profile.id):
                raise ServerError("voucher", code="E-NOT-REGISTERED")
            card = left
        numbers = registrations.numbers_of_card(connection, profile.id, card.fingerprint)
        if not numbers:
            raise ServerError("card", code="E-NOT-REGISTERED")
        there = [Vendor(system=profile.id, agency=data.agency, category=data.category, number=number) for number in numbers]
        qualified = [vendor for vendor in there if vendors.known(connection, vendor) is not None]
        if len(qualified) != 1:
            causes = [t("server.cause_category" if profile.single_agency else "server.cause_agency")]
            raise RuleError("R-28", causes=causes)
        (vendor,) = qualified
        found = proving.found_there(connection, profile, vendor)
        sign_ins.prove(connection, card_session.token_hash, vendor)
        accepted_changes.add_audit(connection, profile.id, EVENT, card.fingerprint, vendor.number, now)
        return found

    return await services.store.write(write)


def _refuse_unless_allowed(profile: Profile) -> None:
    if profile.password is None or not profile.password.card_sign_in:
        raise ServerError("voucher", code="E-NOT-FOUND")
