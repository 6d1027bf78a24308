"""The desk and what waits: listed, looked at, accepted or refused once, by who may see it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from ebid_tui.domain.records import Receipt
from ebid_tui.errors import EbidError, InputError
from ebid_tui.messages import t
from ebid_tui.server.store import schema
from tests.server.operating import HERE, NAMES, VENDOR_HERE, Clerk, audit, signed_in, waits_at
from tests.server.running_server import Running


@pytest.fixture
def given(office: Running) -> Receipt:
    with office.database(writing=True) as connection:
        return waits_at(connection, HERE)


def person(office: Running) -> str:
    """The contact of the card that is registered."""
    with office.database() as connection:
        blocks = connection.execute(select(schema.registrations.c.blocks).where(schema.registrations.c.id == f"R-{HERE}")).scalar_one()
    return str(blocks["card_contact"]["person"])


async def test_it_is_seen_and_accepted_and_the_vendor_told(office: Running, given: Receipt) -> None:
    clerk = await signed_in(office)
    page = await clerk.client.waiting()
    assert [(one.receipt_id, one.trade_name, one.state) for one in page.changes] == [(given.id, NAMES[VENDOR_HERE], "waiting")]
    seen = await clerk.client.waiting_change(given.id)
    assert (seen.receipt, seen.counts["card_contact"]["person"]) == (given, "窓口　花子")
    assert person(office) == "窓口　花子"
    assert (await clerk.client.settle(given.id, True)).state == "accepted"
    assert person(office) == "受付　次郎"
    assert (await clerk.client.waiting()).changes == ()
    with office.database() as connection:
        m = schema.mail_outbox.c
        subjects = connection.execute(select(m.subject).where(m.receipt_id == given.id)).scalars().all()
    assert t("acceptance.accepted_subject", what="利用者変更") in subjects
    assert ("amendment_accepted", "operator:desk", VENDOR_HERE.number, HERE) in audit(office)


async def test_a_refusal_needs_a_reason_and_is_final(office: Running, given: Receipt) -> None:
    clerk = await signed_in(office)
    for reason in ("", "　", "a\nb", "あ" * 401):
        with pytest.raises(InputError):
            await clerk.client.settle(given.id, False, reason)
    told = await clerk.client.settle(given.id, False, " 書類が足りません。")
    assert (told.state, told.reason) == ("refused", "書類が足りません。")
    assert person(office) == "窓口　花子"
    for accept in (True, False):
        with pytest.raises(EbidError) as caught:
            await clerk.client.settle(given.id, accept, "理由")
        assert caught.value.code == "E-STATE"


async def test_of_two_operators_at_once_one_wins(office: Running, given: Receipt) -> None:
    clerks: list[Clerk] = [await signed_in(office, name) for name in ("desk", "second", "boss")]
    asked = (clerk.client.settle(given.id, number % 2 == 0, "理由") for number, clerk in enumerate(clerks))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, EbidError)]
    assert [error.code for error in refused] == ["E-STATE"] * 2


@pytest.mark.parametrize("after", ["x", "2026-04-01T00:00:00 X-1", "2026-04-01T00:00:00+09:00"])
async def test_a_mark_that_ended_no_page(office: Running, given: Receipt, after: str) -> None:
    clerk = await signed_in(office)
    with pytest.raises(EbidError) as caught:
        await clerk.client.waiting(after)
    assert caught.value.code == "E-BODY"
