"""When an anchor counts, and for which names: its period, its usage, its constraints, its path length (R-34; RFC 5280, 4.2.1.10, 6.1)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import pytest
from asn1crypto import x509
from cryptography import x509 as made
from cryptography.x509.oid import NameOID

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.server.pki.anchors import MOST_SUBTREES, UnusedAnchor, fault, unused
from ebid_tui.server.pki.path import PATHS, TOLERANCE, NoPath, validate
from ebid_tui.server.pki.trust import Trust
from ebid_tui.server.settings import RevocationSettings
from tests.clock import NOW
from tests.server.pki.papers import DAY, certificate, key, named, usage

SECOND = timedelta(seconds=1)
ROOTS, SUBS, CARDS = key(), key(), key()
CA = (made.BasicConstraints(True, None), usage("key_cert_sign", "crl_sign"))
EARLY, LATE = NOW - 400 * DAY, NOW + 400 * DAY
SUB = certificate("SUB", SUBS, "ROOT", ROOTS, *CA, begins=EARLY, ends=LATE)
CARD = certificate("CARD", CARDS, "SUB", SUBS, usage("digital_signature"), begins=EARLY, ends=LATE)
MAIL = made.SubjectAlternativeName([made.RFC822Name("taro@good.example")])


def root(*extensions: made.ExtensionType, begins: datetime = NOW - 9 * DAY, ends: datetime = NOW + 9 * DAY) -> x509.Certificate:
    return certificate("ROOT", ROOTS, "ROOT", ROOTS, *(extensions or CA), begins=begins, ends=ends)


def only(permitted: Sequence[made.GeneralName] | None = None, excluded: Sequence[made.GeneralName] | None = None) -> made.NameConstraints:
    return made.NameConstraints(permitted, excluded)


def directory(text: str) -> made.DirectoryName:
    return made.DirectoryName(named(text))


def why(
    *anchors: x509.Certificate, card: x509.Certificate = CARD, between: Sequence[x509.Certificate] = (SUB,), now: datetime = NOW
) -> str:
    """Why there is no path; empty where there is one."""
    try:
        asyncio.run(validate(card, between, anchors, TrustRules(), now, None))
    except NoPath as error:
        return error.why
    return ""


def test_r_34_an_anchor_counts_from_its_first_second_to_its_last() -> None:
    anchor = root(begins=NOW - DAY, ends=NOW + DAY)
    for now, told in ((NOW - DAY - SECOND, "not_yet"), (NOW - DAY, ""), (NOW + DAY, ""), (NOW + DAY + SECOND, "expired")):
        assert fault(anchor, now) == (told or None)
        assert why(anchor, now=now) == ("untrusted" if told else "")
    assert TOLERANCE > SECOND, "which is for what lies below"


def test_a_renewed_anchor_of_the_same_key_counts_beside_the_one_that_has_ended() -> None:
    ended, renewed = root(ends=NOW - SECOND), root()
    assert why(ended, renewed) == why(renewed, ended) == ""
    assert why(ended) == "untrusted"


@pytest.mark.parametrize(
    ("extensions", "told"),
    [
        ((made.BasicConstraints(False, None),), "no_ca"),
        ((usage("key_cert_sign"),), "no_ca"),
        ((made.BasicConstraints(True, None), usage("crl_sign")), "no_ca"),
        ((*CA, made.UnrecognizedExtension(made.ObjectIdentifier("2.5.29.30"), b"\x05\x00")), "unreadable"),
        ((*CA, made.UnrecognizedExtension(made.ObjectIdentifier("2.5.29.30"), bytes.fromhex("300aa0083006820161800101"))), "constraints"),
        ((*CA, only([made.RegisteredID(made.ObjectIdentifier("1.2.3"))])), "constraints"),
        ((*CA, only([made.OtherName(made.ObjectIdentifier("1.2.3"), b"\x05\x00")])), "constraints"),
        ((*CA, only([made.DNSName(f"d{n}.example") for n in range(MOST_SUBTREES + 1)])), "constraints"),
        ((made.UnrecognizedExtension(made.ObjectIdentifier("2.5.29.19"), b"\x04\x00"),), "unreadable"),
        ((*CA, only([made.DNSName(f"d{n}.example") for n in range(MOST_SUBTREES)])), ""),
        ((made.BasicConstraints(True, None),), ""),
    ],
)
def test_r_34_what_is_no_authoritys_or_cannot_be_applied_does_not_count(extensions: Sequence[made.ExtensionType], told: str) -> None:
    anchor = root(*extensions)
    assert fault(anchor, NOW) == (told or None)
    assert why(anchor) == ("untrusted" if told else "")


@pytest.mark.parametrize(
    ("constraints", "told"),
    [
        (only([directory("CARD"), directory("SUB")]), ""),
        (only([directory("ELSEWHERE")]), "names"),
        (only(None, [directory("CARD")]), "names"),
        (only(None, [directory("ELSEWHERE")]), ""),
        (only([made.RFC822Name("good.example")]), ""),
        (only([made.RFC822Name("bad.example")]), "names"),
        (only(None, [made.RFC822Name("taro@good.example")]), "names"),
        (only([made.DNSName("elsewhere.example")]), ""),
    ],
)
def test_r_34_the_names_an_authority_may_speak_for(constraints: made.NameConstraints, told: str) -> None:
    """Of an anchor, and of an authority below it, alike."""
    card = certificate("CARD", CARDS, "SUB", SUBS, usage("digital_signature"), MAIL)
    assert why(root(*CA, constraints), card=card) == told
    assert why(root(), card=card, between=(certificate("SUB", SUBS, "ROOT", ROOTS, *CA, constraints),)) == told


def test_r_34_how_many_authorities_may_follow_below_an_anchor() -> None:
    none = root(made.BasicConstraints(True, 0), usage("key_cert_sign"))
    assert why(none) == "untrusted"
    assert why(root(made.BasicConstraints(True, 1), usage("key_cert_sign"))) == ""
    assert why(none, card=certificate("CARD", CARDS, "ROOT", ROOTS, usage("digital_signature"))) == ""


def test_what_does_not_count_is_told_at_the_start_and_a_system_without_any_is_told_as_well(caplog: pytest.LogCaptureFixture) -> None:
    ended, soon, good = root(ends=NOW - SECOND), root(begins=NOW + DAY), root()
    files = {"aosign": (ended.dump(), good.dump()), "toinx": (soon.dump(),)}
    assert list(unused(files, NOW)) == [
        UnusedAnchor("aosign", ended.sha256.hex(), "expired"),
        UnusedAnchor("toinx", soon.sha256.hex(), "not_yet"),
    ]
    trust = Trust(files, None, RevocationSettings())  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING, "ebid_tui.server.pki"):
        trust.tell(NOW)
    assert [record.getMessage().split()[3:5] for record in caplog.records] == [
        ["authority=aosign", "reason=expired"],
        ["authority=toinx", "reason=not_yet"],
    ]
    for trusted, at, stranded in ((("aosign", "toinx"), NOW, False), (("toinx",), NOW, True), (("aosign",), NOW + 9 * DAY, False)):
        profile = msgspec.structs.replace(profile_of("ise"), trusted=trusted)
        assert trust.stranded(profile, at) is stranded
    aosign = msgspec.structs.replace(profile_of("ise"), trusted=("aosign",))
    assert trust.stranded(aosign, NOW + 9 * DAY + SECOND), "an anchor that ends while the server runs"
    assert not trust.stranded(msgspec.structs.replace(aosign, trusted=("diacert",)), NOW), "of whom nobody has put an anchor there"
    trust.stop()


# --- whatever reading raises is a verdict


def deep(levels: int) -> bytes:
    """SEQUENCEs in each other, DER."""
    inside = b""
    for _ in range(levels):
        size = len(inside)
        length = bytes((size,)) if size < 0x80 else bytes((0x82,)) + size.to_bytes(2, "big")
        inside = b"\x30" + length + inside
    return inside


def test_r_34_a_name_that_nobody_can_compare_is_a_refusal() -> None:
    """The validator raises NotImplementedError for an address under a constraint on addresses."""
    from ipaddress import IPv4Address, IPv4Network

    card = certificate(
        "CARD", CARDS, "SUB", SUBS, usage("digital_signature"), made.SubjectAlternativeName([made.IPAddress(IPv4Address("192.0.2.1"))])
    )
    constraint = only([made.IPAddress(IPv4Network("192.0.2.0/24"))])
    assert why(root(), card=card, between=(certificate("SUB", SUBS, "ROOT", ROOTS, *CA, constraint),)) == "untrusted"
    assert why(root(*CA, constraint), card=card) == "untrusted"
    assert why(root(*CA, constraint)) == "", "where nobody has an address it asks for nothing"


def test_r_34_what_is_nested_beyond_all_measure_is_a_refusal() -> None:
    """Reading it raises RecursionError, which is a refusal at the path, and is never come to from outside (`domain/der.py`)."""
    other = made.SubjectAlternativeName([made.OtherName(made.ObjectIdentifier("1.2.3.4"), deep(5000))])
    card = certificate("CARD", CARDS, "SUB", SUBS, usage("digital_signature"), other)
    assert why(root(), card=card) == "untrusted"


def test_as_many_ways_to_an_anchor_are_tried_as_may_be() -> None:
    """Authorities of one name that certify each other make a factorial of ways."""
    keys = [key() for _ in range(5)]
    again = [certificate("ROOT", one, "ROOT", other, *CA) for one in keys for other in keys if one is not other]
    card = certificate("CARD", CARDS, "ROOT", keys[0], usage("digital_signature"))
    assert why(root(), card=card, between=again[: PATHS * 2]) == "untrusted"


def test_the_directory_name_of_a_card_is_compared_as_names_are() -> None:
    """Case and spaces play no part (RFC 5280, 7.1)."""
    spelt = made.DirectoryName(made.Name([made.NameAttribute(NameOID.ORGANIZATION_NAME, "  card ")]))
    assert why(root(*CA, only(None, [spelt]))) == "names"
