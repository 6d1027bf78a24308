"""When a verdict stands and what it rests on, with an authority made by hand and what it says already in the database (R-09, R-34)."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from asn1crypto import x509
from cryptography import x509 as made
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID

from ebid_tui.domain.issuers import Issuer
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.errors import EbidError
from ebid_tui.server.pki import trust as module
from ebid_tui.server.pki.obtaining import file_source, ocsp_source
from ebid_tui.server.pki.path import TOLERANCE, NoPath, validate
from ebid_tui.server.settings import RevocationSettings
from ebid_tui.server.store import revocation as kept
from ebid_tui.server.store.migrate import make_ready
from ebid_tui.server.store.revocation import RevocationAnswer, RevocationSource
from ebid_tui.server.store.verdicts import CertificateVerdict
from tests.clock import NOW
from tests.server.pki.conftest import Desk, desk_of
from tests.server.pki.papers import DAY, about, certificate, key, listed, revoked, usage, word
from tests.server.signing import Card

SECOND = timedelta(seconds=1)
ROOTS, SUBS, CARDS, OTHERS = key(), key(), key(), key()
CA = (made.BasicConstraints(True, None), usage("key_cert_sign", "crl_sign"))
SIGNS = usage("digital_signature")
ASKS = made.AuthorityInformationAccess(
    [made.AccessDescription(AuthorityInformationAccessOID.OCSP, made.UniformResourceIdentifier("http://127.0.0.1:9/ocsp"))]
)
ROOT = certificate("ROOT", ROOTS, "ROOT", ROOTS, *CA, begins=NOW - 9 * DAY, ends=NOW + 9 * DAY)
SUB = certificate("SUB", SUBS, "ROOT", ROOTS, *CA, begins=NOW - 5 * DAY, ends=NOW + 5 * DAY)
CARD = certificate("CARD", CARDS, "SUB", SUBS, SIGNS, begins=NOW - 2 * DAY, ends=NOW + 2 * DAY)
OTHER = certificate("OTHER", OTHERS, "SUB", SUBS, SIGNS, begins=NOW - 2 * DAY, ends=NOW + 2 * DAY)
ASKING = certificate("ASKING", CARDS, "SUB", SUBS, SIGNS, ASKS, begins=NOW - 2 * DAY, ends=NOW + 2 * DAY)


def card(of: x509.Certificate = CARD) -> Card:
    return Card(CARDS, of.dump())


@dataclass
class TrustDesk:
    """A server process of a day that stands still."""

    desk: Desk

    async def accept(
        self, of: x509.Certificate = CARD, at: datetime = NOW, chain: tuple[bytes, ...] = (), **rules: Any
    ) -> CertificateVerdict:
        profile = msgspec.structs.replace(profile_of("ise"), trust=TrustRules(**{"revocation": "off"} | rules))
        one = card(of)
        return await self.desk.trust.accept(profile, one.certificate, (one.der, *chain), at)

    async def refuses(self, of: x509.Certificate = CARD, at: datetime = NOW, **rules: Any) -> tuple[str, str]:
        with pytest.raises(EbidError) as caught:
            await self.accept(of, at, **rules)
        return caught.value.code, caught.value.detail

    def knows(self, source: RevocationSource, body: bytes, begins: datetime = NOW - DAY, ends: datetime = NOW + DAY) -> None:
        """An answer, as if it had been asked for."""
        answer = RevocationAnswer(body, hashlib.sha256(body).hexdigest(), begins, ends)
        assert self.desk.direct()(lambda connection: kept.keep(connection, source, answer, NOW))

    def lists(self, *entries: made.RevokedCertificate, by: str = "SUB", begins: datetime = NOW - DAY, ends: datetime = NOW + DAY) -> None:
        issuer, theirs = {"SUB": (SUB, SUBS), "ROOT": (ROOT, ROOTS)}[by]
        self.knows(file_source(issuer), listed(by, theirs, *entries, begins=begins, ends=ends), begins, ends)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[TrustDesk]:
    url = f"sqlite:///{tmp_path / 'ebid.db'}"
    make_ready(url)
    desk = desk_of(url, {"aosign": (ROOT.dump(), SUB.dump())}, RevocationSettings(hosts=("127.0.0.1",), seconds=1.0))
    yield TrustDesk(desk)
    desk.trust.stop()
    desk.store.stop()


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Which certificates the validator was asked about."""
    asked: list[bytes] = []
    real = validate

    async def counted(leaf: x509.Certificate, *rest: Any) -> tuple[x509.Certificate, ...]:
        asked.append(leaf.dump())
        return await real(leaf, *rest)

    monkeypatch.setattr(module, "validate", counted)
    return asked


async def test_r_09_r_34_a_card_from_its_first_second_to_its_last(office: TrustDesk) -> None:
    assert (await office.accept(at=NOW - 2 * DAY)).revocation == "unchecked"
    assert await office.refuses(at=NOW - 2 * DAY - SECOND) == ("R-34", "not_yet")
    assert (await office.refuses(at=NOW + 2 * DAY + SECOND))[0] == "R-09"


@pytest.mark.parametrize("theirs", [rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP521R1())])
async def test_r_34_a_weak_card_is_weak_whoever_signed_it(office: TrustDesk, theirs: Any) -> None:
    weak = certificate("WEAK", theirs, "ELSEWHERE", key(), SIGNS)
    assert await office.refuses(weak) == ("R-34", "weak")
    assert await office.refuses(certificate("CARD", key(), "ELSEWHERE", key(), SIGNS)) == ("R-34", "untrusted")


@pytest.mark.parametrize("task", ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.9", "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.3"])
async def test_r_34_a_card_of_another_task_unless_the_system_names_it(office: TrustDesk, task: str) -> None:
    """serverAuth, OCSPSigning, timeStamping, codeSigning."""
    other = certificate("CARD", CARDS, "SUB", SUBS, SIGNS, made.ExtendedKeyUsage([made.ObjectIdentifier(task)]))
    assert await office.refuses(other) == ("R-34", "other_usage")
    await office.accept(other, extended_key_usages=(task,))


async def test_r_34_a_verdict_ends_with_its_anchor_while_the_server_runs(office: TrustDesk) -> None:
    root = certificate("ROOT", ROOTS, "ROOT", ROOTS, *CA, begins=NOW - DAY, ends=NOW + DAY)
    office.desk.files["aosign"] = (root.dump(), SUB.dump())
    assert (await office.accept()).valid_until == NOW + DAY
    await office.accept(at=NOW + DAY)
    for one in (CARD, OTHER):
        assert await office.refuses(one, at=NOW + DAY + SECOND) == ("R-34", "untrusted")


async def test_r_34_what_a_card_brings_along_is_bounded_before_it_is_read(office: TrustDesk) -> None:
    for brought in (b"\x30\x82\x1f\x40" + b"\x05\x00" * 4000, b"\x30\x80" * 9000, b"", bytes(70_000)):
        with pytest.raises(EbidError, match="R-34"):
            await office.accept(OTHER, chain=(brought,))


@pytest.mark.parametrize("oid", ["2.5.29.31", "1.3.6.1.5.5.7.1.1"], ids=["lists", "responders"])
async def test_r_34_addresses_that_cannot_be_read_are_a_refusal(office: TrustDesk, oid: str) -> None:
    odd = certificate("CARD", CARDS, "SUB", SUBS, SIGNS, made.UnrecognizedExtension(made.ObjectIdentifier(oid), b"\x30\x02\x05\x00"))
    assert await office.refuses(odd, revocation="require") == ("R-34", "untrusted")


async def test_a_verdict_rests_on_the_whole_path_and_ends_with_its_first(office: TrustDesk) -> None:
    verdict = await office.accept()
    assert verdict == CertificateVerdict((ROOT.dump(), SUB.dump(), CARD.dump()), (), (), "unchecked", NOW + 2 * DAY)
    long = certificate("LONG", CARDS, "SUB", SUBS, SIGNS, ends=NOW + 400 * DAY)
    assert (await office.accept(long)).valid_until == NOW + 5 * DAY, "its authority's end"


async def test_a_verdict_is_kept_until_its_end_and_for_one_system(office: TrustDesk) -> None:
    long = certificate("LONG", CARDS, "SUB", SUBS, SIGNS, ends=NOW + 400 * DAY)
    first = await office.accept(long)
    assert await office.accept(long, NOW + 5 * DAY - SECOND) is first
    assert await office.accept(long, NOW + 5 * DAY) is not first
    assert await office.refuses(long, NOW + 5 * DAY + TOLERANCE + SECOND) == ("R-34", "untrusted")
    other = msgspec.structs.replace(profile_of("ise"), id="other", trust=TrustRules(revocation="off"), trusted=())
    one = card(long)
    with pytest.raises(EbidError, match="R-34"):
        await office.desk.trust.accept(other, one.certificate, (one.der,), NOW)


async def test_as_many_verdicts_are_kept_as_may_be(office: TrustDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VERDICTS", 2)
    cards = [certificate(f"CARD {number}", CARDS, "SUB", SUBS, SIGNS) for number in range(3)]
    first, _, third = [await office.accept(one) for one in cards]
    assert await office.accept(cards[2]) is third
    assert await office.accept(cards[0]) is not first
    assert await office.accept(cards[2]) is third, "two are kept"


async def test_the_validator_is_asked_about_the_first_card_of_an_authority_only(office: TrustDesk, judged: list[bytes]) -> None:
    await office.accept()
    assert judged == [CARD.dump()]
    await office.accept(OTHER)
    assert judged == [CARD.dump()]
    third = certificate("THIRD", CARDS, "SUB", SUBS, SIGNS)
    await office.accept(third, chain=(SUB.dump(),))
    assert judged[1:] == [third.dump()], "one that brings its own authorities goes the whole way"


async def test_r_09_along_a_known_way_too_everything_is_looked_up(office: TrustDesk) -> None:
    office.lists(by="ROOT")
    office.lists(revoked(OTHER.serial_number))
    assert (await office.accept(revocation="require")).revocation == "good"
    assert await office.refuses(OTHER, revocation="require") == ("R-09", "revoked")


async def test_r_34_nobody_is_trusted_where_no_authority_is_known(office: TrustDesk) -> None:
    office.desk.files.clear()
    assert await office.refuses(chain=(SUB.dump(), ROOT.dump())) == ("R-34", "untrusted")
    assert await office.refuses(ROOT) == ("R-34", "no_signing")


async def test_r_09_a_list_that_is_newer_ends_a_verdict_and_the_same_one_does_not(office: TrustDesk) -> None:
    office.lists(by="ROOT", ends=NOW + 3 * DAY)
    office.lists()
    first = await office.accept(revocation="require")
    assert (len(first.crls), first.ocsp, first.valid_until) == (2, (), NOW + DAY), "the first end of all that it rests on"
    assert await office.accept(revocation="require") is first
    office.lists(revoked(OTHER.serial_number), begins=NOW - SECOND)
    second = await office.accept(revocation="require")
    assert second is not first
    assert second.revocation == "good"
    office.lists(revoked(CARD.serial_number), begins=NOW)
    assert await office.refuses(revocation="require") == ("R-09", "revoked")
    assert await office.refuses(revocation="record") == ("R-09", "revoked")
    assert (await office.accept(OTHER, revocation="require")).revocation == "good"


async def test_a_revoked_authority_counts_before_its_revoked_card(office: TrustDesk) -> None:
    office.lists(revoked(SUB.serial_number), by="ROOT")
    office.lists(revoked(CARD.serial_number))
    assert await office.refuses(revocation="require") == ("R-34", "revoked_authority")


async def test_a_list_that_was_brought_in_does_until_its_end(office: TrustDesk, caplog: pytest.LogCaptureFixture) -> None:
    office.lists(by="ROOT")
    office.lists(ends=NOW + timedelta(hours=1))
    assert (await office.accept(OTHER, NOW + timedelta(hours=1) - SECOND, revocation="require")).revocation == "good"
    with caplog.at_level("INFO", "ebid_tui"):
        assert (await office.refuses(at=NOW + timedelta(hours=1), revocation="require"))[0] == "E-REVOCATION"
        office.desk.direct()(lambda connection: kept.drop(connection, NOW + 9 * DAY))
        assert (await office.refuses(revocation="require"))[0] == "E-REVOCATION"
    said = [record.getMessage().partition("reason=")[2] for record in caplog.records if record.name == "ebid_tui.server.pki"]
    assert said == ["undetermined: crl file is stale", "undetermined: crl no file; crl no file"]


async def test_whom_to_ask_while_nobody_can_say(office: TrustDesk) -> None:
    with pytest.raises(EbidError) as caught:
        await office.accept(revocation="require")
    assert caught.value.code == "E-REVOCATION"
    assert profile_of("ise").helpdesk.name in caught.value.remedy


@pytest.mark.parametrize(("why", "told"), [("undetermined", "E-REVOCATION"), ("revoked", "R-09"), ("revoked_authority", "R-34")])
async def test_what_the_validator_does_not_take_of_the_lists(
    office: TrustDesk, monkeypatch: pytest.MonkeyPatch, why: Any, told: str
) -> None:
    """Found here, and not by it: it has the last word."""
    office.lists(by="ROOT")
    office.lists()
    real = validate

    async def strict(*asked: Any) -> tuple[x509.Certificate, ...]:
        if asked[-1] is None:
            return await real(*asked)
        raise NoPath(why, "as it says")

    monkeypatch.setattr(module, "validate", strict)
    assert (await office.refuses(revocation="require"))[0] == told
    if told == "E-REVOCATION":
        assert (await office.accept(revocation="record")).revocation == "unavailable"
        assert [event for event, _, _ in office.desk.audited()] == ["revocation-unavailable"]
    else:
        assert (await office.refuses(revocation="record"))[0] == told


async def test_what_is_only_recorded_holds_until_it_is_asked_again(office: TrustDesk) -> None:
    office.lists(by="ROOT", ends=NOW + timedelta(hours=5))
    verdict = await office.accept(revocation="record")
    assert (verdict.path, verdict.revocation) == ((ROOT.dump(), SUB.dump(), CARD.dump()), "unavailable")
    assert len(verdict.crls) == 1
    assert verdict.valid_until == NOW + office.desk.settings.retry
    assert await office.accept(revocation="record") is verdict
    brief = certificate("BRIEF", CARDS, "SUB", SUBS, SIGNS, ends=NOW + SECOND)
    assert (await office.accept(brief, revocation="record")).valid_until == NOW + SECOND


async def test_a_trust_that_has_stopped_judges_no_list(office: TrustDesk) -> None:
    office.lists(by="ROOT")
    office.lists()
    await office.accept(OTHER)
    office.desk.trust.stop()
    with pytest.raises(RuntimeError, match="after shutdown"):
        await office.accept(revocation="require")
    for pool in (office.desk.trust._validating, office.desk.trust._revocations._asking):
        with pytest.raises(RuntimeError, match="after shutdown"):
            pool.submit(int)


async def test_r_09_a_clock_that_is_set_back_brings_no_verdict_back(office: TrustDesk) -> None:
    assert (await office.accept(revocation="record")).revocation == "unavailable"
    office.lists(by="ROOT")
    office.lists(revoked(CARD.serial_number))
    later = NOW + office.desk.settings.retry
    for at in (later, NOW):
        with pytest.raises(EbidError, match="R-09"):
            await office.accept(at=at, revocation="record")


# --- the responder's word


async def test_the_responders_word_does_instead_of_the_list(office: TrustDesk) -> None:
    office.lists(by="ROOT")
    office.lists(revoked(ASKING.serial_number))
    office.knows(ocsp_source("http://127.0.0.1:9/ocsp", ASKING, SUB), said := word(SUBS, SUB, about(ASKING, SUB)))
    verdict = await office.accept(ASKING, revocation="require")
    assert (verdict.revocation, len(verdict.crls), verdict.ocsp) == ("good", 1, (said,))


@pytest.mark.parametrize(("status", "told"), [("revoked", ("R-09", "revoked")), ("unknown", ("R-34", "unknown"))])
async def test_r_09_r_34_a_responder_that_says_no_is_believed(office: TrustDesk, status: str, told: tuple[str, str]) -> None:
    office.lists(by="ROOT")
    office.lists()
    office.knows(ocsp_source("http://127.0.0.1:9/ocsp", ASKING, SUB), word(SUBS, SUB, about(ASKING, SUB, status=status)))
    for rule in ("require", "record"):
        assert await office.refuses(ASKING, revocation=rule) == told


# --- who is refused by its issuer


@pytest.mark.parametrize("service", ["", "試験用サービス"])
async def test_r_23_a_refused_card_is_named_by_its_service_or_its_authority(
    office: TrustDesk, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    refused = Issuer(id="x", name="試験用の認証局", service=service, kind="refused", rule="R-23", words=("SUB",))

    class Table:
        def find(self, _: str) -> Issuer:
            return refused

    monkeypatch.setattr("ebid_tui.domain.rules.known_issuers", Table)
    with pytest.raises(EbidError) as caught:
        await office.accept()
    assert caught.value.code == "R-23"
    assert (service or "試験用の認証局") in caught.value.title + caught.value.remedy
