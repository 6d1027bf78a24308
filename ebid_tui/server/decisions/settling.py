"""What waits is accepted or refused: what counts from then on, and who decided it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from ebid_tui.domain import rules
from ebid_tui.domain.acceptance import AcceptanceRecord
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Receipt
from ebid_tui.domain.text import cleaning
from ebid_tui.errors import InputError, RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.mail import decided_mail
from ebid_tui.server.store import acceptances, accepted_changes, registrations, vendors
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
    given = _settle(connection, profile, found, "accepted", by, "", now)
    if found.operation == "amendment":
        done = registrations.change_blocks(connection, found.registration_id, found.blocks or {})
    else:  # the old card goes only now
        replaced = found.previous_id is None or registrations.end_renewed(connection, found.previous_id)
        done = replaced and registrations.settle(connection, found.registration_id, "active")
    if not done:
        raise ServerError("receipt", code="E-STATE")
    if found.operation != "renewal":
        vendors.keep_details(connection, found.vendor, _shared(connection, profile, found, given, known), now)
    for each in _counting(connection, found, given):
        if each.propagate:
            accepted_changes.add_propagation(connection, each, now)
    return found


def refuse(connection: Connection, profile: Profile, receipt_id: str, by: str, reason: str, now: datetime) -> AcceptanceRecord:
    """It never counts; `reason` is what the vendor is told. What was in force before stays so, an old card with it.

    Raises InputError without a reason, or for one that is too long or cannot be shown; ServerError E-NOT-FOUND, E-STATE.
    """
    said = reason.strip()
    if not said or len(said) > MOST_REASON or cleaning.odd(said) is not None or len(said.splitlines()) > 1:
        raise InputError([("reason", "reason", t("server.refusal_reason", most=MOST_REASON))])
    found = _waiting(connection, profile, receipt_id)
    _settle(connection, profile, found, "refused", by, said, now)
    if found.operation != "amendment" and not registrations.settle(connection, found.registration_id, "refused"):
        raise ServerError("receipt", code="E-STATE")
    return found


def _waiting(connection: Connection, profile: Profile, receipt_id: str) -> AcceptanceRecord:
    found = acceptances.one(connection, receipt_id)
    if found is None or found.vendor.system != profile.id:
        raise ServerError("receipt", code="E-NOT-FOUND")
    return found


def _shared(
    connection: Connection, profile: Profile, found: AcceptanceRecord, given: Receipt, known: vendors.VendorRecord
) -> vendors.VendorDetails:
    """What the vendor's cards share from now on; the company's id is the one on the receipt, unless there is one by now."""
    blocks = found.blocks if found.operation == "amendment" else registrations.blocks(connection, found.registration_id)
    company = profile.typed_company(found.vendor.category, (blocks or {}).get("company", {}))
    representative = (blocks or {}).get("representative_contact", {})
    return vendors.VendorDetails(company, representative, known.details.company_id or given.company_id)


def _counting(connection: Connection, found: AcceptanceRecord, given: Receipt) -> tuple[Receipt, ...]:
    """What counts from now on, in the order in which it was sent in: a registration with what was changed of it while it waited."""
    if found.operation != "registration":
        return (given,)
    return given, *accepted_changes.amended_while_waiting(connection, found.registration_id, found.since)


def _settle(
    connection: Connection,
    profile: Profile,
    found: AcceptanceRecord,
    state: Literal["accepted", "refused"],
    by: str,
    reason: str,
    now: datetime,
) -> Receipt:
    """Of two who decide at once one wins; the other is told E-STATE. The receipt of what was decided, about which a mail goes out."""
    if not acceptances.settle(connection, found.receipt_id, state, by, reason, now):
        raise ServerError("receipt", code="E-STATE")
    vendor = found.vendor
    add_audit(connection, vendor.system, f"{found.operation}_{state}", by, vendor.number, now, vendor.agency)
    given = accepted_changes.receipt_of(connection, found.receipt_id)
    if given is None:
        raise ServerError("receipt", code="E-NOT-FOUND")
    accepted_changes.add_mails(connection, given.id, decided_mail.decided(profile, given, state, reason), now)
    return given
