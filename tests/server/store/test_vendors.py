"""Qualifications, and what a vendor's cards share: of this vendor, at this agency and category."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ebid_tui.domain.records import Qualification
from ebid_tui.server.store import vendors
from ebid_tui.server.store.schema import qualifications, registrations, vendor_details
from ebid_tui.server.store.vendors import VendorDetails, VendorRecord
from tests.clock import NOW
from tests.server.filling import QUALIFICATION, REGISTRATION, THIS, VENDOR, neighbours, put, rows

OTHER = {"system": "aomori", "agency": "water", "category": "goods", "number": "2"}
QUALIFIED = Qualification(vendor=THIS, state="approved", trade_name="伊勢建設", company={"name": "伊勢建設"})
DETAILS: dict[str, Any] = VENDOR | {
    "company": {"department": "工事部"}, "representative_contact": {"person": "伊勢"}, "company_id": "1", "updated_at": NOW,
}  # fmt: skip
SHARED = VendorDetails({"department": "工事部"}, {"person": "伊勢"}, "1")


def test_an_unknown_vendor(connection: Connection) -> None:
    put(connection, qualifications, *neighbours(QUALIFICATION, **OTHER))
    assert vendors.known(connection, THIS) is None


def test_what_is_known_before_the_first_card(connection: Connection) -> None:
    put(connection, qualifications, QUALIFICATION, *neighbours(QUALIFICATION | {"trade_name": "別"}, **OTHER))
    put(connection, vendor_details, *neighbours(DETAILS, **OTHER))
    put(connection, registrations, *(row | {"id": str(n)} for n, row in enumerate(neighbours(REGISTRATION, **OTHER))))
    found = vendors.known(connection, THIS)
    assert found == VendorRecord(QUALIFIED, VendorDetails(), later_card=False)
    assert found.company == {"vendor_no": "1000000001", "name": "伊勢建設"}


def test_r_18_r_31_what_is_known_with_a_card_in_use(connection: Connection) -> None:
    put(connection, qualifications, QUALIFICATION)
    put(connection, vendor_details, DETAILS)
    put(connection, registrations, REGISTRATION)
    found = vendors.known(connection, THIS)
    assert found == VendorRecord(QUALIFIED, SHARED, later_card=True)
    company = {"vendor_no": "1000000001", "company_id": "1", "name": "伊勢建設", "department": "工事部"}
    assert found.company == company
    assert found.newest == Qualification(vendor=THIS, state="approved", trade_name="伊勢建設", company=company)


@pytest.mark.parametrize("changes", [{"state": "renewed"}, {"state": "cancelled"}, {"fingerprint": None}])
def test_r_31_only_a_card_in_use_makes_the_next_a_later_one(connection: Connection, changes: dict[str, Any]) -> None:
    put(connection, qualifications, QUALIFICATION)
    put(connection, registrations, REGISTRATION | changes)
    assert vendors.known(connection, THIS) == VendorRecord(QUALIFIED, VendorDetails(), later_card=False)


def test_the_card_contact_of_the_newest_registration(connection: Connection) -> None:
    assert vendors.card_contact(connection, THIS) == {}
    days = (1, 3, 2)
    contacts = [{"card_contact": {"email": f"{day}@example.com", "email_again": f"{day}@example.com"}} for day in days]
    put(connection, registrations, *(
        REGISTRATION | {"id": f"R-{day}", "fingerprint": f"{day}", "registered_at": NOW + timedelta(day), "blocks": blocks}
        for day, blocks in zip(days, contacts, strict=True)
    ))  # fmt: skip
    later = neighbours(REGISTRATION | {"registered_at": NOW + timedelta(9), "fingerprint": "9"}, **OTHER)
    put(connection, registrations, *(row | {"id": str(n)} for n, row in enumerate(later)))
    assert vendors.card_contact(connection, THIS) == {"email": "3@example.com"}


def test_a_registration_without_a_contact(connection: Connection) -> None:
    put(connection, registrations, REGISTRATION | {"blocks": {}})
    assert vendors.card_contact(connection, THIS) == {}


def test_every_name_of_a_number_in_its_system(connection: Connection) -> None:
    others = neighbours(QUALIFICATION, **OTHER)
    put(connection, qualifications, QUALIFICATION, *(row | {"trade_name": name} for name, row in zip("甲乙丙丁", others, strict=True)))
    assert sorted(vendors.trade_names(connection, "ise", THIS.number)) == [("丙", ""), ("乙", ""), ("伊勢建設", "")]
    assert vendors.trade_names(connection, "ise", "9") == ()


def test_a_qualification_is_entered_once_and_can_be_searched(connection: Connection) -> None:
    given = Qualification(vendor=THIS, state="under_review", trade_name="㈱ｲｾ", company={"name": "イセ"})
    vendors.add_qualification(connection, given)
    wanted = (*VENDOR.values(), "under_review", "㈱ｲｾ", "株式会社イセ", {"name": "イセ"})
    assert rows(connection, qualifications, *VENDOR, "state", "trade_name", "folded_name", "company") == [wanted]
    with pytest.raises(IntegrityError), connection.begin_nested():
        vendors.add_qualification(connection, given)


def test_the_newest_registration_says_what_is_shared(connection: Connection) -> None:
    put(connection, vendor_details, *neighbours(DETAILS | {"company_id": "9"}, **OTHER))
    before = rows(connection, vendor_details, *DETAILS)
    vendors.keep_details(connection, THIS, SHARED, NOW)
    assert rows(connection, vendor_details, *DETAILS) == sorted([*before, tuple(DETAILS.values())], key=repr)
    vendors.keep_details(connection, THIS, VendorDetails({"a": "b"}, {"c": "d"}, "2"), NOW + timedelta(1))
    wanted = (*VENDOR.values(), {"a": "b"}, {"c": "d"}, "2", NOW + timedelta(1))
    assert rows(connection, vendor_details, *DETAILS) == sorted([*before, wanted], key=repr)
