"""What the database says to the desk: a vendor's cards, mails and history, and applications that wait for approval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, bindparam, func, insert, or_, select, update

from ebid_tui.domain.desk import DeskCard, DeskMail, DeskRequest, Event, RequestState
from ebid_tui.domain.records import Qualification, Vendor
from ebid_tui.server.store.desk_tables import desk_requests
from ebid_tui.server.store.schema import VENDOR, audit, mail_outbox, qualifications, receipts, registrations
from ebid_tui.server.store.vendor_rows import card_of, holder_of, is_vendor, parameters, vendor_of

MOST = 100
DECIDED = ("done", "refused")

_MAILS = (
    select(mail_outbox)
    .join(receipts, receipts.c.id == mail_outbox.c.receipt_id)
    .join(registrations, registrations.c.id == receipts.c.registration_id)
    .where(is_vendor(registrations))
    .order_by(mail_outbox.c.id.desc())
    .limit(MOST)
)
_CARDS = select(registrations).where(is_vendor(registrations)).order_by(registrations.c.registered_at, registrations.c.id)
_MAIL = (
    select(mail_outbox, registrations.c.system, registrations.c.agency, registrations.c.number)
    .join(receipts, receipts.c.id == mail_outbox.c.receipt_id)
    .join(registrations, registrations.c.id == receipts.c.registration_id)
    .where(mail_outbox.c.id == bindparam("p_id"))
)
_AGAIN = (
    update(mail_outbox)
    .where(mail_outbox.c.id == bindparam("p_id"), mail_outbox.c.state.in_(("failed", "uncertain")))
    .values(state="waiting", attempts=0, next_attempt_at=None, finished_at=None, claim=None, reason=None)
)
_REGISTRATION = select(registrations).where(registrations.c.id == bindparam("p_id"))
_CANCEL = update(registrations).where(registrations.c.id == bindparam("p_id"), registrations.c.state == "active").values(state="cancelled")
_REQUEST = select(desk_requests).where(desk_requests.c.id == bindparam("p_id"))


def elsewhere(connection: Connection, vendor: Vendor, agencies: Sequence[str]) -> list[Qualification]:
    """The same number's other qualifications at these agencies."""
    q = qualifications.c
    chosen = select(qualifications).where(q.system == vendor.system, q.number == vendor.number, q.agency.in_(agencies))
    found = [(vendor_of(row), row) for row in connection.execute(chosen.order_by(q.agency, q.category))]
    return [Qualification(vendor=v, state=r.state, trade_name=r.trade_name, company=r.company) for v, r in found if v != vendor]


def cards(connection: Connection, vendor: Vendor) -> list[DeskCard]:
    """Every registration of a vendor, the earliest first."""
    return [
        DeskCard(
            registration_id=row.id,
            card=card_of(row) if row.fingerprint is not None else None,
            company=holder_of(row).get("company", ""),
            person=holder_of(row).get("person", ""),
            contact=row.blocks.get("card_contact", {}),
            state=row.state,
            registered_at=row.registered_at,
        )
        for row in connection.execute(_CARDS, parameters(vendor))
    ]


def mails(connection: Connection, vendor: Vendor) -> list[DeskMail]:
    """The newest mails on what a vendor did at its agency, the newest first."""
    return [_mail(row) for row in connection.execute(_MAILS, parameters(vendor))]


def history(connection: Connection, system: str, number: str, agencies: Sequence[str]) -> list[Event]:
    """The newest rows of the audit log about a number: at these agencies, and what belongs to no agency (a password)."""
    place = func.coalesce(audit.c.agency, registrations.c.agency)
    rows = connection.execute(
        select(audit.c.at, audit.c.event, audit.c.actor, audit.c.receipt_id, place.label("place"))
        .outerjoin(receipts, receipts.c.id == audit.c.receipt_id)
        .outerjoin(registrations, registrations.c.id == receipts.c.registration_id)
        .where(audit.c.system == system, audit.c.subject == number, or_(place.is_(None), place.in_(agencies)))
        .order_by(audit.c.id.desc())
        .limit(MOST)
    )
    return [Event(at=r.at, event=r.event, actor=r.actor, receipt_id=r.receipt_id, agency=r.place or "") for r in rows]


def mail(connection: Connection, mail_id: int) -> tuple[DeskMail, str, str, str] | None:
    """A mail, and the system, agency and number of the vendor that it went to."""
    row = connection.execute(_MAIL, {"p_id": mail_id}).one_or_none()
    return None if row is None else (_mail(row), row.system, row.agency, row.number)


def send_again(connection: Connection, mail_id: int, now: datetime) -> bool:
    """Put a mail that failed, or of which nobody knows, back into the outbox, and a copy of one that was sent.

    The first keeps its Message-ID: whoever got it after all sees the repeat. False for a mail that is on its way anyway.
    """
    if connection.execute(_AGAIN, {"p_id": mail_id}).rowcount == 1:
        return True
    m = mail_outbox.c
    kept = ("receipt_id", "recipient", "subject", "body")
    sent = connection.execute(select(*(m[name] for name in kept)).where(m.id == mail_id, m.state == "sent")).one_or_none()
    if sent is None:
        return False
    connection.execute(insert(mail_outbox), dict(sent._mapping) | {"state": "waiting", "created_at": now})
    return True


def registration(connection: Connection, registration_id: str) -> tuple[Vendor, str] | None:
    """Whose it is, and its state."""
    row = connection.execute(_REGISTRATION, {"p_id": registration_id}).one_or_none()
    if row is None or row.fingerprint is None:
        return None
    return vendor_of(row), row.state


def cancel(connection: Connection, registration_id: str) -> bool:
    """The card of this registration can no longer be used here; False if that was so before."""
    return connection.execute(_CANCEL, {"p_id": registration_id}).rowcount == 1


def add_request(connection: Connection, new: DeskRequest) -> None:
    row = msgspec.structs.asdict(new) | msgspec.structs.asdict(new.vendor)
    connection.execute(insert(desk_requests), {name: row[name] for name in desk_requests.c.keys()})  # noqa: SIM118 - columns' names


def request(connection: Connection, request_id: str) -> DeskRequest | None:
    row = connection.execute(_REQUEST, {"p_id": request_id}).one_or_none()
    return None if row is None else _request(row)


def requests(
    connection: Connection, system: str, agencies: Sequence[str], state: RequestState | None, vendor: Vendor | None = None
) -> list[DeskRequest]:
    """What was asked for at these agencies, the newest first, at most 100. Without a state: what is not finished."""
    d = desk_requests.c
    chosen = select(desk_requests).where(d.system == system, d.agency.in_(agencies))
    if vendor is not None:
        chosen = chosen.where(*(d[name] == value for name, value in msgspec.structs.asdict(vendor).items()))
    elif state is None:
        chosen = chosen.where(d.state.not_in(DECIDED))
    else:
        chosen = chosen.where(d.state == state)
    return [_request(row) for row in connection.execute(chosen.order_by(d.asked_at.desc(), d.id).limit(MOST))]


def move(connection: Connection, request_id: str, before: RequestState, **values: Any) -> bool:
    """Write what became of a request; False if it is not in the state `before` any more."""
    moved = update(desk_requests).where(and_(desk_requests.c.id == request_id, desk_requests.c.state == before)).values(values)
    return connection.execute(moved).rowcount == 1


def _mail(row: Row[Any]) -> DeskMail:
    names = ("id", "receipt_id", "recipient", "subject", "state", "attempts", "created_at", "finished_at")
    return DeskMail(reason=row.reason or "", **{name: getattr(row, name) for name in names})


def _request(row: Row[Any]) -> DeskRequest:
    values = {name: value for name, value in row._mapping.items() if name not in VENDOR}
    return DeskRequest(vendor=vendor_of(row), **values)
