"""反映: what was done at one agency is copied to the vendor's other agencies overnight (R-16, R-17, R-30).

The night does at the other agencies what was signed at the first, in that order: a registration always, an amendment or a
renewal where the person chose it. A copy says what its receipt says, not what an amendment made of it that was not to be
copied. Running it twice changes nothing more; killed in the middle, what was not committed is done by the next run; run on
several machines at once, each takes rows that no other has.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Receipt
from ebid_tui.domain.text import names
from ebid_tui.server.store import propagation
from ebid_tui.server.store.propagation import ClaimedPropagation
from ebid_tui.server.store.transactions import Transactions

BATCH = 10_000
"""Rows of one transaction: about a second, in which nobody else writes on SQLite. Smaller ones write the same pages of the
indexes again and again."""

log = logging.getLogger("ebid_tui.server.overnight.propagation")


@dataclass(slots=True)
class PropagationResult:
    """What one run did. `operations` is how many receipts it worked off, `copies` how many agencies were changed by them."""

    operations: int = 0
    copies: int = 0
    refused: int = 0
    """Cards that belong to another number (R-30): not copied."""
    failed: int = 0
    """Receipts that cannot be read: left for a person."""

    def add(self, other: PropagationResult) -> None:
        self.operations += other.operations
        self.copies += other.copies
        self.refused += other.refused
        self.failed += other.failed


def propagate(
    transact: Transactions,
    profiles: Mapping[str, Profile],
    now: Callable[[], datetime],
    *,
    before: datetime | None = None,
    batch: int = BATCH,
    stopping: Callable[[], bool] = lambda: False,
) -> PropagationResult:
    """Copy everything that waits and was written until `before` (None: until now)."""
    systems = [profile.id for profile in profiles.values() if profile.rules.propagation]
    until, done = before or now(), PropagationResult()
    while systems and not stopping():
        one = transact(lambda connection: _batch(connection, profiles, systems, until, now(), batch))
        if not one.operations:
            break
        done.add(one)
    if done.operations:
        log.info("propagated operations=%d copies=%d refused=%d failed=%d", done.operations, done.copies, done.refused, done.failed)
    return done


def _batch(
    connection: Connection, profiles: Mapping[str, Profile], systems: list[str], before: datetime, now: datetime, limit: int
) -> PropagationResult:
    """One transaction's worth. It may run a second time, on a fresh transaction, so it keeps nothing to itself."""
    rows = propagation.claim(connection, systems, before, limit)
    done = PropagationResult(operations=len(rows))
    plain: list[ClaimedPropagation] = []
    unreadable: list[int] = []
    for row in rows:
        if row.fingerprint is not None and row.owner != row.number:
            _refuse(connection, row, now)
            done.refused += 1
        elif row.plain and row.source_state != "cancelled":
            plain.append(row)
        else:
            made = _replayed(connection, profiles[row.system], row, now)
            done.copies += made or 0
            if made is None:
                unreadable.append(row.id)
    if plain:
        done.copies += propagation.copy_plain(connection, plain, now)
    if rows:
        propagation.mark(connection, [row.id for row in rows], "done", now)
    if unreadable:
        propagation.mark(connection, unreadable, "failed", now)
        done.failed = len(unreadable)
    return done


def _refuse(connection: Connection, row: ClaimedPropagation, now: datetime) -> None:
    """R-30: a card has at most one user ID, also across agencies."""
    propagation.note(connection, row, f"{row.operation}-refused", row.agency, now)
    log.warning("propagation %d: R-30", row.id)


def _replayed(connection: Connection, profile: Profile, row: ClaimedPropagation, now: datetime) -> int | None:
    """How many agencies were changed; None for a receipt that cannot be read."""
    try:
        receipt = msgspec.convert(propagation.body(connection, row.receipt_id), Receipt)
    except msgspec.MsgspecError:
        propagation.note(connection, row, f"{row.operation}-failed", row.agency, now)
        log.error("propagation %d: its receipt cannot be read", row.id)
        return None
    return REPLAYS[row.operation](connection, profile, row, receipt, now)


def _registration(connection: Connection, profile: Profile, row: ClaimedPropagation, receipt: Receipt, now: datetime) -> int:
    """A registration that its own agency has changed since, or one without a card (R-36): copied as its receipt says."""
    if row.source_state == "cancelled":
        return 0
    made = 0
    for agency in propagation.targets(connection, row):
        if propagation.add_copy(connection, _new(row, receipt, agency, receipt.blocks, now)):
            propagation.put_details(connection, _details(profile, row, receipt, agency))
            propagation.note(connection, row, "registration-copied", agency, now)
            made += 1
    return made


def _amendment(connection: Connection, profile: Profile, row: ClaimedPropagation, receipt: Receipt, now: datetime) -> int:
    there = propagation.there(connection, row, row.fingerprint, receipt.at)
    for registration_id, agency, _blocks in there:
        propagation.amend(connection, registration_id, receipt.blocks)
        propagation.put_details(connection, _details(profile, row, receipt, agency))
        propagation.note(connection, row, "amendment-copied", agency, now)
    return len(there)


def _renewal(connection: Connection, _profile: Profile, row: ClaimedPropagation, receipt: Receipt, now: datetime) -> int:
    """The registration there moves to the new card with its own contacts; the old card is retired (R-11)."""
    if receipt.previous is None:
        return 0
    there = propagation.there(connection, row, receipt.previous.fingerprint, receipt.at)
    for registration_id, agency, blocks in there:
        moved = blocks | {"card_holder": receipt.blocks.get("card_holder", {})}
        propagation.add_copy(connection, _new(row, receipt, agency, moved, now))
        propagation.retire(connection, registration_id)
        propagation.note(connection, row, "renewal-copied", agency, now)
    return len(there)


REPLAYS: Mapping[str, Callable[[Connection, Profile, ClaimedPropagation, Receipt, datetime], int]] = {
    "registration": _registration,
    "amendment": _amendment,
    "renewal": _renewal,
}


def _new(row: ClaimedPropagation, receipt: Receipt, agency: str, blocks: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    card = receipt.card
    values: dict[str, Any] = {name: getattr(card, name, None) for name in ("fingerprint", "serial", "issuer", "not_after")}
    values |= {"id": f"{row.registration_id}-{agency}", "agency": agency, "state": "active", "registered_at": now}
    values |= {"system": row.system, "category": row.category, "realm": row.realm, "number": row.number}
    return values | {"blocks": blocks, "folded_holder": names.holder_key(blocks) if row.fingerprint else None}


def _details(profile: Profile, row: ClaimedPropagation, receipt: Receipt, agency: str) -> dict[str, Any]:
    """What the vendor's cards share, as this receipt has it."""
    company = profile.typed_company(row.category, receipt.blocks.get("company", {}))
    shared = {"company": company, "representative_contact": receipt.blocks.get("representative_contact", {})}
    whose = {"system": row.system, "agency": agency, "category": row.category, "number": row.number}
    return whose | shared | {"company_id": receipt.company_id, "updated_at": receipt.at}
