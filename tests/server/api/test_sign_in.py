"""Signing in with a card: what a server must not take for one."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from ebid_tui.domain import statement
from ebid_tui.domain.statement import Signed
from ebid_tui.errors import ChallengeGone, RuleError, ServerError, SessionGone
from tests.clock import STARTED
from tests.server.running_server import SEARCH_1, Bidder, Running, sign_in_content
from tests.server.signing import Authority, Card

Cards = Callable[[str], Card]


async def refused(bidder: Bidder, signed: Signed) -> str:
    """The code with which a sign-in is refused."""
    with pytest.raises((ServerError, RuleError)) as caught:
        await bidder.client.sign_in(signed)
    return caught.value.code


async def test_a_card_that_is_not_registered_signs_in(bidder: Bidder) -> None:
    signed_in = await bidder.sign_in()
    assert signed_in.registered == ()
    assert len(signed_in.token) >= 40


async def test_a_registered_card_is_told_where_R_05(server: Running, card: Cards) -> None:
    (registered,) = (await Bidder(server, card("ise-current")).sign_in()).registered
    assert (registered.trade_name, registered.realm, registered.state) == ("建設工事００５", "construction", "active")


@pytest.mark.parametrize("key", [ec.SECP256R1(), ec.SECP384R1()])
async def test_every_kind_of_key_signs_in(server: Running, authority: Authority, key: ec.EllipticCurve) -> None:
    assert (await Bidder(server, authority.card("会社", "人", ec.generate_private_key(key))).sign_in()).token


async def test_a_nonce_is_used_once(bidder: Bidder) -> None:
    signed = bidder.card.signed(sign_in_content(await bidder.nonce()))
    await bidder.client.sign_in(signed)
    with pytest.raises(ChallengeGone):
        await bidder.client.sign_in(signed)


async def test_a_nonce_expires(server: Running, bidder: Bidder) -> None:
    content = sign_in_content(await bidder.nonce())
    server.ahead = timedelta(minutes=6)
    with pytest.raises(ChallengeGone):
        await bidder.client.sign_in(bidder.card.signed(content))


async def test_a_nonce_belongs_to_its_system(bidder: Bidder) -> None:
    nonce = (await bidder.client.challenge("saitama")).nonce
    with pytest.raises(ChallengeGone):
        await bidder.client.sign_in(bidder.card.signed(sign_in_content(nonce)))


async def test_a_made_up_nonce_is_refused(bidder: Bidder) -> None:
    with pytest.raises(ChallengeGone):
        await bidder.client.sign_in(bidder.card.signed(sign_in_content("A" * 43)))


async def test_a_statement_for_another_server_is_refused(bidder: Bidder) -> None:
    content = sign_in_content(await bidder.nonce(), origin="https://elsewhere.example")
    assert await refused(bidder, bidder.card.signed(content)) == "E-ORIGIN"


async def test_a_clock_that_is_wrong_is_named(bidder: Bidder) -> None:
    content = sign_in_content(await bidder.nonce(), issued_at=statement.now() - timedelta(hours=9))
    assert await refused(bidder, bidder.card.signed(content)) == "E-CLOCK"


async def test_two_signatures_are_one_too_many(bidder: Bidder, card: Cards) -> None:
    payload = statement.payload(sign_in_content(await bidder.nonce()))
    both = (bidder.card.signature(payload), card("ise-second").signature(payload))
    assert await refused(bidder, Signed(payload, both)) == "E-SIGNATURE"


async def test_a_signature_in_another_role_is_refused(bidder: Bidder) -> None:
    payload = statement.payload(sign_in_content(await bidder.nonce()))
    assert await refused(bidder, Signed(payload, (bidder.card.signature(payload, "current"),))) == "E-SIGNATURE"


async def test_an_altered_payload_is_refused(bidder: Bidder) -> None:
    signed = bidder.card.signed(sign_in_content(await bidder.nonce()))
    other = statement.payload(sign_in_content(await bidder.nonce()))
    assert await refused(bidder, Signed(other, signed.signatures)) == "E-SIGNATURE"


@pytest.mark.parametrize("alg", ["none", "HS256", "PS256", "RS512", "ES256"])
async def test_an_algorithm_that_is_not_the_keys_is_refused(bidder: Bidder, alg: str) -> None:
    payload = statement.payload(sign_in_content(await bidder.nonce()))
    signature = bidder.card.signature(payload, alg=alg, typ=statement.TYPE)
    assert await refused(bidder, Signed(payload, (signature,))) == "E-SIGNATURE"


@pytest.mark.parametrize("header", [{"crit": ["exp"], "exp": 1}, {"jwk": {}}, {"b64": False}, {"x5c": []}, {"x5c": ["AAAA"]}])
async def test_a_header_with_anything_else_is_refused(bidder: Bidder, header: dict[str, Any]) -> None:
    payload = statement.payload(sign_in_content(await bidder.nonce()))
    assert await refused(bidder, Signed(payload, (bidder.card.signature(payload, **header),))) == "E-SIGNATURE"


async def test_a_payload_with_anything_else_is_refused(bidder: Bidder) -> None:
    content = msgspec.to_builtins(sign_in_content(await bidder.nonce()))
    payload = statement.b64(msgspec.json.encode(content | {"admin": True}))
    assert await refused(bidder, Signed(payload, (bidder.card.signature(payload),))) == "E-SIGNATURE"


async def test_a_registration_is_no_sign_in(bidder: Bidder) -> None:
    await bidder.sign_in()
    content = await bidder.statement(await bidder.search())
    assert await refused(bidder, bidder.card.signed(content)) == "E-SIGNATURE"


async def test_R_34_a_card_of_another_authority(server: Running, card: Cards) -> None:
    with pytest.raises(RuleError) as caught:
        await Bidder(server, card("other-ca")).sign_in()
    assert caught.value.code == "R-34"
    assert "認証局" in caught.value.title


async def test_R_34_an_authority_of_the_same_name(server: Running, authority: Authority) -> None:
    with pytest.raises(RuleError, match="R-34"):
        await Bidder(server, Authority(now=STARTED).card("テスト工事業者０１", "個人　十郎")).sign_in()


async def test_R_34_an_authority_that_only_another_system_trusts(server: Running, card: Cards) -> None:
    with pytest.raises(RuleError, match="R-34"):
        await Bidder(server, card("nagasaki-next")).sign_in()


async def test_R_34_a_key_that_is_too_short(server: Running, authority: Authority) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        key = rsa.generate_private_key(65537, 1024)
    with pytest.raises(RuleError, match="R-34"):
        await Bidder(server, authority.card("会社", "人", key)).sign_in()


async def test_R_34_a_certificate_not_made_for_signing(server: Running, authority: Authority) -> None:
    with pytest.raises(RuleError, match="R-34"):
        await Bidder(server, authority.card("会社", "人", usage=["key_encipherment"])).sign_in()


async def test_R_34_a_certificate_that_has_not_begun(server: Running, authority: Authority) -> None:
    with pytest.raises(RuleError, match="R-34"):
        await Bidder(server, authority.card("会社", "人", begins=timedelta(days=500))).sign_in()


async def test_R_09_a_card_that_has_expired(server: Running, authority: Authority) -> None:
    with pytest.raises(RuleError) as caught:
        await Bidder(server, authority.card("会社", "人", lifetime=timedelta(days=-1))).sign_in()
    assert caught.value.code == "R-09"


async def test_R_09_holds_also_for_a_card_that_was_accepted_before(server: Running, authority: Authority) -> None:
    late = authority.card("会社", "人", ends=server.settings.now() + timedelta(minutes=3))
    await Bidder(server, late).sign_in()
    server.ahead = timedelta(minutes=4)
    with pytest.raises(RuleError, match="R-09"):
        await Bidder(server, late).sign_in()


async def test_R_23_a_my_number_card(server: Running) -> None:
    jpki = Authority(now=STARTED)
    jpki.name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "JPKI")])
    with pytest.raises(RuleError) as caught:
        await Bidder(server, jpki.card("", "公的　個人")).sign_in()
    assert caught.value.code == "R-23"


async def test_a_session_ends(server: Running, bidder: Bidder) -> None:
    await bidder.sign_in()
    server.ahead = timedelta(minutes=16)
    with pytest.raises(SessionGone):
        await bidder.search()


async def test_a_session_lasts_as_long_as_it_is_used(server: Running, bidder: Bidder) -> None:
    await bidder.sign_in()
    for minutes in (10, 20, 30):
        server.ahead = timedelta(minutes=minutes)
        await bidder.search()


async def test_signing_out_ends_the_session(server: Running, bidder: Bidder) -> None:
    token = (await bidder.sign_in()).token
    await bidder.client.sign_out()
    body = {"agency": "ise", "category": "construction", "values": dict(SEARCH_1)}
    with server.http() as http:
        answer = http.post("/v1/qualifications/search", json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_token_itself_is_not_kept(server: Running, bidder: Bidder) -> None:
    token = (await bidder.sign_in()).token
    await bidder.search()
    content = b"".join(server.written())
    assert token.encode() not in content
    assert b"Demo-pass1" not in content
