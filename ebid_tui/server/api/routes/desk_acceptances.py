"""What waits until the office accepts it: the desk lists it, looks at it, accepts or refuses it. Every look is audited.

Where the server wants a second pair of eyes (`Settings.desk_approval`) only a supervisor decides.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy import Connection

from ebid_tui.domain.acceptance import AcceptanceRecord
from ebid_tui.domain.desk import DeskWaiting, DeskWaitingChange, DeskWaitingPage
from ebid_tui.errors import ServerError
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import settling
from ebid_tui.server.operators.signed_in import DeskOperator
from ebid_tui.server.services import Services
from ebid_tui.server.store import acceptances, accepted_changes, registrations, vendors


class Settlement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether it is accepted; if not, why, as the vendor is told."""

    accept: bool
    reason: Annotated[str, msgspec.Meta(max_length=1000)] = ""


@get("/desk/acceptances", responses=refuses(400, 401, 404), security=SESSION)
async def waiting(services: NamedDependency[Services], desk: NamedDependency[DeskOperator], after: FromQuery[str] = "") -> DeskWaitingPage:
    """What waits at the operator's agencies, the oldest first. `next` of one page is `after` of the following one."""
    mark, now = _mark(after), services.settings.now()
    if not desk.agencies:
        raise ServerError("agency", code="E-NOT-FOUND")

    def look(connection: Connection) -> DeskWaitingPage:
        found = acceptances.waiting(connection, desk.profile.id, desk.agencies, mark)
        last = found[-1] if len(found) == acceptances.PAGE else None
        changes = tuple(_told(connection, one) for one in found)
        return DeskWaitingPage(changes=changes, next=f"{last.since.isoformat()} {last.receipt_id}" if last else "")

    page = await services.store.read(look)
    await services.store.write(lambda c: desk.note(c, "desk_acceptances", "review", "waiting", now))
    return page


@get("/desk/acceptances/{receipt_id:str}", responses=refuses(400, 401, 404), security=SESSION)
async def one(services: NamedDependency[Services], desk: NamedDependency[DeskOperator], receipt_id: FromPath[str]) -> DeskWaitingChange:
    """One of them, as it was sent in, beside what is registered now."""

    def look(connection: Connection) -> DeskWaitingChange:
        found = _of_this_desk(connection, desk, receipt_id)
        given = accepted_changes.receipt_of(connection, receipt_id)
        if given is None:
            raise ServerError("receipt", code="E-NOT-FOUND")
        before = found.previous_id or found.registration_id
        return DeskWaitingChange(change=_told(connection, found), receipt=given, counts=registrations.blocks(connection, before))

    seen, now = await services.store.read(look), services.settings.now()
    vendor = seen.change.vendor
    await services.store.write(lambda c: desk.note(c, "desk_view", "review", vendor.number, now, vendor.agency))
    return seen


@post(
    "/desk/acceptances/{receipt_id:str}/decision", status_code=200, responses=refuses(400, 401, 403, 404, 409, 413, 422), security=SESSION
)
async def settle(
    services: NamedDependency[Services], desk: NamedDependency[DeskOperator], receipt_id: FromPath[str], data: JSONBody[Settlement]
) -> DeskWaiting:
    """Accept or refuse it, once, and tell the vendor by mail. E-STATE where another decided first or what it is about ended.

    R-35 and R-10 where the qualification lapsed or went meanwhile: then it can only be refused.
    """
    if services.settings.desk_approval:
        desk.refuse_role("supervisor")
    now = services.settings.japan_now().replace(microsecond=0)

    def write(connection: Connection) -> DeskWaiting:
        _of_this_desk(connection, desk, receipt_id)
        if data.accept:
            settling.accept(connection, desk.profile, receipt_id, desk.actor, now)
        else:
            settling.refuse(connection, desk.profile, receipt_id, desk.actor, data.reason, now)
        return _told(connection, _of_this_desk(connection, desk, receipt_id))

    return await services.store.write(write)


def _of_this_desk(connection: Connection, desk: DeskOperator, receipt_id: str) -> AcceptanceRecord:
    """Raises ServerError E-NOT-FOUND, also for one at an agency that the operator does not see."""
    found = acceptances.one(connection, receipt_id)
    if found is None or found.vendor.system != desk.profile.id:
        raise ServerError("receipt", code="E-NOT-FOUND")
    desk.refuse_agency(found.vendor.agency)
    return found


def _told(connection: Connection, found: AcceptanceRecord) -> DeskWaiting:
    known = vendors.known(connection, found.vendor)
    return DeskWaiting(
        receipt_id=found.receipt_id,
        vendor=found.vendor,
        trade_name="" if known is None else known.qualification.trade_name,
        operation=found.operation,
        waits_for=found.waits_for,
        state=found.state,
        since=found.since,
        reason=found.reason,
    )


def _mark(after: str) -> tuple[datetime, str] | None:
    """Where a page begins. Raises ServerError E-BODY for what no page ended with."""
    if not after:
        return None
    since, _, receipt_id = after.partition(" ")
    try:
        moment = datetime.fromisoformat(since)
        if moment.tzinfo is None or not 0 < len(receipt_id) <= 96:
            raise ValueError
    except ValueError:
        raise ServerError("after", code="E-BODY") from None
    return moment, receipt_id
