"""F-0: from the entrance to a flow, and back to the entrance for the next person.

A flow is imported when it is chosen: together they take 7 ms, which the first menu need not wait for.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Desk, Server
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import EbidError
from ebid_tui.flows import notices
from ebid_tui.flows.drafts import NONE, Drafts
from ebid_tui.flows.leaving import LeftFlow, answered
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Confirm, Nav, Option, Question, Report, Trouble, Ui
from ebid_tui.language import joined
from ebid_tui.messages import t

Ended = Receipt | Nav
"""How a visit ends."""

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
        place = Place(profile, profile.agency(agency_id), profile.category(category_id), drafts)
        ended = await begin(ui, cards, server, place, steps[step], answer)
        ui.forget()
        if ended is not None:
            return ended
    return Nav.BACK


async def begin(ui: Ui, cards: Cards, server: Server, place: Place, step: str, answer: str) -> Ended | None:
    """What was chosen at the entrance or in the menu, until it is over or left: how the visit ended with it, None where it goes on."""
    with suppress(LeftFlow):
        return await _chosen(ui, cards, server, place, step, answer)
    return None


async def _chosen(ui: Ui, cards: Cards, server: Server, place: Place, step: str, answer: str) -> Ended | None:
    match step, answer:
        case "entry", "password":
            await _change_password(ui, cards, server, place)
        case "entry", _:
            await ui.trouble(Trouble(EbidError(code="E-OUTSIDE"), ("back",)))
        case _, "registration":
            return await _register(ui, cards, server, place)
        case _, "amendment":
            from ebid_tui.flows.amend import amend

            return await amend(ui, cards, server, place)
        case _, "renewal":
            from ebid_tui.flows.renew import renew

            return await renew(ui, cards, server, place)
        case _, "status":
            from ebid_tui.flows.status import show_status

            await show_status(ui, cards, server, place)
        case _, "which":
            from ebid_tui.flows.status import which_operation

            await which_operation(ui, cards, place)
        case _:
            return Nav.CANCEL if await _logged_out(ui) else None
    return None


async def _register(ui: Ui, cards: Cards, server: Server, place: Place) -> Receipt:
    """With a card; where the category allows it, the person may choose to do without (R-36)."""
    if place.category.card_free and place.profile.password_searched(place.agency.id):
        options = tuple(Option(m, t(f"flow.method.{m}"), t(f"flow.method.{m}_means")) for m in ("card", "password"))
        question = Question("method", t("flow.method.title"), options, t("flow.method.lead"), preset="card")
        if answered(await ui.choose(question)) == "password":
            from ebid_tui.flows.card_free import register_card_free
            from ebid_tui.flows.unlocking import by_card

            return await register_card_free(ui, server, place, by_card(ui, cards, server, place))
    from ebid_tui.flows.register import register

    return await register(ui, cards, server, place)


async def _change_password(ui: Ui, cards: Cards, server: Server, place: Place) -> None:
    """F-1, or where else the password is changed."""
    password = place.profile.password
    if password is None or password.elsewhere:
        await ui.trouble(Trouble(EbidError(code="E-ELSEWHERE", service=password.elsewhere if password else "－"), ("back",)))
        return
    from ebid_tui.flows.password import change_password
    from ebid_tui.flows.unlocking import by_card

    await change_password(ui, server, place, by_card(ui, cards, server, place))


async def _logged_out(ui: Ui) -> bool:
    """R-38: asks first, then an end screen; everything typed is gone (R-21). False where the person stays."""
    leave = Confirm(
        "logout", t("flow.logout.title"), t("flow.logout.question"), yes=t("flow.logout.yes"), no=t("flow.logout.no"), preset="no"
    )
    if not await ui.confirm(leave):
        return False
    ui.forget()
    await ui.read(Report("end", t("flow.logout.ended_title"), (), t("flow.logout.ended"), t("common.close")))
    return True


def _question(step: str, profile: Profile, agency_id: str, *, first: bool) -> Question:
    menu = profile.menu
    match step:
        case "agency":
            options = tuple(Option(a.id, a.name) for a in profile.agencies)
            lead = joined("\n", [t("flow.agency.lead"), *notices.on_agencies(profile)])
            return Question("agency", profile.agency_title, options, lead, back=not first)
        case "category":
            options = tuple(Option(c.id, c.name) for c in profile.categories_of(agency_id))
            return Question(
                "category",
                profile.category_title,
                options,
                joined("\n", [t("flow.category.lead"), *notices.on_categories(profile)]),
                back=not first,
            )
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
            return Question("menu", menu.title, options, joined("\n", [t("flow.menu.lead"), *notices.on_menu(profile)]), needs_clock=True)


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
