"""Strength, policies and shape of the path, with an authority of our own (R-34)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from ebid_tui.errors import RuleError, ServerError
from tests.clock import STARTED
from tests.server.pki.conftest import Desk
from tests.server.pki.local_ca import AUTHORITY, CARD, POLICY, Authority, LocalCa
from tests.server.signing import Card

P256 = ec.SECP256R1()
Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512


async def refused(desk: Desk, card: Card, *chain: bytes) -> tuple[str, str]:
    with pytest.raises(RuleError) as caught:
        await desk.accept(card, *chain)
    assert caught.value.title
    return caught.value.code, caught.value.detail


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)])


def certificate(
    subject: str, key: Any, issuer: str, issuer_key: Any, *, ca: bool, hashed: Hash | None = None, sign_usage: bool = True
) -> bytes:
    usage = dict.fromkeys("content_commitment key_encipherment data_encipherment key_agreement encipher_only decipher_only".split(), False)
    usage |= {"digital_signature": sign_usage and not ca, "key_cert_sign": ca, "crl_sign": ca, "key_encipherment": not sign_usage}
    builder = (
        x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), x509.random_serial_number())
        .not_valid_before(STARTED - timedelta(days=1))
        .not_valid_after(STARTED + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
    )
    without = isinstance(issuer_key, ed25519.Ed25519PrivateKey)
    return builder.sign(issuer_key, None if without else hashed or hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


KEYS: dict[str, Callable[[], Any]] = {
    "RSA-1024": lambda: rsa_key(1024),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
    "P-224": lambda: ec.generate_private_key(ec.SECP224R1()),
    "DSA": lambda: dsa.generate_private_key(2048),
    "Ed25519": lambda: ed25519.Ed25519PrivateKey.generate(),
}


@pytest.fixture
def off(desk: Desk) -> Desk:
    """Without revocation: only the path."""
    desk.rules["revocation"] = "off"
    return desk


def trusts(desk: Desk, *ders: bytes) -> None:
    desk.files["aosign"] = ders


@pytest.mark.parametrize("kind", KEYS)
async def test_a_weak_authority_vouches_for_nobody(off: Desk, kind: str) -> None:
    authority, key = KEYS[kind](), ec.generate_private_key(P256)
    trusts(off, certificate("AOSign", authority, "AOSign", authority, ca=True))
    card = Card(key, certificate("TEST", key, "AOSign", authority, ca=False))
    assert await refused(off, card) == ("R-34", "weak")


@pytest.mark.parametrize("kind", KEYS)
async def test_a_weak_card_is_none(off: Desk, kind: str) -> None:
    authority, key = ec.generate_private_key(P256), KEYS[kind]()
    trusts(off, certificate("AOSign", authority, "AOSign", authority, ca=True))
    card = Card(key, certificate("TEST", key, "AOSign", authority, ca=False))
    assert await refused(off, card) == ("R-34", "weak")


@pytest.mark.parametrize(
    "make", [lambda: rsa_key(2048), lambda: ec.generate_private_key(P256), lambda: ec.generate_private_key(ec.SECP384R1())]
)
async def test_a_strong_path_is_one(off: Desk, make: Callable[[], Any]) -> None:
    authority, key = make(), make()
    trusts(off, certificate("AOSign", authority, "AOSign", authority, ca=True, hashed=hashes.SHA384()))
    card = Card(key, certificate("TEST", key, "AOSign", authority, ca=False, hashed=hashes.SHA512()))
    assert (await off.accept(card)).revocation == "unchecked"


@pytest.mark.parametrize("where", ["card", "between"])
@pytest.mark.parametrize("hashed", ["sha1", "sha224"])
async def test_a_weak_hash_anywhere_below_the_anchor(off: Desk, ca: LocalCa, where: str, hashed: str) -> None:
    sub = Authority(ca.directory / "weak", "AOSign Sub")
    theirs = serialization.load_pem_private_key((sub.directory / "ca.key").read_bytes(), None)
    assert isinstance(theirs, ec.EllipticCurvePrivateKey)
    between = der_of(ca.root.sign(theirs, "/C=JP/O=AOSign TEST/CN=AOSign Sub", AUTHORITY, hashed if where == "between" else "sha256"))
    key = ec.generate_private_key(P256)
    card = Card(key, der_of(sub.sign(key, "/C=JP/O=TEST/CN=TEST", CARD, hashed if where == "card" else "sha256")))
    trusts(off, ca.root.der)
    assert await refused(off, card, between) == ("R-34", "weak")


def der_of(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)


async def test_a_card_that_may_not_sign(off: Desk) -> None:
    authority, key = ec.generate_private_key(P256), ec.generate_private_key(P256)
    trusts(off, certificate("AOSign", authority, "AOSign", authority, ca=True))
    card = Card(key, certificate("TEST", key, "AOSign", authority, ca=False, sign_usage=False))
    assert await refused(off, card) == ("R-34", "no_signing")


async def test_r_34_what_a_card_brings_along_is_never_an_anchor(off: Desk, ca: LocalCa) -> None:
    stranger, key = ec.generate_private_key(P256), ec.generate_private_key(P256)
    itself = certificate("AOSign Root", stranger, "AOSign Root", stranger, ca=True)
    card = Card(key, certificate("TEST", key, "AOSign Root", stranger, ca=False))
    assert await refused(off, card, itself) == ("R-34", "untrusted")
    assert await refused(off, card, b"\x30\x03\x02\x01\x01") == ("R-34", "untrusted")
    assert ca.web.asked == []


async def test_a_strangers_card_makes_the_server_ask_nobody(desk: Desk, ca: LocalCa) -> None:
    """Only addresses in what a trusted authority signed are asked."""
    stranger = Authority(ca.directory / "stranger", "AOSign Sub")
    key = ec.generate_private_key(P256)
    made = stranger.sign(key, "/C=JP/O=TEST/CN=TEST", f"keyUsage=digitalSignature\ncrlDistributionPoints=URI:{ca.web.url('/sub.crl')}\n")
    card = Card(key, der_of(made))
    assert await refused(desk, card) == ("R-34", "untrusted")
    assert ca.web.asked == []


async def test_an_anchor_is_no_card(off: Desk) -> None:
    key = ec.generate_private_key(P256)
    itself = certificate("AOSign", key, "AOSign", key, ca=False)
    trusts(off, itself)
    assert await refused(off, Card(key, itself)) == ("R-34", "untrusted")


async def test_an_issuing_authority_may_come_with_the_card(off: Desk, ca: LocalCa) -> None:
    trusts(off, ca.root.der)
    card = ca.card()
    assert await refused(off, card) == ("R-34", "untrusted")
    assert (await off.accept(card, ca.sub.der)).path == (ca.root.der, ca.sub.der, card.der)


async def test_an_issuing_authority_alone_is_an_anchor(off: Desk, ca: LocalCa) -> None:
    trusts(off, ca.sub.der)
    card = ca.card()
    assert (await off.accept(card)).path == (ca.sub.der, card.der)


async def test_the_systems_policies(off: Desk, ca: LocalCa) -> None:
    card, other = ca.card(extensions=f"certificatePolicies={POLICY}\n"), ca.card()
    off.rules["policies"] = (POLICY,)
    await off.accept(card)
    assert await refused(off, other) == ("R-34", "policy")
    off.rules["policies"] = ("1.2.3.4",)
    off.trust._verdicts.clear()  # a profile does not change under a server
    assert await refused(off, card) == ("R-34", "policy")
    off.rules["policies"] = ()
    await off.accept(other)
    off.rules["explicit_policy"] = True
    off.trust._verdicts.clear()
    await off.accept(card)
    assert await refused(off, other) == ("R-34", "policy")


async def test_a_refusal_leaves_no_name_in_the_log(off: Desk, ca: LocalCa, caplog: pytest.LogCaptureFixture) -> None:
    key = ec.generate_private_key(P256)
    card = Card(key, certificate("SECRET HOLDER", key, "SECRET HOLDER", key, ca=False))
    with caplog.at_level("DEBUG"):
        await refused(off, card)
        off.rules["revocation"] = "require"
        ca.web.down("/sub.crl")
        with pytest.raises(ServerError):
            await off.accept(ca.card(company="SECRET HOLDER"))
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("ebid_tui")]
    assert ours == ["refused system=ise reason=untrusted", "refused system=ise reason=undetermined: crl http 503,crl no file"]
    assert "SECRET" not in caplog.text
