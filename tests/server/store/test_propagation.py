"""What the night takes up (R-16), and what it may write where: each condition by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from ebid_tui.server.store import audit, propagation
from ebid_tui.server.store.audit_chain import AuditEntry
from ebid_tui.server.store.propagation import ClaimedPropagation
from ebid_tui.server.store.schema import card_bindings, propagations, qualifications, receipts, registrations, vendor_details
from tests.clock import NOW
from tests.server.filling import QUALIFICATION, REGISTRATION, VENDOR, neighbours, put, rows

MOMENT, LATER = timedelta(microseconds=1), NOW + timedelta(1)
OTHER = {"system": "aomori", "category": "goods", "number": "2"}
DETAILS: dict[str, Any] = VENDOR | {"company": {"a": "b"}, "representative_contact": {"c": "d"}, "company_id": None, "updated_at": NOW}
BINDING = {"system": "ise", "realm": "construction", "fingerprint": "f" * 64, "number": "1000000001", "created_at": NOW}


@dataclass
class Night:
    """Registrations with their receipts, and what waits of them."""

    connection: Connection
    count: int = 0
    claimed: list[ClaimedPropagation] = field(default_factory=list)

    def waits(self, state: str = "waiting", **changes: Any) -> int:
        """A registration that was made and waits; its number."""
        self.count += 1
        n, made = self.count, REGISTRATION | {"fingerprint": f"card {self.count}"} | changes
        where = {name: made[name] for name in VENDOR}
        put(self.connection, registrations, {name: value for name, value in made.items() if name != "operation"} | {"id": f"R-{n}"})
        at = {"id": f"X-{n}", "registration_id": f"R-{n}", "system": made["system"], "owner": "", "body": {"n": n}, "at": NOW}
        put(self.connection, receipts, at)
        row = where | {"id": n, "operation": changes.get("operation", "registration"), "receipt_id": f"X-{n}", "state": state}
        put(self.connection, propagations, row | {"created_at": NOW})
        return n

    def claim(self, *systems: str, before: timedelta = timedelta(), limit: int = 99) -> list[int]:
        self.claimed = propagation.claim(self.connection, systems or ("ise", "aomori"), NOW + before, limit)
        return [row.id for row in self.claimed]


@pytest.fixture
def night(connection: Connection) -> Night:
    return Night(connection)


def qualified(connection: Connection, *agencies: str, **changes: Any) -> None:
    put(connection, qualifications, *(QUALIFICATION | {"agency": agency} | changes for agency in agencies))


def test_one_at_a_time_of_each_vendor_in_the_order_in_which_they_were_signed(night: Night) -> None:
    night.waits("done")
    first, _, other_agency = night.waits(), night.waits(), night.waits(agency="water")
    others = [night.waits(**{name: value}) for name, value in OTHER.items()]
    assert night.claim() == [first, *others]
    assert night.claim(limit=2) == [first, others[0]]
    assert night.claim("ise") == [first, *others[1:]]
    assert night.claim("saitama") == []
    assert night.claim(before=-MOMENT) == []
    propagation.mark(night.connection, [first, others[0]], "done", LATER)
    assert night.claim() == [3, *others[1:]]
    propagation.mark(night.connection, [3], "failed", LATER)
    assert night.claim() == [other_agency, *others[1:]]
    states = rows(night.connection, propagations, "id", "state", "done_at")
    assert states[:4] == [(1, "done", None), (2, "done", LATER), (3, "failed", LATER), (4, "waiting", None)]


def test_what_is_claimed(night: Night) -> None:
    night.waits(fingerprint="f" * 64, operation="renewal", state="waiting")
    put(night.connection, card_bindings, BINDING | {"number": "9"})
    put(night.connection, card_bindings, *neighbours(BINDING | {"number": "8"}, system="aomori", realm="goods", fingerprint="e" * 64))
    night.claim()
    assert night.claimed == [
        ClaimedPropagation(
            id=1, system="ise", agency="ise", category="construction", number="1000000001", operation="renewal", receipt_id="X-1",
            registration_id="R-1", realm="construction", fingerprint="f" * 64, source_state="active", owner="9", plain=0,  # type: ignore[arg-type]
        )
    ]  # fmt: skip


PLAIN: dict[str, dict[str, Any]] = {
    "as it was": {}, "amended": {"operation": "amendment"}, "without a card": {"fingerprint": None}, "without details": {"details": None},
    "with newer details": {"details": DETAILS | {"updated_at": LATER}}, "with another receipt": {"another": True},
}  # fmt: skip


@pytest.mark.parametrize("case", PLAIN)
def test_the_short_way_is_for_what_nothing_has_happened_to_since(night: Night, case: str) -> None:
    changes = dict(PLAIN[case])
    details, another = changes.pop("details", DETAILS), changes.pop("another", False)
    number = night.waits(**changes)
    put(night.connection, vendor_details, *neighbours(DETAILS | {"updated_at": LATER}, **OTHER, agency="water"))
    if details:
        put(night.connection, vendor_details, details)
    elsewhere = {"id": "X-9", "registration_id": f"R-{number}", "system": "ise", "owner": "", "body": {}, "at": LATER}
    if another:
        put(night.connection, receipts, elsewhere)
    night.claim()
    assert [bool(row.plain) for row in night.claimed] == [case == "as it was"]
    assert night.claimed[0].owner is None


def test_r_35_the_vendors_other_agencies_that_have_not_lapsed(night: Night) -> None:
    night.waits()
    night.claim()
    qualified(night.connection, "ise", "water", "port")
    qualified(night.connection, "moon", state="lapsed")
    qualified(night.connection, "sun", state="under_review")
    for name, value in OTHER.items():
        qualified(night.connection, f"other {name}", **{name: value})
    (row,) = night.claimed
    assert sorted(propagation.targets(night.connection, row)) == ["port", "sun", "water"]
    put(night.connection, vendor_details, DETAILS)
    assert propagation.copy_plain(night.connection, [row], LATER) == 3
    kept = ("id", "agency", "state", "registered_at", "fingerprint", "realm", "blocks")
    same = ("card 1", "construction", REGISTRATION["blocks"])
    made = [(f"R-1-{agency}", agency, "active", LATER, *same) for agency in ("port", "sun", "water")]
    assert rows(night.connection, registrations, *kept) == [("R-1", "ise", "active", NOW, *same), *made]
    shared = [(agency, {"a": "b"}, {"c": "d"}, NOW) for agency in ("ise", "port", "sun", "water")]
    assert rows(night.connection, vendor_details, "agency", "company", "representative_contact", "updated_at") == shared
    noted = [tuple(one) for one in night.connection.info[audit._PENDING]]
    assert sorted(noted) == [
        (LATER, "ise", "registration-copied", "overnight", "1000000001", "X-1", to, None) for to in ("port", "sun", "water")
    ]
    assert propagation.copy_plain(night.connection, [row], LATER) == 0
    assert len(night.connection.info[audit._PENDING]) == 3


def test_r_18_what_is_shared_goes_only_where_nothing_newer_stands(night: Night) -> None:
    night.waits()
    night.claim()
    qualified(night.connection, "older", "newer", "none")
    there = DETAILS | {"company": {}, "representative_contact": {}}
    older, newer = ({"agency": "older", "company_id": "7", "updated_at": NOW - MOMENT}, {"agency": "newer", "updated_at": NOW})
    put(night.connection, vendor_details, DETAILS | {"company_id": "1"}, there | older, there | newer)
    propagation.copy_plain(night.connection, night.claimed, LATER)
    assert rows(night.connection, vendor_details, "agency", "company", "representative_contact", "company_id", "updated_at") == [
        ("ise", {"a": "b"}, {"c": "d"}, "1", NOW), ("newer", {}, {}, None, NOW), ("none", {"a": "b"}, {"c": "d"}, "1", NOW),
        ("older", {"a": "b"}, {"c": "d"}, "7", NOW),
    ]  # fmt: skip
    propagation.put_details(night.connection, DETAILS | {"agency": "newer", "company": {"e": "f"}, "updated_at": LATER})
    propagation.put_details(night.connection, DETAILS | {"agency": "none", "company": {"e": "f"}, "updated_at": NOW})
    assert [company for _, company in rows(night.connection, vendor_details, "agency", "company")] == [
        {"a": "b"}, {"e": "f"}, {"a": "b"}, {"a": "b"},
    ]  # fmt: skip


def test_the_cards_registrations_elsewhere_that_nothing_newer_happened_to(night: Night) -> None:
    night.waits()
    night.claim()
    agencies = ("ise", "water", "port", "sun", "moon", "star", "pole")
    qualified(night.connection, *agencies)
    qualified(night.connection, "lapsed", state="lapsed")
    card = REGISTRATION | {"fingerprint": "old"}
    there = {
        "water": {}, "port": {"state": "renewed"}, "sun": {"fingerprint": "another"}, "moon": {}, "star": {}, "ise": {}, "lapsed": {},
        "nowhere": {},
    }  # fmt: skip
    put(night.connection, registrations, *(card | {"id": f"at {agency}", "agency": agency} | changes for agency, changes in there.items()))
    for n, (name, value) in enumerate(OTHER.items()):
        put(night.connection, registrations, card | {"id": f"other {n}", "agency": "pole", name: value})
    receipt = {"system": "ise", "owner": "", "body": {}}
    put(night.connection, receipts, receipt | {"id": "X-8", "registration_id": "at moon", "at": NOW + MOMENT},
        receipt | {"id": "X-9", "registration_id": "at star", "at": NOW})  # fmt: skip
    (row,) = night.claimed
    found = propagation.there(night.connection, row, "old", NOW)
    assert sorted(found, key=repr) == [("at star", "star", REGISTRATION["blocks"]), ("at water", "water", REGISTRATION["blocks"])]
    put(night.connection, registrations, card | {"id": "without", "agency": "water", "fingerprint": None})
    assert [identity for identity, *_ in propagation.there(night.connection, row, None, NOW)] == ["without"]


def test_one_copy_is_changed_or_retired_and_no_other(night: Night) -> None:
    for _ in range(2):
        night.waits()
    propagation.amend(night.connection, "R-1", {"new": {}})
    assert rows(night.connection, registrations, "id", "blocks") == [("R-1", {"new": {}}), ("R-2", REGISTRATION["blocks"])]
    propagation.retire(night.connection, "R-1")
    assert rows(night.connection, registrations, "id", "state") == [("R-1", "renewed"), ("R-2", "active")]
    assert propagation.body(night.connection, "X-2") == {"n": 2}


def test_a_copy_is_made_once(night: Night) -> None:
    night.waits()
    night.claim()
    (row,) = night.claimed
    copy = REGISTRATION | {"id": "R-1-water", "agency": "water"}
    assert [propagation.add_copy(night.connection, copy | {"id": identity}) for identity in ("R-1-water", "R-1-water", "R-2")] == [
        True,
        False,
        False,
    ]
    propagation.note(night.connection, row, "registration-copied", "water", LATER)
    assert night.connection.info[audit._PENDING] == [
        AuditEntry(LATER, "ise", "registration-copied", "overnight", "1000000001", "X-1", "water")
    ]
