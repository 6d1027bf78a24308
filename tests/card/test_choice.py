"""Several certificates on one card: the right one by key usage, issuer and validity, or the person is asked."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest

from ebid_tui.card import tlv
from ebid_tui.card.choice import fingerprint
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import SlotKey, VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.errors import CardGarbled, CardRefused, EbidError, SeveralCertificates
from tests.card.plastic import PIN, CertificateAuthority, Usage, private_key
from tests.clock import NOW

OTHER = CertificateAuthority("OU=TEST CA2,O=TEST CA2,C=JP", now=NOW)
UNKNOWN = CertificateAuthority("O=Nobody Knows,C=JP", now=NOW)
CORPORATE = CertificateAuthority("CN=Registrar of Tokyo,OU=Ministry of Justice,O=Japanese Government,C=JP", now=NOW)
MY_NUMBER = CertificateAuthority("OU=JPKI for digital signature,O=JPKI,C=JP", now=NOW)
ENCIPHERS = Usage(signature=False, encipherment=True)
NOTHING = SlotKey(private_key("p256"), b"")


def card(first: SlotKey, second: SlotKey) -> VirtualCard:
    return VirtualCard({0x9A: first, 0x9C: second}, PIN)


async def test_two_people_on_one_card_are_asked_about(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    first, second = ca.slot("p256", owner="1"), ca.slot("p256", owner="2")
    reader.insert(card(first, second))
    with pytest.raises(SeveralCertificates) as several:
        await worker.open()
    assert several.value.certificates == (first.certificate, second.certificate)
    assert several.value.title
    for wanted in (first, second):
        session = await worker.open(fingerprint=fingerprint(wanted.certificate))
        assert session.certificate == wanted.certificate
        await session.close()
    assert not [header for header in worker.trace.headers() if header.startswith("0020")]


async def test_one_person_twice_is_not_asked_about(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(pair := card(ca.slot("p256"), ca.slot("p384", usage=Usage(signature=False, commitment=True))))
    assert (await worker.open()).certificate == pair.slots[0x9A].certificate


async def test_an_old_certificate_of_the_same_person_is_asked_about(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    older = ca.certificate("p256", not_after=NOW + timedelta(days=30))
    reader.insert(card(SlotKey(private_key("p256"), older), ca.slot("p384")))
    with pytest.raises(SeveralCertificates):
        await worker.open()


@pytest.mark.parametrize("trusted", ["test-ca", "test-ca2"])
async def test_r34_the_one_of_a_trusted_authority_is_taken(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, trusted: str
) -> None:
    reader.insert(both := card(ca.slot("p256"), OTHER.slot("p384")))
    assert (await worker.open(trusted=[trusted])).certificate == both.slots[{"test-ca": 0x9A, "test-ca2": 0x9C}[trusted]].certificate
    with pytest.raises(SeveralCertificates):
        await worker.open(trusted=["test-ca", "test-ca2"])


@pytest.mark.parametrize("other", [UNKNOWN, CORPORATE], ids=["unknown", "corporate"])
async def test_r34_one_that_nobody_accepts_does_not_stand_in_the_way(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, other: CertificateAuthority
) -> None:
    reader.insert(both := card(other.slot("p256"), ca.slot("p384")))
    assert (await worker.open()).certificate == both.slots[0x9C].certificate


@pytest.mark.parametrize("usage", [Usage(), ENCIPHERS], ids=["signs", "enciphers"])
@pytest.mark.parametrize("first", [True, False], ids=["9A", "9C"])
async def test_r23_a_my_number_certificate_anywhere_refuses_the_card(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, first: bool, usage: Usage
) -> None:
    my_number, good = MY_NUMBER.slot("p256", usage=usage), ca.slot("p384")
    reader.insert(card(my_number, good) if first else card(good, my_number))
    with pytest.raises(CardRefused) as refused:
        await worker.open()
    assert refused.value.code == "R-23"
    assert not [header for header in worker.trace.headers() if header[2:4] in ("20", "24", "87")]


@pytest.mark.parametrize("which", ["expired", "not yet"])
async def test_r09_the_one_that_is_valid_is_taken(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, which: str) -> None:
    begins, ends = NOW - timedelta(days=9), NOW - timedelta(hours=1)
    if which == "not yet":
        begins, ends = NOW + timedelta(days=1), NOW + timedelta(days=9)
    first = SlotKey(private_key("p256"), ca.certificate("p256", not_before=begins, not_after=ends))
    reader.insert(both := card(first, ca.slot("p384", owner="2")))
    assert (await worker.open()).certificate == both.slots[0x9C].certificate
    with pytest.raises(SeveralCertificates):
        await worker.open(now=NOW - timedelta(hours=12) if which == "expired" else NOW + timedelta(days=2))


BAD: dict[str, bytes] = {
    "none at all": b"",
    "no certificate": b"\x30\x03abc",
    "text": b"-----BEGIN CERTIFICATE-----",
    "zeros": bytes(600),
}


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_an_unreadable_one_does_not_stand_in_anothers_way(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, bad: bytes, compressed: bool
) -> None:
    reader.insert(both := card(SlotKey(private_key("p256"), bad, compressed), ca.slot("p384")))
    assert (await worker.open()).certificate == both.slots[0x9C].certificate
    reader.insert(card(SlotKey(private_key("p256"), bad, compressed), NOTHING))
    with pytest.raises((CardGarbled, CardRefused)) as told:
        await worker.open()
    assert told.value.code == ("R-34" if bad == b"" and not compressed else "E-CERT")
    assert "証明書" in told.value.title


@pytest.mark.parametrize("cut", [1, 100, 300])
async def test_a_certificate_cut_short_is_told_of(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, cut: int) -> None:
    whole = ca.certificate("p256")
    reader.insert(VirtualCard({0x9A: SlotKey(private_key("p256"), whole[:-cut])}, PIN))
    with pytest.raises(CardGarbled) as told:
        await worker.open()
    assert told.value.code == "E-CERT"


async def test_a_packed_certificate_cut_short_is_told_of(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    made = ca.card()
    packed = gzip.compress(ca.certificate("p256"))[:-9]
    made._objects[bytes.fromhex("5FC105")] = tlv.encode(0x53, tlv.encode(0x70, packed) + tlv.encode(0x71, b"\x01"))
    reader.insert(made)
    with pytest.raises(CardGarbled) as told:
        await worker.open()
    assert told.value.code == "E-CERT"


async def test_an_answer_that_is_garbled_never_leads_to_another_certificate(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    reader.insert(card(ca.slot("p256", owner="1"), ca.slot("p256", owner="2")))
    reader.accident(2, b"\x53\x84\xff\xff\x90\x00")
    with pytest.raises(CardGarbled) as told:
        await worker.open(trusted=["test-ca"])
    assert told.value.code == "E-CARD-GARBLED"


@pytest.mark.parametrize("extended", [True, False], ids=["extended", "short"])
async def test_a_huge_certificate_is_read(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, extended: bool) -> None:
    huge = ca.certificate("p256", padding=30_000)
    reader.insert(VirtualCard({0x9A: SlotKey(private_key("p256"), huge)}, PIN, extended=extended))
    assert (await worker.open()).certificate == huge


async def test_r34_an_rsa_key_of_1024_bits_is_told_of(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    weak = SlotKey(private_key("p256"), ca.certificate("rsa1024"))
    reader.insert(VirtualCard({0x9A: weak}, PIN))
    with pytest.raises(CardRefused) as refused:
        await worker.open()
    assert refused.value.code == "R-34"
    assert "RSA-1024" in refused.value.causes[0]
    reader.insert(both := card(replace(weak), ca.slot("p384")))
    assert (await worker.open()).certificate == both.slots[0x9C].certificate


async def test_9d_and_9e_are_not_even_read(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    made = ca.card(slot=0x9C)
    for tag in ("5FC10B", "5FC101"):
        made._objects[bytes.fromhex(tag)] = tlv.encode(0x53, tlv.encode(0x70, ca.certificate("p384", owner="other")))
    reader.insert(made)
    session = await worker.open()
    assert session.certificate == made.slots[0x9C].certificate
    assert session.pin_before_each_signature
    assert worker.trace.count == 4


def test_every_way_a_choice_can_fail_has_its_words() -> None:
    for error in (SeveralCertificates(()), CardGarbled(code="E-CERT")):
        assert isinstance(error, EbidError)
        assert error.title
        assert error.remedy
