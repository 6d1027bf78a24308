"""One operator at the desk: signs in, searches, opens what was found, and comes back to the search as it was left."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import assert_never

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Desk
from ebid_tui.domain.codes import explained
from ebid_tui.domain.desk import DeskRequest, FindBy, Hits, Reason, RequestState
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Vendor
from ebid_tui.errors import EbidError
from ebid_tui.flows.desk import pages
from ebid_tui.flows.desk.accepting import accepting
from ebid_tui.flows.desk.applications import apply, one_request, resend
from ebid_tui.flows.desk.expiring import expiring
from ebid_tui.flows.desk.session import DeskContext, DeskState, LeftDesk, OtherOperator, asked, sign_in, sign_in_again
from ebid_tui.flows.desk.ui import DeskUi, FindAction, ListAction, ListColumn, Listing, ListRow, PagePosition, VendorAction, VendorSearch
from ebid_tui.flows.enter import keep_clock
from ebid_tui.flows.leaving import LeftFlow, answered
from ebid_tui.flows.ui import Confirm, Option, Question
from ebid_tui.messages import t


async def desk_visit(ui: DeskUi, desk: Desk, cards: Cards, profile: Profile, state: DeskState, *, training: bool) -> bool:
    """Until the operator signs out, or (True) wants to walk through a caller's screens and come back."""
    at = DeskContext(ui, desk, cards, profile, state)
    clock = asyncio.create_task(keep_clock(ui, desk))
    try:
        goes_on = await _signed_in(at, training)
        if not goes_on:
            state.who = None
            with suppress(EbidError):  # a session that cannot be ended now ends by its own time limit
                await desk.sign_out()
        return goes_on
    finally:
        clock.cancel()
        with suppress(asyncio.CancelledError):
            await clock
        ui.forget()
        await desk.close()


async def _signed_in(at: DeskContext, training: bool) -> bool:
    with suppress(LeftDesk):
        if at.state.who is None:
            await sign_in(at)
        else:
            at.ui.at_work(t("desk.mark", name=at.who.login_id, role=t(f"desk.role.{at.who.role}")))
        while True:
            with suppress(OtherOperator):  # then from the start, with nothing of the operator before
                await _search(at, training)
                return True
    return False


async def _search(at: DeskContext, training: bool) -> None:
    """Until the operator wants a training. Raises LeftDesk, OtherOperator."""

    async def look(by: FindBy, text: str, reason: Reason, after: str) -> Hits:
        return await at.desk.find(by, text, reason, after=after)

    while True:
        wish = await at.ui.find(VendorSearch(t("desk.find.title"), at.state.place, look, training))
        with suppress(LeftFlow):
            match wish.what:
                case FindAction.OPEN:
                    await _vendor(at, at.state.place.found[int(wish.row)].hit.vendor, at.state.place.reason)
                case FindAction.CODE:
                    await at.ui.read(pages.code_report(explained(wish.row, at.profile)))
                case FindAction.EXPIRING:
                    await _vendor(at, (await expiring(at)).vendor, "expiry")
                case FindAction.REQUESTS:
                    await _requests(at)
                case FindAction.TRAINING:
                    return
                case FindAction.SIGNED_OUT:
                    await sign_in_again(at)
                case FindAction.SIGN_OUT:
                    await _leave(at)
                case other:
                    assert_never(other)


async def _leave(at: DeskContext) -> None:
    """Ask first. Raises LeftDesk."""
    question = Confirm(
        "desk_leave", t("desk.leave.title"), t("desk.leave.question", name=at.who.login_id), yes=t("desk.leave.yes"), no=t("desk.leave.no")
    )
    if await at.ui.confirm(question):
        raise LeftDesk


async def _vendor(at: DeskContext, vendor: Vendor, reason: Reason) -> None:
    """A vendor's page, looked at anew after everything that was done."""
    place = PagePosition()
    while True:
        seen = await asked(at, lambda: at.desk.vendor(vendor, reason))  # noqa: B023 - asked for at once
        again = False
        while not again:
            wish = await at.ui.vendor(pages.vendor_page(at, seen, place))
            again = wish.what is not VendorAction.ELSEWHERE
            with suppress(LeftFlow):
                match wish.what:
                    case VendorAction.RESET:
                        await apply(at, seen, "reset_password")
                    case VendorAction.UNLOCK:
                        await apply(at, seen, "unlock")
                    case VendorAction.CANCEL_CARD:
                        await apply(at, seen, "cancel_card")
                    case VendorAction.RESEND:
                        await resend(at, seen)
                    case VendorAction.ELSEWHERE:
                        vendor, place = await _elsewhere(at, [q.vendor for q in seen.elsewhere]), PagePosition()
                        again = True
                    case VendorAction.REFRESH:
                        pass
                    case VendorAction.BACK:
                        return
                    case unknown:
                        assert_never(unknown)


async def _elsewhere(at: DeskContext, others: list[Vendor]) -> Vendor:
    options = tuple(Option(str(number), at.place_name(vendor)) for number, vendor in enumerate(others))
    return others[int(answered(await at.ui.choose(Question("desk_elsewhere", t("desk.elsewhere"), options))))]


async def _requests(at: DeskContext) -> None:
    """What waits for an approval or for being carried out; or what is finished."""
    stage: RequestState | None = None
    start = ""
    while True:
        found = await asked(at, lambda: at.desk.requests(stage))  # noqa: B023 - asked for at once
        wish = await at.ui.listing(_listing(at, found, stage, start))
        start = wish.row
        match wish.what:
            case ListAction.OPEN:
                with suppress(LeftFlow):
                    if vendor := await one_request(at, next(request for request in found if request.id == wish.row)):
                        await _vendor(at, vendor, "application")
            case ListAction.FINISHED:
                stage = None if stage else "done"
            case ListAction.WAITING:
                with suppress(LeftFlow):
                    await _vendor(at, await accepting(at), "review")
            case ListAction.REFRESH:
                pass
            case ListAction.BACK | ListAction.CSV | ListAction.SIGNED_OUT:
                return
            case other:
                assert_never(other)


def _listing(at: DeskContext, found: list[DeskRequest], stage: RequestState | None, start: str) -> Listing:
    columns = (
        ListColumn(t("desk.request.state"), 10),
        ListColumn(t("desk.request.kind"), 16),
        ListColumn(t("desk.column.number"), 12),
        ListColumn(t("desk.request.application"), 0),
        ListColumn(t("desk.column.asked"), 25),
    )
    rows = tuple(
        ListRow(
            request.id,
            (
                t(f"desk.stage.{request.state}"),
                t(f"desk.kind.{request.kind}"),
                request.vendor.number,
                request.application,
                pages.who_when(request.asked_by, request.asked_at),
            ),
            "!" if request.state == "waiting" else "",
        )
        for request in found
    )
    lead = t("desk.requests.supervisor" if at.who.role == "supervisor" else "desk.requests.desk")
    title = t("desk.requests.finished" if stage else "desk.requests.title")
    waiting = (ListAction.WAITING,) if at.profile.acceptance.somewhere else ()
    actions = (ListAction.FINISHED, *waiting, ListAction.REFRESH)
    return Listing("desk_requests", title, lead, columns, rows, actions, t("desk.requests.empty"), start=start)
