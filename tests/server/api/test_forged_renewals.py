"""Renewals that nobody with both cards in hand has signed: refused with a reason, logged, and nothing changed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from ebid_tui.domain import statement
from ebid_tui.domain.statement import RenewalStatement, Role, Signature, Signed
from ebid_tui.errors import ServerError
from tests.server.holder import Holder
from tests.server.running_server import Running
from tests.server.signing import Authority, Card, signed_by_both

Cards = Callable[[str], Card]
Forge = Callable[[Holder, Cards, Authority], Awaitable[Signed]]


async def _content(holder: Holder, new: Card) -> RenewalStatement:
    return await holder.renewal_content(new)


def _by(content: RenewalStatement, *signers: tuple[Card, Role]) -> Signed:
    payload = statement.payload(content)
    return Signed(payload, tuple(card.signature(payload, role) for card, role in signers))


async def one_signature(holder: Holder, card: Cards, _: Authority) -> Signed:
    return _by(await _content(holder, card("ise-next")), (holder.card, "current"))


async def three_signatures(holder: Holder, card: Cards, _: Authority) -> Signed:
    content = await _content(holder, card("ise-next"))
    return _by(content, (holder.card, "current"), (card("ise-next"), "new"), (card("stranger"), "new"))


async def one_signature_twice(holder: Holder, card: Cards, _: Authority) -> Signed:
    payload = statement.payload(await _content(holder, card("ise-next")))
    signature = holder.card.signature(payload, "current")
    return Signed(payload, (signature, signature))


async def one_card_in_both_roles(holder: Holder, card: Cards, _: Authority) -> Signed:
    return _by(await _content(holder, card("ise-next")), (holder.card, "current"), (holder.card, "new"))


async def one_card_in_both_roles_and_named_twice(holder: Holder, card: Cards, _: Authority) -> Signed:
    content = await holder.renewal_content(holder.card)
    return _by(content, (holder.card, "current"), (holder.card, "new"))


async def one_key_in_two_certificates(holder: Holder, card: Cards, authority: Authority) -> Signed:
    twin = authority.card("テスト０６株式会社", "テスト　六郎", holder.card.key)
    return signed_by_both(await _content(holder, twin), holder.card, twin)


async def roles_exchanged(holder: Holder, card: Cards, _: Authority) -> Signed:
    return _by(await _content(holder, card("ise-next")), (holder.card, "new"), (card("ise-next"), "current"))


async def order_exchanged(holder: Holder, card: Cards, _: Authority) -> Signed:
    return _by(await _content(holder, card("ise-next")), (card("ise-next"), "new"), (holder.card, "current"))


async def one_role_twice(holder: Holder, card: Cards, _: Authority) -> Signed:
    return _by(await _content(holder, card("ise-next")), (holder.card, "current"), (card("ise-next"), "current"))


async def a_sign_ins_role(holder: Holder, card: Cards, _: Authority) -> Signed:
    return _by(await _content(holder, card("ise-next")), (holder.card, "card"), (card("ise-next"), "new"))


async def a_strangers_certificate_as_the_new_card(holder: Holder, card: Cards, _: Authority) -> Signed:
    return _by(await _content(holder, card("ise-next")), (holder.card, "current"), (card("stranger"), "new"))


async def a_strangers_certificate_as_the_current_card(holder: Holder, card: Cards, _: Authority) -> Signed:
    return _by(await _content(holder, card("ise-next")), (card("stranger"), "current"), (card("ise-next"), "new"))


async def a_strangers_key_under_the_new_cards_certificate(holder: Holder, card: Cards, _: Authority) -> Signed:
    payload = statement.payload(await _content(holder, card("ise-next")))
    pretended = Card(card("stranger").key, card("ise-next").der)
    return Signed(payload, (holder.card.signature(payload, "current"), pretended.signature(payload, "new")))


async def altered_after_signing(holder: Holder, card: Cards, _: Authority) -> Signed:
    content = await _content(holder, card("ise-next"))
    signed = signed_by_both(content, holder.card, card("ise-next"))
    other = msgspec.structs.replace(content, vendor="1000000001")
    return Signed(statement.payload(other), signed.signatures)


async def the_new_cards_signature_over_another_payload(holder: Holder, card: Cards, _: Authority) -> Signed:
    content = await _content(holder, card("ise-next"))
    payload, other = statement.payload(content), statement.payload(msgspec.structs.replace(content, propagate=True))
    return Signed(payload, (holder.card.signature(payload, "current"), card("ise-next").signature(other, "new")))


async def an_amendment_signed_by_both(holder: Holder, card: Cards, _: Authority) -> Signed:
    await holder.sign_in()
    payload = statement.payload(await holder.amendment(await holder.registered()))
    return Signed(payload, (holder.card.signature(payload, "current"), card("ise-next").signature(payload, "new")))


async def an_empty_signature(holder: Holder, card: Cards, _: Authority) -> Signed:
    payload = statement.payload(await _content(holder, card("ise-next")))
    empty = Signature(statement.protected(card("ise-next").alg, "new", card("ise-next").der), "")
    return Signed(payload, (holder.card.signature(payload, "current"), empty))


FORGED = [
    (one_signature, "signatures"),
    (three_signatures, "signatures"),
    (one_signature_twice, "roles"),
    (one_card_in_both_roles, "same certificate"),
    (one_card_in_both_roles_and_named_twice, "same certificate"),
    (one_key_in_two_certificates, "same key"),
    (roles_exchanged, "roles"),
    (order_exchanged, "roles"),
    (one_role_twice, "roles"),
    (a_sign_ins_role, "roles"),
    (a_strangers_certificate_as_the_new_card, "cards"),
    (a_strangers_certificate_as_the_current_card, "another card"),
    (a_strangers_key_under_the_new_cards_certificate, "signature"),
    (altered_after_signing, "signature"),
    (the_new_cards_signature_over_another_payload, "signature"),
    (an_amendment_signed_by_both, "payload"),
    (an_empty_signature, "signature"),
]


@pytest.mark.parametrize(("forge", "reason"), FORGED, ids=[forge.__name__ for forge, _ in FORGED])
async def test_refused_logged_and_nothing_changed(
    server: Running, card: Cards, authority: Authority, caplog: pytest.LogCaptureFixture, forge: Forge, reason: str
) -> None:
    holder = Holder(server, card("ise-current"))
    signed = await forge(holder, card, authority)
    before = server.contents()
    with caplog.at_level(logging.DEBUG, "ebid_tui"), pytest.raises(ServerError) as caught:
        await holder.client.renew(signed, "key-of-a-renewal")
    assert caught.value.code == "E-SIGNATURE"
    assert server.contents() == before
    (logged,) = [record for record in caplog.records if record.name == "ebid_tui.server.security"]
    assert logged.getMessage() == f"forged route=/v1/renewals reason={reason}"
    assert not any(personal in caplog.text for personal in ("テスト", "1000000005", holder.card.fingerprint))
    # The cards are as good as before.
    assert (await holder.renew(card("ise-next"), "another-key")).operation == "renewal"
