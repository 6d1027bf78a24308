"""The short cut along a way that is known: each reason to leave a card to the validator, by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import algos, crl, x509
from cryptography import x509 as made
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.server.pki import known_paths as module
from ebid_tui.server.pki import path as paths
from ebid_tui.server.pki.known_paths import KnownPaths
from tests.clock import NOW
from tests.server.pki.papers import DAY, Key, certificate, key, listed, named, otherwise

SECOND = timedelta(seconds=1)
ROOTS, SUBS, CARDS = key(), key(), key()
ROOT = certificate("ROOT", ROOTS, "ROOT", ROOTS, begins=NOW - 9 * DAY, ends=NOW + 9 * DAY)
SUB = certificate("SUB", SUBS, "ROOT", ROOTS, begins=NOW - 3 * DAY, ends=NOW + 3 * DAY)
FIRST = certificate("FIRST", key(), "SUB", SUBS)
NEXT = certificate("NEXT", CARDS, "SUB", SUBS, begins=NOW - 2 * DAY, ends=NOW + 2 * DAY)
ODD = made.UnrecognizedExtension(made.ObjectIdentifier("1.2.3"), b"\x05\x00")
NAMES = made.NameConstraints([made.DirectoryName(named("SUB"))], None)


def learnt(*path: x509.Certificate, rules: TrustRules | None = None) -> KnownPaths:
    ways = KnownPaths((path or (ROOT,))[:1], rules or TrustRules())
    ways.learn(path or (ROOT, SUB, FIRST))
    return ways


def card(theirs: Key = CARDS, *extensions: made.ExtensionType, by: Key = SUBS, name: str = "NEXT", **dates: Any) -> bytes:
    der: bytes = certificate(name, theirs, "SUB", by, *extensions, **dates).dump()
    return der


def test_the_next_card_by_the_same_authority() -> None:
    along = learnt().along(NEXT.dump(), NOW)
    assert along is not None
    assert along.der == (ROOT.dump(), SUB.dump(), NEXT.dump())
    assert [one.dump() for one in along.way.path] == [ROOT.dump(), SUB.dump()]
    assert (along.ends, along.way.begins, along.way.ends) == (NOW + 2 * DAY, NOW - 3 * DAY, NOW + 3 * DAY)
    longer = learnt().along(card(begins=NOW - 20 * DAY, ends=NOW + 20 * DAY), NOW)
    assert longer is not None
    assert longer.ends == NOW + 3 * DAY, "the first end on the path"


@pytest.mark.parametrize(
    ("der", "begins", "ends"),
    [(NEXT.dump(), NOW - 2 * DAY, NOW + 2 * DAY), (card(begins=NOW - 20 * DAY, ends=NOW + 20 * DAY), NOW - 3 * DAY, NOW + 3 * DAY)],
)
def test_from_the_first_second_of_all_to_the_last(der: bytes, begins: Any, ends: Any) -> None:
    ways = learnt()
    for at, found in ((begins, True), (ends, True), (begins - SECOND, False), (ends + SECOND, False)):
        assert (ways.along(der, at) is not None) == found


@pytest.mark.parametrize("theirs", [rsa.generate_private_key(65537, 2048), key(), ec.generate_private_key(ec.SECP384R1())])
def test_strong_keys(theirs: Key) -> None:
    assert learnt().along(card(theirs), NOW)
    assert paths.strong_key(x509.Certificate.load(card(theirs)).public_key)


@pytest.mark.parametrize(
    "theirs",
    [
        rsa.generate_private_key(65537, 1024),
        rsa.generate_private_key(65537, 2040),
        ec.generate_private_key(ec.SECP224R1()),
        ec.generate_private_key(ec.SECP521R1()),
        ec.generate_private_key(ec.SECP256K1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
)
def test_weak_ones(theirs: Any) -> None:
    assert learnt().along(card(theirs), NOW) is None
    assert not paths.strong_key(x509.Certificate.load(card(theirs)).public_key)


def test_a_key_of_which_nothing_can_be_read_is_weak() -> None:
    broken = x509.Certificate.load(card()).public_key.copy()
    broken["algorithm"]["parameters"] = None
    assert not paths.strong_key(broken)
    assert not paths.strong_hash(algos.SignedDigestAlgorithm({"algorithm": "1.2.3.4"})), "it names no hash"


def test_strong_hashes() -> None:
    body = listed("CA", ROOTS)
    for hashed, strong in ((hashes.SHA1(), False), (hashes.SHA256(), True)):
        algorithm = crl.CertificateList.load(otherwise(body, ROOTS, hashed))["signature_algorithm"]
        assert paths.strong_hash(algorithm) is strong


@pytest.mark.parametrize("hashed", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512(), hashes.SHA224()])
def test_signed_with_a_strong_hash(hashed: Any) -> None:
    builder = (
        made.CertificateBuilder(named("SUB"), named("NEXT"), CARDS.public_key(), 5).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    )
    der = builder.sign(SUBS, hashed).public_bytes(serialization.Encoding.DER)
    assert (learnt().along(der, NOW) is not None) == (hashed.name != "sha224")


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30\x00",
        NEXT.dump() + b"\0",
        card(by=ROOTS),
        card(CARDS, ODD),
        card(CARDS, NAMES),
        card(ROOTS),
        card(name="SUB"),
        certificate("NEXT", CARDS, "ELSEWHERE", SUBS).dump(),
        card(CARDS, made.AuthorityKeyIdentifier(b"another", None, None)),
    ],
)
def test_what_is_left_to_the_validator(der: bytes) -> None:
    assert learnt().along(der, NOW) is None


def test_nothing_is_learnt_where_more_than_the_last_step_decides() -> None:
    restrained = certificate("ROOT", ROOTS, "ROOT", ROOTS, NAMES)
    odd = certificate("SUB", SUBS, "ROOT", ROOTS, ODD)
    ordinary = certificate("SUB", SUBS, "ROOT", ROOTS, made.BasicConstraints(True, None), made.SubjectKeyIdentifier(b"k"))
    assert learnt(ROOT, ordinary, FIRST).along(NEXT.dump(), NOW)
    assert learnt(restrained, SUB, FIRST).along(NEXT.dump(), NOW) is None
    assert learnt(ROOT, odd, FIRST).along(NEXT.dump(), NOW) is None
    for rules in (TrustRules(policies=("1.2.3",)), TrustRules(explicit_policy=True)):
        assert learnt(rules=rules).along(NEXT.dump(), NOW) is None
    broken = x509.Certificate.load(FIRST.dump()[:-1] + b"\0")
    assert learnt(ROOT, SUB, broken).along(NEXT.dump(), NOW), "a signature is the validator's business"
    assert KnownPaths((), TrustRules()).along(NEXT.dump(), NOW) is None


def test_what_cannot_be_read_is_not_learnt() -> None:
    ways = learnt()
    ways.learn((ROOT, x509.Certificate.load(b"\x30\x00"), FIRST))
    assert ways.along(NEXT.dump(), NOW), "and what was learnt before is kept"


def test_what_a_card_says_of_its_own_key_makes_it_no_other_authoritys() -> None:
    theirs = made.AuthorityKeyIdentifier(b"sub", None, None)
    first, second, other = (
        certificate(name, CARDS, "SUB", SUBS, made.SubjectKeyIdentifier(name.encode()), identifier)
        for name, identifier in (("FIRST", theirs), ("NEXT", theirs), ("NEXT", made.AuthorityKeyIdentifier(b"other", None, None)))
    )
    ways = learnt(ROOT, SUB, first)
    assert ways.along(second.dump(), NOW)
    assert ways.along(other.dump(), NOW) is None


def test_not_every_way_that_ever_was_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PATHS", 2)
    ways = learnt()
    for number in range(4):
        theirs = key()
        sub = certificate(f"SUB {number}", theirs, "ROOT", ROOTS)
        ways.learn((ROOT, sub, certificate("FIRST", key(), f"SUB {number}", theirs)))
        assert 1 <= len(ways._known) <= 2
        assert ways.along(certificate("NEXT", CARDS, f"SUB {number}", theirs).dump(), NOW)
        assert (ways.along(NEXT.dump(), NOW) is not None) == (number == 0), "what is dropped is learnt again when it comes"
