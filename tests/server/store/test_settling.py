"""What waits is accepted or refused, once: what counts afterwards, and what stays as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, update

from ebid_tui.domain.acceptance import AcceptanceRecord
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import CardCertificate, Receipt
from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.server.decisions import settling
from ebid_tui.server.store import acceptances
from ebid_tui.server.store.schema import audit, mail_outbox, propagations, qualifications, receipts, registrations, vendor_details
from tests.clock import NOW
from tests.server.filling import QUALIFICATION, RECEIPT, REGISTRATION, THIS, committing, put, rows

ISE = profile_of("ise")
LATER = NOW + timedelta(days=1)
CARD = CardCertificate(fingerprint="f" * 64, serial="683", issuer="O=CA,C=JP", not_after=NOW)
GIVEN = Receipt(
    id="X-1", operation="registration", vendor=THIS, blocks={}, card=CARD, propagate=True, company_id="1",
    mail_to="a@example.com", check="0" * 16, at=NOW, state="waiting",
)  # fmt: skip
NEW = {"card_contact": {"email": "b@example.com"}}
REGISTERS = AcceptanceRecord(
    receipt_id="X-1", vendor=THIS, operation="registration", waits_for="papers", registration_id="R-1", since=NOW
)  # fmt: skip
AMENDS = replace(REGISTERS, operation="amendment", waits_for="approval", registration_id="R-2", blocks=NEW)
RENEWS = replace(REGISTERS, operation="renewal", previous_id="R-2")


@pytest.fixture(autouse=True)
def known(connection: Connection) -> None:
    """R-1 waits, R-2 is in force."""
    put(connection, qualifications, QUALIFICATION)
    put(connection, registrations, REGISTRATION | {"state": "waiting"}, REGISTRATION | {"id": "R-2", "fingerprint": "e" * 64})
    put(connection, receipts, RECEIPT | {"body": msgspec.to_builtins(GIVEN)})


def states(connection: Connection) -> list[Any]:
    return [state for _, state in rows(connection, registrations, "id", "state")]


def decide(connection: Connection, receipt_id: str, reason: str | None) -> AcceptanceRecord:
    """Accept it; with a reason, refuse it."""
    if reason is None:
        return settling.accept(connection, ISE, receipt_id, "operator", LATER)
    return settling.refuse(connection, ISE, receipt_id, "operator", reason, LATER)


def refused_with(connection: Connection, code: str, receipt_id: str = "X-1", reason: str | None = None) -> None:
    """It is not done, and the transaction is taken back."""
    before = connection.begin_nested()
    with pytest.raises(EbidError) as caught:
        decide(connection, receipt_id, reason)
    before.rollback()
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("waits", "accepted", "refused"),
    [
        (REGISTERS, ["active", "active"], ["refused", "active"]),
        (AMENDS, ["waiting", "active"], ["waiting", "active"]),
        (RENEWS, ["active", "renewed"], ["refused", "active"]),
    ],
    ids=["registration", "amendment", "renewal"],
)
@pytest.mark.parametrize("yes", [True, False])
def test_r_11_what_counts_afterwards(
    connection: Connection, waits: AcceptanceRecord, accepted: list[str], refused: list[str], yes: bool
) -> None:
    acceptances.add(connection, waits)
    if yes:
        settling.accept(connection, ISE, "X-1", "operator", LATER)
    else:
        settling.refuse(connection, ISE, "X-1", "operator", "　印鑑が　ありません。 ", LATER)
    assert states(connection) == (accepted if yes else refused)
    decided = replace(waits, state="accepted" if yes else "refused", decided_at=LATER, decided_by="operator")
    assert acceptances.one(connection, "X-1") == (decided if yes else replace(decided, reason="印鑑が　ありません。"))
    new = waits is AMENDS and yes
    assert rows(connection, registrations, "id", "blocks")[1] == ("R-2", NEW if new else REGISTRATION["blocks"])
    committing(connection)
    assert rows(connection, propagations, "receipt_id", "created_at") == ([("X-1", LATER)] if yes else [])
    assert rows(connection, vendor_details, "company_id", "updated_at") == ([("1", LATER)] if yes and waits is not RENEWS else [])
    ((recipient, subject, body),) = rows(connection, mail_outbox, "recipient", "subject", "body")
    assert (recipient, subject) == ("a@example.com", t(f"acceptance.{'accepted' if yes else 'refused'}_subject", what="登録"))
    assert ("印鑑が　ありません。" in body) is not yes
    event = f"{waits.operation}_{'accepted' if yes else 'refused'}"
    assert rows(connection, audit, "event", "actor", "subject", "agency") == [(event, "operator", THIS.number, THIS.agency)]


def test_the_second_who_decides_is_told(connection: Connection) -> None:
    acceptances.add(connection, REGISTERS)
    settling.refuse(connection, ISE, "X-1", "first", "理由", NOW)
    refused_with(connection, "E-STATE")
    refused_with(connection, "E-STATE", reason="別の理由")
    assert states(connection) == ["refused", "active"]


def test_another_systems_receipt_is_none(connection: Connection) -> None:
    acceptances.add(connection, replace(REGISTERS, vendor=replace(THIS, system="aomori")))
    refused_with(connection, "E-NOT-FOUND")
    refused_with(connection, "E-NOT-FOUND", "X-9", "理由")


@pytest.mark.parametrize("reason", ["", " 　", "あ" * (settling.MOST_REASON + 1), "一行\n二行", "鐘\x07", "逆\u202e", "a\u2028b"])
def test_a_reason_is_needed_that_can_be_shown(connection: Connection, reason: str) -> None:
    acceptances.add(connection, REGISTERS)
    refused_with(connection, "E-INPUT", reason=reason)
    assert acceptances.one(connection, "X-1") == REGISTERS


def test_r_35_a_lapse_meanwhile_leaves_it_waiting(connection: Connection) -> None:
    acceptances.add(connection, RENEWS)
    connection.execute(update(qualifications).values(state="lapsed"))
    refused_with(connection, "R-35")
    assert states(connection) == ["waiting", "active"]
    settling.refuse(connection, ISE, "X-1", "operator", "資格が失効しています。", LATER)
    assert states(connection) == ["refused", "active"]


def test_r_10_a_qualification_that_went_likewise(connection: Connection) -> None:
    acceptances.add(connection, REGISTERS)
    connection.execute(update(qualifications).values(number="2"))
    refused_with(connection, "R-10")


@pytest.mark.parametrize("waits", [AMENDS, RENEWS], ids=["amendment", "renewal"])
def test_what_it_is_about_ended_meanwhile(connection: Connection, waits: AcceptanceRecord) -> None:
    acceptances.add(connection, waits)
    connection.execute(update(registrations).where(registrations.c.id == "R-2").values(state="cancelled"))
    refused_with(connection, "E-STATE")
    assert acceptances.one(connection, "X-1") == waits
    assert states(connection) == ["waiting", "cancelled"]
