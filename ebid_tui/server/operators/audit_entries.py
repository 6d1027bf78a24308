"""What the desk writes into the audit log: who (operator), what, about whom, where, and why. Looking is written down like changing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from ebid_tui.server.operators.signed_in import Desk
from ebid_tui.server.store import entries

LONGEST_SUBJECT = 64


def note(connection: Connection, desk: Desk, what: str, why: str, subject: str, now: datetime, agency: str | None = None) -> None:
    """One row; the event is `what:why`, as in `desk_view:inquiry`."""
    entries.add_audit(connection, desk.profile.id, f"{what}:{why}", desk.actor, subject[:LONGEST_SUBJECT], now, agency=agency)
