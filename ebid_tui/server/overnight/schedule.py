"""What `serve` does by itself at set times: 反映 (R-16) and notes of cards that end (R-45) at times of the day, mail (R-39) now and then.

One thread beside the requests; its transactions stand in the same queue as theirs. Of any number of `serve` processes on one
database one does a job at a time. A time that was missed, because nothing ran, is made up for at the next start.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.server.mail.postman import Postman
from ebid_tui.server.overnight.propagation import propagate
from ebid_tui.server.overnight.reminders import remind
from ebid_tui.server.pki.refresh import refresh
from ebid_tui.server.settings import JAPAN, Overnight, RevocationSettings, Smtp
from ebid_tui.server.store import scheduled_jobs
from ebid_tui.server.store.transactions import Transactions
from ebid_tui.server.store.writer import Store

T = TypeVar("T")

LOOK = 20.0
"""Seconds between two looks at the clock, at most: it may be set, and a machine may sleep."""
LEASE = timedelta(minutes=30)
"""Longer than one mail or one batch can take."""
KEEP = timedelta(minutes=1)
AFTER_TROUBLE = timedelta(minutes=10)
GRACE = 20.0
"""Seconds that a mail may still take when the server is told to stop."""
LOOKS = 4
"""How often in `RevocationSettings.every` lists that are due are looked for."""
SMALL_BATCH = 1000
"""Rows of one transaction between those of the requests."""

log = logging.getLogger("ebid_tui.server.overnight.schedule")


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """Something done once for each of its times. `run` gets that time, and asks now and then whether to stop."""

    name: str
    slot: Callable[[datetime], datetime]
    """The newest time of this job that is not after a given one."""
    run: Callable[[datetime, Callable[[], bool]], None]


class Scheduler:
    """The thread that looks at the clock."""

    def __init__(self, planned: tuple[ScheduledJob, ...], transact: Transactions, now: Callable[[], datetime], pause: float = LOOK) -> None:
        self._jobs = planned
        self._transact = transact
        self._now = now
        self._pause = pause
        self._holder = secrets.token_hex(16)
        self._stop = threading.Event()
        self._done: dict[str, datetime] = {}
        self._not_before: dict[str, datetime] = {}
        self._thread = threading.Thread(target=self._run, name="overnight", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when nothing runs any more, or after a while: a mail whose answer does not come is left as uncertain."""
        self._stop.set()
        self._thread.join(GRACE)

    def look(self) -> None:
        """Do what is due."""
        for job in self._jobs:
            now = self._now()
            slot = job.slot(now)
            if self._done.get(job.name) != slot and now >= self._not_before.get(job.name, now) and not self._stop.is_set():
                self._do(job, slot, now)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except Exception:
                if self._stop.is_set():
                    return
                log.exception("overnight work stopped; it is tried again")
            self._stop.wait(self._pause)

    def _do(self, job: ScheduledJob, slot: datetime, now: datetime) -> None:
        name, holder = job.name, self._holder
        claimed = self._transact(lambda c: scheduled_jobs.claim(c, name, holder, slot, now, now + LEASE))
        if claimed == "done":
            self._done[name] = slot
        if claimed != "mine":
            return
        self._not_before[name] = now + AFTER_TROUBLE
        try:
            job.run(slot, self._stopping(name))
        except BaseException:
            self._transact(lambda c: scheduled_jobs.release(c, name, holder))
            raise
        if self._stop.is_set():
            # It may have ended in the middle: another process, or the next start, does the rest.
            self._transact(lambda c: scheduled_jobs.release(c, name, holder))
            return
        self._transact(lambda c: scheduled_jobs.finish(c, name, holder, slot))
        self._done[name] = slot
        del self._not_before[name]

    def _stopping(self, name: str) -> Callable[[], bool]:
        kept = self._now()

        def stopping() -> bool:
            nonlocal kept
            if self._stop.is_set():
                return True
            now = self._now()
            if now - kept > KEEP:
                kept = now
                return not self._transact(lambda c: scheduled_jobs.keep(c, name, self._holder, now + LEASE))
            return False

        return stopping


def planned(
    plan: Overnight, profiles: Mapping[str, Profile], transact: Transactions, now: Callable[[], datetime]
) -> tuple[ScheduledJob, ...]:
    """The jobs of one server. Without an SMTP server mail waits in the outbox."""

    def copy(slot: datetime, stopping: Callable[[], bool]) -> None:
        # What was registered since belongs to the next night, also when this one is made up for by day.
        propagate(transact, profiles, now, before=slot, batch=SMALL_BATCH, stopping=stopping)

    def tell(_slot: datetime, stopping: Callable[[], bool]) -> None:
        # By the clock, not by a time that was missed: what a mail says has to be true when it is written.
        remind(transact, profiles, now, stopping=stopping)

    nightly = (("propagate", copy), ("remind", tell)) if plan.propagate_at else ()
    made = [ScheduledJob(name, lambda at: _time_of_day(plan, at), run) for name, run in nightly]
    if plan.smtp is not None:
        made.append(_mail(plan, plan.smtp, transact, now))
    return tuple(made)


def _mail(plan: Overnight, settings: Smtp, transact: Transactions, now: Callable[[], datetime]) -> ScheduledJob:
    def send(_slot: datetime, stopping: Callable[[], bool]) -> None:
        Postman(settings, transact, now, stopping).run()

    return ScheduledJob("send-mail", lambda at: _interval(plan.mail_every, at), send)


def lists(settings: RevocationSettings, transact: Transactions, now: Callable[[], datetime]) -> ScheduledJob:
    """The job of fetching the authorities' lists anew before they end (`pki.refresh`)."""

    def run(_slot: datetime, stopping: Callable[[], bool]) -> None:
        for _ in refresh(transact, settings, now, stopping):
            pass

    return ScheduledJob("revocation", lambda at: _interval(settings.every / LOOKS, at), run)


def _time_of_day(plan: Overnight, at: datetime) -> datetime:
    today = at.astimezone(JAPAN).date()
    times = (datetime.combine(day, time, JAPAN) for day in (today, today - timedelta(days=1)) for time in plan.propagate_at)
    return max(time for time in times if time <= at)


def _interval(every: timedelta, at: datetime) -> datetime:
    seconds = every.total_seconds()
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, JAPAN)


def queued_transactions(store: Store, loop: asyncio.AbstractEventLoop) -> Transactions:
    """Transactions in the queue of the requests', for a thread that is not the event loop's."""

    def transact(work: Callable[[Connection], T], /) -> T:
        return asyncio.run_coroutine_threadsafe(store.write(work), loop).result()

    return transact
