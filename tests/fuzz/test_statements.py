"""Signed statements, spoilt in every way: verified, or refused as E-SIGNATURE."""

from __future__ import annotations

import base64
import contextlib
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain import statement
from ebid_tui.domain.statement import RenewalStatement, Signature, Signed, SignIn, Statement
from ebid_tui.errors import ServerError
from ebid_tui.server.evidence import statements
from tests.card.plastic import private_key
from tests.clock import NOW
from tests.fuzz.bounds import bounded, cheap
from tests.fuzz.mutants import authority, by_byte, by_structure, whole
from tests.server.signing import Card

PAYLOAD = statement.payload(SignIn(system="ise", origin="https://office.example", nonce="n", issued_at=NOW))


def good() -> Signed:
    card = Card(private_key("p256", ""), authority().certificate("p256"))
    return Signed(PAYLOAD, (card.signature(PAYLOAD),))


GOOD = good()
EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
POINT = bytes.fromhex("03420004")
texts = st.one_of(st.text(max_size=30), st.binary(max_size=60).map(statement.b64))
ders = st.one_of(by_structure(whole()), by_byte(whole()))


def header(der: bytes, **changes: Any) -> str:
    members = {"alg": "ES256", "typ": statement.TYPE, "role": "card", "x5c": [base64.b64encode(der).decode()]} | changes
    return statement.b64(msgspec.json.encode(members))


spoilt = st.one_of(
    st.just(GOOD.signatures[0].protected),
    texts,
    by_byte((statement.unb64(GOOD.signatures[0].protected),)).map(statement.b64),
    st.builds(lambda der, alg: header(der, alg=alg), ders, st.sampled_from(["ES256", "RS256", "ES384", "none"])),
    st.builds(lambda chain: header(b"", x5c=chain), st.lists(st.text(max_size=12), max_size=6)),
)
signatures = st.builds(Signature, spoilt, st.one_of(st.just(GOOD.signatures[0].signature), texts))
payloads = st.one_of(st.just(PAYLOAD), texts, by_byte((statement.unb64(PAYLOAD),)).map(statement.b64))


def refused_by_its_code(work: Any) -> None:
    code = "E-SIGNATURE"
    try:
        work()
    except ServerError as error:
        code = error.code
    assert code == "E-SIGNATURE"


def test_the_good_one_is_taken() -> None:
    assert statements.verify(GOOD, ["card"])
    assert statements.content(GOOD, SignIn)


@bounded
@given(st.builds(Signed, payloads, st.lists(signatures, max_size=3).map(tuple)))
def test_any_statement_is_verified_or_refused(signed: Signed) -> None:
    with cheap():
        for roles in (("card",), ("current", "new")):
            refused_by_its_code(lambda roles=roles: statements.verify(signed, roles))
        for kind in (SignIn, Statement, RenewalStatement):
            refused_by_its_code(lambda kind=kind: statements.content(signed, kind))


@bounded
@given(st.one_of(st.text(max_size=50), st.binary(max_size=50).map(lambda data: data.decode("latin-1"))))
def test_base64url_is_read_or_a_valueerror(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert statement.b64(statement.unb64(text)) == text


def test_a_key_that_nobody_knows_is_refused() -> None:
    """Its certificate can be read; of what kind its key is, or where on its curve, cannot."""
    der = whole()[1]
    for spoilt in (der.replace(EC_PUBLIC_KEY, EC_PUBLIC_KEY[:-1] + b"\x7f"), der.replace(POINT, POINT[:-1] + b"\x05")):
        assert spoilt != der
        for alg in ("ES256", "RS256"):
            with pytest.raises(ServerError) as refused:
                statements.verify(Signed(PAYLOAD, (Signature(header(spoilt, alg=alg), "AAAA"),)), ("card",))
            assert refused.value.code == "E-SIGNATURE"


@pytest.mark.parametrize("curve", [ec.SECP521R1(), ec.SECP256K1(), ec.BrainpoolP256R1()], ids=lambda curve: curve.name)
def test_a_curve_that_is_not_taken_is_refused(curve: ec.EllipticCurve) -> None:
    key = ec.generate_private_key(curve)
    builder = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(x509.Name([])).public_key(key.public_key())
    certificate = builder.serial_number(1).not_valid_before(NOW).not_valid_after(NOW).sign(key, hashes.SHA256())
    for alg in ("ES256", "ES384"):
        signed = Signed(PAYLOAD, (Signature(header(certificate.public_bytes(Encoding.DER), alg=alg), "AAAA"),))
        with pytest.raises(ServerError) as refused:
            statements.verify(signed, ("card",))
        assert refused.value.code == "E-SIGNATURE"
