"""A card whose registration waits for its acceptance, or was refused: it signs in, sees how it stands, and does nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from ebid_tui.domain.records import CardState
from ebid_tui.errors import EbidError
from ebid_tui.server.store import schema
from tests.server.holder import Holder
from tests.server.running_server import Running
from tests.server.signing import Card

Cards = Callable[[str], Card]


@pytest.fixture
def holder(server: Running, card: Cards) -> Holder:
    return Holder(server, card("ise-current"))


def put(holder: Holder, state: CardState) -> None:
    with holder.server.database(writing=True) as connection:
        mine = schema.registrations.c.fingerprint == holder.card.certificate.fingerprint
        connection.execute(update(schema.registrations).where(mine).values(state=state))


async def code_of(asked: Awaitable[object]) -> str:
    with pytest.raises(EbidError) as caught:
        await asked
    return caught.value.code


@pytest.mark.parametrize("state", ["waiting", "refused"])
async def test_it_signs_in_and_sees_how_it_stands(holder: Holder, state: CardState) -> None:
    put(holder, state)
    await holder.sign_in()
    status = await holder.client.status("ise", "construction")
    assert [card.state for card in status.cards if card.this_card] == [state]


@pytest.mark.parametrize(("state", "code"), [("waiting", "E-WAITING"), ("refused", "E-NOT-REGISTERED")])
async def test_it_amends_nothing_and_is_not_renewed(holder: Holder, card: Cards, state: CardState, code: str) -> None:
    await holder.sign_in()
    found = await holder.registered()
    content = await holder.amendment(found)
    renewal = await holder.signed_renewal(card("ise-next"))
    put(holder, state)
    before = holder.server.contents()
    assert await code_of(holder.registered()) == code
    assert await code_of(holder.client.amend(holder.card.signed(content), "key-of-an-amendment")) == code
    assert await code_of(holder.client.renew(renewal, "key-of-a-renewal")) == code
    assert holder.server.contents() == before


async def test_r_11_what_ended_stays_ended_beside_it(holder: Holder) -> None:
    put(holder, "cancelled")
    assert await code_of(holder.sign_in()) == "R-11"
