"""Choosing 調達機関 and 調達区分: at the entrance, and again where a search found nothing there."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.flows import notices
from ebid_tui.flows.leaving import answered
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Option, Question, Ui
from ebid_tui.language import joined
from ebid_tui.messages import t


def agency_question(profile: Profile, *, back: bool = True) -> Question:
    """調達機関選択."""
    options = tuple(Option(a.id, a.name, reading=a.reading) for a in profile.agencies)
    lead = joined("\n", [t("flow.agency.lead"), *notices.on_agencies(profile)])
    return Question("agency", profile.agency_title, options, lead, back=back)


def category_question(profile: Profile, agency_id: str, *, back: bool = True) -> Question:
    """調達区分選択, of those that this agency procures; of all where it is not chosen yet (empty)."""
    there = profile.categories_of(agency_id) if agency_id else profile.categories
    options = tuple(Option(c.id, c.name) for c in there)
    lead = joined("\n", [t("flow.category.lead"), *notices.on_categories(profile)])
    return Question("category", profile.category_title, options, lead, back=back)


async def other_place(ui: Ui, place: Place, what: str) -> Place:
    """The place with another agency (`what` is `agency`) or category. Raises LeftStep at 戻る.

    An agency that does not procure the category has it asked as well.
    """
    profile, agency, category = place.profile, place.agency, place.category
    if what == "agency":
        agency = profile.agency(await _again(ui, agency_question(profile), agency.id))
    here = profile.categories_of(agency.id)
    if what == "category" or category not in here:
        chosen = here[0].id if len(here) == 1 else await _again(ui, category_question(profile, agency.id), category.id)
        category = profile.category(chosen)
    moved = replace(place, agency=agency, category=category)
    place.moved(moved)
    return moved


async def _again(ui: Ui, question: Question, before: str) -> str:
    """Asked again, starting at what had been chosen."""
    return answered(await ui.choose(msgspec.structs.replace(question, lead=t("mending.choose_lead"), preset=before)))
