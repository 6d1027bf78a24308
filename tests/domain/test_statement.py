"""What a card signs: the same content gives the same bytes, and other bytes are not taken for it."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain.records import CardCertificate
from ebid_tui.domain.statement import ProtectedHeader, SignIn, Statement, b64, check_value, now, payload, protected, signing_input, unb64

AT = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
CARD = CardCertificate(
    fingerprint="ab" * 32, serial="683", issuer="OU=TEST CA,O=TEST CA,C=JP", not_after=datetime(2028, 2, 29, 14, 59, 59, tzinfo=UTC)
)
STATEMENT = Statement(
    operation="registration",
    system="ise",
    agency="ise",
    category="construction",
    origin="https://bid.example",
    nonce="bm9uY2U",
    issued_at=AT,
    vendor="1000000001",
    blocks={"company": {"name": "テスト工事業者０１", "phone": "000-0000-001"}, "card_contact": {"person": "個人　十郎"}},
    card=CARD,
    holder_confirmed=False,
)
SIGN_IN = SignIn(system="ise", origin="https://bid.example", nonce="bm9uY2U", issued_at=AT)

SIGNED = (
    '{"v":1,"operation":"registration","system":"ise","agency":"ise","category":"construction","origin":"https://bid.example",'
    '"nonce":"bm9uY2U","issued_at":"2026-04-01T09:30:00Z","vendor":"1000000001",'
    '"blocks":{"company":{"name":"テスト工事業者０１","phone":"000-0000-001"},"card_contact":{"person":"個人　十郎"}},'
    '"card":{"fingerprint":"' + "ab" * 32 + '","serial":"683","issuer":"OU=TEST CA,O=TEST CA,C=JP","not_after":"2028-02-29T14:59:59Z"},'
    '"holder_confirmed":false,"propagate":false}'
)


def test_the_payload_of_a_registration_is_exactly_this() -> None:
    """Evidence is verified for years: a change here needs a new version number."""
    assert unb64(payload(STATEMENT)).decode() == SIGNED


def test_the_payload_of_a_sign_in_is_exactly_this() -> None:
    assert unb64(payload(SIGN_IN)).decode() == (
        '{"v":1,"operation":"sign_in","system":"ise","origin":"https://bid.example","nonce":"bm9uY2U","issued_at":"2026-04-01T09:30:00Z"}'
    )


@pytest.mark.parametrize("statement", [STATEMENT, SIGN_IN])
def test_what_is_read_back_is_what_was_signed(statement: Statement | SignIn) -> None:
    read = msgspec.json.decode(unb64(payload(statement)), type=type(statement))
    assert read == statement
    assert payload(read) == payload(statement)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("v", 2),
        ("operation", "renewal"),
        ("system", None),
        ("issued_at", "yesterday"),
        ("holder_confirmed", "no"),
        ("extra", 1),
        ("blocks", []),
    ],
)
def test_another_shape_is_not_read(key: str, value: Any) -> None:
    content = json.loads(SIGNED) | {key: value}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps(content), type=Statement)


def test_any_change_of_a_value_changes_payload_and_check_value() -> None:
    other = msgspec.structs.replace(STATEMENT, blocks={**STATEMENT.blocks, "card_contact": {"person": "個人十郎"}})
    assert payload(other) != payload(STATEMENT)
    assert check_value(payload(other)) != check_value(payload(STATEMENT))


def test_the_check_value_is_sixteen_digits_of_the_payloads_hash() -> None:
    part = payload(STATEMENT)
    assert check_value(part) == hashlib.sha256(SIGNED.encode()).hexdigest()[:16]
    assert len(check_value(part)) == 16


def test_the_check_value_of_no_payload_is_refused() -> None:
    with pytest.raises(ValueError, match=r".+"):
        check_value("not base64url!")


@given(st.binary(max_size=200))
def test_b64_is_what_the_rfc_says(data: bytes) -> None:
    text = b64(data)
    assert text == base64.urlsafe_b64encode(data).decode().rstrip("=")
    assert unb64(text) == data


@given(st.text(alphabet="AQgw-_+/=\n 0あ", max_size=12))
def test_unb64_takes_one_form_only(text: str) -> None:
    """Two texts for the same bytes would be two check values for one signature."""
    try:
        data = unb64(text)
    except ValueError:
        return
    assert b64(data) == text


@pytest.mark.parametrize("text", ["QQ==", "QR", "Q", "+/8", "QQ\n", " QQ", "Q Q", "あ", "QQ.QQ"])
def test_unb64_refuses_what_b64_does_not_write(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        unb64(text)


@pytest.mark.parametrize("alg", ["RS256", "ES256", "ES384"])
@pytest.mark.parametrize("role", ["card", "current", "new"])
def test_the_header_names_algorithm_type_role_and_certificate(alg: Any, role: Any) -> None:
    part = protected(alg, role, b"\x30\x82\xff\xfe")
    assert json.loads(unb64(part)) == {"alg": alg, "typ": "ebid-statement+json", "role": role, "x5c": ["MIL//g=="]}
    assert msgspec.json.decode(unb64(part), type=ProtectedHeader).role == role


def test_the_authorities_above_a_card_go_with_it_as_far_as_a_header_takes_them() -> None:
    header = json.loads(unb64(protected("RS256", "card", b"leaf", [b"1", b"2", b"3", b"4"])))
    assert [base64.b64decode(one) for one in header["x5c"]] == [b"leaf", b"1", b"2", b"3"]


def test_what_is_signed_is_header_and_payload() -> None:
    assert signing_input("cGF5bG9hZA", "aGVhZGVy") == b"aGVhZGVy.cGF5bG9hZA"


def test_the_time_of_issue_is_utc_in_whole_seconds() -> None:
    assert now().tzinfo is UTC
    assert now().microsecond == 0
