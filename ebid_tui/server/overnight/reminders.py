"""R-45: who holds a card that ends soon is written a mail, once for each of the system's thresholds.

A card that came within several thresholds while nobody looked gets the nearest one's mail only. A mail and the note that it was
written are one transaction, and transactions that write come one after the other: nothing is written twice by whatever number of
processes, and nothing is lost by one that dies.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import Connection

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.server.mail.reminder import reminder
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store import accepted_changes, reminders
from ebid_tui.server.store.transactions import Transactions

BATCH = 500
"""Cards of one transaction."""


class Reminded(NamedTuple):
    """Cards whose mail was written, and cards that no mail can be written about: no address is registered with them, or no receipt."""

    written: int = 0
    unwritten: int = 0


log = logging.getLogger("ebid_tui.server.overnight.reminders")


def remind(
    transact: Transactions,
    profiles: Mapping[str, Profile],
    now: Callable[[], datetime],
    *,
    batch: int = BATCH,
    stopping: Callable[[], bool] = lambda: False,
) -> Reminded:
    """R-45: put the mails that are due into the outbox."""
    moment, told = now(), Reminded()
    for profile in profiles.values():
        for days, since, until in _windows(profile, moment):
            work = partial(_batch, profile=profile, days=days, since=since, until=until, now=moment, limit=batch)
            while not stopping() and any(done := transact(work)):
                told = Reminded(told.written + done.written, told.unwritten + done.unwritten)
    if any(told):
        log.info("reminded cards=%d without_mail=%d", *told)
    return told


def _windows(profile: Profile, moment: datetime) -> list[tuple[int, datetime, datetime]]:
    """For each threshold: the ends for which it is the nearest one. Days are those of Japan's calendar, the last one is 0."""
    today = datetime.combine(moment.astimezone(JAPAN).date(), time(), JAPAN)
    thresholds = sorted(profile.mail.before_end)
    edges = [moment, *(today + timedelta(days=days + 1) for days in thresholds)]
    return [(days, since, until) for days, (since, until) in zip(thresholds, pairwise(edges), strict=True)]


def _batch(connection: Connection, profile: Profile, days: int, since: datetime, until: datetime, now: datetime, limit: int) -> Reminded:
    """One transaction's worth."""
    written = 0
    found = reminders.ending(connection, profile.id, since, until, days, limit)
    for fingerprint in found:
        card = reminders.card(connection, profile.id, fingerprint)
        reminders.note(connection, profile.id, fingerprint, days, now)
        mails = reminder(profile, card)
        if mails and card.receipt_id is not None:
            accepted_changes.add_mails(connection, card.receipt_id, mails, now)
            written += 1
    return Reminded(written, len(found) - written)
