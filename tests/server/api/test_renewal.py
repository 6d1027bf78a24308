"""ICカード更新 on the server: what moves, and what is refused before the new PIN is asked and again with both signatures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, func, insert, select, update

from ebid_tui.domain import statement
from ebid_tui.domain.records import Receipt
from ebid_tui.domain.statement import Signed
from ebid_tui.errors import ChallengeGone, EbidError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.store import schema
from tests.clock import STARTED
from tests.server.holder import Holder
from tests.server.running_server import Bidder, Running, sign_in_content
from tests.server.signing import Authority, Card

Cards = Callable[[str], Card]


@pytest.fixture
def holder(server: Running, card: Cards) -> Holder:
    """The plain case: `ise-current`, to be renewed to `ise-next`, in another company's name, which that system asks about."""
    return Holder(server, card("ise-current"))


def nagasaki(server: Running, card: Cards) -> Holder:
    return Holder(server, card("nagasaki-current"), "nagasaki", "nagasaki-pref")


def saitama(server: Running, card: Cards, agency: str = "saitama-pref") -> Holder:
    return Holder(server, card("saitama-current"), "saitama", agency)


async def refused_at_check(holder: Holder, new: Card) -> EbidError:
    """The error with which a new card is refused before its PIN; the signed renewal is refused by the same rule, and changes nothing."""
    await holder.sign_in()
    with pytest.raises(EbidError) as caught:
        await holder.client.check_new_card(holder.agency, holder.category, new.der)
    before = holder.server.contents()
    with pytest.raises(EbidError) as later:
        await holder.renew(new)
    assert later.value.code == caught.value.code
    assert holder.server.contents() == before
    return caught.value


async def refused(holder: Holder, new: Card, **changes: Any) -> EbidError:
    """The error with which a changed renewal is refused; nothing may be written."""
    signed = await holder.signed_renewal(new, **changes)
    before = holder.server.contents()
    with pytest.raises(EbidError) as caught:
        await holder.client.renew(signed, "key-of-a-renewal")
    assert holder.server.contents() == before
    return caught.value


async def test_the_registration_moves_with_everything_that_was_typed(holder: Holder, card: Cards) -> None:
    await holder.sign_in()
    before = (await holder.registered()).registration
    receipt = await holder.renew(card("ise-next"))
    assert (receipt.operation, receipt.card, receipt.previous) == (
        "renewal",
        card("ise-next").certificate.record,
        card("ise-current").certificate.record,
    )
    assert receipt.mail_to == "test05@example.com"
    new = Holder(holder.server, card("ise-next"))
    await new.sign_in()
    after = (await new.registered()).registration
    assert after.blocks == before.blocks | {"card_holder": card("ise-next").certificate.card_holder}
    assert after.vendor == before.vendor


async def test_it_leaves_both_certificates_as_evidence_and_a_mail(holder: Holder, card: Cards) -> None:
    before = holder.server.contents()
    receipt = await holder.renew(card("ise-next"))
    written = {name: len(rows) - len(before[name]) for name, rows in holder.server.contents().items()}
    once = ("registrations", "card_bindings", "receipts", "evidence", "evidence_blobs", "audit", "audit_head", "mail_outbox", "idempotency")
    assert written == dict.fromkeys(written, 0) | dict.fromkeys(once, 1)
    with holder.server.database() as connection:
        kept = connection.execute(schema.evidence.select()).one()
        mail = connection.execute(schema.mail_outbox.select()).one()
    assert (kept.proof, kept.certificate, kept.previous_certificate) == ("signature", card("ise-next").der, card("ise-current").der)
    signed = msgspec.json.decode(kept.statement, type=Signed)
    assert len(signed.signatures) == 2
    assert receipt.check == statement.check_value(signed.payload)
    assert "手続き: ICカード更新" in mail.body
    assert t("server.mail_old_card") in mail.body


async def test_r_11_the_old_card_is_refused_from_that_moment(holder: Holder, card: Cards) -> None:
    other_kiosk = Holder(holder.server, card("ise-current"))
    await other_kiosk.sign_in()
    found = await other_kiosk.registered()
    content = await other_kiosk.amendment(found)
    await holder.renew(card("ise-next"))
    with pytest.raises(EbidError, match="R-11"):
        await holder.sign_in()
    # Also where it had signed in before.
    with pytest.raises(EbidError, match="R-11"):
        await other_kiosk.registered()
    with pytest.raises(EbidError, match="R-11"):
        await other_kiosk.client.amend(other_kiosk.card.signed(content), "key-of-an-amendment")
    with pytest.raises(EbidError, match="R-11"):
        await other_kiosk.client.status("ise", "construction")


async def test_r_11_a_cancelled_card_likewise(holder: Holder) -> None:
    with holder.server.database(writing=True) as connection:
        connection.execute(update(schema.registrations).values(state="cancelled"))
    with pytest.raises(EbidError, match="R-11"):
        await holder.sign_in()


async def test_r_11_only_where_it_was_renewed(server: Running, card: Cards) -> None:
    construction = Holder(server, card("aomori-current"), "aomori", "aomori", "construction")
    goods = Holder(server, card("aomori-current"), "aomori", "aomori", "goods")
    await construction.renew(card("aomori-next"))
    await goods.sign_in()
    assert (await goods.registered()).registration.state == "active"
    with pytest.raises(EbidError, match="R-11"):
        await goods.client.registered("aomori", "construction")
    # the other category is renewed by itself, to the same new card.
    await goods.renew(card("aomori-next"), "key-of-goods")
    with pytest.raises(EbidError, match="R-11"):
        await goods.sign_in()


async def test_the_same_key_gives_the_same_receipt(holder: Holder, card: Cards) -> None:
    signed = await holder.signed_renewal(card("ise-next"))
    first = await holder.client.renew(signed, "key-of-a-renewal")
    before = holder.server.contents()
    assert await holder.client.renew(signed, "key-of-a-renewal") == first
    holder.server.ahead = timedelta(minutes=10)
    assert await holder.client.renew(signed, "key-of-a-renewal") == first
    assert holder.server.contents() == before


async def test_sent_twice_at_once(holder: Holder, card: Cards) -> None:
    signed = await holder.signed_renewal(card("ise-next"))
    receipts = await asyncio.gather(*(holder.client.renew(signed, "key-of-a-renewal") for _ in range(6)))
    assert len({receipt.id for receipt in receipts}) == 1


async def test_the_same_key_with_something_else_is_refused(holder: Holder, card: Cards) -> None:
    signed = await holder.signed_renewal(card("ise-next"))
    other = await holder.signed_renewal(card("ise-new"))
    await holder.client.renew(signed, "key-of-a-renewal")
    with pytest.raises(ServerError) as caught:
        await holder.client.renew(other, "key-of-a-renewal")
    assert caught.value.code == "E-KEY-REUSED"


async def test_a_nonce_is_used_once(holder: Holder, card: Cards) -> None:
    nonce = (await holder.client.challenge("ise")).nonce
    await holder.client.sign_in(holder.card.signed(sign_in_content(nonce)))
    assert isinstance(await refused(holder, card("ise-next"), nonce=nonce), ChallengeGone)


# ---- refused before the new PIN, and again with both signatures -----------------------------------------------------------


async def test_a_card_that_may_take_the_place(holder: Holder, card: Cards) -> None:
    await holder.sign_in()
    await holder.client.check_new_card("ise", "construction", card("ise-next").der)


async def test_a_card_whose_authoritys_certificate_is_on_the_card_alone(holder: Holder, authority: Authority) -> None:
    between = authority.below()
    new = between.card("テスト０６株式会社", "テスト　六郎")
    await holder.sign_in()
    with pytest.raises(EbidError) as caught:
        await holder.client.check_new_card("ise", "construction", new.der)
    assert caught.value.code == "R-34"
    await holder.client.check_new_card("ise", "construction", new.der, [between.der])


async def test_r_08_the_same_card_put_back_in(holder: Holder) -> None:
    await holder.sign_in()
    with pytest.raises(EbidError) as caught:
        await holder.client.check_new_card("ise", "construction", holder.card.der)
    assert caught.value.code == "R-08"
    assert any("もう一度" in cause for cause in caught.value.causes)


async def test_r_08_another_authority_stops_where_the_system_says_so(server: Running, card: Cards, authority: Authority) -> None:
    error = await refused_at_check(saitama(server, card), authority.card("株式会社○○建設", "△△　太郎"))
    assert error.code == "R-08"
    assert any("認証局" in cause for cause in error.causes)


async def test_r_08_another_authority_is_asked_about_elsewhere(holder: Holder, authority: Authority) -> None:
    new = authority.card("テスト０６株式会社", "テスト　六郎")
    await holder.sign_in()
    await holder.client.check_new_card("ise", "construction", new.der)
    assert (await refused(holder, new, holder_confirmed=False)).code == "R-06"
    assert (await holder.renew(new)).previous == holder.card.certificate.record


async def test_r_08_another_company_stops_where_the_system_says_so(server: Running, card: Cards, authority: Authority) -> None:
    error = await refused_at_check(nagasaki(server, card), authority.card("他社テスト株式会社", "長崎　太郎"))
    assert error.code == "R-08"


async def test_r_08_another_company_is_asked_about_elsewhere(holder: Holder, card: Cards) -> None:
    assert (await refused(holder, card("ise-next"), holder_confirmed=False)).code == "R-06"


async def test_r_05_a_new_card_that_is_registered_already(server: Running, holder: Holder, card: Cards) -> None:
    await Bidder(server, card("ise-new")).register()
    error = await refused_at_check(holder, card("ise-new"))
    assert error.code == "R-05"
    assert "テスト工事業者０１" in error.remedy


async def test_r_05_a_card_that_was_renewed_away_does_not_come_back(server: Running, holder: Holder, card: Cards) -> None:
    await holder.renew(card("ise-next"))
    error = await refused_at_check(Holder(server, card("ise-next")), card("ise-current"))
    assert error.code == "R-05"


async def test_r_30_a_new_card_of_another_vendor_at_another_agency(server: Running, card: Cards) -> None:
    holder = nagasaki(server, card)
    row = {"system": "nagasaki", "realm": "construction", "number": "3000000002", "created_at": server.settings.now()}
    with server.database(writing=True) as connection:
        connection.execute(insert(schema.card_bindings), row | {"fingerprint": card("nagasaki-next").fingerprint})
    assert (await refused_at_check(holder, card("nagasaki-next"))).code == "R-30"


async def test_r_09_a_new_card_that_has_expired(holder: Holder, authority: Authority) -> None:
    new = authority.card("テスト０６株式会社", "テスト　六郎", lifetime=timedelta(days=-1))
    assert (await refused_at_check(holder, new)).code == "R-09"


async def test_r_09_a_current_card_that_has_expired_leads_to_registration(server: Running, card: Cards) -> None:
    with pytest.raises(EbidError) as caught:
        await Holder(server, card("nagasaki-expired"), "nagasaki", "nagasaki-pref").sign_in()
    assert caught.value.code == "R-09"
    assert "登録" in caught.value.remedy


async def test_r_09_a_current_card_that_expires_meanwhile(server: Running, card: Cards) -> None:
    holder = nagasaki(server, card)
    signed = await holder.signed_renewal(card("nagasaki-next"))
    left = card("nagasaki-current").certificate.not_after - server.settings.now()
    before = server.contents()
    server.ahead = left + timedelta(seconds=1)
    with pytest.raises(EbidError):
        await holder.client.renew(signed, "key-of-a-renewal")
    assert server.contents() == before


async def test_r_34_a_new_card_of_no_accepted_authority(holder: Holder, card: Cards) -> None:
    assert (await refused_at_check(holder, card("other-ca"))).code == "R-34"


async def test_r_34_a_new_card_of_an_authority_of_the_same_name(holder: Holder) -> None:
    assert (await refused_at_check(holder, Authority(now=STARTED).card("テスト０６株式会社", "テスト　六郎"))).code == "R-34"


async def test_r_10_a_vendor_number_that_is_gone_leads_to_registration(holder: Holder, card: Cards) -> None:
    await holder.sign_in()
    with holder.server.database(writing=True) as connection:
        connection.execute(delete(schema.qualifications).where(schema.qualifications.c.number == "1000000005"))
    for ask in (holder.registered(), holder.client.check_new_card("ise", "construction", card("ise-next").der)):
        with pytest.raises(EbidError) as caught:
            await ask
        assert caught.value.code == "R-10"
        assert "新しい業者番号" in caught.value.remedy


async def test_r_10_a_vendor_number_that_goes_meanwhile(holder: Holder, card: Cards) -> None:
    signed = await holder.signed_renewal(card("ise-next"))
    with holder.server.database(writing=True) as connection:
        connection.execute(delete(schema.qualifications))
    with pytest.raises(EbidError, match="R-10"):
        await holder.client.renew(signed, "key-of-a-renewal")


async def test_r_35_a_lapsed_qualification(holder: Holder, card: Cards) -> None:
    signed = await holder.signed_renewal(card("ise-next"))
    with holder.server.database(writing=True) as connection:
        connection.execute(update(schema.qualifications).values(state="lapsed"))
    with pytest.raises(EbidError, match="R-35"):
        await holder.client.check_new_card("ise", "construction", card("ise-next").der)
    with pytest.raises(EbidError, match="R-35"):
        await holder.client.renew(signed, "key-of-a-renewal")


async def test_a_card_that_has_nothing_here(server: Running, card: Cards) -> None:
    holder = Holder(server, card("ise-new"))
    await holder.sign_in()
    with pytest.raises(ServerError) as caught:
        await holder.client.check_new_card("ise", "construction", card("ise-next").der)
    assert caught.value.code == "E-NOT-REGISTERED"


async def test_rows_that_are_not_what_the_server_compares(holder: Holder, card: Cards) -> None:
    await holder.sign_in()
    content = await holder.renewal(card("ise-next"), await holder.registered())
    told = tuple(msgspec.structs.replace(row, verdict="equal", note="") for row in content.rows)
    for rows in (told, content.rows[:-1], ()):
        assert (await refused(holder, card("ise-next"), rows=rows)).code == "E-STATEMENT"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"vendor": "1000000001"}, "E-STATEMENT"),
        ({"agency": "nowhere"}, "E-NOT-FOUND"),
        ({"category": "goods"}, "E-NOT-REGISTERED"),
        ({"system": "aomori"}, "E-SIGNATURE"),
        ({"origin": "https://elsewhere.example"}, "E-ORIGIN"),
        ({"issued_at": statement.now() - timedelta(days=1)}, "E-CLOCK"),
        ({"propagate": True}, "E-STATEMENT"),
        ({"nonce": "A" * 43}, "E-NONCE"),
    ],
)
async def test_a_statement_of_something_else_is_refused(holder: Holder, card: Cards, changes: dict[str, Any], code: str) -> None:
    assert (await refused(holder, card("ise-next"), **changes)).code == code


@pytest.mark.parametrize("chosen", [True, False])
async def test_r_16_is_copied_overnight_only_if_chosen(server: Running, card: Cards, chosen: bool) -> None:
    receipt = await saitama(server, card).renew(card("saitama-next"), propagate=chosen)
    assert receipt.propagate == chosen
    with server.database() as connection:
        waiting = connection.execute(select(schema.propagations)).mappings().all()
    assert [(row["operation"], row["receipt_id"], row["agency"], row["state"]) for row in waiting] == (
        [("renewal", receipt.id, "saitama-pref", "waiting")] if chosen else []
    )


async def test_the_receipt_is_the_new_cards(holder: Holder, card: Cards) -> None:
    receipt = await holder.renew(card("ise-next"))
    token = (await Holder(holder.server, card("ise-next")).sign_in()).token
    with holder.server.http() as http:
        shown = http.get(f"/v1/receipts/{receipt.id}", headers={"Authorization": f"Bearer {token}"})
    assert msgspec.json.decode(shown.content, type=Receipt) == receipt


async def test_a_renewed_card_is_no_earlier_card_of_its_vendor(holder: Holder, card: Cards) -> None:
    """R-18, R-31: what counts for the next registration is the card that is in use."""
    await holder.renew(card("ise-next"))
    with holder.server.database() as connection:
        states: dict[str, int] = dict(
            connection.execute(select(schema.registrations.c.state, func.count()).group_by(schema.registrations.c.state)).all()
        )
    assert states["renewed"] == 1
    bidder = Bidder(holder.server, card("ise-new"))
    await bidder.sign_in()
    assert (await bidder.search(vendor_no="1000000005", trade_name="建設工事００５", password="Demo-pass5")).later_card
