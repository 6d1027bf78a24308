"""R-36: 変更 with number and password alone, of what was registered without a card."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from ebid_tui.client.api import HttpServer
from ebid_tui.domain import statement
from ebid_tui.domain.records import Values
from ebid_tui.domain.statement import CardFreeAmendment
from ebid_tui.errors import EbidError, InputError, ServerError, SessionGone
from ebid_tui.server.store import schema
from tests.server.api.test_card_free import COMPANY, GOODS, content, searched
from tests.server.running_server import CONTACT, Bidder, Running
from tests.server.signing import Card

Cards = Callable[[str], Card]
KEY = "key-of-an-amendment"
NEW = CONTACT | {"person": "担当　太郎", "email": "taro@example.com"}


def amendment(**changes: Any) -> CardFreeAmendment:
    first = content()
    company: Values = COMPANY | {"vendor_no": GOODS["vendor_no"]}
    values: dict[str, Any] = {name: getattr(first, name) for name in ("system", "agency", "category", "origin", "vendor", "issued_at")}
    blocks = {"company": company, "representative_contact": dict(CONTACT), "card_contact": NEW}
    return CardFreeAmendment(**(values | {"blocks": blocks} | changes))


async def registered(server: Running) -> HttpServer:
    """The session in which the vendor registered without a card."""
    client = await searched(server)
    await client.register_card_free(content(), "key-of-a-test")
    return client


async def test_r_36_what_is_registered_is_shown_and_changed(server: Running) -> None:
    client = await registered(server)
    before = await client.registered_card_free("ise", "goods")
    assert before.registration.card is None
    assert before.registration.blocks["card_contact"] == CONTACT
    receipt = await client.amend_card_free(amendment(), KEY)
    assert (receipt.operation, receipt.card, receipt.mail_to) == ("amendment", None, "taro@example.com")
    assert (await client.registered_card_free("ise", "goods")).registration.blocks["card_contact"] == NEW
    status = await client.status("ise", "goods")
    assert status.cards == ()
    assert status.without_card is not None
    assert status.without_card.contact == NEW


async def test_r_36_the_evidence_says_that_nobody_signed_the_change(server: Running) -> None:
    client, said = await registered(server), amendment()
    receipt = await client.amend_card_free(said, KEY)
    with server.database() as connection:
        kept = connection.execute(schema.evidence.select().where(schema.evidence.c.receipt_id == receipt.id)).one()
    assert (kept.proof, kept.certificate) == ("password", None)
    assert msgspec.json.decode(kept.statement, type=CardFreeAmendment) == said
    assert receipt.check == statement.check_value(statement.payload(said))


async def test_the_same_key_gives_the_same_receipt_and_changes_once(server: Running) -> None:
    client, said = await registered(server), amendment()
    given = await asyncio.gather(*(client.amend_card_free(said, KEY) for _ in range(3)))
    assert len({receipt.id for receipt in given}) == 1
    with pytest.raises(ServerError, match="E-KEY-REUSED"):
        await client.amend_card_free(amendment(issued_at=statement.now() - timedelta(minutes=1)), KEY)


async def test_r_36_nothing_registered_without_a_card(server: Running) -> None:
    client = await searched(server)
    for ask in (client.registered_card_free("ise", "goods"), client.amend_card_free(amendment(), KEY)):
        with pytest.raises(EbidError) as caught:
            await ask
        assert caught.value.code == "E-NOT-REGISTERED"
        assert "カードなし" in caught.value.title


async def test_r_36_a_card_that_was_added_later_keeps_its_own(server: Running, card: Cards) -> None:
    client = await registered(server)
    bidder = Bidder(server, card("ise-new"), category="goods")
    await bidder.sign_in()
    found = await bidder.search(**GOODS)
    await bidder.client.register(bidder.card.signed(await bidder.statement(found, holder_confirmed=True)), "key-of-a-card")
    await client.amend_card_free(amendment(), KEY)
    (own,) = (await bidder.client.status("ise", "goods")).cards
    assert own.contact["email"] != "taro@example.com", "R-19"
    assert (await client.registered_card_free("ise", "goods")).registration.blocks["card_contact"] == NEW


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"vendor": "1000000001"}, "E-SEARCH-FIRST"),
        ({"category": "construction"}, "E-SEARCH-FIRST"),
        ({"system": "aomori"}, "E-SEARCH-FIRST"),
        ({"origin": "https://elsewhere.example"}, "E-ORIGIN"),
        ({"issued_at": statement.now() - timedelta(days=1)}, "E-CLOCK"),
        ({"propagate": True}, "E-STATEMENT"),
        ({"blocks": amendment().blocks | {"company": COMPANY | {"name": "ほかの会社"}}}, "E-STATEMENT"),
        ({"blocks": amendment().blocks | {"card_holder": {"company": "ほかの会社"}}}, "E-STATEMENT"),
    ],
)
async def test_what_is_not_so_is_refused_and_nothing_is_written(server: Running, changes: dict[str, Any], code: str) -> None:
    client = await registered(server)
    before = server.contents()
    with pytest.raises(EbidError) as caught:
        await client.amend_card_free(amendment(**changes), KEY)
    assert caught.value.code == code
    assert server.contents() == before


async def test_every_value_of_a_change_is_checked_again(server: Running) -> None:
    client = await registered(server)
    with pytest.raises(InputError) as caught:
        await client.amend_card_free(amendment(blocks=amendment().blocks | {"card_contact": NEW | {"email": "x"}}), KEY)
    assert [name for name, _, _ in caught.value.problems] == ["card_contact.email"]


async def test_r_35_a_qualification_that_lapsed_meanwhile(server: Running) -> None:
    client = await registered(server)
    with server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(state="lapsed"))
    for ask in (client.registered_card_free("ise", "goods"), client.amend_card_free(amendment(), KEY)):
        with pytest.raises(EbidError, match="R-35"):
            await ask


async def test_a_card_and_a_login_are_no_search_without_a_card(server: Running, card: Cards) -> None:
    await registered(server)
    bidder = Bidder(server, card("ise-new"), category="goods")
    await bidder.sign_in()
    login = server.client()
    await login.login("ise", "ise", "goods", {"vendor_no": GOODS["vendor_no"], "password": GOODS["password"]})
    for client in (bidder.client, login):
        for ask in (client.registered_card_free("ise", "goods"), client.amend_card_free(amendment(), KEY)):
            with pytest.raises(SessionGone):
                await ask


async def test_it_is_asked_for_where_it_was_searched(server: Running) -> None:
    client = await registered(server)
    with pytest.raises(EbidError, match="E-SEARCH-FIRST"):
        await client.registered_card_free("ise", "construction")
    with pytest.raises(EbidError, match="E-NOT-FOUND"):
        await client.registered_card_free("ise", "nowhere")


async def test_another_vendors_session_sees_nothing_of_it(server: Running) -> None:
    await registered(server)
    client = server.client()
    with pytest.raises(EbidError, match="R-28"):
        await client.search_card_free("ise", "ise", "goods", dict(GOODS) | {"password": "Wrong-pass1"})
    with pytest.raises(SessionGone):
        await client.registered_card_free("ise", "goods")
