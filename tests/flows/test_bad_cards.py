"""Cards that cannot be used are refused with a true reason before their PIN is asked; of several certificates one is chosen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from ebid_tui.demo.virtual_card import SlotKey, VirtualCard
from ebid_tui.flows.card import HeldCard, WantedCard, seen_card, unlocked_card
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Nav, PinRequest, Question
from tests.card.plastic import PIN, CertificateAuthority, Usage, private_key
from tests.domain.test_certificate_names import KEY, as_sha1, certificate, used_for
from tests.flows.conftest import Desk
from tests.flows.script import ScriptUi, outcome

NOW = datetime(2026, 11, 21, tzinfo=UTC)
WEAK = rsa.generate_private_key(65537, 1024).public_key()
SUBJECT = x509.Name.from_rfc4514_string("CN=Juro,O=Test,C=JP")

BAD: dict[str, tuple[bytes, str, str]] = {
    "sha1": (as_sha1(certificate(SUBJECT)), "R-34", "sha1"),
    "rsa1024": (certificate(SUBJECT, key=WEAK), "R-34", "RSA-1024"),
    "critical": (certificate(SUBJECT, extension=("1.2.3.4", True)), "R-34", "1.2.3.4"),
    "not yet": (certificate(SUBJECT, not_before=NOW + timedelta(days=1)), "R-34", "2026/11/22"),
    "no usage": (CertificateAuthority(now=NOW).certificate("p256", usage=None), "R-34", "keyUsage"),
    "enciphers": (CertificateAuthority(now=NOW).certificate("p256", usage=Usage(signature=False, encipherment=True)), "R-34", "電子証明書"),
    "expired": (CertificateAuthority(now=NOW).certificate("p256", not_before=NOW - timedelta(9), not_after=NOW - timedelta(1)), "R-09", ""),
    "web server": (used_for("1.3.6.1.5.5.7.3.1"), "R-34", "1.3.6.1.5.5.7.3.1"),
    "unknown authority": (certificate(SUBJECT, issuer="O=Nobody,C=JP"), "R-34", ""),
    "corporate": (certificate(SUBJECT, issuer="CN=Registrar of X,OU=Ministry of Justice,O=Japanese Government,C=JP"), "R-23", "法人認証"),
    "cut short": (certificate(SUBJECT)[:-50], "E-CERT", ""),
    "empty": (b"", "R-34", "電子証明書"),
}


@pytest.mark.parametrize(("der", "code", "said"), BAD.values(), ids=BAD.keys())
async def test_r09_r23_r34_no_pin_is_asked_of_a_card_that_cannot_be_used(
    desk: Desk, place: Place, der: bytes, code: str, said: str
) -> None:
    card = VirtualCard({0x9A: SlotKey(KEY, der)}, PIN)
    ui = ScriptUi(("card", desk.inserting(card)), ("card", Nav.CANCEL))
    assert await outcome(unlocked_card(ui, desk.cards, place, NOW, WantedCard("lead", "again"))) is Nav.CANCEL
    assert [error.code for error in ui.told] == [code]
    assert said in "".join((ui.told[0].title, *ui.told[0].causes))
    assert "－" not in ui.told[0].title
    assert ui.asked(PinRequest) == []
    assert not [e for e in desk.cards.trace.exchanges if e.header[1] == 0x20 and e.sent]
    assert not desk.cards._sessions


def pair(desk: Desk) -> VirtualCard:
    ca = CertificateAuthority(now=NOW)
    card = VirtualCard({0x9A: ca.slot("p256", owner=" ICHIRO"), 0x9C: ca.slot("p384", owner=" JIRO")}, PIN)
    desk.reader.insert(card)
    return card


async def test_of_two_peoples_certificates_the_person_says_which(desk: Desk, place: Place) -> None:
    card = pair(desk)
    seen: list[Question] = []

    def second(question: Question) -> str:
        seen.append(question)
        return question.options[1].id

    ui = ScriptUi(("card", True), ("certificate", second), ("pin", PIN))
    held = await unlocked_card(ui, desk.cards, place, NOW, WantedCard("lead", "again"))
    assert isinstance(held, HeldCard)
    assert held.certificate.der == card.slots[0x9C].certificate
    assert held.session.fingerprint == held.certificate.fingerprint
    assert [option.label for option in seen[0].options] == ["TEST KOJI / KOJIN JURO ICHIRO", "TEST KOJI / KOJIN JURO JIRO"]
    assert all(("シリアル番号" in option.explanation, "OU=TEST CA" in option.explanation) == (True, True) for option in seen[0].options)
    await held.session.close()


@pytest.mark.parametrize("nav", [Nav.BACK, Nav.CANCEL])
async def test_leaving_that_question_leaves_the_card_alone(desk: Desk, place: Place, nav: Nav) -> None:
    pair(desk)
    ui = ScriptUi(("card", True), ("certificate", nav))
    assert await outcome(unlocked_card(ui, desk.cards, place, NOW, WantedCard("lead", "again"))) is nav
    assert await outcome(seen_card(ScriptUi(("card", True), ("certificate", nav)), desk.cards, place, "lead")) is nav
    assert not [header for header in desk.cards.trace.headers() if header.startswith("0020")]


async def test_swapped_while_the_question_is_open_is_another_card(desk: Desk, place: Place) -> None:
    pair(desk)

    def swap(question: Question) -> str:
        desk.reader.insert(CertificateAuthority(now=NOW).card())
        return question.options[0].id

    ui = ScriptUi(("card", True), ("certificate", swap), ("card", Nav.CANCEL))
    assert await outcome(unlocked_card(ui, desk.cards, place, NOW, WantedCard("lead", "again"))) is Nav.CANCEL
    assert [error.code for error in ui.told] == ["E-CARD-CHANGED"]


async def test_r34_the_systems_own_authority_decides_without_a_question(desk: Desk, place: Place) -> None:
    other = CertificateAuthority("OU=TEST CA2,O=TEST CA2,C=JP", now=NOW)
    card = VirtualCard(
        {0x9A: other.slot("p256"), 0x9C: SlotKey(private_key("p384"), CertificateAuthority(now=NOW).certificate("p384"))}, PIN
    )
    desk.reader.insert(card)
    ui = ScriptUi(("card", True), ("pin", PIN))
    held = await unlocked_card(ui, desk.cards, place, NOW, WantedCard("lead", "again"))
    assert isinstance(held, HeldCard)
    assert "test-ca2" not in place.profile.trusted
    assert held.certificate.der == card.slots[0x9C].certificate
    await held.session.close()
