"""What waits is accepted or refused: what counts from then on, and who decided it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from ebid_tui.domain import rules
from ebid_tui.domain.acceptance import AcceptanceRecord
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.text import cleaning
from ebid_tui.errors import InputError, RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.store import acceptances, registrations, vendors
from ebid_tui.server.store.accepted_changes import add_audit

MOST_REASON = 400
"""Characters of a reason, which goes into a mail."""


def accept(connection: Connection, profile: Profile, receipt_id: str, by: str, now: datetime) -> AcceptanceRecord:
    """What waits under this receipt counts from now on; `by` is who decided, as the audit log names actors.

    Raises ServerError E-NOT-FOUND, E-STATE (decided before, or what it is about ended meanwhile), RuleError R-10 and R-35 where
    the vendor's qualification went or lapsed meanwhile: then it goes on waiting, and can be refused.
    """
    found = _waiting(connection, profile, receipt_id)
    known = vendors.known(connection, found.vendor)
    if known is None:
        raise RuleError("R-10", found.vendor.number, contact=profile.contact.name)
    rules.refuse_lapsed(known.qualification, profile.contact.name)
    _settle(connection, found, "accepted", by, "", now)
    if found.operation == "amendment":
        done = registrations.change_blocks(connection, found.registration_id, found.blocks or {})
    else:  # the old card goes only now
        replaced = found.previous_id is None or registrations.end_renewed(connection, found.previous_id)
        done = replaced and registrations.settle(connection, found.registration_id, "active")
    if not done:
        raise ServerError("receipt", code="E-STATE")
    return found


def refuse(connection: Connection, profile: Profile, receipt_id: str, by: str, reason: str, now: datetime) -> AcceptanceRecord:
    """It never counts; `reason` is what the vendor is told. What was in force before stays so, an old card with it.

    Raises InputError without a reason, or for one that is too long or cannot be shown; ServerError E-NOT-FOUND, E-STATE.
    """
    said = reason.strip()
    if not said or len(said) > MOST_REASON or cleaning.odd(said) is not None or len(said.splitlines()) > 1:
        raise InputError([("reason", "reason", t("server.refusal_reason", most=MOST_REASON))])
    found = _waiting(connection, profile, receipt_id)
    _settle(connection, found, "refused", by, said, now)
    if found.operation != "amendment" and not registrations.settle(connection, found.registration_id, "refused"):
        raise ServerError("receipt", code="E-STATE")
    return found


def _waiting(connection: Connection, profile: Profile, receipt_id: str) -> AcceptanceRecord:
    found = acceptances.one(connection, receipt_id)
    if found is None or found.vendor.system != profile.id:
        raise ServerError("receipt", code="E-NOT-FOUND")
    return found


def _settle(connection: Connection, found: AcceptanceRecord, state: acceptances.Settled, by: str, reason: str, now: datetime) -> None:
    """Of two who decide at once one wins; the other is told E-STATE."""
    if not acceptances.settle(connection, found.receipt_id, state, by, reason, now):
        raise ServerError("receipt", code="E-STATE")
    vendor = found.vendor
    add_audit(connection, vendor.system, f"{found.operation}_{state}", by, vendor.number, now, vendor.agency)
