"""Whose signatures a statement carries, and why it is refused, without a server around it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ebid_tui.domain import statement
from ebid_tui.domain.statement import Role, Signature, Signed, SignIn, Statement
from ebid_tui.errors import ServerError
from ebid_tui.server.decisions import accepting
from ebid_tui.server.evidence import statements
from tests.clock import NOW
from tests.server.signing import Authority, Card

CONTENT = SignIn(system="ise", origin="https://office.example", nonce="n", issued_at=NOW)
PAYLOAD = statement.payload(CONTENT)
AUTHORITY = Authority(now=NOW)
ONE, OTHER = (AUTHORITY.card("試験建設", f"個人　{n}郎") for n in "一二")
TWIN = AUTHORITY.card("試験建設", "個人　一郎", ONE.key)
BOTH: tuple[Role, Role] = ("current", "new")


def signed(*by: tuple[Card, Role], payload: str = PAYLOAD) -> Signed:
    return Signed(payload, tuple(card.signature(payload, role) for card, role in by))


def why(whole: Signed, roles: Sequence[Role] = ("card",)) -> str:
    with pytest.raises(ServerError) as caught:
        statements.verify(whole, roles)
    assert caught.value.code == "E-SIGNATURE"
    return caught.value.detail


@pytest.mark.parametrize(
    "key",
    [
        lambda: rsa.generate_private_key(65537, 2048),
        lambda: ec.generate_private_key(ec.SECP256R1()),
        lambda: ec.generate_private_key(ec.SECP384R1()),
    ],
)
def test_every_kind_of_key(key: Callable[[], Any]) -> None:
    card = AUTHORITY.card("試験建設", "個人　一郎", key())
    (signer,) = statements.verify(signed((card, "card")), ("card",))
    assert (signer.role, signer.certificate.fingerprint, signer.chain) == ("card", card.fingerprint, (card.der,))


def test_two_cards_in_the_order_of_their_roles() -> None:
    signers = statements.verify(signed((ONE, "current"), (OTHER, "new")), BOTH)
    assert [(signer.role, signer.chain) for signer in signers] == [("current", (ONE.der,)), ("new", (OTHER.der,))]
    assert why(signed((OTHER, "new"), (ONE, "current")), BOTH) == "roles"
    assert why(signed((ONE, "current"), (ONE, "new")), BOTH) == "same certificate"
    assert why(signed((ONE, "current"), (TWIN, "new")), BOTH) == "same key"
    assert why(signed((ONE, "current")), BOTH) == "signatures"
    assert why(signed((ONE, "card"), (OTHER, "card"))) == "signatures"


def test_each_signature_is_by_its_own_card_over_this_payload() -> None:
    foreign = Signature(ONE.signature(PAYLOAD).protected, OTHER.signature(PAYLOAD).signature)
    assert why(Signed(PAYLOAD, (foreign,))) == "signature"
    assert why(Signed(statement.payload(msgspec.structs.replace(CONTENT, nonce="m")), (ONE.signature(PAYLOAD),))) == "signature"
    second = Signature(OTHER.signature(PAYLOAD, "new").protected, ONE.signature(PAYLOAD, "new").signature)
    assert why(Signed(PAYLOAD, (ONE.signature(PAYLOAD, "current"), second)), BOTH) == "signature"


def headed(card: Card = ONE, **header: object) -> Signed:
    return Signed(PAYLOAD, (card.signature(PAYLOAD, "card", **header),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"jwk": {}}, "header"),
        ({"x5c": ["!"]}, "header"),
        ({"x5c": []}, "x5c"),
        ({"x5c": [base64.b64encode(b"\x30\x00").decode()]}, "certificate"),
        ({"alg": "ES384"}, "alg"),
    ],
)
def test_a_header_that_is_none_of_ours(header: dict[str, Any], reason: str) -> None:
    assert why(headed(**header)) == reason


def test_a_chain_is_as_long_as_it_may_be() -> None:
    der = base64.b64encode(ONE.der).decode()
    (signer,) = statements.verify(headed(x5c=[der] * statement.LONGEST_CHAIN), ("card",))
    assert signer.chain == (ONE.der,) * statement.LONGEST_CHAIN
    assert why(headed(x5c=[der] * (statement.LONGEST_CHAIN + 1))) == "x5c"


@pytest.mark.parametrize("key", [ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP521R1())])
def test_a_key_that_no_card_of_ours_has(key: Any) -> None:
    odd = AUTHORITY.card("試験建設", "個人　一郎", key)
    assert why(headed(x5c=[base64.b64encode(odd.der).decode()])) == "key"


def test_what_is_inside_is_of_one_kind() -> None:
    assert statements.content(Signed(PAYLOAD, ()), SignIn) == CONTENT
    for payload, kind in ((PAYLOAD, Statement), ("!", SignIn), (statement.b64(b"{"), SignIn)):
        with pytest.raises(ServerError, match="E-SIGNATURE") as caught:
            statements.content(Signed(payload, ()), kind)  # type: ignore[type-var]
        assert caught.value.detail == "payload"


# --- JSON that every program reads alike (RFC 8259 section 4, RFC 8785)

ODD: dict[str, Callable[[bytes], bytes]] = {
    "a member twice": lambda raw: b'{"v":1,' + raw[1:],
    "a member twice, in the card": lambda raw: raw.replace(b'"issuer":', b'"issuer":"other","issuer":'),
    "a member twice, spelt with an escape": lambda raw: raw[:-1] + b',"\\u0076":1}',
    "1.0": lambda raw: raw.replace(b'"v":1', b'"v":1.0'),
    "1e0": lambda raw: raw.replace(b'"v":1', b'"v":1e0'),
    "true": lambda raw: raw.replace(b'"v":1', b'"v":true'),
    "a second value": lambda raw: raw + raw,
    "bytes behind": lambda raw: raw + b"\0",
    "a line end behind": lambda raw: raw + b"\n",
    "a space before": lambda raw: b" " + raw,
    "a byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "UTF-16": lambda raw: raw.decode().encode("utf-16-le"),
    "no UTF-8": lambda raw: raw.replace(b"ise", b"is\xe9"),
    "half a pair": lambda raw: raw.replace(b"ise", b"is\\ud800"),
    "a member that nobody knows": lambda raw: raw[:-1] + b',"more":"1"}',
    "one in the card": lambda raw: raw.replace(b'"issuer":', b'"more":"1","issuer":'),
}


@pytest.mark.parametrize("change", ODD.values(), ids=ODD)
def test_what_was_signed_is_read_in_one_way_or_not_at_all(change: Callable[[bytes], bytes]) -> None:
    whole = confirmed()
    assert statements.content(whole, Statement).vendor == "1000000001"
    raw = statement.unb64(whole.payload)
    assert change(raw) != raw
    payload = statement.b64(change(raw))
    with pytest.raises(ServerError, match="E-SIGNATURE"):
        statements.content(Signed(payload, (ONE.signature(payload),)), Statement)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: b'{"role":"new",' + raw[1:],
        lambda raw: raw[:-1] + b',"x5c":[]}',
        lambda raw: raw[:-1] + b',"crit":["b64"],"b64":false}',
        lambda raw: raw + b" {}",
        lambda raw: raw + b" ",
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b'"card"', b'"card","v":1.0'),
    ],
)
def test_a_header_is_read_in_one_way_or_not_at_all(change: Callable[[bytes], bytes]) -> None:
    protected = statement.b64(change(statement.unb64(ONE.signature(PAYLOAD).protected)))
    made = Signature(protected, statement.b64(ONE.sign(statement.signing_input(PAYLOAD, protected))))
    assert why(Signed(PAYLOAD, (made,))) == "header"


@pytest.mark.parametrize(
    "change", [lambda b64: b64 + "=", lambda b64: b64 + "==", lambda b64: b64[:-1] + " " + b64[-1:], lambda b64: b64 + "\n"]
)
def test_a_signature_is_written_in_one_way(change: Callable[[str], str]) -> None:
    good = ONE.signature(PAYLOAD)
    assert why(Signed(PAYLOAD, (Signature(good.protected, change(good.signature)),))) == "signature"


# --- of this server and of this time


def test_a_statement_is_for_this_server_and_of_this_quarter_of_an_hour() -> None:
    skew, second = timedelta(minutes=15), timedelta(seconds=1)
    settings: Any = SimpleNamespace(origins=("https://a", "https://b"), now=lambda: NOW, statement_skew=skew)
    for at in (NOW - skew, NOW, NOW + skew):
        accepting.check_circumstances(settings, "https://b", at)
    for origin, at, code in (
        ("https://c", NOW, "E-ORIGIN"),
        ("https://a", NOW.replace(tzinfo=None), "E-SIGNATURE"),
        ("https://a", NOW - skew - second, "E-CLOCK"),
        ("https://a", NOW + skew + second, "E-CLOCK"),
    ):
        with pytest.raises(ServerError) as caught:
            accepting.check_circumstances(settings, origin, at)
        assert caught.value.code == code


def understanding(whole: Signed, card: Card = ONE, **other: Any) -> Any:
    settings = SimpleNamespace(origins=("https://office.example", "https://also.example"), now=lambda: NOW, statement_skew=NOW - NOW)
    profile = SimpleNamespace(rules=SimpleNamespace(propagation=other.pop("propagation", True)))
    services: Any = SimpleNamespace(settings=settings, profile=lambda _: profile)
    session: Any = SimpleNamespace(**{"fingerprint": card.fingerprint, "system": "ise", "origin": "https://office.example"} | other)
    return accepting.understood(services, session, whole, SimpleNamespace(), Statement, "amendment", ("card",))  # type: ignore[arg-type]


def confirmed(**changes: Any) -> Signed:
    plain: dict[str, Any] = {
        "operation": "amendment", "system": "ise", "agency": "ise", "category": "construction", "vendor": "1000000001", "blocks": {},
        "origin": "https://office.example", "nonce": "n", "issued_at": NOW, "card": ONE.certificate.record, "holder_confirmed": False,
    }  # fmt: skip
    return signed((ONE, "card"), payload=statement.payload(Statement(**plain | changes)))


def test_what_the_sessions_card_confirmed_for_this_operation_is_understood() -> None:
    for propagate in (True, False):
        whole = confirmed(propagate=propagate)
        made = understanding(whole)
        assert (made.said.propagate, made.signed, made.signers[0].chain) == (propagate, whole, (ONE.der,))
        assert (made.vendor.system, made.vendor.number) == ("ise", "1000000001")
    assert understanding(confirmed(), propagation=False)


@pytest.mark.parametrize(
    ("changes", "session", "refusal"),
    [
        ({}, {"fingerprint": OTHER.fingerprint}, ("E-SIGNATURE", "another card")),
        ({"operation": "registration"}, {}, ("E-SIGNATURE", "operation")),
        ({"system": "saitama"}, {}, ("E-SIGNATURE", "operation")),
        ({"origin": "https://elsewhere.example"}, {}, ("E-ORIGIN", "origin")),
        ({"origin": "https://also.example"}, {}, ("E-ORIGIN", "origin")),
        ({"propagate": True}, {"propagation": False}, ("E-STATEMENT", "propagate")),
    ],
)
def test_what_was_confirmed_for_something_else(changes: dict[str, Any], session: dict[str, Any], refusal: tuple[str, str]) -> None:
    with pytest.raises(ServerError) as caught:
        understanding(confirmed(**changes), **session)
    assert (caught.value.code, caught.value.detail) == refusal


@pytest.mark.parametrize("key", [None, "", "1234567", "x" * 129, "12345678\n", "1234 5678", "１２３４５６７８"])
def test_a_request_without_a_key_is_not_taken(key: str | None) -> None:
    session: Any = SimpleNamespace(owner="f")
    with pytest.raises(ServerError, match="E-KEY-MISSING"):
        accepting.repeat_of(session, key, confirmed())
    for good in ("12345678", "~" * 128):
        assert accepting.repeat_of(session, good, confirmed()).key == good


def test_under_a_key_the_same_comes_again_and_nothing_else() -> None:
    session: Any = SimpleNamespace(owner="f")
    receipt: Any = SimpleNamespace()
    whole = confirmed()
    repeat: Any = accepting.repeat_of(session, "12345678", whole)
    other: Any = accepting.repeat_of(session, "12345678", confirmed(vendor="1000000002"))
    assert accepting.given_before(None, repeat) is None
    assert accepting.given_before((accepting.repeat_of(session, "12345678", whole).body_hash, receipt), repeat) is receipt
    with pytest.raises(ServerError, match="E-KEY-REUSED"):
        accepting.given_before((other.body_hash, receipt), repeat)  # type: ignore[arg-type]


def test_a_renewal_keeps_both_cards_and_the_new_one_first() -> None:
    both = signed((ONE, "current"), (OTHER, "new"))
    kept = accepting.as_evidence(SimpleNamespace(signers=statements.verify(both, BOTH), signed=both, verdicts=()))  # type: ignore[arg-type]
    assert (kept.certificate, kept.previous_certificate, kept.statement) == (OTHER.der, ONE.der, msgspec.json.encode(both).decode())
    alone = signed((ONE, "card"))
    kept = accepting.as_evidence(SimpleNamespace(signers=statements.verify(alone, ("card",)), signed=alone, verdicts=()))  # type: ignore[arg-type]
    assert (kept.certificate, kept.previous_certificate) == (ONE.der, None)


def test_numbers_that_the_server_gives() -> None:
    """企業ID has 16 digits and no zero in front; a receipt's number is eight letters that nobody takes for others."""
    profile: Any = SimpleNamespace(typed_company=lambda _category, values: values, rules=SimpleNamespace(company_id=True))
    known: Any = SimpleNamespace(details=SimpleNamespace(company_id=None))
    given = [accepting.details(profile, "", known, {}).company_id or "" for _ in range(300)]
    assert all(len(one) == 16 and one.isdigit() and one[0] != "0" for one in given)
    assert {one[0] for one in given} == set("123456789")
    assert len(set(given)) == len(given)
    known.details.company_id = "kept"
    assert accepting.details(profile, "", known, {}).company_id == "kept"
    profile.rules.company_id, known.details.company_id = False, None
    assert accepting.details(profile, "", known, {}).company_id is None
    numbers = [accepting.new_id("ISE") for _ in range(200)]
    assert all(one.startswith("ISE-") and len(one) == 12 for one in numbers)
    assert set("".join(one[4:] for one in numbers)) == set(accepting.LETTERS)
    assert not set(accepting.LETTERS) & set("01OILU")
