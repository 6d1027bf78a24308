"""Whose card, and where: further agencies, further cards, further numbers (R-05, R-16, R-17, R-24, R-27, R-30, R-31)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from ebid_tui.domain.records import Found, Receipt, Values, Vendor
from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.server.store import registrations, schema
from tests.server.running_server import Bidder, Running, content_of
from tests.server.signing import Card

Cards = Callable[[str], Card]

SAITAMA: Values = {"user_id": "4000000001", "trade_name": "株式会社○○建設", "password": "Demo0001"}


class AtSaitama(Bidder):
    """A card at one of Saitama's agencies."""

    def __init__(self, server: Running, card: Card, agency: str) -> None:
        super().__init__(server, card, "saitama", agency)

    async def found(self) -> Found:
        await self.sign_in()
        return await self.client.search(self.agency, self.category, SAITAMA)

    async def register(self, key: str = "key-of-a-test", **changes: Any) -> Receipt:
        found = await self.found()
        content = content_of(found, self.card, await self.nonce(), **({"holder_confirmed": True} | changes))
        if found.later_card:
            content.blocks["company"]["department"] = found.qualification.company["department"]
            content.blocks["representative_contact"] = dict(found.representative_contact)
        return await self.client.register(self.card.signed(content), key)


@pytest.fixture
def second_number(server: Running) -> None:
    """The vendor of `ise-new` has a second number, for consulting."""
    with server.database(writing=True) as connection:
        row = connection.execute(select(schema.accounts).where(schema.accounts.c.number == "1000000001")).mappings().one()
        connection.execute(insert(schema.accounts), dict(row) | {"number": "1000000009"})
        qualified = connection.execute(select(schema.qualifications).where(schema.qualifications.c.number == "1000000001")).mappings().one()
        entered = {name: value for name, value in qualified.items() if name != "id"}
        connection.execute(insert(schema.qualifications), entered | {"number": "1000000009"})


async def test_r_16_a_registration_is_always_copied_overnight(server: Running, card: Cards) -> None:
    receipt = await AtSaitama(server, card("saitama-new"), "saitama-pref").register()
    assert receipt.propagate
    with server.database() as connection:
        (waiting,) = connection.execute(select(schema.propagations)).mappings().all()
    assert (waiting["operation"], waiting["agency"], waiting["receipt_id"]) == ("registration", "saitama-pref", receipt.id)
    assert (waiting["state"], waiting["done_at"]) == ("waiting", None)


async def test_r_16_where_nothing_is_copied_nothing_waits(server: Running, bidder: Bidder) -> None:
    assert not (await bidder.register()).propagate
    with server.database() as connection:
        assert connection.execute(select(schema.propagations)).all() == []


async def test_r_17_a_card_is_registered_at_a_further_agency(server: Running, card: Cards) -> None:
    at_city = AtSaitama(server, card("saitama-current"), "saitama-city")
    receipt = await at_city.register()
    assert receipt.vendor.agency == "saitama-city"
    assert [r.agency for r in (await at_city.sign_in()).registered] == ["saitama-pref", "saitama-city"]


async def test_r_05_but_not_twice_at_the_same_one(server: Running, card: Cards) -> None:
    with pytest.raises(EbidError) as caught:
        await AtSaitama(server, card("saitama-current"), "saitama-pref").register()
    assert caught.value.code == "R-05"
    assert "株式会社○○建設" in caught.value.remedy


async def test_r_30_a_card_of_another_user_id_at_another_agency(server: Running, card: Cards) -> None:
    with server.database(writing=True) as connection:
        connection.execute(update(schema.card_bindings).where(schema.card_bindings.c.system == "saitama").values(number="4000000009"))
    with pytest.raises(EbidError) as caught:
        await AtSaitama(server, card("saitama-current"), "saitama-city").register()
    assert caught.value.code == "R-30"


async def test_r_24_two_numbers_need_two_cards(server: Running, bidder: Bidder, card: Cards, second_number: None) -> None:
    await bidder.register()
    again = Bidder(server, bidder.card)
    await again.sign_in()
    found = await again.search(vendor_no="1000000009")
    with pytest.raises(EbidError) as caught:
        await again.client.register(again.card.signed(await again.statement(found)), "another-key")
    assert caught.value.code == "R-05"
    assert t("server.cause_two_numbers") in caught.value.causes
    other = Bidder(server, card("ise-second"))
    await other.sign_in()
    found = await other.search(vendor_no="1000000009")
    content = await other.statement(found, holder_confirmed=True)
    assert (await other.client.register(other.card.signed(content), "key-of-a-second")).vendor.number == "1000000009"


async def test_r_27_under_review_the_company_as_it_was_is_found_and_registers(server: Running, bidder: Bidder) -> None:
    with server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(state="under_review"))
    await bidder.sign_in()
    found = await bidder.search()
    assert found.qualification.state == "under_review"
    assert found.qualification.company["address"] == "三重県伊勢市"
    assert (await bidder.register()).blocks["company"]["address"] == "三重県伊勢市"


async def test_r_31_a_further_card_leaves_the_others_valid(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("ise-new"))
    await bidder.sign_in()
    found = await bidder.search(vendor_no="1000000005", trade_name="建設工事００５", password="Demo-pass5")
    await bidder.client.register(bidder.card.signed(await bidder.statement(found, holder_confirmed=True)), "key-of-a-test")
    vendor = Vendor(system="ise", agency="ise", category="construction", number="1000000005")
    with server.database() as connection:
        held = registrations.cards_of(connection, vendor)
    assert [(r.card.serial, r.state) for r in held if r.card] == [("659", "active"), ("660", "active"), ("683", "active")]


async def test_the_demo_can_try_a_second_agency(server: Running, card: Cards) -> None:
    """R-16, R-17: the vendors of systems with several agencies are qualified at two."""
    bidder = Bidder(server, card("nagasaki-next"), "nagasaki")
    await bidder.sign_in()
    for agency in ("nagasaki-pref", "nagasaki-city"):
        values = {"vendor_no": "3000000001", "trade_name": "長崎テスト建設株式会社"}
        assert (await bidder.client.search(agency, "construction", values)).qualification.vendor.agency == agency
