"""What waits for its acceptance, among what waits elsewhere: the oldest first, each decided once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ebid_tui.domain.acceptance import AcceptanceRecord
from ebid_tui.domain.records import Vendor
from ebid_tui.server.store import acceptances
from ebid_tui.server.store.schema import registrations
from tests.clock import NOW
from tests.server.filling import REGISTRATION, THIS, VENDOR, put

MINUTE = timedelta(minutes=1)
WAITS = AcceptanceRecord(
    receipt_id="X-1", vendor=THIS, operation="registration", waits_for="papers", registration_id="R-1", since=NOW
)  # fmt: skip


@pytest.fixture(autouse=True)
def registered(connection: Connection) -> None:
    put(connection, registrations, *(REGISTRATION | {"id": f"R-{n}", "fingerprint": str(n) * 64} for n in range(1, 10)))


def other(number: int, minutes: int = 0, **vendor: str) -> AcceptanceRecord:
    at = Vendor(**VENDOR | vendor)
    return replace(WAITS, receipt_id=f"X-{number}", registration_id=f"R-{number}", vendor=at, since=NOW + minutes * MINUTE)


def test_what_was_written_is_what_is_read(connection: Connection) -> None:
    amendment = replace(other(2), operation="amendment", waits_for="approval", blocks={"company": {"phone": "0596"}})
    renewal = replace(other(3), operation="renewal", previous_id="R-4")
    for new in (WAITS, amendment, renewal):
        acceptances.add(connection, new)
        assert acceptances.one(connection, new.receipt_id) == new
        assert acceptances.newest_of(connection, new.registration_id) == new
    assert acceptances.renewal_of(connection, "R-4") == renewal
    assert acceptances.renewal_of(connection, "R-3") is acceptances.newest_of(connection, "R-4") is None
    assert acceptances.one(connection, "X-9") is None


def test_the_oldest_comes_first_at_the_operators_agencies(connection: Connection) -> None:
    for new in (other(1, 2), other(3), other(2), other(4, 1, agency="water"), other(5, agency="port"), other(6, system="aomori")):
        acceptances.add(connection, new)
    acceptances.add(connection, other(7, -1))
    assert acceptances.settle(connection, "X-7", "accepted", "desk", "", NOW)
    found = acceptances.waiting(connection, "ise", ["ise", "water"])
    assert [one.receipt_id for one in found] == ["X-2", "X-3", "X-4", "X-1"]
    assert acceptances.count(connection, "ise", ["ise", "water"]) == 4
    assert acceptances.waiting(connection, "ise", []) == []


def test_every_page_goes_on_where_the_one_before_ended(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceptances, "PAGE", 2)
    for new in (other(1), other(2), other(3), other(4, 1), other(5, 2)):
        acceptances.add(connection, new)
    seen: list[str] = []
    after = None
    while page := acceptances.waiting(connection, "ise", ["ise"], after):
        seen += [one.receipt_id for one in page]
        after = page[-1].since, page[-1].receipt_id
    assert seen == ["X-1", "X-2", "X-3", "X-4", "X-5"]


def test_one_decision_counts(connection: Connection) -> None:
    acceptances.add(connection, WAITS)
    acceptances.add(connection, other(2))
    assert acceptances.settle(connection, "X-1", "refused", "first", "印鑑がありません。", NOW + MINUTE)
    assert not acceptances.settle(connection, "X-1", "accepted", "second", "", NOW + 2 * MINUTE)
    assert not acceptances.settle(connection, "X-9", "accepted", "second", "", NOW)
    decided = replace(WAITS, state="refused", decided_at=NOW + MINUTE, decided_by="first", reason="印鑑がありません。")
    assert acceptances.one(connection, "X-1") == decided
    assert acceptances.one(connection, "X-2") == other(2)


def test_one_thing_waits_for_a_registration_at_a_time(connection: Connection) -> None:
    acceptances.add(connection, WAITS)
    acceptances.add(connection, replace(other(2), operation="renewal", previous_id="R-4"))
    again = replace(WAITS, receipt_id="X-8", since=NOW + MINUTE)
    renewed_again = replace(other(3), operation="renewal", previous_id="R-4")
    for new in (again, renewed_again):
        with pytest.raises(IntegrityError), connection.begin_nested():
            acceptances.add(connection, new)
    assert acceptances.settle(connection, "X-1", "replaced", "vendor", "", NOW)
    assert acceptances.settle(connection, "X-2", "refused", "desk", "理由", NOW)
    for new in (again, renewed_again):
        acceptances.add(connection, new)
    assert acceptances.newest_of(connection, "R-1") == again
    assert acceptances.renewal_of(connection, "R-4") == renewed_again


def test_two_renewals_of_none_do_not_hinder_each_other(connection: Connection) -> None:
    acceptances.add(connection, WAITS)
    acceptances.add(connection, other(2))
    assert acceptances.count(connection, "ise", ["ise"]) == 2
