"""The outbox (R-39): what waits, who is sending what, and what became of it.

    waiting → sending → sent
                      → waiting     refused for now: again after a while
                      → failed      refused for good, or too often
                      → uncertain   handed over, and nobody lived to see the answer: for a person to decide

A mail is claimed in a transaction of its own before it is handed over. What is `sending` is never sent again by itself:
the claim of a process that died becomes `uncertain` when its lease has run out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from ebid_tui.server.store.columns import UtcDateTime
from ebid_tui.server.store.schema import mail_outbox

_DUE = and_(
    mail_outbox.c.state == "waiting",
    or_(mail_outbox.c.next_attempt_at.is_(None), mail_outbox.c.next_attempt_at <= bindparam("p_now", type_=UtcDateTime)),
)
_FIRST_DUE = select(mail_outbox.c.id).where(_DUE).order_by(mail_outbox.c.id).limit(1)
_CLAIM = (
    update(mail_outbox)
    .where(mail_outbox.c.id == _FIRST_DUE.with_for_update(skip_locked=True).scalar_subquery(), mail_outbox.c.state == "waiting")
    .values(
        state="sending",
        claim=bindparam("p_claim"),
        lease_until=bindparam("p_until", type_=UtcDateTime),
        attempts=mail_outbox.c.attempts + 1,
    )
    .returning(mail_outbox)
)
_VERDICT: dict[str, Any] = {
    "state": bindparam("p_state"),
    "reason": bindparam("p_reason"),
    "next_attempt_at": bindparam("p_next", type_=UtcDateTime),
    "finished_at": bindparam("p_finished", type_=UtcDateTime),
}
_SETTLE = (
    update(mail_outbox)
    # `uncertain`, too: the lease ran out, and then the answer came after all.
    .where(
        mail_outbox.c.id == bindparam("p_id"),
        mail_outbox.c.claim == bindparam("p_claim"),
        mail_outbox.c.state.in_(("sending", "uncertain")),
    )
    .values(_VERDICT | {"lease_until": None})
)
_PUT_OFF = (
    update(mail_outbox)
    .where(mail_outbox.c.id == bindparam("p_id"), mail_outbox.c.state == "waiting", mail_outbox.c.attempts == bindparam("p_seen"))
    .values(_VERDICT | {"attempts": mail_outbox.c.attempts + 1})
)
_EXPIRE = (
    update(mail_outbox)
    .where(mail_outbox.c.state == "sending", mail_outbox.c.lease_until < bindparam("p_now", type_=UtcDateTime))
    .values(state="uncertain", reason="process ended", finished_at=bindparam("p_now", type_=UtcDateTime))
)
_NEXT = select(mail_outbox.c.id, mail_outbox.c.attempts).where(_DUE).order_by(mail_outbox.c.id).limit(1)


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """The mail whose turn it is, before anybody has claimed it."""

    id: int
    attempts: int


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail that this process alone sends. `attempts` counts this one."""

    id: int
    claim: str
    receipt_id: str
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MailVerdict:
    """What is written of a mail: its state from now on, why in codes, and when it is tried again."""

    state: str
    reason: str = ""
    again_at: datetime | None = None


def next_due(connection: Connection, now: datetime) -> WaitingMail | None:
    """The first mail that is due."""
    row = connection.execute(_NEXT, {"p_now": now}).first()
    return None if row is None else WaitingMail(row.id, row.attempts)


def claim(connection: Connection, token: str, now: datetime, until: datetime) -> ClaimedMail | None:
    """Take the first mail that is due; nobody else gets it."""
    row = connection.execute(_CLAIM, {"p_claim": token, "p_now": now, "p_until": until}).one_or_none()
    if row is None:
        return None
    return ClaimedMail(row.id, token, row.receipt_id, row.recipient, row.subject, row.body, row.attempts, row.created_at)


def settle(connection: Connection, mail: ClaimedMail, verdict: MailVerdict, now: datetime) -> None:
    """Write what became of a claimed mail."""
    connection.execute(_SETTLE, {"p_id": mail.id, "p_claim": mail.claim} | _values(verdict, now))


def put_off(connection: Connection, mail: WaitingMail, verdict: MailVerdict, now: datetime) -> None:
    """Count an attempt that did not get as far as a claim; nothing if another process was faster."""
    connection.execute(_PUT_OFF, {"p_id": mail.id, "p_seen": mail.attempts} | _values(verdict, now))


def expire(connection: Connection, now: datetime) -> int:
    """Give up on what a process claimed and never settled; how many became uncertain."""
    return connection.execute(_EXPIRE, {"p_now": now}).rowcount


def _values(verdict: MailVerdict, now: datetime) -> dict[str, object]:
    finished = None if verdict.state == "waiting" else now
    return {"p_state": verdict.state, "p_reason": verdict.reason[:64] or None, "p_next": verdict.again_at, "p_finished": finished}
