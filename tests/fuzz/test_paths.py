"""Spoilt certificates that an authority has signed all the same, through the server's whole acceptance: a verdict, and nothing else.

The card's own, and that of the authority between, which the card brings along. Signed anew, so that what is spoilt is read
further than the signature; with the addresses and answers of real ones, so that it is looked up as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest
from asn1crypto import x509
from cryptography import x509 as made
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.errors import CertificateUnreadable, EbidError
from ebid_tui.server.pki.obtaining import file_source
from ebid_tui.server.pki.trust import Trust
from ebid_tui.server.settings import RevocationSettings
from ebid_tui.server.store import revocation as kept
from ebid_tui.server.store.engine import reading_engine, writing_engine
from ebid_tui.server.store.migrate import make_ready
from ebid_tui.server.store.revocation import RevocationAnswer, RevocationSource
from ebid_tui.server.store.transactions import direct
from ebid_tui.server.store.writer import Store
from tests.clock import NOW
from tests.fuzz.bounds import bounded, cheap
from tests.fuzz.mutants import by_byte, by_structure, length
from tests.server.pki.papers import DAY, certificate, key, listed, named, usage

ROOTS, SUBS, CARDS = key(), key(), key()
CA = (made.BasicConstraints(True, None), usage("key_cert_sign", "crl_sign"))
POINT = made.DistributionPoint([made.UniformResourceIdentifier("http://127.0.0.1:9/list.crl")], None, None, None)
LISTS = made.CRLDistributionPoints([POINT])
POLICY = made.CertificatePolicies([made.PolicyInformation(made.ObjectIdentifier("1.2.3"), ["text"])])
NAMES = made.SubjectAlternativeName(
    [made.RFC822Name("a@good.example"), made.DirectoryName(named("CARD")), made.OtherName(made.ObjectIdentifier("1.2.3"), b"\x05\x00")]
)
CONSTRAINTS = made.NameConstraints(None, [made.RFC822Name("bad.example")])
EXTENDED = made.ExtendedKeyUsage([made.ObjectIdentifier("1.3.6.1.5.5.7.3.2")])
ROOT = certificate("ROOT", ROOTS, "ROOT", ROOTS, *CA)
SUB = certificate(
    "SUB", SUBS, "ROOT", ROOTS, *CA, LISTS, POLICY, CONSTRAINTS, made.PolicyConstraints(5, 5)
)  # fmt: skip
CARD = certificate("CARD", CARDS, "SUB", SUBS, usage("digital_signature"), EXTENDED, NAMES, POLICY, LISTS)
SYSTEM = msgspec.structs.replace(profile_of("ise"), trust=TrustRules(revocation="require", extended_key_usages=("1.3.6.1.5.5.7.3.1",)))


def signed(tbs: bytes, by: ec.EllipticCurvePrivateKey) -> bytes:
    """A certificate around anything."""
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    signature = b"\x00" + by.sign(tbs, ec.ECDSA(hashes.SHA256()))
    inside = tbs + algorithm + b"\x03" + length(len(signature)) + signature
    return b"\x30" + length(len(inside)) + inside


def spoilt(one: x509.Certificate, by: ec.EllipticCurvePrivateKey) -> st.SearchStrategy[bytes]:
    tbs = (one["tbs_certificate"].dump(),)
    return st.one_of(by_structure(tbs), by_byte(tbs)).map(lambda found: signed(found, by))


class Judge:
    """A server process that knows what both authorities say."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        make_ready(url)
        engine = writing_engine(url)
        for name, theirs, issuer in (("ROOT", ROOTS, ROOT), ("SUB", SUBS, SUB)):
            answer = RevocationAnswer(listed(name, theirs), name, NOW - DAY, NOW + DAY)
            direct(engine)(partial(self._known, file_source(issuer), answer))
        self.store = Store(engine, reading_engine(url))
        self.store.start()
        self.trust = Trust({"aosign": (ROOT.dump(),)}, self.store, RevocationSettings(hosts=("127.0.0.1",), seconds=0.5))

    @staticmethod
    def _known(source: RevocationSource, answer: RevocationAnswer, connection: Connection) -> bool:
        return kept.keep(connection, source, answer, NOW)

    def judged(self, card: bytes, *brought: bytes) -> str:
        """`good`, or the code of the refusal. Anything else that is raised is the finding."""
        try:
            read = certificates.read(card)
        except CertificateUnreadable as error:
            return error.code
        self.trust._verdicts.clear()
        try:
            with cheap():
                return self.runner.run(self.trust.accept(SYSTEM, read, (card, *brought), NOW)).revocation
        except EbidError as error:
            return error.code


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    path: Path = tmp_path_factory.mktemp("judge") / "ebid.db"
    made_one = Judge(f"sqlite:///{path}")
    yield made_one
    made_one.trust.stop()
    made_one.store.stop()
    made_one.runner.close()


VERDICTS = {"good", "R-34", "R-09", "R-23", "E-CERT", "E-REVOCATION"}


def test_a_whole_one_is_good(judge: Judge) -> None:
    assert judge.judged(CARD.dump(), SUB.dump()) == "good"
    assert judge.judged(signed(CARD["tbs_certificate"].dump(), SUBS), SUB.dump()) == "good"


@pytest.mark.filterwarnings("ignore")
@bounded
@given(spoilt(CARD, SUBS))
def test_r_34_a_spoilt_card_that_its_authority_signed_is_a_verdict(judge: Judge, card: bytes) -> None:
    assert judge.judged(card, SUB.dump()) in VERDICTS


@pytest.mark.filterwarnings("ignore")
@bounded
@given(spoilt(SUB, ROOTS))
def test_r_34_a_spoilt_authority_that_a_trusted_one_signed_is_a_verdict(judge: Judge, between: bytes) -> None:
    assert judge.judged(CARD.dump(), between) in VERDICTS
