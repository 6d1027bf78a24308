"""F-0: from the entrance to a flow (flows.begin), and back to the entrance for the next person."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Desk, Server
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import EbidError
from ebid_tui.flows.begin import Ended, begin
from ebid_tui.flows.drafts import NONE, Drafts
from ebid_tui.flows.leaving import LeftFlow
from ebid_tui.flows.place import Place
from ebid_tui.flows.places import agency_question, category_question
from ebid_tui.flows.ui import Nav, Option, Question, Ui
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


async def _visit(ui: Ui, cards: Cards, server: Server, profile: Profile, drafts: Drafts, way_out: bool) -> Ended:
    agency_id, category_id = profile.agencies[0].id, ""

    def moved(place: Place) -> None:
        nonlocal agency_id, category_id
        agency_id, category_id = place.agency.id, place.category.id

    steps = ["agency", "category", "entry", "selection", "menu"]
    if profile.single_agency:
        steps.remove("agency")
    step = 0
    while step >= 0:
        answer = await ui.choose(_question(steps[step], profile, agency_id, first=step == 0 and not way_out))
        if answer is Nav.BACK:
            step -= 2 if steps[step] == "menu" else 1  # 処理選択メニュー has one button only: nobody goes back to it
            continue
        if steps[step] == "agency":
            agency_id = answer
        elif steps[step] == "category":
            category_id = answer
        if steps[step] not in ("entry", "menu") or (answer == "registration" and steps[step] == "entry"):
            step += 1
            continue
        place = Place(profile, profile.agency(agency_id), profile.category(category_id), drafts, moved)
        ended = await begin(ui, cards, server, place, steps[step], answer)
        ui.forget()
        if ended is not None:
            return ended
    return Nav.BACK


def _question(step: str, profile: Profile, agency_id: str, *, first: bool) -> Question:
    menu = profile.menu
    match step:
        case "agency":
            return agency_question(profile, back=not first)
        case "category":
            return category_question(profile, agency_id, back=not first)
        case "entry":
            options = tuple(Option(e.id, e.label, e.explanation) for e in menu.entries)
            return Question("entry", menu.entry_title, options, t("flow.entry.lead"))
        case "selection":
            options = (Option("registration", menu.selection_button),)
            return Question("selection", menu.selection_title, options, t("flow.selection.lead"), True, "registration")
        case _:
            options = tuple(Option(i.id, i.label, i.purpose, i.not_for) for i in menu.items)
            both = {"registration", "renewal"} <= {item.id for item in menu.items}
            ours = (*(("which",) if both else ()), "status", *(("logout",) if profile.rules.logout == "asks" else ()))
            options += tuple(Option(o, t(f"flow.menu.{o}"), t(f"flow.menu.{o}_means")) for o in ours)
            return Question("menu", menu.title, options, t("flow.menu.lead"), needs_clock=True)


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
