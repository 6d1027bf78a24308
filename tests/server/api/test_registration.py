"""登録 on the server: what is accepted, what is written with it, and what is refused."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, update

from ebid_tui.client.api import HttpServer
from ebid_tui.domain import statement
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Qualification, Receipt, Vendor
from ebid_tui.domain.statement import Signed
from ebid_tui.errors import ChallengeGone, EbidError, InputError, RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.decisions import accepting
from ebid_tui.server.store import schema
from ebid_tui.server.store.vendors import VendorDetails, VendorRecord
from tests.server.running_server import CONTACT, ORIGIN, Bidder, Running, content_of
from tests.server.signing import Authority, Card

Cards = Callable[[str], Card]


def rows(server: Running) -> dict[str, int]:
    """How many rows each table of a registration has."""
    tables = (
        "registrations",
        "card_bindings",
        "receipts",
        "evidence",
        "evidence_blobs",
        "audit",
        "audit_head",
        "mail_outbox",
        "idempotency",
    )
    with server.database() as connection:
        return {name: connection.execute(select(func.count()).select_from(schema.metadata.tables[name])).scalar_one() for name in tables}


async def refused(bidder: Bidder, **changes: Any) -> EbidError:
    """The error with which a changed registration is refused; nothing may be written."""
    await bidder.sign_in()
    found = await bidder.search()
    before = rows(bidder.server)
    content = await bidder.statement(found, **changes)
    with pytest.raises(EbidError) as caught:
        await bidder.client.register(bidder.card.signed(content), "key-of-a-test")
    assert rows(bidder.server) == before
    return caught.value


async def blocks(bidder: Bidder) -> dict[str, dict[str, str]]:
    """The blocks of the plain case, to be changed."""
    await bidder.sign_in()
    return content_of(await bidder.search(), bidder.card, "").blocks


async def test_a_card_is_registered_with_everything_that_belongs_to_it(server: Running, bidder: Bidder) -> None:
    before = rows(server)
    receipt = await bidder.register()
    assert {name: count - before[name] for name, count in rows(server).items()} == dict.fromkeys(before, 1)
    assert receipt.id.startswith("ISE-")
    assert receipt.operation == "registration"
    assert receipt.vendor.number == "1000000001"
    assert receipt.card == bidder.card.certificate.record
    assert receipt.blocks["company"]["representative"] == "個人　十郎"


async def test_the_mail_goes_to_the_card_contact_R_39(server: Running, bidder: Bidder) -> None:
    changed = await blocks(bidder)
    changed["card_contact"]["email"] = "card@example.com"
    receipt = await bidder.register(blocks=changed)
    assert receipt.mail_to == "card@example.com"
    with server.database() as connection:
        mail = connection.execute(schema.mail_outbox.select()).one()
    assert (mail.recipient, mail.subject, mail.state) == ("card@example.com", "利用者登録のお知らせ", "waiting")
    assert "企業名称: テスト工事業者０１" in mail.body
    assert receipt.id in mail.body


async def test_the_evidence_is_what_was_signed(server: Running, bidder: Bidder) -> None:
    receipt = await bidder.register()
    with server.database() as connection:
        kept = connection.execute(schema.evidence.select()).one()
    signed = msgspec.json.decode(kept.statement, type=Signed)
    assert kept.certificate == bidder.card.der
    assert receipt.check == statement.check_value(signed.payload)
    protected = json.loads(statement.unb64(signed.signatures[0].protected))
    assert base64.b64decode(protected["x5c"][0]) == bidder.card.der


async def test_what_an_earlier_version_let_into_the_roster_can_be_registered(server: Running, bidder: Bidder) -> None:
    """Server and client clean what they read with one function, so that what is signed is what is on record."""
    q = schema.qualifications
    with server.database(writing=True) as connection:
        company = connection.execute(select(q.c.company).where(q.c.number == "1000000001")).scalars().first() or {}
        odd = {"address": "三重県\xa0伊勢市\x1b[2J" + "一" * 2500, "title": "代表\u200b取締役", "representative": "個人\u2028十郎\u202e"}
        values = {"company": (company or {}) | odd, "trade_name": "テスト\u200b工事業者０１"}
        connection.execute(update(q).where(q.c.number == "1000000001").values(values))
    receipt = await bidder.register()
    kept = receipt.blocks["company"]
    assert (kept["title"], kept["representative"]) == ("代表取締役", "個人 十郎")
    assert (kept["address"][:12], kept["address"][-1]) == ("三重県 伊勢市[2J一一", "…")


async def test_the_card_is_known_at_the_next_sign_in_R_05(bidder: Bidder) -> None:
    await bidder.register()
    assert [r.trade_name for r in (await bidder.sign_in()).registered] == ["テスト工事業者０１"]


async def test_the_same_key_gives_the_same_receipt(server: Running, bidder: Bidder) -> None:
    await bidder.sign_in()
    signed = bidder.card.signed(await bidder.statement(await bidder.search()))
    first = await bidder.client.register(signed, "key-of-a-test")
    counted = rows(server)
    assert await bidder.client.register(signed, "key-of-a-test") == first
    # Also from a new session, after the nonce has long expired.
    server.ahead = timedelta(minutes=14)
    await bidder.client.sign_out()
    later = Bidder(server, bidder.card)
    content = await later.nonce()
    del content
    server.ahead = timedelta()
    await later.sign_in()
    assert await later.client.register(signed, "key-of-a-test") == first
    assert rows(server) == counted


async def test_the_same_key_with_something_else_is_refused(bidder: Bidder) -> None:
    await bidder.register()
    found = await bidder.search()
    with pytest.raises(ServerError) as caught:
        await bidder.client.register(bidder.card.signed(await bidder.statement(found)), "key-of-a-test")
    assert caught.value.code == "E-KEY-REUSED"


async def test_a_repeat_that_comes_while_the_first_is_under_way(server: Running, bidder: Bidder) -> None:
    await bidder.sign_in()
    signed = bidder.card.signed(await bidder.statement(await bidder.search()))
    before = rows(server)["registrations"]
    receipts = await asyncio.gather(*(bidder.client.register(signed, "key-of-a-test") for _ in range(8)))
    assert len({receipt.id for receipt in receipts}) == 1
    assert rows(server)["registrations"] == before + 1


async def test_R_05_two_registrations_of_one_card_at_once(server: Running, bidder: Bidder) -> None:
    await bidder.sign_in()
    found = await bidder.search()
    signed = [bidder.card.signed(await bidder.statement(found)) for _ in range(4)]
    tries = [bidder.client.register(each, f"key-of-a-test-{n}") for n, each in enumerate(signed)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(o) for o in outcomes].count(Receipt) == 1
    assert {o.code for o in outcomes if isinstance(o, EbidError)} == {"R-05"}


async def test_R_05_R_24_a_card_of_another_vendor(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("ise-current"))
    with pytest.raises(RuleError) as caught:
        await bidder.register(holder_confirmed=True)
    assert caught.value.code == "R-05"
    assert "建設工事００５" in caught.value.remedy
    assert t("server.cause_two_numbers") in caught.value.causes


async def test_R_19_the_same_card_in_another_realm(server: Running, card: Cards) -> None:
    await Bidder(server, card("ise-new")).register()
    goods = Bidder(server, card("ise-new"), category="goods")
    await goods.sign_in()
    found = await goods.search(vendor_no="2000000001", trade_name="テスト物品業者０１")
    content = await goods.statement(found, holder_confirmed=True)
    assert (await goods.client.register(goods.card.signed(content), "key-of-goods")).vendor.category == "goods"


async def test_R_06_a_card_in_another_name_needs_an_answer(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("stranger"))
    assert (await refused(bidder)).code == "R-06"
    assert (await bidder.register(holder_confirmed=True)).id


async def test_a_nonce_is_used_once(bidder: Bidder, server: Running, card: Cards) -> None:
    await bidder.sign_in()
    found = await bidder.search()
    content = await bidder.statement(found)
    await bidder.client.register(bidder.card.signed(content), "key-of-a-test")
    with pytest.raises(ChallengeGone):
        await bidder.client.register(bidder.card.signed(content), "another-key")


async def test_a_nonce_expires(server: Running, bidder: Bidder) -> None:
    await bidder.sign_in()
    signed = bidder.card.signed(await bidder.statement(await bidder.search()))
    server.ahead = timedelta(minutes=6)
    with pytest.raises(ChallengeGone):
        await bidder.client.register(signed, "key-of-a-test")


async def test_another_cards_signature_is_refused(bidder: Bidder, card: Cards) -> None:
    await bidder.sign_in()
    content = await bidder.statement(await bidder.search())
    with pytest.raises(ServerError) as caught:
        await bidder.client.register(card("ise-second").signed(content), "key-of-a-test")
    assert caught.value.code == "E-SIGNATURE"


async def test_an_altered_statement_is_refused(bidder: Bidder) -> None:
    await bidder.sign_in()
    found = await bidder.search()
    signed = bidder.card.signed(await bidder.statement(found))
    other = statement.payload(await bidder.statement(found, vendor="1000000002"))
    with pytest.raises(ServerError) as caught:
        await bidder.client.register(Signed(other, signed.signatures), "key-of-a-test")
    assert caught.value.code == "E-SIGNATURE"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"operation": "amendment"}, "E-SIGNATURE"),
        ({"system": "saitama"}, "E-SIGNATURE"),
        ({"origin": "https://elsewhere.example"}, "E-ORIGIN"),
        ({"vendor": "1000000005"}, "E-SEARCH-FIRST"),
        ({"category": "goods"}, "E-SEARCH-FIRST"),
        ({"issued_at": statement.now() - timedelta(days=1)}, "E-CLOCK"),
    ],
)
async def test_a_statement_of_something_else_is_refused(bidder: Bidder, changes: dict[str, Any], code: str) -> None:
    assert (await refused(bidder, **changes)).code == code


async def test_a_vendor_must_have_been_found_first(bidder: Bidder) -> None:
    await bidder.sign_in()
    found = await bidder.search()
    await bidder.sign_in()
    with pytest.raises(ServerError) as caught:
        await bidder.client.register(bidder.card.signed(await bidder.statement(found)), "key-of-a-test")
    assert caught.value.code == "E-SEARCH-FIRST"


async def test_a_search_that_found_nothing_takes_the_vendor_back(bidder: Bidder) -> None:
    await bidder.sign_in()
    found = await bidder.search()
    with pytest.raises(RuleError, match="R-28"):
        await bidder.search(password="wrong-pass1")
    with pytest.raises(ServerError) as caught:
        await bidder.client.register(bidder.card.signed(await bidder.statement(found)), "key-of-a-test")
    assert caught.value.code == "E-SEARCH-FIRST"


@pytest.mark.parametrize(
    ("block", "field", "value", "code"),
    [
        ("company", "name", "ほかの会社", "E-STATEMENT"),
        ("company", "address", "", "E-STATEMENT"),
        ("company", "capital", "1", "E-STATEMENT"),
        ("card_holder", "company", "ほかの会社", "E-STATEMENT"),
        ("card_holder", "person", "", "E-STATEMENT"),
        ("password", "x", "1", "E-STATEMENT"),
        ("company", "phone", "でんわ", "E-INPUT"),
        ("company", "department", "", "E-INPUT"),
        ("representative_contact", "name", "㈱", "E-INPUT"),
        ("card_contact", "address", "あ" * 61, "E-INPUT"),
        ("card_contact", "postal_code", "5160018", "E-INPUT"),
        ("card_contact", "email", "test01", "E-INPUT"),
        ("card_contact", "person", "　個人十郎", "E-INPUT"),
        ("card_contact", "person", "個人\u200b十郎", "E-INPUT"),
    ],
)
async def test_every_value_is_checked_again(bidder: Bidder, block: str, field: str, value: str, code: str) -> None:
    changed = await blocks(bidder)
    changed.setdefault(block, {})[field] = value
    error = await refused(bidder, blocks=changed)
    assert error.code == code
    if isinstance(error, InputError):
        assert [name for name, _, _ in error.problems] == [f"{block}.{field}"]


async def test_every_missing_field_is_named(bidder: Bidder) -> None:
    changed = await blocks(bidder)
    changed["representative_contact"] = {}
    changed["card_contact"].pop("fax")
    error = await refused(bidder, blocks=changed)
    assert isinstance(error, InputError)
    missing = {f"representative_contact.{name}" for name in CONTACT} | {"card_contact.fax"}
    assert {name for name, code, _ in error.problems if code == "E-REQUIRED"} == missing


async def test_the_card_block_must_be_the_cards(bidder: Bidder) -> None:
    other = msgspec.structs.replace(bidder.card.certificate.record, serial="684")
    assert (await refused(bidder, card=other)).code == "E-STATEMENT"


async def test_a_qualification_that_changed_meanwhile_is_not_signed_away(server: Running, bidder: Bidder) -> None:
    await bidder.sign_in()
    content = await bidder.statement(await bidder.search())
    with server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(company={"name": "テスト工事業者０１", "address": "移転先"}))
    with pytest.raises(ServerError) as caught:
        await bidder.client.register(bidder.card.signed(content), "key-of-a-test")
    assert caught.value.code == "E-STATEMENT"


async def test_R_35_a_qualification_that_lapsed_meanwhile(server: Running, bidder: Bidder) -> None:
    await bidder.sign_in()
    content = await bidder.statement(await bidder.search())
    with server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(state="lapsed"))
    with pytest.raises(RuleError, match="R-35"):
        await bidder.client.register(bidder.card.signed(content), "key-of-a-test")


async def test_R_09_a_card_that_expired_meanwhile(server: Running, authority: Authority) -> None:
    bidder = Bidder(server, authority.card("テスト工事業者０１", "個人　十郎", ends=server.settings.now() + timedelta(minutes=3)))
    await bidder.sign_in()
    signed = bidder.card.signed(await bidder.statement(await bidder.search()))
    server.ahead = timedelta(minutes=4)
    with pytest.raises(RuleError, match="R-09"):
        await bidder.client.register(signed, "key-of-a-test")


AOMORI = {"vendor_no": "990000001", "trade_name": "（株）テスト商会０１", "user_id": "user01", "password": "demo1234"}


async def aomori(server: Running, card: Card, client: HttpServer, **representative: str) -> Signed:
    """A later card's statement at Aomori, with what its first card registered, and changes."""
    nonce = (await client.challenge("aomori")).nonce
    content = statement.SignIn(system="aomori", origin=ORIGIN, nonce=nonce, issued_at=statement.now())
    await client.sign_in(card.signed(content))
    found = await client.search("aomori", "goods", AOMORI)
    nonce = (await client.challenge("aomori")).nonce
    made = content_of(found, card, nonce, holder_confirmed=True)
    made.blocks["company"] |= {"grades": found.qualification.company["grades"], "department": "支店"}
    made.blocks["representative_contact"] = dict(found.representative_contact) | representative
    made.blocks["card_holder"] = card.certificate.card_holder
    made.blocks["card_contact"]["email_again"] = made.blocks["card_contact"]["email"]
    return card.signed(made)


async def test_R_18_a_later_card_cannot_change_what_the_first_registered(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("aomori-next"))
    signed = await aomori(server, bidder.card, bidder.client, person="ほかの人")
    with pytest.raises(RuleError, match="R-18"):
        await bidder.client.register(signed, "key-of-a-test")
    signed = await aomori(server, bidder.card, bidder.client)
    receipt = await bidder.client.register(signed, "key-of-a-test")
    assert receipt.company_id == "9992100000000011"
    assert "email_again" not in receipt.blocks["card_contact"]
    with server.database() as connection:
        assert "企業ID: 9992100000000011" in connection.execute(select(schema.mail_outbox.c.body)).scalar_one()


@pytest.mark.parametrize(("drawn", "given"), [(lambda _below: 0, "1" + "0" * 15), (lambda below: below - 1, "9" * 16)])
def test_a_new_company_id_has_sixteen_digits(drawn: Callable[[int], int], given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = Vendor(system="aomori", agency="aomori", category="construction", number="990000001")
    unknown = VendorRecord(Qualification(vendor=vendor, state="approved", trade_name="", company={}), VendorDetails(), later_card=False)
    monkeypatch.setattr(secrets, "randbelow", drawn)
    assert accepting.details(profile_of("aomori"), "construction", unknown, {}).company_id == given
    assert accepting.details(profile_of("ise"), "construction", unknown, {}).company_id is None


async def test_R_12_the_mail_address_typed_again_must_be_the_same(server: Running, card: Cards) -> None:
    bidder = Bidder(server, card("aomori-next"))
    signed = await aomori(server, bidder.card, bidder.client)
    content = msgspec.json.decode(statement.unb64(signed.payload), type=statement.Statement)
    content.blocks["card_contact"]["email_again"] = "other@example.com"
    with pytest.raises(InputError) as caught:
        await bidder.client.register(bidder.card.signed(content), "key-of-a-test")
    assert [code for _, code, _ in caught.value.problems] == ["R-12"]


async def test_a_receipt_is_shown_to_its_card_only(server: Running, bidder: Bidder, card: Cards) -> None:
    receipt = await bidder.register()
    token = (await bidder.sign_in()).token
    stranger = (await Bidder(server, card("ise-second")).sign_in()).token
    with server.http() as http:
        mine = http.get(f"/v1/receipts/{receipt.id}", headers={"Authorization": f"Bearer {token}"})
        theirs = http.get(f"/v1/receipts/{receipt.id}", headers={"Authorization": f"Bearer {stranger}"})
    assert msgspec.json.decode(mine.content, type=Receipt) == receipt
    assert (theirs.status_code, theirs.json()["code"]) == (404, "E-NOT-FOUND")
