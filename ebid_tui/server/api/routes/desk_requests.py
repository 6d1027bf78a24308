"""What the desk does on a vendor's written application (R-33): password reset, unlocking, cancelling a card; and mail sent again.

Where the server wants it (`Settings.desk_approval`) another operator has to approve before it can be carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy import Connection

from ebid_tui.domain.desk import DeskMail, DeskRequest, Reason, RequestKind, RequestState
from ebid_tui.domain.records import Vendor
from ebid_tui.errors import ServerError
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import Id, Number
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import accepting, resetting
from ebid_tui.server.decisions.standing import refuse_unknown_place
from ebid_tui.server.operators.signed_in import DeskOperator
from ebid_tui.server.services import Services
from ebid_tui.server.store import accounts, sign_ins, vendors
from ebid_tui.server.store import desk as records


class Application(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a written application asks for, under its number. `registration_id` says which card is cancelled."""

    agency: Id
    category: Id
    number: Number
    kind: RequestKind
    application: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    registration_id: Id | None = None


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether it may be done."""

    approve: bool


class Again(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a mail is sent again."""

    reason: Reason = "mail"


@post("/desk/requests", responses=refuses(400, 401, 403, 404, 409, 413, 422), security=SESSION)
async def ask(services: NamedDependency[Services], desk: NamedDependency[DeskOperator], data: JSONBody[Application]) -> DeskRequest:
    """Enter an application. Where nobody has to approve it, it is carried out at once, and a new initial password is in the answer."""
    desk.refuse_agency(data.agency)
    refuse_unknown_place(desk.profile, data.agency, data.category)
    now, application = services.settings.now(), data.application.strip()
    if not application:
        raise ServerError("application", code="E-BODY")
    new = DeskRequest(
        id=accepting.new_id("A"),
        vendor=Vendor(system=desk.profile.id, agency=data.agency, category=data.category, number=data.number),
        kind=data.kind,
        registration_id=data.registration_id if data.kind == "cancel_card" else None,
        application=application,
        state="waiting" if services.settings.desk_approval else "approved",
        asked_by=desk.operator.login_id,
        asked_at=now,
        decided_by=None,
        decided_at=None,
        done_by=None,
        done_at=None,
    )
    carry_out = None if services.settings.desk_approval else await _carrying_out(services, desk, new)

    def write(connection: Connection) -> DeskRequest:
        _refuse_impossible(connection, new, desk.profile.own_secrets)
        records.add_request(connection, new)
        desk.note(connection, "desk_ask", new.kind, new.vendor.number, now, new.vendor.agency)
        desk.note(connection, "desk_application", new.kind, new.application, now, new.vendor.agency)
        return new if carry_out is None else carry_out(connection)

    return await services.store.write(write)


@get("/desk/requests", responses=refuses(400, 401), security=SESSION)
async def requests(
    services: NamedDependency[Services], desk: NamedDependency[DeskOperator], stage: FromQuery[RequestState | None] = None
) -> list[DeskRequest]:
    """The newest 100 at the operator's agencies; without a stage, what is not finished."""
    found = await services.store.read(lambda c: records.requests(c, desk.profile.id, desk.agencies, stage))
    now = services.settings.now()
    await services.store.write(lambda c: desk.note(c, "desk_requests", "application", f"stage:{stage or 'open'}", now))
    return found


@post("/desk/requests/{request_id:str}/decision", status_code=200, responses=refuses(400, 401, 403, 404, 409, 413), security=SESSION)
async def decide(
    services: NamedDependency[Services], desk: NamedDependency[DeskOperator], request_id: FromPath[str], data: JSONBody[Decision]
) -> DeskRequest:
    """Approve or refuse what another operator asked for. E-ROLE for who is no supervisor, E-APPROVER for one's own."""
    desk.refuse_role("supervisor")
    now: datetime = services.settings.now()
    state: RequestState = "approved" if data.approve else "refused"

    def write(connection: Connection) -> DeskRequest:
        asked = _request(connection, desk, request_id)
        if asked.asked_by == desk.operator.login_id:
            raise ServerError("operator", code="E-APPROVER")
        if not records.move(connection, asked.id, "waiting", state=state, decided_by=desk.operator.login_id, decided_at=now):
            raise ServerError("state", code="E-STATE")
        desk.note(connection, f"desk_{state}", asked.kind, asked.vendor.number, now, asked.vendor.agency)
        return _request(connection, desk, request_id)

    return await services.store.write(write)


@post("/desk/requests/{request_id:str}/completion", status_code=200, responses=refuses(400, 401, 403, 404, 409), security=SESSION)
async def complete(services: NamedDependency[Services], desk: NamedDependency[DeskOperator], request_id: FromPath[str]) -> DeskRequest:
    """Carry out what was approved, once; a new initial password is in this answer and nowhere else."""
    asked = await services.store.read(lambda connection: _request(connection, desk, request_id))
    if asked.state != "approved":
        raise ServerError("state", code="E-STATE")
    return await services.store.write(await _carrying_out(services, desk, asked))


@post("/desk/mails/{mail_id:int}/resend", status_code=200, responses=refuses(400, 401, 404, 409, 413), security=SESSION)
async def resend(
    services: NamedDependency[Services], desk: NamedDependency[DeskOperator], mail_id: FromPath[int], data: JSONBody[Again]
) -> DeskMail:
    """Send a mail again: one that failed, one of which nobody knows, or one that was sent (as another mail). E-STATE for one on its way."""
    now = services.settings.now()
    if not 0 <= mail_id < 2**31:
        raise ServerError("mail", code="E-NOT-FOUND")

    def write(connection: Connection) -> DeskMail:
        found = records.mail(connection, mail_id)
        if found is None or found[1] != desk.profile.id:
            raise ServerError("mail", code="E-NOT-FOUND")
        _, _, agency, number = found
        desk.refuse_agency(agency)
        if not records.send_again(connection, mail_id, now):
            raise ServerError("state", code="E-STATE")
        desk.note(connection, "desk_resend", data.reason, number, now, agency)
        again = records.mail(connection, mail_id)
        assert again is not None
        return again[0]

    return await services.store.write(write)


async def _carrying_out(services: Services, desk: DeskOperator, asked: DeskRequest) -> Callable[[Connection], DeskRequest]:
    """The transaction that does it; what takes long is done before. Raises EbidError E-NO-ACCOUNT, ServerError E-BUSY."""
    now, initial, hashed = services.settings.now(), "", ""
    if asked.kind == "reset_password":
        initial = resetting.new_initial_password(desk.profile)
        hashed = await services.passwords.hashed(initial)

    def write(connection: Connection) -> DeskRequest:
        vendor, me = asked.vendor, desk.operator.login_id
        if not records.move(connection, asked.id, "approved", state="done", done_by=me, done_at=now):
            raise ServerError("state", code="E-STATE")
        if asked.kind == "reset_password":
            resetting.reset(connection, vendor.system, vendor.number, hashed, asked.application, now)
            sign_ins.end_sessions_of(connection, vendor.system, vendor.number)
        elif asked.kind == "unlock":
            _refuse(not accounts.unlock(connection, vendor.system, vendor.number))
        else:
            _refuse(asked.registration_id is None or not records.cancel(connection, asked.registration_id))
        desk.note(connection, "desk_done", asked.kind, vendor.number, now, vendor.agency)
        return msgspec.structs.replace(asked, state="done", done_by=me, done_at=now, password=initial)

    return write


def _refuse(too_late: bool) -> None:
    if too_late:
        raise ServerError("state", code="E-STATE")


def _refuse_impossible(connection: Connection, asked: DeskRequest, own_secrets: bool) -> None:
    """Raise ServerError E-NOT-FOUND for a vendor or card that is not there, E-NO-ACCOUNT, and E-STATE for what is so already."""
    vendor = asked.vendor
    if vendors.known(connection, vendor) is None:
        raise ServerError("vendor", code="E-NOT-FOUND")
    if asked.kind == "cancel_card":
        found = records.registration(connection, asked.registration_id or "")
        if found is None or found[0] != vendor:
            raise ServerError("registration", code="E-NOT-FOUND")
        _refuse(found[1] != "active")
        return
    account = accounts.account(connection, vendor.system, vendor.number)
    if account.password_hash is None and not (asked.kind == "unlock" and own_secrets):
        raise ServerError(code="E-NO-ACCOUNT")
    _refuse(asked.kind == "unlock" and account.state != "locked")


def _request(connection: Connection, desk: DeskOperator, request_id: str) -> DeskRequest:
    """Raises ServerError E-NOT-FOUND, also for one at an agency that the operator does not see."""
    found = records.request(connection, request_id)
    if found is None or found.vendor.system != desk.profile.id:
        raise ServerError("request", code="E-NOT-FOUND")
    desk.refuse_agency(found.vendor.agency)
    return found
