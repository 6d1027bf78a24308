"""変更 on the server: what a card has registered, beside the newest qualification, and what may be changed of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from ebid_tui.domain import statement
from ebid_tui.domain.statement import Signed
from ebid_tui.errors import EbidError, InputError, ServerError, SessionGone
from ebid_tui.server.store import schema
from tests.server.holder import Holder
from tests.server.running_server import Bidder, Running
from tests.server.signing import Card

Cards = Callable[[str], Card]

MOVED = {
    "name": "建設工事００５",
    "address": "三重県津市",
    "postal_code": "514-0001",
    "representative": "新任　七郎",
    "title": "代表取締役",
}


@pytest.fixture
def holder(server: Running, card: Cards) -> Holder:
    return Holder(server, card("ise-current"))


async def refused(holder: Holder, typed: dict[str, dict[str, str]] | None = None, **changes: Any) -> EbidError:
    """The error with which an amendment is refused; nothing may be written."""
    await holder.sign_in()
    content = await holder.amendment(await holder.registered(), typed, **changes)
    before = holder.server.contents()
    with pytest.raises(EbidError) as caught:
        await holder.client.amend(holder.card.signed(content), "key-of-what-is-refused")
    assert holder.server.contents() == before
    return caught.value


async def test_what_is_registered_beside_the_newest_qualification(holder: Holder) -> None:
    await holder.sign_in()
    found = await holder.registered()
    assert found.registration.card == holder.card.certificate.record
    assert found.registration.blocks["card_contact"]["email"] == "test05@example.com"
    assert found.qualification.company["vendor_no"] == "1000000005"


async def test_r_37_company_data_comes_from_the_newest_qualification(holder: Holder) -> None:
    with holder.server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).where(schema.qualifications.c.number == "1000000005").values(company=MOVED))
    await holder.sign_in()
    found = await holder.registered()
    assert found.registration.blocks["company"]["address"] == "三重県伊勢市"
    assert found.qualification.company["address"] == "三重県津市"
    receipt = await holder.amend()
    assert receipt.blocks["company"]["address"] == "三重県津市"
    assert receipt.blocks["company"]["representative"] == "新任　七郎"
    # What was registered before is not accepted in the place of the newest.
    old = holder.form(found, {"company": {"address": "三重県伊勢市"}})
    assert (await refused(holder, blocks=old)).code == "E-STATEMENT"


async def test_what_an_earlier_version_let_in_can_be_amended(holder: Holder) -> None:
    """The qualification's values, what cards share and what was registered are read as clients read them."""
    with holder.server.database(writing=True) as connection:
        for table, names in (
            (schema.qualifications, ("company",)),
            (schema.vendor_details, ("company", "representative_contact")),
            (schema.registrations, ("blocks",)),
        ):
            for name in names:
                of = table.c.number == "1000000005"
                value = connection.execute(select(table.c[name]).where(of)).scalars().first()
                connection.execute(update(table).where(of).values({name: odd(value)}))
    await holder.sign_in()
    assert (await holder.registered()).registration.blocks["card_contact"]["email"] == "test05@example.com"
    receipt = await holder.amend()
    assert receipt.blocks["company"]["address"] == "三重県伊勢市"


def odd(value: Any) -> Any:
    """A value of JSON, each of its texts with characters in it that nobody sees."""
    if isinstance(value, dict):
        return {name: odd(one) for name, one in value.items()}
    return f"{value[:2]}\u200b{value[2:]}\x1b\u202e" if value else value


async def test_r_27_under_review_the_registered_company_is_shown_and_valid(holder: Holder) -> None:
    with holder.server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(state="under_review"))
    await holder.sign_in()
    found = await holder.registered()
    assert found.qualification.state == "under_review"
    assert found.qualification.company["address"] == "三重県伊勢市"
    assert (await holder.amend({"card_contact": {"phone": "0596-00-0000"}})).blocks["card_contact"]["phone"] == "0596-00-0000"


async def test_an_amendment_is_kept_with_all_that_belongs_to_it(holder: Holder) -> None:
    before = holder.server.contents()
    receipt = await holder.amend({"card_contact": {"person": "新任　七郎", "email": "new05@example.com"}})
    written = {name: len(rows) - len(before[name]) for name, rows in holder.server.contents().items()}
    once = ("receipts", "evidence", "evidence_blobs", "audit", "audit_head", "mail_outbox", "idempotency")
    assert written == dict.fromkeys(written, 0) | dict.fromkeys(once, 1)
    assert (receipt.operation, receipt.card, receipt.previous) == ("amendment", holder.card.certificate.record, None)
    with holder.server.database() as connection:
        kept, audit = connection.execute(schema.evidence.select()).one(), connection.execute(schema.audit.select()).one()
        mail = connection.execute(schema.mail_outbox.select()).one()
    assert kept.certificate == holder.card.der
    assert msgspec.json.decode(kept.statement, type=Signed).signatures
    assert (audit.event, audit.actor, audit.subject) == ("amendment", holder.card.fingerprint, "1000000005")
    # to the card contact's address, as it is from now on.
    assert (mail.recipient, receipt.mail_to) == ("new05@example.com", "new05@example.com")
    assert "手続き: 変更" in mail.body
    assert "新任　七郎" in mail.body
    assert (await holder.registered()).registration.blocks == receipt.blocks


async def test_what_the_vendors_cards_share_is_amended_for_all_of_them(server: Running, holder: Holder, card: Cards) -> None:
    second = Bidder(server, card("ise-new"))
    await second.sign_in()
    found = await second.search(vendor_no="1000000005", trade_name="建設工事００５", password="Demo-pass5")
    content = await second.statement(found, holder_confirmed=True)
    await second.client.register(second.card.signed(content), "key-of-a-second")
    await holder.amend({"representative_contact": {"person": "共有　八郎"}, "company": {"department": "営業部"}})
    other = Holder(server, card("ise-new"))
    await other.sign_in()
    blocks = (await other.registered()).registration.blocks
    assert blocks["representative_contact"]["person"] == "共有　八郎"
    assert blocks["company"]["department"] == "営業部"


async def test_r_19_each_card_is_amended_by_itself(server: Running, holder: Holder, card: Cards) -> None:
    second = Bidder(server, card("ise-new"))
    await second.sign_in()
    found = await second.search(vendor_no="1000000005", trade_name="建設工事００５", password="Demo-pass5")
    await second.client.register(second.card.signed(await second.statement(found, holder_confirmed=True)), "key-of-a-second")
    await holder.amend({"card_contact": {"person": "このカード　だけ"}})
    other = Holder(server, card("ise-new"))
    await other.sign_in()
    assert (await other.registered()).registration.blocks["card_contact"]["person"] == "個人　十郎"


async def test_r_19_each_category_is_amended_by_itself(server: Running, card: Cards) -> None:
    goods = Holder(server, card("aomori-current"), "aomori", "aomori", "goods")
    construction = Holder(server, card("aomori-current"), "aomori", "aomori", "construction")
    receipt = await goods.amend({"representative_contact": {"person": "物品　担当"}})
    assert receipt.company_id == receipt.blocks["company"]["company_id"] == "9992100000000011"
    await construction.sign_in()
    assert (await construction.registered()).registration.blocks["representative_contact"]["person"] == "テスト　１太郎"


async def test_r_18_what_later_cards_cannot_type_is_amended_here(server: Running, card: Cards) -> None:
    holder = Holder(server, card("aomori-current"), "aomori", "aomori", "construction")
    receipt = await holder.amend({"representative_contact": {"person": "新任　担当"}})
    assert receipt.blocks["representative_contact"]["person"] == "新任　担当"


async def test_the_same_key_gives_the_same_receipt(holder: Holder) -> None:
    await holder.sign_in()
    content = await holder.amendment(await holder.registered(), {"card_contact": {"phone": "0596-00-0000"}})
    signed = holder.card.signed(content)
    receipts = await asyncio.gather(*(holder.client.amend(signed, "key-of-an-amendment") for _ in range(4)))
    assert len({receipt.id for receipt in receipts}) == 1
    other = holder.card.signed(msgspec.structs.replace(content, propagate=True))
    with pytest.raises(ServerError) as caught:
        await holder.client.amend(other, "key-of-an-amendment")
    assert caught.value.code == "E-KEY-REUSED"


@pytest.mark.parametrize("chosen", [True, False])
async def test_r_16_is_copied_overnight_only_if_chosen(server: Running, card: Cards, chosen: bool) -> None:
    holder = Holder(server, card("saitama-current"), "saitama", "saitama-pref")
    receipt = await holder.amend({"card_contact": {"phone": "048-000-0009"}}, propagate=chosen)
    assert receipt.propagate == chosen
    with server.database() as connection:
        waiting = connection.execute(select(schema.propagations)).mappings().all()
    assert [(row["operation"], row["receipt_id"], row["number"]) for row in waiting] == (
        [("amendment", receipt.id, "4000000001")] if chosen else []
    )


@pytest.mark.parametrize(
    ("block", "field", "value", "code"),
    [
        ("company", "vendor_no", "1000000001", "E-STATEMENT"),
        ("company", "name", "ほかの会社", "E-STATEMENT"),
        ("company", "address", "", "E-STATEMENT"),
        ("card_holder", "person", "ほかの人", "E-STATEMENT"),
        ("company", "phone", "でんわ", "E-INPUT"),
        ("representative_contact", "email", "test", "E-INPUT"),
        ("card_contact", "person", "", "E-INPUT"),
    ],
)
async def test_every_value_is_checked_again(holder: Holder, block: str, field: str, value: str, code: str) -> None:
    error = await refused(holder, {block: {field: value}})
    assert error.code == code
    if isinstance(error, InputError):
        assert [name for name, _, _ in error.problems] == [f"{block}.{field}"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"operation": "registration"}, "E-SIGNATURE"),
        ({"vendor": "1000000001"}, "E-STATEMENT"),
        ({"category": "goods"}, "E-NOT-REGISTERED"),
        ({"agency": "nowhere"}, "E-NOT-FOUND"),
        ({"origin": "https://elsewhere.example"}, "E-ORIGIN"),
        ({"issued_at": statement.now() - timedelta(days=1)}, "E-CLOCK"),
        ({"nonce": "A" * 43}, "E-NONCE"),
        ({"propagate": True}, "E-STATEMENT"),
    ],
)
async def test_a_statement_of_something_else_is_refused(holder: Holder, changes: dict[str, Any], code: str) -> None:
    assert (await refused(holder, **changes)).code == code


async def test_another_cards_signature_is_refused(holder: Holder, card: Cards) -> None:
    await holder.sign_in()
    content = await holder.amendment(await holder.registered())
    with pytest.raises(ServerError) as caught:
        await holder.client.amend(card("ise-next").signed(content), "key-of-an-amendment")
    assert caught.value.code == "E-SIGNATURE"


async def test_a_card_that_has_nothing_registered(server: Running, card: Cards) -> None:
    holder = Holder(server, card("ise-new"))
    await holder.sign_in()
    with pytest.raises(ServerError) as caught:
        await holder.registered()
    assert caught.value.code == "E-NOT-REGISTERED"
    assert "登録" in caught.value.remedy


async def test_r_35_a_lapsed_qualification(holder: Holder) -> None:
    await holder.sign_in()
    content = await holder.amendment(await holder.registered())
    with holder.server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(state="lapsed"))
    with pytest.raises(EbidError, match="R-35"):
        await holder.registered()
    with pytest.raises(EbidError, match="R-35"):
        await holder.client.amend(holder.card.signed(content), "key-of-an-amendment")


async def test_r_09_a_card_that_has_expired(server: Running, card: Cards) -> None:
    with pytest.raises(EbidError, match="R-09"):
        await Holder(server, card("nagasaki-expired"), "nagasaki", "nagasaki-pref").sign_in()


async def test_a_qualification_that_changed_meanwhile_is_not_signed_away(holder: Holder) -> None:
    await holder.sign_in()
    content = await holder.amendment(await holder.registered())
    with holder.server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(company=MOVED))
    with pytest.raises(ServerError) as caught:
        await holder.client.amend(holder.card.signed(content), "key-of-an-amendment")
    assert caught.value.code == "E-STATEMENT"


async def test_without_a_session_nothing_is_told(holder: Holder) -> None:
    with pytest.raises(SessionGone):
        await holder.registered()
    with holder.server.http() as http:
        assert http.get("/v1/registered", params={"agency": "ise", "category": "construction"}).status_code == 401
