"""What the desk looks at of one vendor, and what waits for an approval, among everything that is not this vendor's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from ebid_tui.domain.desk import DeskCard, DeskMail, DeskRequest, Event
from ebid_tui.domain.records import CardCertificate, Qualification, Vendor
from ebid_tui.server.store import desk
from ebid_tui.server.store.schema import audit, mail_outbox, qualifications, receipts, registrations
from tests.clock import NOW
from tests.server.filling import QUALIFICATION, RECEIPT, REGISTRATION, THIS, VENDOR, neighbours, put, rows

OTHER = {"system": "aomori", "agency": "water", "category": "goods", "number": "2"}
DAY = timedelta(days=1)
CARD = CardCertificate(fingerprint="f" * 64, serial="683", issuer="O=CA,C=JP", not_after=NOW)


def others(connection: Connection) -> None:
    """Registrations of other vendors, with a receipt each: R-2 and X-2 of another system, R-3 of another agency and so on."""
    for number, row in enumerate(neighbours(REGISTRATION, **OTHER), 2):
        put(connection, registrations, row | {"id": f"R-{number}", "fingerprint": str(number)})
        put(connection, receipts, RECEIPT | {"id": f"X-{number}", "registration_id": f"R-{number}"})


def mine(connection: Connection) -> None:
    put(connection, registrations, REGISTRATION)
    put(connection, receipts, RECEIPT)


def test_the_same_numbers_other_qualifications(connection: Connection) -> None:
    at = [("water", "goods"), ("water", "construction"), ("ise", "goods"), ("ise", "construction"), ("port", "goods")]
    put(connection, qualifications, *(QUALIFICATION | {"agency": agency, "category": category} for agency, category in at))
    put(connection, qualifications, *neighbours(QUALIFICATION | {"category": "goods"}, system="aomori", number="2"))
    found = desk.elsewhere(connection, THIS, ["ise", "water"])
    assert [(one.vendor.agency, one.vendor.category) for one in found] == [("ise", "goods"), ("water", "construction"), ("water", "goods")]
    vendor = Vendor(**VENDOR | {"category": "goods"})
    assert found[0] == Qualification(vendor=vendor, state="approved", trade_name="伊勢建設", company={"name": "伊勢建設"})


def test_every_registration_of_a_vendor_the_earliest_first(connection: Connection) -> None:
    mine(connection)
    others(connection)
    without: dict[str, Any] = {"fingerprint": None, "serial": None, "issuer": None, "not_after": None, "blocks": {}, "state": "cancelled"}
    put(connection, registrations, REGISTRATION | without | {"id": "R-9"})
    put(connection, registrations, REGISTRATION | {"id": "R-8", "fingerprint": "8", "registered_at": NOW - DAY})
    first, second, third = desk.cards(connection, THIS)
    assert first.registration_id == "R-8"
    assert second == DeskCard(
        registration_id="R-1", card=CARD, company="伊勢建設", person="伊勢　一郎", contact={"email": "a@example.com"}, state="active",
        registered_at=NOW,
    )  # fmt: skip
    assert third == DeskCard(registration_id="R-9", card=None, company="", person="", contact={}, state="cancelled", registered_at=NOW)


def mail(number: int, receipt: str = "X-1", **values: Any) -> dict[str, Any]:
    fixed = {"id": number, "receipt_id": receipt, "recipient": "a@example.com", "subject": "題", "body": "本文", "state": "sent"}
    return fixed | {"created_at": NOW, "attempts": 2} | values


def test_the_newest_mails_to_a_vendor(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    mine(connection)
    others(connection)
    put(connection, mail_outbox, *(mail(10 + n, f"X-{n}") for n in range(2, 6)))
    put(connection, mail_outbox, mail(1), mail(3, state="failed", reason="recipient 550", finished_at=NOW + DAY), mail(2))
    found = desk.mails(connection, THIS)
    assert [one.id for one in found] == [3, 2, 1]
    assert found[0] == DeskMail(
        id=3, receipt_id="X-1", recipient="a@example.com", subject="題", state="failed", attempts=2, reason="recipient 550", created_at=NOW,
        finished_at=NOW + DAY,
    )  # fmt: skip
    assert found[1].reason == ""
    put(connection, mail_outbox, *(mail(100 + n) for n in range(desk.MOST)))
    assert [one.id for one in desk.mails(connection, THIS)] == list(range(99 + desk.MOST, 99, -1))


def test_one_mail_and_whose_it_is(connection: Connection) -> None:
    mine(connection)
    others(connection)
    put(connection, mail_outbox, mail(1), mail(2, "X-2"), mail(3, "X-5"))
    found = desk.mail(connection, 2)
    assert found is not None
    assert (found[0].id, *found[1:]) == (2, "aomori", "ise", "1000000001")
    assert desk.mail(connection, 9) is None


BECAME = ("id", "state", "attempts", "next_attempt_at", "finished_at", "claim", "reason")
ENDED: dict[str, Any] = {"next_attempt_at": NOW, "finished_at": NOW, "claim": "mine", "reason": "process ended"}


@pytest.mark.parametrize("state", ["failed", "uncertain"])
def test_a_mail_that_did_not_arrive_is_sent_again_itself(connection: Connection, state: str) -> None:
    mine(connection)
    put(connection, mail_outbox, mail(1, state=state, **ENDED), mail(2, state=state, **ENDED))
    assert desk.send_again(connection, 1, NOW + DAY)
    assert rows(connection, mail_outbox, *BECAME) == [
        (1, "waiting", 0, None, None, None, None),
        (2, state, 2, NOW, NOW, "mine", "process ended"),
    ]


def test_a_mail_that_was_sent_is_sent_again_as_a_copy(connection: Connection) -> None:
    mine(connection)
    first, second = 10**6, 10**6 + 1  # far from the numbers that PostgreSQL gives
    put(connection, mail_outbox, mail(first, **ENDED), mail(second, subject="別", **ENDED))
    assert desk.send_again(connection, first, NOW + DAY)
    kept = ("subject", "receipt_id", "recipient", "body", "state", "created_at", "attempts", "claim")
    same = ("X-1", "a@example.com", "本文")
    assert rows(connection, mail_outbox, *kept) == sorted(
        [
            ("別", *same, "sent", NOW, 2, "mine"),
            ("題", *same, "sent", NOW, 2, "mine"),
            ("題", *same, "waiting", NOW + DAY, 0, None),
        ],
        key=repr,
    )


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_a_mail_that_is_on_its_way_is_not_sent_again(connection: Connection, state: str) -> None:
    mine(connection)
    put(connection, mail_outbox, mail(1, state=state), mail(2))
    assert not desk.send_again(connection, 1, NOW)
    assert not desk.send_again(connection, 9, NOW)
    assert rows(connection, mail_outbox, "state") == sorted([state, "sent"], key=repr)


def test_the_history_of_a_number_at_these_agencies(connection: Connection) -> None:
    """Where something happened is said by the row, or by its receipt's registration; a password belongs to no agency."""
    mine(connection)
    others(connection)  # R-3 is at water
    fixed = {"at": NOW, "system": "ise", "actor": "f", "subject": "1", "hash": ""}
    shown = [("registered", "X-1", None), ("copied", "X-1", "port"), ("password", None, None), ("at port", None, "port")]
    hidden = [("at water", "X-3", None), ("copied to water", "X-1", "water"), ("by hand", None, "water")]
    wanted = [*shown, *hidden]
    put(connection, audit, *(
        fixed | {"id": n, "event": event, "receipt_id": receipt, "agency": agency} for n, (event, receipt, agency) in enumerate(wanted, 1)
    ))  # fmt: skip
    put(connection, audit, fixed | {"id": 8, "event": "other", "system": "aomori"}, fixed | {"id": 9, "event": "other", "subject": "2"})
    found = desk.history(connection, "ise", "1", ["ise", "port"])
    assert found == [
        Event(at=NOW, event="at port", actor="f", receipt_id=None, agency="port"),
        Event(at=NOW, event="password", actor="f", receipt_id=None, agency=""),
        Event(at=NOW, event="copied", actor="f", receipt_id="X-1", agency="port"),
        Event(at=NOW, event="registered", actor="f", receipt_id="X-1", agency="ise"),
    ]
    put(connection, audit, *(fixed | {"id": 100 + n, "event": "password"} for n in range(desk.MOST + 1)))
    assert len(desk.history(connection, "ise", "1", ["ise"])) == desk.MOST


def test_whose_a_registration_is(connection: Connection) -> None:
    mine(connection)
    put(
        connection,
        registrations,
        REGISTRATION | {"id": "R-9", "fingerprint": None},
        REGISTRATION | OTHER | {"id": "R-2", "state": "renewed"},
    )
    assert desk.registration(connection, "R-1") == (THIS, "active")
    assert desk.registration(connection, "R-2") == (Vendor(**OTHER), "renewed")
    assert desk.registration(connection, "R-9") is None
    assert desk.registration(connection, "R-3") is None


def test_a_card_is_cancelled_once(connection: Connection) -> None:
    put(connection, registrations, *(
        REGISTRATION | {"id": f"R-{n}", "fingerprint": str(n), "state": state} for n, state in enumerate(("active", "active", "renewed"), 1)
    ))  # fmt: skip
    assert [desk.cancel(connection, identity) for identity in ("R-1", "R-1", "R-3", "R-9")] == [True, False, False, False]
    assert rows(connection, registrations, "id", "state") == [("R-1", "cancelled"), ("R-2", "active"), ("R-3", "renewed")]


def request(identity: str, vendor: Vendor = THIS, **values: Any) -> DeskRequest:
    fixed: dict[str, Any] = {"kind": "unlock", "registration_id": None, "application": "1", "state": "waiting", "asked_by": "desk"}
    fixed |= {"asked_at": NOW, "decided_by": None, "decided_at": None, "done_by": None, "done_at": None}
    return DeskRequest(id=identity, vendor=vendor, **fixed | values)


def test_a_request_is_kept_as_it_is(connection: Connection) -> None:
    whole = request(
        "Q-1", kind="cancel_card", registration_id="R-1", state="done", decided_by="boss", decided_at=NOW + DAY, done_by="desk",
        done_at=NOW + 2 * DAY,
    )  # fmt: skip
    for one in (whole, request("Q-2")):
        desk.add_request(connection, one)
        assert desk.request(connection, one.id) == one
    assert desk.request(connection, "Q-9") is None


def test_which_requests_are_listed(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    places = {name: Vendor(**VENDOR | {name: value}) for name, value in OTHER.items()}
    states = {"waiting": 0, "approved": 1, "done": 2, "refused": 3}
    for state, days in states.items():
        desk.add_request(connection, request(state, state=state, asked_at=NOW + days * DAY))
    for name, vendor in places.items():
        desk.add_request(connection, request(name, vendor, asked_at=NOW - DAY))

    def listed(agencies: list[str], state: Any = None, vendor: Vendor | None = None) -> list[str]:
        return [one.id for one in desk.requests(connection, "ise", agencies, state, vendor)]

    assert listed(["ise"]) == ["approved", "waiting", "category", "number"]
    assert listed(["ise", "water"]) == ["approved", "waiting", "agency", "category", "number"]
    assert listed(["ise"], "done") == ["done"]
    assert listed(["ise"], "waiting") == ["waiting", "category", "number"]
    # Of one vendor: whatever became of it.
    assert listed(["ise"], None, THIS) == ["refused", "done", "approved", "waiting"]
    assert listed(["water"], None, THIS) == []
    monkeypatch.setattr(desk, "MOST", 1)
    assert listed(["ise"], None, THIS) == ["refused"]


def test_a_request_moves_from_where_it_is(connection: Connection) -> None:
    for identity in ("Q-1", "Q-2"):
        desk.add_request(connection, request(identity))
    moves = [desk.move(connection, "Q-1", before, state="approved", decided_by="boss") for before in ("done", "waiting", "waiting")]
    assert moves == [False, True, False]
    assert desk.request(connection, "Q-1") == request("Q-1", state="approved", decided_by="boss")
    assert desk.request(connection, "Q-2") == request("Q-2")
