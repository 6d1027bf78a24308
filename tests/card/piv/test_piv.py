"""A PIV card through the card thread, in process: certificate, tries, PIN, signature, and what is never sent."""

from __future__ import annotations

import asyncio

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ebid_tui.card.interface import CardSession
from ebid_tui.card.piv.card import KEPT_SECONDS
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import SlotKey, VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.errors import CardBlocked, CardGarbled, CardRefused, CardReset, PinUnusable, WrongPin
from tests.card.plastic import PIN, CertificateAuthority, Kind, Usage, pin, private_key

MESSAGE = "伊勢市 利用者登録".encode()


def check(session: CardSession, signature: bytes) -> None:
    """The signature is this certificate's over MESSAGE, in JWS form. Raises InvalidSignature."""
    key = x509.load_der_x509_certificate(session.certificate).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        assert session.algorithm == "RS256"
        key.verify(signature, MESSAGE, padding.PKCS1v15(), hashes.SHA256())
        return
    assert isinstance(key, ec.EllipticCurvePublicKey)
    size = {"ES256": 32, "ES384": 48}[session.algorithm]
    assert len(signature) == 2 * size
    der = encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
    key.verify(der, MESSAGE, ec.ECDSA(hashes.SHA256() if size == 32 else hashes.SHA384()))


@pytest.mark.parametrize("extended", [True, False], ids=["extended", "short"])
@pytest.mark.parametrize("slot", [0x9A, 0x9C], ids=["9A", "9C"])
@pytest.mark.parametrize("kind", ["rsa2048", "rsa3072", "p256", "p384"])
async def test_identify_verify_sign(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, kind: Kind, slot: int, extended: bool
) -> None:
    card = ca.card(kind, slot=slot, extended=extended)
    reader.insert(card)
    session = await worker.open()
    assert session.certificate == card.slots[slot].certificate
    assert session.pin_before_each_signature is (slot == 0x9C)
    assert await session.tries_left() == 3
    for _ in range(2):
        await session.verify(pin())
        check(session, await session.sign(MESSAGE))
    await session.close()


@pytest.mark.parametrize("kind", ["rsa2048", "p256"])
async def test_a_registration_costs_at_most_ten_apdus(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, kind: Kind
) -> None:
    reader.insert(ca.card(kind))
    session = await worker.open()
    await session.tries_left()
    await session.verify(pin())
    await session.sign(b"sign-in")
    await session.sign(b"statement")
    await session.close()
    assert worker.trace.count <= 10, worker.trace.headers()


async def test_r07_tries_are_told_before_and_after_each_until_blocked(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    reader.insert(ca.card(tries=3))
    session = await worker.open()
    assert await session.tries_left() == 3
    for left in (2, 1):
        with pytest.raises(WrongPin) as wrong:
            await session.verify(pin(b"999999"))
        assert wrong.value.tries_left == left == await session.tries_left()
    with pytest.raises(CardBlocked) as blocked:
        await session.verify(pin(b"999999"))
    assert blocked.value.code == "R-07"
    assert await session.tries_left() == 0
    with pytest.raises(CardBlocked):
        await session.verify(pin())


async def test_a_right_pin_gives_all_tries_back(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    card = ca.card(tries_left=1)
    reader.insert(card)
    session = await worker.open()
    assert await session.tries_left() == 1
    await session.verify(pin())
    assert card.tries_left == 3


@pytest.mark.parametrize("typed", [b"", b"12345", b"123456789", b"12345a", b"1234 56", "１２３４５６".encode("cp932")])
async def test_an_unusable_pin_is_never_sent(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, typed: bytes) -> None:
    card = ca.card()
    reader.insert(card)
    session = await worker.open()
    before = worker.trace.count
    entered = pin(typed)
    with pytest.raises(PinUnusable):
        await session.verify(entered)
    assert worker.trace.count == before
    assert len(entered) == 0
    assert card.tries_left == 3


async def test_the_pin_is_wiped_right_or_wrong(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    right, wrong = pin(), pin(b"999999")
    with pytest.raises(WrongPin):
        await session.verify(wrong)
    await session.verify(right)
    assert not any(right._buffer)
    assert not any(wrong._buffer)


async def test_one_verify_for_one_entry(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    with pytest.raises(WrongPin):
        await session.verify(pin(b"999999"))
    assert [str(e) for e in worker.trace.exchanges if e.header[1] == 0x20 and e.sent] == ["00 20 00 80 +8 -> 0 bytes 63C2"]


async def test_signing_without_the_pin_asks_for_it(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(ca.card())
    session = await worker.open()
    with pytest.raises(CardReset):
        await session.sign(MESSAGE)
    await session.verify(pin())
    check(session, await session.sign(MESSAGE))


async def test_9c_wants_the_pin_before_every_signature(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(ca.card(slot=0x9C))
    session = await worker.open()
    await session.verify(pin())
    await session.sign(MESSAGE)
    with pytest.raises(CardReset):
        await session.sign(MESSAGE)


async def test_9a_is_preferred(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    card = VirtualCard({0x9C: ca.slot("p384"), 0x9A: ca.slot("p256")}, PIN)
    reader.insert(card)
    assert (await worker.open()).certificate == card.slots[0x9A].certificate


@pytest.mark.parametrize(
    ("usage", "slot"),
    [(Usage(signature=False, encipherment=True), 0x9C), (Usage(signature=False, commitment=True), 0x9A), (None, 0x9C)],
)
async def test_9c_where_9a_is_not_for_signatures(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, usage: Usage | None, slot: int
) -> None:
    card = VirtualCard({0x9A: ca.slot("p256", usage=usage), 0x9C: ca.slot("p384")}, PIN)
    reader.insert(card)
    assert (await worker.open()).certificate == card.slots[slot].certificate


async def test_a_card_without_a_signing_certificate_is_refused_r34(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    reader.insert(VirtualCard({0x9A: ca.slot("p256", usage=Usage(signature=False, encipherment=True))}, PIN))
    with pytest.raises(CardRefused) as refused:
        await worker.open()
    assert refused.value.code == "R-34"
    assert "電子証明書" in refused.value.causes[0]


@pytest.mark.parametrize("extended", [True, False], ids=["extended", "short"])
async def test_a_compressed_certificate(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, extended: bool) -> None:
    slot = ca.slot("rsa2048", compressed=True)
    reader.insert(VirtualCard({0x9A: slot}, PIN, extended=extended))
    assert (await worker.open()).certificate == slot.certificate


async def test_a_certificate_that_is_none_is_garbled(reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(VirtualCard({0x9A: SlotKey(private_key("p256"), b"\x30\x03abc")}, PIN))
    with pytest.raises(CardGarbled):
        await worker.open()


async def test_a_packed_certificate_may_not_fill_the_memory(reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(VirtualCard({0x9A: SlotKey(private_key("p256"), bytes(2_000_000), compressed=True)}, PIN))
    with pytest.raises(CardGarbled):
        await worker.open()


async def test_a_key_that_is_not_the_certificates_is_found_out(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(VirtualCard({0x9A: SlotKey(private_key("p256", "another"), ca.certificate("p256"))}, PIN))
    session = await worker.open()
    await session.verify(pin())
    with pytest.raises(CardGarbled):
        await session.sign(MESSAGE)


async def test_a_right_truncated_name_is_enough(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    card = ca.card()
    whole = card.answer
    card.answer = lambda apdu: b"\x6a\x82" if apdu[1] == 0xA4 and len(apdu) > 15 else whole(apdu)  # type: ignore[method-assign]
    reader.insert(card)
    assert (await worker.open()).kind == "piv"


async def test_closing_logs_out(ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker) -> None:
    card = ca.card()
    reader.insert(card)
    session = await worker.open()
    await session.verify(pin())
    await session.close()
    assert not session.alive
    assert card.answer(bytes.fromhex("00200080")) == b"\x63\xc3"


async def test_closing_logs_out_by_a_reset_where_another_application_is_selected(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    other = bytes.fromhex("D27600012401")
    card = ca.card(aids=(bytes.fromhex("A000000308000010000100"), other))
    reader.insert(card)
    session = await worker.open()
    await session.verify(pin())
    card.answer(b"\x00\xa4\x04\x00\x06" + other)
    await session.close()
    assert card._selected is None, "it was not reset"


async def test_a_pin_verified_by_another_program_does_not_hide_the_tries(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    card = ca.card()
    reader.insert(card)
    session = await worker.open()
    assert card.answer(bytes.fromhex("0020008008") + PIN + b"\xff\xff") == b"\x90\x00"
    assert await session.tries_left() == 3


async def test_another_application_selected_in_between_never_gets_the_pin(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    other = bytes.fromhex("D27600012401")
    card = ca.card(aids=(bytes.fromhex("A000000308000010000100"), other))
    reader.insert(card)
    session = await worker.open()
    await asyncio.sleep(2 * KEPT_SECONDS)  # so long the card is still held from recognising it: no other program comes between

    def elsewhere() -> None:
        assert card.answer(b"\x00\xa4\x04\x00\x06" + other)[-2:] == b"\x90\x00"

    elsewhere()
    assert await session.tries_left() == 3
    elsewhere()
    await session.verify(pin())
    elsewhere()
    with pytest.raises(CardReset):
        await session.sign(MESSAGE)
    await session.verify(pin())
    check(session, await session.sign(MESSAGE))
