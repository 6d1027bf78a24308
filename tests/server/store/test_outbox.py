"""The outbox (R-39): who gets a mail, and what becomes of it, among mails that are in every other state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from ebid_tui.server.store import outbox
from ebid_tui.server.store.outbox import ClaimedMail, MailVerdict, WaitingMail
from ebid_tui.server.store.schema import mail_outbox, receipts, registrations
from tests.clock import NOW
from tests.server.filling import RECEIPT, REGISTRATION, put, rows

MINUTE, MOMENT = timedelta(minutes=1), timedelta(microseconds=1)
UNTIL = NOW + MINUTE
STATES = ("waiting", "sending", "sent", "failed", "uncertain")
BECAME = ("id", "state", "attempts", "reason", "claim", "next_attempt_at", "lease_until", "finished_at")


def mails(connection: Connection, *given: dict[str, Any]) -> None:
    put(connection, registrations, REGISTRATION)
    put(connection, receipts, RECEIPT)
    fixed = {"receipt_id": "X-1", "recipient": "a@example.com", "subject": "題", "body": "本文", "created_at": NOW - MINUTE}
    put(connection, mail_outbox, *(fixed | {"id": number} | one for number, one in enumerate(given, 1)))


def became(connection: Connection) -> dict[int, list[Any]]:
    return {number: rest for number, *rest in rows(connection, mail_outbox, *BECAME)}


def test_the_first_that_is_due_is_claimed_by_one(connection: Connection) -> None:
    others = [{"state": state} for state in STATES[1:]]
    due = {"state": "waiting", "next_attempt_at": NOW, "attempts": 2}
    mails(connection, *others, {"state": "waiting", "next_attempt_at": NOW + MOMENT}, due, {"state": "waiting"})
    before = became(connection)
    assert outbox.next_due(connection, NOW) == WaitingMail(6, 2)
    first = outbox.claim(connection, "mine", NOW, UNTIL)
    assert first == ClaimedMail(6, "mine", "X-1", "a@example.com", "題", "本文", 3, NOW - MINUTE)
    assert "example" not in repr(first)
    assert "題" not in repr(first)
    assert "本文" not in repr(first)
    second = outbox.claim(connection, "yours", NOW, UNTIL)
    assert second is not None
    assert (second.id, second.attempts) == (7, 1)
    assert outbox.claim(connection, "ours", NOW, UNTIL) is None
    assert outbox.next_due(connection, NOW) is None
    after = became(connection)
    assert after.pop(6) == ["sending", 3, None, "mine", NOW, UNTIL, None]
    assert after.pop(7) == ["sending", 1, None, "yours", None, UNTIL, None]
    assert after == {number: before[number] for number in range(1, 6)}


@pytest.mark.parametrize("state", ["sending", "uncertain"])
def test_what_became_of_a_mail_is_written_by_who_claimed_it(connection: Connection, state: str) -> None:
    """`uncertain`, too: the lease ran out, and then the answer came after all."""
    claimed = {"state": state, "claim": "mine", "attempts": 1, "lease_until": UNTIL, "finished_at": NOW if state == "uncertain" else None}
    others = [{"state": other, "claim": "mine", "lease_until": UNTIL} for other in ("waiting", "sent", "failed")]
    mails(connection, claimed, claimed, claimed | {"claim": "yours"}, *others)
    before = became(connection)
    mine = ClaimedMail(1, "mine", "X-1", "", "", "", 1, NOW)
    for number in range(3, 7):
        outbox.settle(connection, ClaimedMail(number, "mine", "X-1", "", "", "", 1, NOW), MailVerdict("sent"), NOW)
    assert became(connection) == before
    outbox.settle(connection, mine, MailVerdict("waiting", "r" * 99, UNTIL), NOW)
    after = became(connection)
    assert after.pop(1) == ["waiting", 1, "r" * 64, "mine", UNTIL, None, None]
    assert after == {number: before[number] for number in range(2, 7)}


def test_a_mail_that_is_done_says_when(connection: Connection) -> None:
    mails(connection, {"state": "waiting"})
    mine = outbox.claim(connection, "mine", NOW, UNTIL)
    assert mine is not None
    outbox.settle(connection, mine, MailVerdict("sent"), NOW + MINUTE)
    assert became(connection) == {1: ["sent", 1, None, "mine", None, None, NOW + MINUTE]}


def test_an_attempt_before_the_claim_counts_once(connection: Connection) -> None:
    """Two processes that find no mail server at the same time have tried once."""
    mails(connection, {"state": "waiting", "attempts": 2}, {"state": "waiting", "attempts": 2}, *({"state": s} for s in STATES[1:]))
    before = became(connection)
    for _ in range(2):
        outbox.put_off(connection, WaitingMail(1, 2), MailVerdict("waiting", "connect", UNTIL), NOW)
    for number in range(3, 7):
        outbox.put_off(connection, WaitingMail(number, 0), MailVerdict("waiting"), NOW)
    after = became(connection)
    assert after.pop(1) == ["waiting", 3, "connect", None, UNTIL, None, None]
    assert after == {number: before[number] for number in range(2, 7)}
    outbox.put_off(connection, WaitingMail(1, 3), MailVerdict("failed", "connect"), NOW)
    assert became(connection)[1] == ["failed", 4, "connect", None, None, None, NOW]


def test_a_lease_that_ran_out_leaves_a_mail_of_which_nobody_knows(connection: Connection) -> None:
    others = [{"state": state, "lease_until": NOW - MINUTE} for state in ("waiting", "sent", "failed", "uncertain")]
    sending = {"state": "sending", "claim": "mine", "attempts": 1}
    mails(connection, sending | {"lease_until": NOW - MOMENT}, sending | {"lease_until": NOW}, *others)
    before = became(connection)
    assert outbox.expire(connection, NOW) == 1
    assert outbox.expire(connection, NOW) == 0
    after = became(connection)
    assert after.pop(1) == ["uncertain", 1, "process ended", "mine", None, NOW - MOMENT, NOW]
    assert after == {number: before[number] for number in range(2, 7)}
