"""Certificates, spoilt in every way: read, or refused as unreadable; whatever is read can be shown, chosen and judged."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given

from ebid_tui.card import choice
from ebid_tui.card.choice import Choice
from ebid_tui.card.pkcs11.keys import chain_of, keys_of
from ebid_tui.card.refused_cards import refuse_issuer
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import rules
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.issuers import known_issuers
from ebid_tui.errors import CardError, CardGarbled, CertificateUnreadable, RuleError
from tests.card.plastic import CertificateAuthority
from tests.clock import NOW
from tests.fuzz.bounds import bounded, cheap, small
from tests.fuzz.mutants import FOREVER, mutants, nodes, replaced, whole


class Key:
    def __init__(self, der: bytes) -> None:
        self.der = der


def everything(found: Certificate) -> None:
    """All that screens, flows and the server make of it."""
    assert found.serial_decimal
    assert found.serial_hex
    assert len(found.not_after_text) == 10
    found.days_left(NOW)
    found.expired(NOW)
    assert found.algorithm in (None, "RS256", "ES256", "ES384")
    assert found.card_holder.keys() == {"company", "company_address", "person", "address"}
    assert found.record.fingerprint == found.fingerprint
    known_issuers().find(found.issuer)
    shown = (found.issuer, found.subject, *found.card_holder.values())
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for text in shown for c in text), "it could move a terminal's cursor"
    with contextlib.suppress(RuleError):
        rules.refuse_unusable(found, NOW)
    with contextlib.suppress(RuleError):
        rules.refuse_issuer(found.issuer, ["test-ca"])


def tried(der: bytes) -> None:
    with contextlib.suppress(CertificateUnreadable):
        found = certificates.read(der)
        everything(found)
        with contextlib.suppress(CardError):
            refuse_issuer(found)
    with contextlib.suppress(CardGarbled):
        choice.read(der)
    with contextlib.suppress(CardError):
        Choice(frozenset({"test-ca"}), now=NOW).of([Key(der), Key(whole()[0])])
    listed = {"der": base64.b64encode(der).decode(), "id": "01", "private": True, "public": True}
    good = listed | {"der": base64.b64encode(whole()[0]).decode()}
    opened = {"certificates": [listed, good], "private_keys": True, "public_keys": True}
    opened["mechanisms"] = ["ECDSA", "SHA256_RSA_PKCS"]
    for key in keys_of(opened):
        chain_of(key, opened)
    with contextlib.suppress(CardGarbled):
        keys_of(opened | {"certificates": [listed]})


@bounded
@given(mutants(whole()))
def test_any_certificate_is_read_or_refused(der: bytes) -> None:
    with cheap():
        tried(der)


def test_one_without_an_end_is_shown() -> None:
    """RFC 5280, 4.1.2.5: 99991231235959Z, which is the year 10000 in Japan."""
    found = certificates.read(CertificateAuthority(now=NOW).certificate("p256", not_after=FOREVER))
    assert found.not_after_text == "9999/12/31"
    assert not found.expired(NOW)


@pytest.mark.parametrize(
    "inside", [b"\x7f" + b"\xff" * 60_000, b"\x81" * 60_000 + b"\x01", b"\x30\x80" * 30_000, b"\x05" * 60_000], ids=lambda i: i[:2].hex()
)
def test_what_is_made_to_be_slow_is_not(inside: bytes) -> None:
    """Huge serial numbers, OIDs, depths and counts, in every place of a certificate."""
    der = whole()[0]
    for number, (start, content, end) in enumerate(nodes(der)):
        if end - content > 64:
            continue
        size = len(inside)
        item = der[start : start + 1] + b"\x82" + size.to_bytes(2, "big") + inside
        with cheap() if number % 15 else small():
            tried(replaced(der, start, end, item))


@pytest.mark.parametrize("version", [1, 3, 127])
def test_a_version_that_there_is_not_is_unreadable(version: int) -> None:
    der = whole()[0]
    spoilt = der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a0030201") + bytes((version,)), 1)
    assert spoilt != der
    tried(spoilt)
