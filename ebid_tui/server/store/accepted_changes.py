"""What is written beside every accepted change: receipt, evidence, audit row, mails, propagation and key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from ebid_tui.domain.records import Receipt
from ebid_tui.server.store import audit, deferred_inserts, proofs
from ebid_tui.server.store.audit_chain import AuditEntry
from ebid_tui.server.store.columns import UtcDateTime
from ebid_tui.server.store.proofs import Evidence
from ebid_tui.server.store.schema import idempotency, mail_outbox, propagations, receipts

_RECEIPT = select(receipts.c.body).where(
    receipts.c.id == bindparam("p_id"),
    receipts.c.system == bindparam("p_system"),
    receipts.c.owner == bindparam("p_owner"),
)
_ANY_RECEIPT = select(receipts.c.body).where(receipts.c.id == bindparam("p_id"))
_SINCE = (
    select(receipts.c.body)
    .where(receipts.c.registration_id == bindparam("p_registration"), receipts.c.at >= bindparam("p_since", type_=UtcDateTime))
    .order_by(receipts.c.at, receipts.c.id)
)
_EARLIER = (
    select(idempotency.c.body_hash, receipts.c.body)
    .join(receipts, idempotency.c.receipt_id == receipts.c.id)
    .where(
        idempotency.c.system == bindparam("p_system"),
        idempotency.c.owner == bindparam("p_owner"),
        idempotency.c.key == bindparam("p_key"),
    )
)
_add_receipts, _add_keys, _add_mails, _add_propagations = map(deferred_inserts.into, (receipts, idempotency, mail_outbox, propagations))


@dataclass(frozen=True, slots=True)
class CompletionMail:
    """One mail that goes out after the commit (R-39)."""

    recipient: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """The key under which a request may come again, whose it is, and the hash of what the request said."""

    owner: str
    key: str
    body_hash: str


Earlier = tuple[str, Receipt]
"""What was sent under a key before: the hash of its body, and its receipt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedChange:
    """What one accepted change leaves beside the change itself. `owner` may see the receipt later."""

    registration_id: str
    receipt: Receipt
    owner: str
    evidence: Evidence
    mails: tuple[CompletionMail, ...]
    repeat: Repeat


def receipt(connection: Connection, receipt_id: str, system: str, owner: str) -> Receipt | None:
    """A receipt of this owner."""
    body = connection.execute(_RECEIPT, {"p_id": receipt_id, "p_system": system, "p_owner": owner}).scalar_one_or_none()
    return None if body is None else msgspec.convert(body, Receipt)


def receipt_of(connection: Connection, receipt_id: str) -> Receipt | None:
    """A receipt, whoever may see it."""
    body = connection.execute(_ANY_RECEIPT, {"p_id": receipt_id}).scalar_one_or_none()
    return None if body is None else msgspec.convert(body, Receipt)


def amended_while_waiting(connection: Connection, registration_id: str, since: datetime) -> tuple[Receipt, ...]:
    """Amendments of a registration that waited itself since then, the earliest first."""
    found = connection.execute(_SINCE, {"p_registration": registration_id, "p_since": since}).scalars()
    made = (msgspec.convert(body, Receipt) for body in found)
    return tuple(one for one in made if one.state == "provisional")


def earlier(connection: Connection, system: str, owner: str, key: str) -> Earlier | None:
    """What this owner sent under this key before."""
    row = connection.execute(_EARLIER, {"p_system": system, "p_owner": owner, "p_key": key}).one_or_none()
    return None if row is None else (row.body_hash, msgspec.convert(row.body, Receipt))


def add_entry(connection: Connection, entry: AcceptedChange) -> None:
    """Write it all, before the commit. IntegrityError then if the key was used before, which the caller looks at first."""
    given, repeat = entry.receipt, entry.repeat
    system, about = given.vendor.system, {"receipt_id": given.id}
    body: Any = msgspec.to_builtins(given)
    whose = {"system": system, "owner": entry.owner}
    deferred_inserts.add(
        connection, _add_receipts, whose | {"id": given.id, "registration_id": entry.registration_id, "body": body, "at": given.at}
    )
    text = msgspec.json.encode(body).decode()
    content = proofs.add(connection, entry.evidence, given.id, entry.registration_id, system, entry.owner, text, given.at)
    vendor = given.vendor.number
    audit.add(connection, AuditEntry(given.at, system, given.operation, repeat.owner, vendor, given.id, content=content))
    key = {"system": system, "owner": repeat.owner, "key": repeat.key, "body_hash": repeat.body_hash}
    deferred_inserts.add(connection, _add_keys, about | key)
    add_mails(connection, given.id, entry.mails, given.at)
    if given.propagate and given.state == "accepted":
        add_propagation(connection, given, given.at)


def add_audit(connection: Connection, system: str, event: str, actor: str, subject: str, now: datetime, agency: str | None = None) -> None:
    """Who did what to whose records; `actor` is a card's fingerprint, or `number:…` without a card."""
    audit.add(connection, AuditEntry(now, system, event, actor, subject, agency=agency))


def add_mails(connection: Connection, receipt_id: str, mails: Iterable[CompletionMail], now: datetime) -> None:
    """Put mails into the outbox, to be sent after the commit."""
    for mail in mails:
        row = {"recipient": mail.recipient, "subject": mail.subject, "body": mail.body}
        deferred_inserts.add(connection, _add_mails, row | {"receipt_id": receipt_id, "state": "waiting", "created_at": now})


def add_propagation(connection: Connection, given: Receipt, since: datetime) -> None:
    """R-16: to be copied to the vendor's other agencies overnight, from when it counts."""
    row = msgspec.structs.asdict(given.vendor) | {"operation": given.operation, "receipt_id": given.id}
    deferred_inserts.add(connection, _add_propagations, row | {"state": "waiting", "created_at": since})
