"""資格審査情報検索: found, not found with every likely cause, and passwords (R-03, R-15, R-28, R-33, R-35)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import update

from ebid_tui.domain.records import Qualification, QualificationState, Vendor
from ebid_tui.errors import EbidError, InputError, RuleError
from ebid_tui.messages import t
from ebid_tui.server.store import schema, vendors
from tests.server.running_server import Bidder, Running
from tests.server.signing import Card

Cards = Callable[[str], Card]


async def refusal(bidder: Bidder, **changes: str) -> RuleError:
    with pytest.raises(RuleError) as caught:
        await bidder.search(**changes)
    return caught.value


async def test_found_with_what_the_form_starts_from(bidder: Bidder) -> None:
    await bidder.sign_in()
    found = await bidder.search()
    assert found.qualification.company["address"] == "三重県伊勢市"
    assert found.qualification.company["representative"] == "個人　十郎"
    assert found.representative_contact == {}
    assert not found.later_card


async def test_a_later_card_starts_from_what_the_earlier_registered_R_18_R_31(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("ise-next"))
    await bidder.sign_in()
    found = await bidder.search(vendor_no="1000000005", trade_name="建設工事００５", password="Demo-pass5")
    assert found.later_card
    assert found.representative_contact["email"] == "test05@example.com"
    assert found.qualification.company["department"] == "工事部"
    assert found.card_contact["email"] == "test05@example.com"
    assert "email_again" not in found.card_contact


NOT_FOUND = [
    {"vendor_no": "1999999999"},
    {"trade_name": "テスト工事業者０９"},
    {"password": "Demo-Pass1"},
]


@pytest.mark.parametrize("wrong", NOT_FOUND)
async def test_R_28_names_every_likely_cause(bidder: Bidder, wrong: dict[str, str]) -> None:
    await bidder.sign_in()
    error = await refusal(bidder, **wrong)
    assert error.code == "R-28"
    told = "".join(error.causes)
    assert all(word in told for word in ("省略", "大文字", "調達区分", "全角"))
    assert error.values["tries_left"] == 4
    assert error.remedy.startswith(t("mending.tries_left", n=4))


async def test_R_28_is_the_same_whatever_was_wrong(bidder: Bidder) -> None:
    await bidder.sign_in()
    found = [await refusal(bidder, **wrong) for wrong in NOT_FOUND]
    told = {(e.code, e.title, e.remedy, e.causes, e.values["tries_left"]) for e in found}
    assert len(told) == 1


async def test_R_28_in_the_wrong_category_costs_no_try(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("ise-new"), category="goods")
    await bidder.sign_in()
    for _ in range(6):
        assert (await refusal(bidder)).code == "R-28"


async def test_R_28_without_a_password_field_names_no_password(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("nagasaki-next"), "nagasaki", "nagasaki-pref")
    await bidder.sign_in()
    with pytest.raises(RuleError) as caught:
        await bidder.client.search("nagasaki-pref", "construction", {"vendor_no": "3000000009", "trade_name": "長崎"})
    assert t("server.cause_password") not in caught.value.causes
    assert caught.value.values["tries_left"] is None
    assert any("調達機関" in cause for cause in caught.value.causes)


async def test_names_compare_across_spellings_R_13(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("aomori-next"), "aomori", "aomori")
    await bidder.sign_in()
    values = {"vendor_no": "990000001", "trade_name": "株式会社テスト商会０１", "user_id": "user01", "password": "demo1234"}
    assert (await bidder.client.search("aomori", "construction", values)).later_card
    with pytest.raises(RuleError, match="R-28"):
        await bidder.client.search("aomori", "construction", values | {"user_id": "user02"})
    with pytest.raises(RuleError, match="R-28"):
        await bidder.client.search("aomori", "construction", values | {"password": "demo1235"})
    # An agency that leaves them open: nothing typed, nothing checked.
    assert await bidder.client.search("aomori", "construction", values | {"user_id": "", "password": ""})


async def test_R_33_five_wrong_ones_in_a_row_lock(server: Running, bidder: Bidder) -> None:
    await bidder.sign_in()
    told = [await refusal(bidder, password="wrong-pass1") for _ in range(5)]
    assert [error.code for error in told] == ["R-28"] * 4 + ["R-33"]
    assert [error.values["tries_left"] for error in told] == [4, 3, 2, 1, None]
    error = await refusal(bidder)
    assert error.code == "R-33"
    assert "契約課" in error.remedy


async def test_R_33_a_right_one_breaks_the_row(bidder: Bidder) -> None:
    await bidder.sign_in()
    for _ in range(4):
        await refusal(bidder, password="wrong-pass1")
    # Right password, wrong name: the row is broken as well.
    assert (await refusal(bidder, trade_name="テスト工事業者０９")).code == "R-28"
    for _ in range(4):
        assert (await refusal(bidder, password="wrong-pass1")).code == "R-28"
    assert await bidder.search()


async def test_R_33_tells_nobody_which_numbers_exist(bidder: Bidder) -> None:
    await bidder.sign_in()
    told = [await refusal(bidder, vendor_no="1999999999") for _ in range(7)]
    assert [error.code for error in told] == ["R-28"] * 4 + ["R-33"] * 3
    assert [error.values["tries_left"] for error in told] == [4, 3, 2, 1, None, None, None], "as of a number that there is"
    assert told[3].remedy.startswith(t("mending.tries_left_last"))


async def test_R_33_counts_tries_that_come_together(server: Running, bidder: Bidder) -> None:
    await bidder.sign_in()
    tries = [bidder.search(password=f"wrong-pass{n}") for n in range(12)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    codes = sorted(outcome.code for outcome in outcomes if isinstance(outcome, EbidError))
    assert codes == ["R-28"] * 4 + ["R-33"] * 8
    with server.database() as connection:
        row = connection.execute(schema.accounts.select().where(schema.accounts.c.number == "1000000001")).one()
    assert (row.password_state, row.wrong) == ("locked", 5)


async def test_R_03_an_initial_password_is_told_to_who_knows_it(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("ise-second"))
    await bidder.sign_in()
    values = {"vendor_no": "1000000002", "trade_name": "テスト工事業者０２", "password": "Init-pass1"}
    error = await refusal(bidder, **values)
    assert error.code == "R-03"
    assert error.remedy == t("server.initial_password")
    assert (await refusal(bidder, **values | {"password": "Init-pass2"})).code == "R-28"


async def test_R_15_a_password_changed_today_works_tomorrow(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("saitama-new"), "saitama", "saitama-pref")
    await bidder.sign_in()
    values = {"user_id": "4000000001", "trade_name": "株式会社○○建設", "password": "Demo0001"}
    with server.database(writing=True) as connection:
        connection.execute(update(schema.accounts).values(changed_on=server.settings.japan_now().date()))
    with pytest.raises(RuleError, match="R-15"):
        await bidder.client.search("saitama-pref", "construction", values)


@pytest.mark.parametrize(("state", "further"), [("approved", ("goods",)), ("under_review", ("goods",)), ("lapsed", ()), (None, ())])
async def test_r_41_where_else_the_number_is_qualified(
    server: Running, bidder: Bidder, state: QualificationState | None, further: tuple[str, ...]
) -> None:
    """Only where it has no card yet: who has one there is offered nothing twice."""
    await bidder.sign_in()
    there = Vendor(system="ise", agency="ise", category="goods", number="1000000001")
    if state is not None:
        with server.database(writing=True) as connection:
            vendors.add_qualification(connection, Qualification(vendor=there, state=state, trade_name="テスト工事業者０１", company={}))
    assert (await bidder.search()).further_categories == further


async def test_r_41_where_a_card_is_registered_already_nothing_is_offered(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("aomori-next"), "aomori", "aomori")
    await bidder.sign_in()
    found = await bidder.client.search("aomori", "construction", {"vendor_no": "990000001", "trade_name": "（株）テスト商会０１"})
    assert found.later_card
    assert found.further_categories == ()


async def test_R_35_a_lapsed_qualification(server: Running, bidder: Bidder) -> None:
    await bidder.sign_in()
    with server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(state="lapsed"))
    assert (await refusal(bidder)).code == "R-35"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("vendor_no", "123", "E-EXACT"),
        ("vendor_no", "１００００００００１", "R-29"),
        ("trade_name", "㈱テスト", "R-29"),
        ("trade_name", "（株）テスト", "R-13"),
        ("password", "", "E-REQUIRED"),
        ("password", "ｐass-1234", "R-29"),
        ("fax", "1", "E-INPUT"),
    ],
)
async def test_a_faulty_field_is_named(bidder: Bidder, field: str, value: str, code: str) -> None:
    await bidder.sign_in()
    with pytest.raises(InputError) as caught:
        await bidder.search(**{field: value})
    ((name, told, _),) = caught.value.problems
    assert (name, told) == (f"search.{field}", code)


@pytest.mark.parametrize(("agency", "category"), [("nagasaki-pref", "construction"), ("ise", "nothing")])
async def test_an_agency_or_category_that_is_not_there(bidder: Bidder, agency: str, category: str) -> None:
    await bidder.sign_in()
    with pytest.raises(InputError):
        await bidder.client.search(agency, category, {})
