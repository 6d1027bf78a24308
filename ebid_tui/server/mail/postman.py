"""Sending what stands in the outbox (R-39): tried again when refused for now, and never twice.

Any number of senders may run at once: each mail is claimed in the database before it is handed over. A mail that was handed
over without an answer may have arrived, so it is left to a person; its Message-ID is always the same, so that a receiver
can tell a repeat.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from ebid_tui.server.mail import smtp
from ebid_tui.server.mail.smtp import NoSession, SmtpOutcome, SmtpSession
from ebid_tui.server.settings import JAPAN, Smtp
from ebid_tui.server.store import outbox
from ebid_tui.server.store.outbox import ClaimedMail, MailVerdict
from ebid_tui.server.store.transactions import Transactions

BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
DAILY = timedelta(days=1)
MOST_ATTEMPTS = 12
"""The first, one for each of `BACKOFF`, then a week of daily ones; after that a mail has failed."""
MARGIN = timedelta(minutes=1)

log = logging.getLogger("ebid_tui.server.mail.postman")


@dataclass(slots=True)
class DeliveryResult:
    """What one run did. `trouble` says in codes why no server could be talked to."""

    sent: int = 0
    later: int = 0
    failed: int = 0
    uncertain: int = 0
    trouble: str = ""

    @property
    def complete(self) -> bool:
        """Whether every mail that was due has gone out."""
        return not (self.later or self.failed or self.uncertain or self.trouble)


@dataclass(frozen=True, slots=True)
class Postman:
    """One sender. `now` is the clock; `stopping` is asked before each mail."""

    settings: Smtp
    transact: Transactions
    now: Callable[[], datetime]
    stopping: Callable[[], bool] = lambda: False

    def run(self) -> DeliveryResult:
        """Send everything that is due now; ends early where the server cannot be talked to."""
        done = DeliveryResult()
        now = self.now()
        done.uncertain = self.transact(lambda c: outbox.expire(c, now))
        if done.uncertain:
            log.warning("mails uncertain=%d: a sender ended before it had its answer", done.uncertain)
        try:
            self._send_all(done)
        except NoSession as error:
            done.trouble = error.reason
            log.warning("no mail can be sent now: %s", error.reason)
        return done

    def _send_all(self, done: DeliveryResult) -> None:
        with ExitStack() as stack:
            session: SmtpSession | None = None
            while not self.stopping() and self._any_due():
                # Before anything is claimed: a mail is `sending` only while there is somebody to send it to.
                if session is None or not session.alive:
                    session = stack.enter_context(self._session(done))
                claimed = self._claim()
                if claimed is None:
                    continue
                self._deliver(session, claimed, done)

    def _any_due(self) -> bool:
        now = self.now()
        return self.transact(lambda c: outbox.next_due(c, now)) is not None

    def _session(self, done: DeliveryResult) -> SmtpSession:
        """Talk to the server. Where that fails, the mail whose turn it is pays with an attempt."""
        try:
            return SmtpSession(self.settings)
        except NoSession as error:
            self._put_off(error.reason, done)
            raise

    def _put_off(self, reason: str, done: DeliveryResult) -> None:
        now = self.now()
        waiting = self.transact(lambda c: outbox.next_due(c, now))
        if waiting is not None:
            verdict = _verdict(SmtpOutcome("later", reason), waiting.attempts + 1, now)
            self.transact(lambda c: outbox.put_off(c, waiting, verdict, now))
            _count(done, verdict)

    def _claim(self) -> ClaimedMail | None:
        token, now = secrets.token_hex(16), self.now()
        until = now + timedelta(seconds=self.settings.longest) + MARGIN
        return self.transact(lambda c: outbox.claim(c, token, now, until))

    def _deliver(self, session: SmtpSession, mail: ClaimedMail, done: DeliveryResult) -> None:
        try:
            answer = self._handed_over(session, mail)
        except NoSession as error:
            self._settle(mail, SmtpOutcome("later", error.reason), done)
            raise
        self._settle(mail, answer, done)

    def _handed_over(self, session: SmtpSession, mail: ClaimedMail) -> SmtpOutcome:
        mark = f"{mail.receipt_id}.{mail.id}"
        try:
            content = smtp.compose(self.settings, mail.recipient, mail.subject, mail.body, mark, mail.created_at.astimezone(JAPAN))
        except ValueError:
            return SmtpOutcome("failed", "address")
        return session.hand_over(mail.recipient, content)

    def _settle(self, mail: ClaimedMail, answer: SmtpOutcome, done: DeliveryResult) -> None:
        now = self.now()
        verdict = _verdict(answer, mail.attempts, now)
        self.transact(lambda c: outbox.settle(c, mail, verdict, now))
        _count(done, verdict)
        level = logging.INFO if verdict.state == "sent" else logging.WARNING
        log.log(level, "mail %d: %s", mail.id, " ".join(filter(None, (verdict.state, verdict.reason))))


def _verdict(answer: SmtpOutcome, attempts: int, now: datetime) -> MailVerdict:
    """`attempts` counts the one that got this answer."""
    if answer.outcome != "later":
        return MailVerdict(answer.outcome, answer.reason)
    if attempts >= MOST_ATTEMPTS:
        return MailVerdict("failed", answer.reason)
    wait = BACKOFF[attempts - 1] if attempts <= len(BACKOFF) else DAILY
    return MailVerdict("waiting", answer.reason, now + wait)


def _count(done: DeliveryResult, verdict: MailVerdict) -> None:
    name = "later" if verdict.state == "waiting" else verdict.state
    setattr(done, name, getattr(done, name) + 1)
