"""One flow, until it is over or left; and from it into another, with what is known already (`mending.Instead`).

A flow is imported when it is chosen: together they take 7 ms, which the first menu need not wait for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import EbidError
from ebid_tui.flows.leaving import LeftFlow, RegisterInstead, answered
from ebid_tui.flows.place import Place
from ebid_tui.flows.standing import stand_at, stand_with
from ebid_tui.flows.ui import Confirm, Nav, Report, Trouble, Ui
from ebid_tui.messages import t

if TYPE_CHECKING:
    from ebid_tui.flows.mending import Instead
    from ebid_tui.flows.session import SignedInCard

Ended = Receipt | Nav
"""How a visit ends."""


async def begin(ui: Ui, cards: Cards, server: Server, place: Place, step: str, answer: str) -> Ended | None:
    """What was chosen at the entrance or in the menu, until it is over or left: how the visit ended with it, None where it goes on."""
    from ebid_tui.flows.known import Known
    from ebid_tui.flows.mending import Instead

    stand_at(ui, place)
    following: Instead
    try:
        return await _chosen(ui, cards, server, place, step, answer)
    except Instead as instead:
        following = instead
    except RegisterInstead as instead:
        following = Instead("registration", place, Known(instead.search, {}, refused=instead.error))
    except LeftFlow:
        return None
    while True:
        try:
            return await _instead(ui, cards, server, following)
        except Instead as instead:
            following = instead
        except RegisterInstead as instead:
            following = Instead("registration", following.place, Known(instead.search, {}, refused=instead.error))
        except LeftFlow:
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
            return await _amend(ui, cards, server, place)
        case _, "renewal":
            from ebid_tui.flows.renew import renew

            return await renew(ui, cards, server, place)
        case _, "status":
            await _show_status(ui, cards, server, place)
        case _, "which":
            from ebid_tui.flows.status import which_operation

            await which_operation(ui, cards, place)
        case _:
            return Nav.CANCEL if await _logged_out(ui) else None
    return None


async def _instead(ui: Ui, cards: Cards, server: Server, instead: Instead) -> Ended | None:
    """The flow that somebody left another one for: with the card that is unlocked already, or with one that is asked for."""
    place, known, at = instead.place, instead.known, instead.at
    if at is not None:
        return await _with_card(at, instead)
    match instead.flow:
        case "registration":
            from ebid_tui.flows.register import register

            return await register(ui, cards, server, place, known)
        case "card_free" | "card_free_amendment" | "card_free_status":
            return await _instead_without_card(ui, cards, server, instead)
        case "amendment":
            from ebid_tui.flows.amend import amend

            return await amend(ui, cards, server, place, known)
        case "renewal":
            from ebid_tui.flows.renew import renew

            return await renew(ui, cards, server, place, known)
        case "status":
            from ebid_tui.flows.status import show_status

            await show_status(ui, cards, server, place, known)
        case "login":
            from ebid_tui.flows.password import log_in
            from ebid_tui.flows.unlocking import by_card

            await log_in(ui, server, place, by_card(ui, cards, server, place))
    return None


async def _instead_without_card(ui: Ui, cards: Cards, server: Server, instead: Instead) -> Receipt | None:
    """Another category may want a card all the same."""
    from ebid_tui.flows.card_free import amend_card_free, may_do_without, register_card_free, status_card_free
    from ebid_tui.flows.unlocking import by_card

    place = instead.place
    unlock, free = by_card(ui, cards, server, place), may_do_without(place)
    match instead.flow:
        case "card_free":
            return await register_card_free(ui, server, place, unlock, instead.known) if free else await _register(ui, cards, server, place)
        case "card_free_amendment":
            return await amend_card_free(ui, server, place, unlock) if free else await _amend(ui, cards, server, place)
        case _:
            await (status_card_free(ui, server, place, unlock) if free else _show_status(ui, cards, server, place))
            return None


async def _with_card(at: SignedInCard, instead: Instead) -> Receipt | None:
    from ebid_tui.flows.session import refuse_closed, taken_over

    at.flow, at.place = instead.flow, instead.place
    at.held.role = ""  # of the renewal that it may have been unlocked for
    stand_with(at.ui, at.place, at.held.certificate)
    async with taken_over(at):
        await refuse_closed(at.ui, at.server, at.place)
        match instead.flow:
            case "amendment":
                from ebid_tui.flows.amend import amend_at_hand

                return await amend_at_hand(at)
            case "status":
                from ebid_tui.flows.status import status_at_hand

                await status_at_hand(at)
                return None
            case _:
                from ebid_tui.flows.register import continued, register, register_at_hand

                finished = await register_at_hand(at, instead.known)
    return await continued(at.ui, at.place, finished, lambda there, shared: register(at.ui, at.cards, at.server, there, shared))


async def _register(ui: Ui, cards: Cards, server: Server, place: Place) -> Receipt:
    """With a card; where the category allows it, the person may choose to do without (R-36)."""
    if await _without_card(ui, place, "registration"):
        from ebid_tui.flows.card_free import register_card_free
        from ebid_tui.flows.unlocking import by_card

        return await register_card_free(ui, server, place, by_card(ui, cards, server, place))
    from ebid_tui.flows.register import register

    return await register(ui, cards, server, place)


async def _amend(ui: Ui, cards: Cards, server: Server, place: Place) -> Receipt:
    """The same choice (R-36)."""
    if await _without_card(ui, place, "amendment"):
        from ebid_tui.flows.card_free import amend_card_free
        from ebid_tui.flows.unlocking import by_card

        return await amend_card_free(ui, server, place, by_card(ui, cards, server, place))
    from ebid_tui.flows.amend import amend

    return await amend(ui, cards, server, place)


async def _show_status(ui: Ui, cards: Cards, server: Server, place: Place) -> None:
    """The same choice (R-36)."""
    if await _without_card(ui, place, "status"):
        from ebid_tui.flows.card_free import status_card_free
        from ebid_tui.flows.unlocking import by_card

        return await status_card_free(ui, server, place, by_card(ui, cards, server, place))
    from ebid_tui.flows.status import show_status

    return await show_status(ui, cards, server, place)


async def _without_card(ui: Ui, place: Place, what: str) -> bool:
    """Whether the person does without a card, where there is a choice (R-36)."""
    if not place.category.card_free:
        return False
    from ebid_tui.flows.card_free import may_do_without, method_question

    return may_do_without(place) and answered(await ui.choose(method_question(place, what))) == "password"


async def _change_password(ui: Ui, cards: Cards, server: Server, place: Place) -> None:
    """F-1, or where else the password is changed."""
    profile = place.profile
    if not profile.password_changed_here:
        from ebid_tui.domain.lost_passwords import changing_service, way_to_change

        elsewhere = EbidError(code="E-ELSEWHERE", service=changing_service(profile)).telling(remedy=way_to_change(profile))
        await ui.trouble(Trouble(elsewhere, ("back",)))
        return
    from ebid_tui.flows.agency_after_pin import with_agency
    from ebid_tui.flows.password import change_password
    from ebid_tui.flows.unlocking import by_card

    place = await with_agency(ui, place, lambda agency: profile.password_searched(agency.id))
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
