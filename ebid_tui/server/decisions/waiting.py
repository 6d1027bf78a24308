"""What a system's file lets wait is written as waiting: what counts meanwhile stays as it was."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from ebid_tui.domain.acceptance import AcceptanceRecord
from ebid_tui.domain.profile.acceptance import AcceptanceRule
from ebid_tui.domain.records import Receipt, Registration, Values
from ebid_tui.errors import ServerError
from ebid_tui.server.decisions.accepting import ReceiptState
from ebid_tui.server.store import acceptances, registrations


def enter(connection: Connection, new: Registration, realm: str) -> str:
    """Write a registration; the id that it has: its own, or that of the one which the office refused, whose place it takes.

    IntegrityError if the card (without one: the vendor) has one at this agency and category already.
    """
    refused = registrations.refused(connection, new.vendor, new.card.fingerprint if new.card else None)
    if refused is not None:
        registrations.enter_again(connection, msgspec.structs.replace(new, id=refused))
        return refused
    if new.card is None:
        registrations.add_card_free(connection, new, realm)
    else:
        registrations.add_registration(connection, new, realm)
    return new.id


def wait(
    connection: Connection,
    rule: AcceptanceRule,
    given: Receipt,
    registration_id: str,
    *,
    previous_id: str | None = None,
    blocks: dict[str, Values] | None = None,
) -> None:
    """From now on it waits for what the rule says, under its receipt's id."""
    assert rule.kind != "immediate"
    acceptances.add(
        connection,
        AcceptanceRecord(
            receipt_id=given.id,
            vendor=given.vendor,
            operation=given.operation,
            waits_for=rule.kind,
            registration_id=registration_id,
            previous_id=previous_id,
            blocks=blocks,
            since=given.at,
        ),
    )


def state_of(rule: AcceptanceRule, registration: Registration) -> ReceiptState:
    """Of an amendment of this registration."""
    if registration.state == "waiting":
        return "provisional"
    return "waiting" if rule.waits else "accepted"


def change(connection: Connection, rule: AcceptanceRule, given: Receipt, registration: Registration, by: str) -> bool:
    """An amendment of what counts or waits itself; False if the registration ended meanwhile.

    A registration that waits is changed as it waits. Otherwise a later amendment takes the place of one that still waits.
    """
    if registration.state == "waiting":
        return registrations.change_waiting(connection, registration.id, given.blocks)
    before = acceptances.newest_of(connection, registration.id)
    if before is not None and before.state == "waiting" and before.operation == "amendment":
        acceptances.settle(connection, before.receipt_id, "replaced", by, "", given.at)
    if rule.waits:
        wait(connection, rule, given, registration.id, blocks=given.blocks)
        return True
    return registrations.change_blocks(connection, registration.id, given.blocks)


def refuse_pending(connection: Connection, registration_id: str) -> None:
    """Raise ServerError E-WAITING where a change of this registration waits: its card is not renewed before that is decided."""
    newest = acceptances.newest_of(connection, registration_id)
    if newest is not None and newest.state == "waiting":
        raise ServerError("card", code="E-WAITING")
