"""R-36: registering with number and password alone, where the category allows it; a card is added later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, update

from ebid_tui.client.api import HttpServer
from ebid_tui.domain import statement
from ebid_tui.domain.records import Receipt, Values
from ebid_tui.domain.statement import CardFree
from ebid_tui.errors import EbidError, InputError, ServerError, SessionGone
from ebid_tui.server.store import schema
from tests.server.running_server import CONTACT, ORIGIN, Bidder, Running
from tests.server.signing import Card

Cards = Callable[[str], Card]

GOODS: Mapping[str, str] = {"vendor_no": "2000000001", "trade_name": "テスト物品業者０１", "password": "Demo-pass1"}
COMPANY: Values = {
    "name": "テスト物品業者０１",
    "postal_code": "516-0018",
    "address": "三重県伊勢市",
    "representative": "物品　一郎",
    "title": "代表取締役",
    "phone": "000-0000-001",
    "fax": "000-0000-001",
    "department": "営業部",
}


def content(**changes: Any) -> CardFree:
    values: dict[str, Any] = {"system": "ise", "agency": "ise", "category": "goods", "origin": ORIGIN, "vendor": "2000000001"}
    blocks = {"company": dict(COMPANY), "representative_contact": dict(CONTACT), "card_contact": dict(CONTACT)}
    return CardFree(**(values | {"issued_at": statement.now(), "blocks": blocks} | changes))


async def searched(server: Running, **changes: str) -> HttpServer:
    client = server.client()
    await client.search_card_free("ise", "ise", "goods", dict(GOODS) | changes)
    return client


async def refused(server: Running, **changes: Any) -> EbidError:
    client = await searched(server)
    before = server.contents()
    with pytest.raises(EbidError) as caught:
        await client.register_card_free(content(**changes), "key-of-a-test")
    assert server.contents() == before
    return caught.value


async def test_r_36_registered_without_a_card(server: Running) -> None:
    before = server.contents()
    receipt = await (await searched(server)).register_card_free(content(), "key-of-a-test")
    assert receipt.card is None
    assert receipt.operation == "registration"
    assert receipt.mail_to == "test01@example.com"
    written = {name: len(rows) - len(before[name]) for name, rows in server.contents().items()}
    once = ("registrations", "vendor_details", "receipts", "evidence", "audit", "audit_head", "mail_outbox", "idempotency")
    assert written == dict.fromkeys(written, 0) | dict.fromkeys(once, 1)


async def test_r_36_the_evidence_says_that_nobody_signed(server: Running) -> None:
    said = content()
    receipt = await (await searched(server)).register_card_free(said, "key-of-a-test")
    with server.database() as connection:
        kept, audit = connection.execute(schema.evidence.select()).one(), connection.execute(schema.audit.select()).one()
    assert (kept.proof, kept.certificate) == ("password", None)
    assert msgspec.json.decode(kept.statement, type=CardFree) == said
    assert receipt.check == statement.check_value(statement.payload(said))
    assert audit.actor == "number:2000000001"


async def test_r_36_a_card_is_added_later(server: Running, card: Cards) -> None:
    await (await searched(server)).register_card_free(content(), "key-of-a-test")
    bidder = Bidder(server, card("ise-new"), category="goods")
    await bidder.sign_in()
    found = await bidder.search(**GOODS)
    # it is the first card all the same, and starts from what is known.
    assert not found.later_card
    assert found.representative_contact["email"] == "test01@example.com"
    receipt = await bidder.client.register(bidder.card.signed(await bidder.statement(found, holder_confirmed=True)), "key-of-a-card")
    assert receipt.card == bidder.card.certificate.record
    status = await bidder.client.status("ise", "goods")
    assert [c.card.serial for c in status.cards] == ["683"]


async def test_r_36_once_a_vendor(server: Running) -> None:
    await (await searched(server)).register_card_free(content(), "key-of-a-test")
    client = await searched(server)
    with pytest.raises(EbidError) as caught:
        await client.register_card_free(content(), "another-key")
    assert caught.value.code == "R-36"
    assert "登録済み" in caught.value.title


async def test_r_36_two_at_once(server: Running) -> None:
    clients = [await searched(server) for _ in range(4)]
    outcomes = await asyncio.gather(
        *(client.register_card_free(content(), f"key-of-a-test-{n}") for n, client in enumerate(clients)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes].count(Receipt) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, EbidError)} == {"R-36"}


async def test_the_same_key_gives_the_same_receipt_also_after_searching_again(server: Running) -> None:
    said = content()
    first = await (await searched(server)).register_card_free(said, "key-of-a-test")
    again = await searched(server)
    assert await again.register_card_free(said, "key-of-a-test") == first
    with pytest.raises(ServerError) as caught:
        await again.register_card_free(content(issued_at=statement.now() - timedelta(minutes=1)), "key-of-a-test")
    assert caught.value.code == "E-KEY-REUSED"
    with server.database() as connection:
        assert connection.execute(select(func.count()).select_from(schema.receipts)).scalar_one() == 1


async def test_its_receipt_is_shown_to_who_knows_the_password(server: Running) -> None:
    receipt = await (await searched(server)).register_card_free(content(), "key-of-a-test")
    body = {"system": "ise", "agency": "ise", "category": "goods", "values": dict(GOODS)}
    with server.http() as http:
        token = http.post("/v1/qualifications/search-card-free", json=body).json()["token"]
        shown = http.get(f"/v1/receipts/{receipt.id}", headers={"Authorization": f"Bearer {token}"})
    assert msgspec.json.decode(shown.content, type=Receipt) == receipt


@pytest.mark.parametrize("route", ["registrations", "amendments"])
async def test_a_time_without_its_zone_is_a_fault_of_the_content(server: Running, route: str) -> None:
    """Nobody has signed it: no signature is told to be wrong, and nobody suspects a forgery."""
    body = {"system": "ise", "agency": "ise", "category": "goods", "values": dict(GOODS)}
    made = msgspec.to_builtins(content()) | {"operation": route[:-1], "issued_at": "2026-12-01T12:20:00"}
    with server.http() as http:
        token = http.post("/v1/qualifications/search-card-free", json=body).json()["token"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "key-of-a-test"}
        answer = http.post(f"/v1/{route}/card-free", json=made, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "E-BODY")


@pytest.mark.parametrize(("system", "agency", "category"), [("ise", "ise", "construction"), ("saitama", "saitama-pref", "goods")])
async def test_r_36_where_a_card_is_needed(server: Running, system: str, agency: str, category: str) -> None:
    values = dict(GOODS) if system == "ise" else {"user_id": "4000000001", "trade_name": "株式会社○○建設", "password": "Demo0001"}
    with pytest.raises(EbidError) as caught:
        await server.client().search_card_free(system, agency, category, values)
    assert caught.value.code == "R-36"
    assert "ICカード" in caught.value.remedy


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"password": "Wrong-pass1"}, "R-28"),
        ({"trade_name": "テスト物品業者０９"}, "R-28"),
        ({"vendor_no": "2999999999"}, "R-28"),
        ({"vendor_no": "1"}, "E-INPUT"),
        ({"password": ""}, "E-INPUT"),
    ],
)
async def test_its_search_is_refused_like_the_search(server: Running, typed: dict[str, str], code: str) -> None:
    with pytest.raises(EbidError) as caught:
        await searched(server, **typed)
    assert caught.value.code == code


async def test_r_33_its_search_counts_wrong_passwords(server: Running) -> None:
    for code in ["R-28"] * 4 + ["R-33"] * 2:
        with pytest.raises(EbidError, match=code):
            await searched(server, password="Wrong-pass1")


async def test_r_03_an_initial_password(server: Running) -> None:
    with server.database(writing=True) as connection:
        connection.execute(update(schema.accounts).values(password_state="initial"))
    with pytest.raises(EbidError, match="R-03"):
        await searched(server)


async def test_r_35_a_lapsed_qualification(server: Running) -> None:
    client = await searched(server)
    with server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(state="lapsed"))
    with pytest.raises(EbidError, match="R-35"):
        await client.register_card_free(content(), "key-of-a-test")
    with pytest.raises(EbidError, match="R-35"):
        await searched(server)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"vendor": "1000000001"}, "E-SEARCH-FIRST"),
        ({"category": "construction"}, "E-SEARCH-FIRST"),
        ({"system": "aomori"}, "E-SEARCH-FIRST"),
        ({"origin": "https://elsewhere.example"}, "E-ORIGIN"),
        ({"issued_at": statement.now() - timedelta(days=1)}, "E-CLOCK"),
    ],
)
async def test_something_else_than_what_was_searched_is_refused(server: Running, changes: dict[str, Any], code: str) -> None:
    assert (await refused(server, **changes)).code == code


async def test_every_value_is_checked_again(server: Running) -> None:
    blocks = content().blocks
    other = blocks | {"company": COMPANY | {"name": "ほかの会社"}}
    assert (await refused(server, blocks=other)).code == "E-STATEMENT"
    holder = blocks | {"card_holder": {"company": "ほかの会社"}}
    assert (await refused(server, blocks=holder)).code == "E-STATEMENT"
    faulty = await refused(server, blocks=blocks | {"card_contact": CONTACT | {"email": "x"}})
    assert isinstance(faulty, InputError)
    assert [name for name, _, _ in faulty.problems] == ["card_contact.email"]


async def test_neither_a_card_nor_a_login_registers_without_a_card(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("ise-new"), category="goods")
    await bidder.sign_in()
    await bidder.search(**GOODS)
    with pytest.raises(SessionGone):
        await bidder.client.register_card_free(content(), "key-of-a-test")
    client = server.client()
    await client.login("ise", "ise", "goods", {"vendor_no": "2000000001", "password": "Demo-pass1"})
    with pytest.raises(SessionGone):
        await client.register_card_free(content(), "key-of-a-test")
