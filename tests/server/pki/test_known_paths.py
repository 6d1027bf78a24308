"""The short cut along a way that is known says yes to nothing that the whole validation refuses (RFC 5280, section 6.1)."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from asn1crypto import x509

from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.server.pki.known_paths import KnownPaths
from ebid_tui.server.pki.path import NoPath, validate
from tests.clock import NOW
from tests.server.pki import pkits
from tests.server.signing import Authority

RULES = TrustRules()


@pytest.fixture(scope="module")
def directory() -> pkits.Directory:
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.ERROR)
    return pkits.Directory()


def path(directory: pkits.Directory, leaf: x509.Certificate, rules: TrustRules = RULES) -> tuple[x509.Certificate, ...] | None:
    """By the whole validation; None where there is none."""
    try:
        return asyncio.run(validate(leaf, directory.around(leaf)[0], (directory.anchor,), rules, pkits.NOW, None))
    except NoPath:
        return None


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_on_the_whole_suite_it_agrees_with_the_validator(directory: pkits.Directory) -> None:
    ways, found = KnownPaths((directory.anchor,), RULES), {}
    for name, leaf in sorted(directory.certificates.items()):
        found[name] = path(directory, leaf)
        if (members := found[name]) is not None:
            ways.learn(members)
    yes = {name for name, leaf in directory.certificates.items() if ways.along(leaf.dump(), pkits.NOW) is not None}
    assert [name for name in sorted(yes) if found[name] is None] == []
    assert len(yes) >= 60
    assert "ValidCertificatePathTest1EE" in yes


@pytest.mark.parametrize("rules", [TrustRules(policies=(pkits.P1,)), TrustRules(explicit_policy=True)])
def test_where_policies_decide_it_says_nothing(directory: pkits.Directory, rules: TrustRules) -> None:
    leaf = directory.certificates["ValidCertificatePathTest1EE"]
    members, ways = path(directory, leaf, rules), KnownPaths((directory.anchor,), rules)
    assert members is not None
    ways.learn(members)
    assert ways.along(leaf.dump(), pkits.NOW) is None


def learnt(authority: Authority) -> KnownPaths:
    """The ways of an authority that has issued a card before."""
    anchor, leaf = (x509.Certificate.load(der) for der in (authority.der, authority.card("試験建設", "個人　一郎").der))
    ways = KnownPaths((anchor,), RULES)
    ways.learn(asyncio.run(validate(leaf, (), (anchor,), RULES, NOW, None)))
    return ways


def test_the_next_card_of_an_authority_is_found_with_the_same_path() -> None:
    authority = Authority(now=NOW)
    der = authority.card("試験工業", "個人　二郎").der
    along = learnt(authority).along(der, NOW)
    assert along is not None
    assert along.der == (authority.der, der)
    leaf, anchor = x509.Certificate.load(der), x509.Certificate.load(authority.der)
    assert along.ends == min(leaf.not_valid_after, anchor.not_valid_after)
    assert asyncio.run(validate(leaf, (), (anchor,), RULES, NOW, None))[-1].dump() == der


def test_not_another_authority_of_the_same_name_and_not_before_or_after_its_time() -> None:
    authority = Authority(now=NOW)
    ways, der = learnt(authority), authority.card("試験工業", "個人　二郎").der
    leaf = x509.Certificate.load(der)
    assert ways.along(Authority(now=NOW).card("試験工業", "個人　二郎").der, NOW) is None
    assert ways.along(der, leaf.not_valid_after + timedelta(seconds=1)) is None
    assert ways.along(der, leaf.not_valid_before - timedelta(seconds=1)) is None
    assert ways.along(authority.der, NOW) is None


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_no_altered_byte_is_taken_that_the_validator_does_not_take() -> None:
    authority = Authority(now=NOW)
    ways, der = learnt(authority), authority.card("試験工業", "個人　二郎").der
    altered = [der[:at] + bytes([der[at] ^ bit]) + der[at + 1 :] for at in range(len(der)) for bit in (0x01, 0x80)]
    taken = [other for other in altered if ways.along(other, NOW)]
    # How many bits of the signature's last byte are none of it: nobody's reader minds that.
    assert len(taken) <= 1
    for other in taken:
        assert asyncio.run(validate(x509.Certificate.load(other), (), (x509.Certificate.load(authority.der),), RULES, NOW, None))
