"""R-47: where one stands, in one line that is the same on screens, on paper and in mails."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import CardCertificate, Receipt, Vendor
from ebid_tui.domain.whereabouts import BETWEEN, LONGEST_NAME, NOWHERE, Whereabouts, of_receipt, short_name
from ebid_tui.messages import t
from tests.clock import NOW

SYSTEMS = ("aomori", "ise", "nagasaki", "saitama")
PERSON = {"company": "テスト工事業者０１", "person": "個人　十郎"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_agency_is_left_out_only_where_there_is_one(system: str) -> None:
    profile = profile_of(system)
    for agency in profile.agencies:
        for category in profile.categories_of(agency.id):
            where = NOWHERE.at(profile, agency.id, category.id)
            assert where.parts() == (*(() if len(profile.agencies) == 1 else (agency.name,)), category.name)


def test_from_the_widest_to_the_nearest() -> None:
    profile = profile_of("saitama")
    where = NOWHERE.at(profile, "saitama-pref", profile.categories_of("saitama-pref")[0].id)
    assert where
    assert not NOWHERE
    known = where.with_vendor(profile, "4000000001").with_card(PERSON, "new")
    assert known.parts()[2:] == ("ユーザID 4000000001", t("where.card_new", holder="個人 十郎"))
    assert known.text() == BETWEEN.join(known.parts())
    assert known.with_card({}, "current").with_vendor(profile, "") == where


@pytest.mark.parametrize(("role", "key"), [("", "where.card"), ("current", "where.card_current"), ("new", "where.card_new")])
def test_r47_which_card_it_is(role: str, key: str) -> None:
    where = msgspec.structs.replace(NOWHERE.with_card(PERSON), role=role)
    assert where.parts() == (t(key, holder="個人 十郎"),)


@pytest.mark.parametrize(
    ("holder", "short"),
    [
        (PERSON, "個人 十郎"),
        ({"company": "会社", "person": ""}, "会社"),
        ({}, ""),
        ({"person": "あ" * LONGEST_NAME}, "あ" * LONGEST_NAME),
        ({"person": "あ" * (LONGEST_NAME + 1)}, "あ" * (LONGEST_NAME - 2) + ".."),
        ({"person": "個人\n\u202e十郎\x1b[31m"}, "個人 十郎[31m"),
    ],
)
def test_a_holders_short_name(holder: dict[str, str], short: str) -> None:
    assert short_name(holder) == short


@given(st.text(), st.text(), st.text())
def test_every_text_stays_on_one_line(company: str, person: str, number: str) -> None:
    where = NOWHERE.with_vendor(profile_of("ise"), number).with_card({"company": company, "person": person})
    assert not set(where.text()) & set("\n\r\t\x1b\x85\u2028\u2029\u202e")
    assert len(where.holder) <= LONGEST_NAME


@pytest.mark.parametrize(("operation", "role"), [("registration", ""), ("amendment", ""), ("renewal", "new")])
def test_a_receipt_knows_where_it_is_from(operation: str, role: str) -> None:
    receipt = Receipt(
        id="1",
        operation=operation,  # type: ignore[arg-type]  # the three of the table above
        vendor=Vendor(system="ise", agency="ise", category="goods", number="2000000001"),
        blocks={"card_holder": PERSON},
        card=CardCertificate(fingerprint="00", serial="1", issuer="x", not_after=NOW),
        company_id=None,
        mail_to=None,
        check="0",
        at=NOW,
    )
    assert of_receipt(profile_of("ise"), receipt) == Whereabouts(
        category="物品・業務委託",
        number_label="業者番号",
        number="2000000001",
        holder="個人 十郎",
        role=role,  # type: ignore[arg-type]  # as above
    )
