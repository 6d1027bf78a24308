"""調達機関選択 behind the PIN, where a system's file has it there (`menu.agency_asked`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from ebid_tui.domain import rules
from ebid_tui.domain.profile.systems import Agency, Category, Profile
from ebid_tui.domain.records import SignedIn
from ebid_tui.flows.leaving import LeftStep, answered
from ebid_tui.flows.place import Place
from ebid_tui.flows.places import agency_question
from ebid_tui.flows.session import SignedInCard, refuse_closed, told_after_the_pin
from ebid_tui.flows.standing import stand_at, stand_with
from ebid_tui.flows.ui import Ui


def open_place(place: Place) -> Place:
    """The place with its agency still to be asked; one that has the fewest closed days and windows of its own stands for it (R-22)."""
    there = agencies_of(place.profile, place.category)
    return replace(place, agency=min(there, key=lambda agency: len(agency.closed_days) + len(agency.closed)), agency_open=len(there) > 1)


def agencies_of(profile: Profile, category: Category) -> tuple[Agency, ...]:
    """Those that procure this category."""
    return tuple(agency for agency in profile.agencies if category in profile.categories_of(agency.id))


async def settle_agency(at: SignedInCard) -> None:
    """Ask it with a card that is unlocked, where it is not known yet. What speaks against that card everywhere is told before (R-05)."""
    there = agencies_of(at.place.profile, at.place.category)

    async def look(signed_in: SignedIn) -> SignedIn:
        taken = {card.agency for card in signed_in.registered if card.realm == at.place.category.realm}
        if at.flow == "registration" and taken >= {agency.id for agency in there}:
            rules.refuse_registered(signed_in.registered, at.place.category.realm)
        return signed_in

    unsettled = at.place
    preset = ""
    while at.place.agency_open:
        signed_in = await told_after_the_pin(at, look)
        mine = [c.agency for c in signed_in.registered if (c.category, c.state) == (unsettled.category.id, "active")]
        at.place = await _asked(at.ui, unsettled, there, preset or (mine[0] if mine and at.flow != "registration" else ""))
        stand_with(at.ui, at.place, at.held.certificate, at.held.role)
        try:
            await refuse_closed(at.ui, at.server, at.place)
        except LeftStep:
            preset, at.place = at.place.agency.id, unsettled  # another one may be open
            stand_with(at.ui, at.place, at.held.certificate, at.held.role)


async def with_agency(ui: Ui, place: Place, able: Callable[[Agency], bool] = lambda _: True) -> Place:
    """The same where no PIN is asked: of the agencies that are `able`, or all where none is."""
    if not place.agency_open:
        return place
    there = agencies_of(place.profile, place.category)
    settled = await _asked(ui, place, tuple(filter(able, there)) or there, "")
    stand_at(ui, settled)
    return settled


async def _asked(ui: Ui, place: Place, there: tuple[Agency, ...], preset: str) -> Place:
    question = agency_question(place.profile)
    options = tuple(option for option in question.options if option.id in {agency.id for agency in there})
    if len(options) == 1:
        ui.only(msgspec.structs.replace(question, options=options))
        chosen = options[0].id
    else:
        chosen = answered(await ui.choose(msgspec.structs.replace(question, options=options, preset=preset)))
    settled = replace(place, agency=place.profile.agency(chosen), agency_open=False)
    settled.moved(settled)
    return settled
