"""Why there is no path, one reason at a time: the validator's, and what is stricter here (RFC 5280, section 6; R-09, R-34)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto import crl, x509
from cryptography import x509 as made
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.server.pki.path import TOLERANCE, NoPath, validate
from tests.clock import NOW
from tests.server.pki.papers import DAY, Key, certificate, key, listed, named, revoked, usage

SECOND = timedelta(seconds=1)
ROOTS, SUBS = key(), key()
CA = (made.BasicConstraints(True, None), usage("key_cert_sign", "crl_sign"))
ROOT = certificate("ROOT", ROOTS, "ROOT", ROOTS, *CA)
SUB = certificate("SUB", SUBS, "ROOT", ROOTS, *CA)
CARD = certificate("CARD", key(), "SUB", SUBS, usage("digital_signature"))


def path(
    leaf: x509.Certificate = CARD,
    between: Sequence[x509.Certificate] = (SUB,),
    anchor: x509.Certificate = ROOT,
    lists: Sequence[bytes] | None = None,
    now: datetime = NOW,
    **rules: Any,
) -> tuple[x509.Certificate, ...]:
    said: tuple[Sequence[crl.CertificateList], tuple[()]] | None = None
    if lists is not None:
        said = [crl.CertificateList.load(one) for one in lists], ()
    return asyncio.run(validate(leaf, between, (anchor,), TrustRules(**rules), now, said))


def why(*asked: Any, **options: Any) -> tuple[str, str]:
    with pytest.raises(NoPath) as caught:
        path(*asked, **options)
    return caught.value.why, str(caught.value)


def signed(subject: str, theirs: Key, issuer: str, by: Key, hashed: Any, *extensions: made.ExtensionType) -> x509.Certificate:
    builder = made.CertificateBuilder(named(issuer), named(subject), theirs.public_key(), 7)
    builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return x509.Certificate.load(builder.sign(by, hashed).public_bytes(serialization.Encoding.DER))


def test_the_path_anchor_first() -> None:
    assert path() == (ROOT, SUB, CARD)
    assert path(lists=[listed("ROOT", ROOTS), listed("SUB", SUBS)]) == (ROOT, SUB, CARD)


@pytest.mark.parametrize("weak", [rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP521R1())])
def test_r_34_a_weak_key_anywhere_on_it(weak: Any) -> None:
    root = certificate("ROOT", weak, "ROOT", weak, *CA)
    sub = certificate("SUB", weak, "ROOT", ROOTS, *CA)
    card = certificate("CARD", weak, "SUB", SUBS, usage("digital_signature"))
    assert why(anchor=root, between=(certificate("SUB", SUBS, "ROOT", weak, *CA),))[0] == "weak"
    assert why(certificate("CARD", key(), "SUB", weak, usage("digital_signature")), (sub,))[0] == "weak"
    assert why(card) == ("weak", "weak: key")


def test_r_34_a_weak_hash_counts_but_in_the_anchors_own_signature() -> None:
    weak = hashes.SHA224()
    assert why(signed("CARD", key(), "SUB", SUBS, weak, usage("digital_signature"))) == ("weak", "weak: hash")
    assert why(between=(signed("SUB", SUBS, "ROOT", ROOTS, weak, *CA),)) == ("weak", "weak: hash")
    assert len(path(anchor=signed("ROOT", ROOTS, "ROOT", ROOTS, weak, *CA))) == 3


def test_r_34_an_anchor_is_no_card_and_a_stranger_has_no_path() -> None:
    assert why(ROOT) == ("untrusted", "untrusted: an anchor is no card")
    other = key()
    assert why(anchor=certificate("OTHER", other, "OTHER", other, *CA))[0] == "untrusted"
    assert why(between=())[0] == "untrusted"
    assert why(certificate("CARD", key(), "SUB", key(), usage("digital_signature")))[0] == "untrusted"


@pytest.mark.parametrize(("which", "end"), [("card", NOW + DAY), ("authority", NOW + DAY / 2)])
def test_r_34_it_ends_a_minute_after_its_first_end(which: str, end: datetime) -> None:
    sub = SUB if which == "card" else certificate("SUB", SUBS, "ROOT", ROOTS, *CA, ends=end)
    root = certificate("ROOT", ROOTS, "ROOT", ROOTS, *CA, ends=NOW + 9 * DAY)
    assert path(between=(sub,), anchor=root, now=end + TOLERANCE)
    assert why(between=(sub,), anchor=root, now=end + TOLERANCE + SECOND)[0] == "untrusted"


def test_r_34_the_systems_policies() -> None:
    ours, any_ = (made.CertificatePolicies([made.PolicyInformation(made.ObjectIdentifier(oid), None)]) for oid in ("1.2.3", "2.5.29.32.0"))
    sub = certificate("SUB", SUBS, "ROOT", ROOTS, *CA, ours)
    card = certificate("CARD", key(), "SUB", SUBS, usage("digital_signature"), ours)
    assert path(card, (sub,), policies=("1.2.3",))
    assert why(card, (sub,), policies=("1.2.4",))[0] == "policy"
    assert why(CARD, (sub,), policies=("1.2.3",))[0] == "policy"
    assert path(card, (sub,), explicit_policy=True)
    assert why(explicit_policy=True)[0] == "policy"
    anything = certificate("SUB", SUBS, "ROOT", ROOTS, *CA, any_)
    assert path(card, (anything,), policies=("1.2.3",))
    assert why(card, (anything,), policies=("1.2.3",), any_policy=False)[0] == "policy"


def test_r_34_an_authority_may_say_that_anothers_policy_is_its_own_where_the_system_lets_it() -> None:
    one, another = (made.CertificatePolicies([made.PolicyInformation(made.ObjectIdentifier(oid), None)]) for oid in ("1.2.3", "1.2.4"))
    mapping = made.UnrecognizedExtension(made.ObjectIdentifier("2.5.29.33"), bytes.fromhex("300a3008 06022a03 06022a04"))
    sub = certificate("SUB", SUBS, "ROOT", ROOTS, *CA, one, mapping)
    card = certificate("CARD", key(), "SUB", SUBS, usage("digital_signature"), another)
    assert path(card, (sub,), policies=("1.2.3",))
    assert why(card, (sub,), policies=("1.2.3",), policy_mapping=False)[0] == "policy"


def test_r_09_who_is_revoked() -> None:
    good, theirs = listed("ROOT", ROOTS), listed("SUB", SUBS)
    assert why(lists=[good, listed("SUB", SUBS, revoked(CARD.serial_number))])[0] == "revoked"
    assert why(lists=[listed("ROOT", ROOTS, revoked(SUB.serial_number)), theirs])[0] == "revoked_authority"
    ahead = revoked(CARD.serial_number, at=NOW + 9 * DAY)
    assert why(lists=[good, listed("SUB", SUBS, ahead)])[0] == "revoked", "whatever date the list gives"


def test_what_nobody_says_anything_about_is_undetermined() -> None:
    assert why(lists=[listed("ROOT", ROOTS)])[0] == "undetermined"
    assert why(lists=[])[0] == "undetermined"
    assert path(lists=None)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_r_34_of_every_altered_byte_a_reason_and_no_crash() -> None:
    der = CARD.dump()
    reasons = set()
    for at in range(4, len(der)):
        try:
            path(x509.Certificate.load(der[:at] + bytes([der[at] ^ 0x81]) + der[at + 1 :]))
        except NoPath as error:
            reasons.add(error.why)
    assert reasons <= {"untrusted", "weak", "policy"}
    assert "untrusted" in reasons
