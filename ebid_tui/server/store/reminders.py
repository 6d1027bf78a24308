"""Cards that end soon, and which of their mails have been written (R-45): the statements.

Registrations that count are active ones whose qualification is not lapsed. A card is one card wherever it is registered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, exists, insert, select

from ebid_tui.domain.records import CardCertificate, Values, Vendor
from ebid_tui.server.store.columns import UtcDateTime
from ebid_tui.server.store.schema import qualifications, receipts, registrations, reminders
from ebid_tui.server.store.vendor_rows import card_of, same_vendor, vendor_of

_COUNTS = (
    registrations.c.system == bindparam("p_system"),
    registrations.c.state == "active",
    exists().where(same_vendor(qualifications, registrations), qualifications.c.state != "lapsed"),
)
_ENDING = (
    select(registrations.c.fingerprint)
    .where(
        *_COUNTS,
        registrations.c.not_after >= bindparam("p_from", type_=UtcDateTime),
        registrations.c.not_after < bindparam("p_until", type_=UtcDateTime),
        # Nor a nearer one: a clock that was set back, or other thresholds, repeat nothing.
        ~exists().where(
            reminders.c.system == registrations.c.system,
            reminders.c.fingerprint == registrations.c.fingerprint,
            reminders.c.days <= bindparam("p_days"),
        ),
    )
    .distinct()
    .order_by(registrations.c.fingerprint)
    .limit(bindparam("p_limit"))
)
_NEWEST = (
    select(receipts.c.id)
    .where(receipts.c.registration_id == registrations.c.id)
    .order_by(receipts.c.at.desc(), receipts.c.id.desc())
    .limit(1)
    .correlate(registrations)
    .scalar_subquery()
)
_PLACES = (
    select(registrations, _NEWEST.label("receipt_id"), receipts.c.at.label("changed_at"))
    .outerjoin(receipts, receipts.c.id == _NEWEST)
    .where(*_COUNTS, registrations.c.fingerprint == bindparam("p_fingerprint"))
    # What a person did last goes first; a copy has no receipt of its own.
    .order_by(receipts.c.at.is_(None), receipts.c.at.desc(), registrations.c.registered_at, registrations.c.id)
)
_RECEIPT = (
    select(receipts.c.id)
    .join(registrations, registrations.c.id == receipts.c.registration_id)
    .where(registrations.c.system == bindparam("p_system"), registrations.c.fingerprint == bindparam("p_fingerprint"))
    .order_by(receipts.c.at.desc(), receipts.c.id.desc())
    .limit(1)
)
_NOTE = insert(reminders)


class EndingCard(NamedTuple):
    """A card that ends soon. `blocks` is what was registered with it last, `receipt_id` the receipt that its mails belong to."""

    card: CardCertificate
    blocks: dict[str, Values]
    places: tuple[Vendor, ...]
    """Where it is registered, what was changed last first."""
    receipt_id: str | None


def ending(connection: Connection, system: str, since: datetime, until: datetime, days: int, limit: int) -> Sequence[str]:
    """Fingerprints of cards that end from `since` to before `until`, of which no mail for `days` or fewer was written."""
    parameters = {"p_system": system, "p_from": since, "p_until": until, "p_days": days, "p_limit": limit}
    return connection.execute(_ENDING, parameters).scalars().all()


def note(connection: Connection, system: str, fingerprint: str, days: int, now: datetime) -> None:
    """This mail has been written."""
    connection.execute(_NOTE, {"system": system, "fingerprint": fingerprint, "days": days, "at": now})


def card(connection: Connection, system: str, fingerprint: str) -> EndingCard:
    """What is registered with a card that `ending` found."""
    parameters = {"p_system": system, "p_fingerprint": fingerprint}
    rows = connection.execute(_PLACES, parameters).all()
    newest = rows[0]
    receipt_id = newest.receipt_id or connection.execute(_RECEIPT, parameters).scalar_one_or_none()
    return EndingCard(card_of(newest), newest.blocks, tuple(vendor_of(row) for row in rows), receipt_id)
