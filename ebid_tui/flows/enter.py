"""F-0: from the entrance to a flow (flows.begin), and back to the entrance for the next person."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Desk, Server
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.whereabouts import NOWHERE
from ebid_tui.errors import EbidError
from ebid_tui.flows import notices
from ebid_tui.flows.begin import Ended, begin
from ebid_tui.flows.drafts import NONE, Drafts
from ebid_tui.flows.leaving import LeftFlow
from ebid_tui.flows.place import Place
from ebid_tui.flows.places import agency_question, category_question
from ebid_tui.flows.ui import Nav, Option, Question, Ui
from ebid_tui.language import joined
from ebid_tui.messages import t

CLOCK_SECONDS = 600.0
CLOCK_RETRY_SECONDS = 2.0


async def visit(ui: Ui, cards: Cards, server: Server, profile: Profile, drafts: Drafts = NONE, *, way_out: bool = False) -> Ended:
    """One person's visit: the receipt of the flow that was completed, BACK when they leave at the entrance, or CANCEL.

    `way_out`: 戻る at the entrance leaves it (a training goes on with something else).

    The server's clock is asked for at once and kept; what needs it waits for it (R-01).
    """
    clock = asyncio.create_task(keep_clock(ui, server))
    try:
        return await _visit(ui, cards, server, profile, drafts, way_out)
    except LeftFlow:
        return Nav.CANCEL
    finally:
        clock.cancel()
        with suppress(asyncio.CancelledError):
            await clock
        ui.forget()


STEPS = ("agency", "category", "entry", "selection", "menu")
ALONE = frozenset({"agency", "category", "selection"})
"""Steps that are not asked where they have one answer."""


async def _visit(ui: Ui, cards: Cards, server: Server, profile: Profile, drafts: Drafts, way_out: bool) -> Ended:
    later = profile.menu.agency_asked == "after_pin" and not profile.single_agency
    steps = STEPS[1:] if later else STEPS
    chosen = {"agency": "" if later else profile.agencies[0].id, "category": ""}
    asked: list[int] = []

    def moved(place: Place) -> None:
        chosen.update(agency="" if later else place.agency.id, category=place.category.id)

    step = 0
    while True:
        name = steps[step]
        known = steps[:step]
        ui.stand(NOWHERE.at(profile, chosen["agency"] if "agency" in known else "", chosen["category"] if "category" in known else ""))
        question = entrance_question(name, profile, chosen["agency"], first=not asked and not way_out)
        if name in ALONE and len(question.options) == 1:
            ui.only(question)
            answer = question.options[0].id
        else:
            given = await ui.choose(question)
            if given is Nav.BACK:
                if not asked:
                    return Nav.BACK
                step = asked.pop()
                continue
            asked.append(step)
            answer = given
        if name in chosen:
            chosen[name] = answer
        if name not in ("entry", "menu") or (answer == "registration" and name == "entry"):
            step += 1
            continue
        asked.pop()
        agency = profile.agency(chosen["agency"] or profile.agencies[0].id)
        place = Place(profile, agency, profile.category(chosen["category"]), drafts, moved)
        if later:
            from ebid_tui.flows.agency_after_pin import open_place  # with the card's flows, which the first menu need not wait for

            place = open_place(place)
        ended = await begin(ui, cards, server, place, name, answer)
        ui.forget()
        if ended is not None:
            return ended


def entrance_question(step: str, profile: Profile, agency_id: str, *, first: bool) -> Question:
    menu = profile.menu
    match step:
        case "agency":
            return agency_question(profile, back=not first)
        case "category":
            return category_question(profile, agency_id, back=not first)
        case "entry":
            options = tuple(Option(e.id, e.label, e.explanation) for e in menu.entries)
            return Question("entry", menu.entry_title, options, t("flow.entry.lead"), back=not first)
        case "selection":
            options = (Option("registration", menu.selection_button),)
            return Question("selection", menu.selection_title, options, t("flow.selection.lead"), True, "registration")
        case _:
            options = tuple(Option(i.id, i.label, i.purpose, i.not_for) for i in menu.items)
            both = {"registration", "renewal"} <= {item.id for item in menu.items}
            ours = (*(("which",) if both else ()), "status", *(("logout",) if profile.rules.logout == "asks" else ()))
            options += tuple(Option(o, t(f"flow.menu.{o}"), t(f"flow.menu.{o}_means")) for o in ours)
            selected = t("flow.menu.selected", title=menu.selection_title, button=menu.selection_button)
            return Question(
                "menu", menu.title, options, joined("\n", [selected, t("flow.menu.lead"), *notices.on_menu(profile)]), needs_clock=True
            )


async def keep_clock(ui: Ui, server: Server | Desk) -> None:
    """The server's clock, asked for at once and kept until this is cancelled (R-01)."""
    while True:
        try:
            ui.clock(await server.clock())
        except EbidError as error:
            ui.clock_away(error)
            await asyncio.sleep(CLOCK_RETRY_SECONDS)
        else:
            await asyncio.sleep(CLOCK_SECONDS)
