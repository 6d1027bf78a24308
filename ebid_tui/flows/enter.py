"""F-0: from the entrance to a flow, and back to the entrance for the next person."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain.records import Receipt
from ebid_tui.domain.systems import Operation, Profile
from ebid_tui.errors import EbidError
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import register
from ebid_tui.flows.ui import Nav, Option, Question, Trouble, Ui
from ebid_tui.messages import t

Flow = Callable[[Ui, Cards, Server, Place], Awaitable[Receipt | Nav]]

FLOWS: Mapping[Operation, Flow] = {"registration": register}
"""The flows there are; a menu item without one is shown as not available."""

CLOCK_SECONDS = 600.0
CLOCK_RETRY_SECONDS = 2.0


async def visit(ui: Ui, cards: Cards, server: Server, profile: Profile) -> Receipt | Nav:
    """One person's visit: the receipt of the flow that was completed, or BACK when they leave at the entrance.

    The server's clock is asked for at once and kept; what needs it waits for it (R-01).
    """
    clock = asyncio.create_task(_keep_clock(ui, server))
    try:
        return await _visit(ui, cards, server, profile)
    finally:
        clock.cancel()
        with suppress(asyncio.CancelledError):
            await clock
        ui.forget()


async def _visit(ui: Ui, cards: Cards, server: Server, profile: Profile) -> Receipt | Nav:
    agency_id, category_id = profile.agencies[0].id, ""
    steps = ["agency", "category", "entry", "selection", "menu"]
    if profile.single_agency:
        steps.remove("agency")
    step = 0
    while step >= 0:
        answer = await ui.choose(_question(steps[step], profile, agency_id, first=step == 0))
        if answer is Nav.BACK:
            step -= 2 if steps[step] == "menu" else 1  # 処理選択メニュー has one button only: nobody goes back to it
            continue
        if isinstance(answer, Nav):
            return answer
        match steps[step]:
            case "agency":
                agency_id = answer
            case "category":
                category_id = answer
            case "entry" if answer == "bidding":
                await ui.trouble(Trouble(EbidError(code="E-OUTSIDE"), ("back",)))
                continue
            case "menu":
                place = Place(profile, profile.agency(agency_id), profile.category(category_id))
                result = await FLOWS[_operation(profile, answer)](ui, cards, server, place)
                ui.forget()
                if isinstance(result, Receipt):
                    return result
                continue
            case _:
                pass
        step += 1
    return Nav.BACK


def _operation(profile: Profile, answer: str) -> Operation:
    return next(item.id for item in profile.menu.items if item.id == answer)


def _question(step: str, profile: Profile, agency_id: str, *, first: bool) -> Question:
    menu = profile.menu
    unavailable = t("flow.not_yet")
    match step:
        case "agency":
            options = tuple(Option(a.id, a.name) for a in profile.agencies)
            return Question("agency", profile.agency_title, options, t("flow.agency.lead"), back=not first)
        case "category":
            options = tuple(Option(c.id, c.name) for c in profile.categories_of(agency_id))
            return Question("category", profile.category_title, options, t("flow.category.lead"), back=not first)
        case "entry":
            options = tuple(
                Option(e.id, e.label, e.explanation, unavailable=unavailable if e.id == "password" else "") for e in menu.entries
            )
            return Question("entry", menu.entry_title, options, t("flow.entry.lead"))
        case "selection":
            options = (Option("registration", menu.selection_button),)
            return Question("selection", menu.selection_title, options, t("flow.selection.lead"), True, "registration")
        case _:
            options = tuple(
                Option(i.id, i.label, i.purpose, i.not_for, unavailable="" if i.id in FLOWS else unavailable) for i in menu.items
            )
            return Question("menu", menu.title, options, t("flow.menu.lead"), needs_clock=True)


async def _keep_clock(ui: Ui, server: Server) -> None:
    while True:
        try:
            ui.clock(await server.clock())
        except EbidError as error:
            ui.clock_away(error)
            await asyncio.sleep(CLOCK_RETRY_SECONDS)
        else:
            await asyncio.sleep(CLOCK_SECONDS)
