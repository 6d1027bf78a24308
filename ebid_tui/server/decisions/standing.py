"""Where a card stands: what it has registered at one agency and category, and whom it belongs to (R-05, R-10, R-11, R-30)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Connection

from ebid_tui.domain import rules
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Registration, Vendor
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.decisions.checking import SHARED_BLOCKS
from ebid_tui.server.store import acceptances, accepted_changes, registrations, vendors
from ebid_tui.server.store.sign_ins import BidderSession
from ebid_tui.server.store.vendors import VendorRecord


@dataclass(frozen=True, slots=True)
class StandingRegistration:
    """An active registration, with what its vendor's cards share as it is now, beside what is on record of the vendor."""

    registration: Registration
    known: VendorRecord


def refuse_unknown_place(profile: Profile, agency: str, category: str) -> None:
    """Raise ServerError E-NOT-FOUND for an agency or category that this system does not have."""
    if agency not in {a.id for a in profile.agencies} or category not in {c.id for c in profile.categories_of(agency)}:
        raise ServerError("place", code="E-NOT-FOUND")


def standing(
    connection: Connection, profile: Profile, session: BidderSession, agency: str, category: str, *, amending: bool = False
) -> StandingRegistration:
    """What the session's card has registered there, and only there (R-19).

    Raises ServerError E-NOT-REGISTERED (nothing, or the office refused it) and E-WAITING (it waits for its acceptance, and is not
    a registration that is amended; or a renewal waits to replace it), RuleError R-11 (renewed or cancelled), R-10 (the vendor's
    number has no qualification any more) and R-35 (it has lapsed).
    """
    return _usable(connection, profile, registrations.standing(connection, profile.id, agency, category, session.fingerprint), amending)


def standing_without_card(connection: Connection, profile: Profile, vendor: Vendor) -> StandingRegistration:
    """R-36: what a vendor has registered without a card. Raises RuleError R-36 where a card is needed, else as `standing`."""
    if not profile.category(vendor.category).card_free:
        raise RuleError("R-36")
    found = registrations.without_card(connection, vendor)
    if found is None:
        nothing = ServerError("number", code="E-NOT-REGISTERED")
        raise nothing.telling(title=t("server.card_free_none"), remedy=t("server.card_free_none_remedy"))
    return _usable(connection, profile, found, amending=True)


def _usable(connection: Connection, profile: Profile, found: Registration | None, amending: bool) -> StandingRegistration:
    if found is None or found.state == "refused":
        raise ServerError("card", code="E-NOT-REGISTERED")
    waits = None
    if found.state == "waiting":
        waits = acceptances.newest_of(connection, found.id)
        if not amending or waits is None or waits.operation != "registration":
            raise ServerError("card", code="E-WAITING")
    elif found.state == "active":
        if acceptances.renewal_of(connection, found.id) is not None:
            raise ServerError("card", code="E-WAITING")
    else:
        raise RuleError("R-11", found.state)
    known = vendors.known(connection, found.vendor)
    if known is None:
        raise RuleError("R-10", found.vendor.number, contact=profile.contact.name)
    rules.refuse_lapsed(known.qualification, profile.contact.name)
    given = accepted_changes.receipt_of(connection, waits.receipt_id) if waits is not None else None
    if given is not None and known.details.company_id is None:
        known = replace(known, details=replace(known.details, company_id=given.company_id))
    return StandingRegistration(_shared(found, known), known)


def _shared(registration: Registration, known: VendorRecord) -> Registration:
    """A registration whose shared blocks are those that the vendor's newest registration or amendment wrote."""
    if registration.state == "waiting":
        return registration
    newest = {"company": known.details.company, "representative_contact": known.details.representative_contact}
    blocks = {block_id: values | newest.get(block_id, {}) for block_id, values in registration.blocks.items()}
    for block_id in SHARED_BLOCKS:
        blocks.setdefault(block_id, newest[block_id])
    return msgspec.structs.replace(registration, blocks=blocks)


def refuse_taken(connection: Connection, profile: Profile, agency: str, category: str, fingerprint: str, number: str) -> bool:
    """A card that may not be registered for this vendor here. Whether it is the vendor's own already, at another agency.

    Raises RuleError R-05 where it is registered here already (R-24 among the causes), R-30 where it belongs to another
    vendor at another agency. The vendor's own card may be registered at a further agency (R-17).
    """
    realm = profile.category(category).realm
    cards = registrations.registered_cards(connection, profile.id, fingerprint)
    try:
        rules.refuse_registered(cards, realm, agency)
    except RuleError as error:
        raise _with_cause(error) from None
    owner = registrations.owner(connection, profile.id, realm, fingerprint)
    if owner not in (None, number):
        name = next((card.trade_name for card in cards if card.realm == realm), "")
        raise _with_cause(RuleError("R-30", name, trade_name=name))
    return owner is not None


def _with_cause(error: RuleError) -> RuleError:
    return RuleError(error.code, error.detail, causes=(*error.causes, t("server.cause_two_numbers")), **error.values)
