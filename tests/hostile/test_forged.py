"""Forged requests at a real server: tried, and none accepted (S4). `make hostile` tries all of them and writes how many."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec
import pytest

from ebid_tui.domain import statement
from ebid_tui.domain.statement import Signed
from tests.hostile.figures import note
from tests.hostile.forged import By, forgeries, signed
from tests.server.holder import Holder
from tests.server.running_server import Bidder, Running, sign_in_content
from tests.server.signing import Card

EVERY = 1 if os.environ.get("HOSTILE") == "all" else 12
"""So many-th of them are tried."""
LEAST = 170
Order = Callable[[Running, Callable[[str], Card]], object]


async def sign_in(counter: Running, card: Callable[[str], Card]) -> tuple[str, str, str, By]:
    bidder = Bidder(counter, card("ise-new"))
    return "sessions", "", statement.payload(sign_in_content(await bidder.nonce())), [(bidder.card, "card")]


async def registration(counter: Running, card: Callable[[str], Card]) -> tuple[str, str, str, By]:
    bidder = Bidder(counter, card("ise-new"))
    token = (await bidder.sign_in()).token
    payload = statement.payload(await bidder.statement(await bidder.search()))
    return "registrations", token, payload, [(bidder.card, "card")]


async def amendment(counter: Running, card: Callable[[str], Card]) -> tuple[str, str, str, By]:
    holder = Holder(counter, card("ise-current"))
    token = (await holder.sign_in()).token
    payload = statement.payload(await holder.amendment(await holder.registered(), {"card_contact": {"person": "別　花子"}}))
    return "amendments", token, payload, [(holder.card, "card")]


async def renewal(counter: Running, card: Callable[[str], Card]) -> tuple[str, str, str, By]:
    holder, new = Holder(counter, card("ise-current")), card("ise-next")
    token = (await holder.sign_in()).token
    payload = statement.payload(await holder.renewal(new, await holder.registered()))
    return "renewals", token, payload, [(holder.card, "current"), (new, "new")]


@pytest.mark.parametrize("order", [sign_in, registration, amendment, renewal], ids=lambda order: order.__name__)
async def test_none_is_accepted_and_what_is_right_still_is(
    counter: Running, card: Callable[[str], Card], order: Callable[..., object]
) -> None:
    path, token, payload, by = await order(counter, card)  # type: ignore[misc]
    before, tried, accepted = counter.contents(), 0, []
    whole = [one for one in forgeries(payload, by, card("stranger")) if order is not sign_in or one[0] != "signed by a stranger"]
    with counter.http() as http:

        def post(one: Signed) -> int:
            headers = {"Authorization": f"Bearer {token or 'nobody'}", "Idempotency-Key": f"key-of-a-test-{tried}"}
            answer = http.post(f"/v1/{path}", json={"statement": msgspec.to_builtins(one)}, headers=headers)
            assert answer.status_code < 500, answer.text
            return answer.status_code

        for name, one in whole[::EVERY]:
            tried += 1
            if post(one) < 400:
                accepted.append(name)
        assert accepted == []
        assert counter.contents() == before
        note("forged", tried, len(accepted))
        assert post(signed(payload, by)) < 300
    assert len(whole) >= LEAST / 2
