"""PKCS#11 with SoftHSM 2: keys of every kind, logins, flags, chains, PIN change, several certificates."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ebid_tui.card.interface import CardSession
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import SlotKey
from ebid_tui.errors import CardBlocked, CardError, CardRefused, CardReset, NoReader, PinUnusable, SeveralCertificates, WrongPin
from tests.card import softhsm
from tests.card.plastic import CertificateAuthority, Kind, Usage, pin, private_key
from tests.card.softhsm import PIN, Rogue, SoftHsm, Start, Stored, verified
from tests.clock import NOW
from tests.patience import looking

pytestmark = pytest.mark.skipif(not softhsm.module(), reason="softhsm2 is not installed")


async def unlocked(worker: CardWorker) -> CardSession:
    session = await worker.open()
    await session.verify(pin(PIN))
    return session


@pytest.mark.parametrize(("kind", "algorithm"), [("rsa2048", "RS256"), ("rsa3072", "RS256"), ("p256", "ES256"), ("p384", "ES384")])
async def test_each_kind_of_key_signs(hsm: SoftHsm, start: Start, ca: CertificateAuthority, kind: Kind, algorithm: str) -> None:
    hsm.token("ise", Stored(ca.slot(kind)))
    session = await start().open()
    assert (session.kind, session.algorithm, session.chain) == ("pkcs11", algorithm, ())
    assert session.certificate == ca.certificate(kind) or session.fingerprint
    assert await session.tries_left() is None
    assert await session.tries_hint() == "unknown"
    await session.verify(pin(PIN))
    for message in (b"sign-in", b"statement" * 1000):
        assert verified(session.certificate, message, await session.sign(message))
    assert not session.pin_before_each_signature
    await session.close()
    assert not session.alive


async def test_a_wrong_pin_costs_a_try_and_an_unusable_one_is_never_sent(hsm: SoftHsm, start: Start, ca: CertificateAuthority) -> None:
    hsm.token("ise", Stored(ca.slot("p256")))
    session = await start().open()
    assert (session.pin_rules.min_length, session.pin_rules.digits_only) == (4, False)
    for unusable in (b"", b"abc", b"x" * 65, b"ab\x01cd"):
        typed = pin(unusable)
        with pytest.raises(PinUnusable):
            await session.verify(typed)
        assert len(typed) == 0
    assert await session.tries_hint() == "unknown"
    typed = pin(b"wrong-one")
    with pytest.raises(WrongPin) as wrong:
        await session.verify(typed)
    assert wrong.value.tries_left is None
    assert len(typed) == 0
    assert await session.tries_hint() == "low"
    with pytest.raises(CardReset):
        await session.sign(b"x")
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"x", await session.sign(b"x"))
    assert await session.tries_hint() == "unknown"


async def test_verifying_again_does_not_rest_on_the_login_before(hsm: SoftHsm, start: Start, ca: CertificateAuthority) -> None:
    hsm.token("ise", Stored(ca.slot("p256")))
    session = await unlocked(start())
    with pytest.raises(WrongPin):
        await session.verify(pin(b"wrong-one"))
    with pytest.raises(CardReset):
        await session.sign(b"x")


async def test_closing_logs_out_and_ends_the_process_that_had_the_pin(hsm: SoftHsm, start: Start, ca: CertificateAuthority) -> None:
    hsm.token("ise", Stored(ca.slot("p256")))
    worker = start()
    session = await worker.open()
    process = worker._tokens.modules()[0]  # type: ignore[union-attr]
    held = process._process
    assert held is not None
    await session.verify(pin(PIN))
    await session.close()
    assert held.returncode is not None
    assert not process.running
    again = await worker.open()
    with pytest.raises(CardReset):
        await again.sign(b"x")


async def test_pin_change(hsm: SoftHsm, start: Start, ca: CertificateAuthority) -> None:
    hsm.token("ise", Stored(ca.slot("p256")))
    session = await start().open()
    assert session.pin_changeable
    old, new = pin(b"wrong-one"), pin(b"Fresh-5678")
    with pytest.raises(WrongPin):
        await session.change_pin(old, new)
    assert len(old) == len(new) == 0
    with pytest.raises(PinUnusable):
        await session.change_pin(pin(PIN), pin(b"abc"))
    old, new = pin(PIN), pin(b"Fresh-5678")
    await session.change_pin(old, new)
    assert len(old) == len(new) == 0
    with pytest.raises(WrongPin):
        await session.verify(pin(PIN))
    await session.verify(pin(b"Fresh-5678"))
    assert verified(session.certificate, b"x", await session.sign(b"x"))


async def test_the_chain_is_told_in_order(hsm: SoftHsm, start: Start) -> None:
    root, above = Authority("ROOT"), Authority("ABOVE")
    middle = root.certify("ABOVE", above.key.public_key(), ca=True)
    leaf = above.certify("HOLDER", private_key("p256").public_key(), ca=False)
    own = root.certify("ROOT", root.key.public_key(), ca=True)
    card = SlotKey(private_key("p256"), leaf)
    hsm.token("ise", Stored(card), *[Stored(SlotKey(private_key("p256"), der), f"1{i}", key=False) for i, der in enumerate((own, middle))])
    session = await start().open()
    assert session.certificate == leaf
    assert session.chain == (middle, own)


async def test_only_certificates_with_a_key_on_the_token_count(hsm: SoftHsm, start: Start, ca: CertificateAuthority) -> None:
    wanted, other = ca.slot("p256"), ca.slot("p384", owner="other")
    hsm.token("ise", Stored(other, "01", key=False), Stored(wanted, "02", public=True))
    session = await unlocked(start())
    assert session.certificate == wanted.certificate
    assert await session.sign(b"x")


async def test_a_certificate_for_encryption_is_passed_over(hsm: SoftHsm, start: Start, ca: CertificateAuthority) -> None:
    hidden = ca.slot("rsa2048", usage=Usage(signature=False, encipherment=True))
    wanted = ca.slot("p256")
    hsm.token("ise", Stored(hidden, "01"), Stored(wanted, "02"))
    assert (await unlocked(start())).certificate == wanted.certificate


async def test_several_that_would_do_are_asked_for(hsm: SoftHsm, start: Start, ca: CertificateAuthority) -> None:
    one, two = ca.slot("p256"), ca.slot("p384", owner="other")
    hsm.token("ise", Stored(one, "01"), Stored(two, "02"))
    worker = start()
    with pytest.raises(SeveralCertificates) as several:
        await worker.open()
    assert set(several.value.certificates) == {one.certificate, two.certificate}
    wanted = x509.load_der_x509_certificate(two.certificate).fingerprint(hashes.SHA256()).hex()
    session = await worker.open(fingerprint=wanted)
    await session.verify(pin(PIN))
    assert verified(two.certificate, b"x", await session.sign(b"x"))


async def test_a_certificate_whose_key_is_elsewhere_is_found_out_after_the_pin(
    hsm: SoftHsm, start: Start, ca: CertificateAuthority
) -> None:
    hsm.token("ise", Stored(ca.slot("p256"), key=False))
    session = await start().open()
    with pytest.raises(CardRefused) as refused:
        await session.verify(pin(PIN))
    assert refused.value.code == "R-34"


async def test_another_keys_certificate_is_found_out_by_its_signature(hsm: SoftHsm, start: Start, ca: CertificateAuthority) -> None:
    hsm.token("ise", Stored(SlotKey(private_key("p256", "thief"), ca.certificate("p256"))))
    session = await unlocked(start())
    with pytest.raises(CardError) as garbled:
        await session.sign(b"x")
    assert garbled.value.code == "E-CARD-GARBLED"


async def test_an_empty_token_is_told(hsm: SoftHsm, start: Start) -> None:
    hsm.token("empty")
    with pytest.raises(CardRefused) as refused:
        await start().open()
    assert refused.value.code == "R-34"


async def test_no_token_at_all(hsm: SoftHsm, start: Start) -> None:
    with pytest.raises(NoReader):
        await start().open()


async def test_r23_by_issuer_before_any_pin(hsm: SoftHsm, start: Start) -> None:
    refused_ca = CertificateAuthority("O=JPKI,C=JP", now=NOW)
    hsm.token("ise", Stored(refused_ca.slot("p256")))
    worker = start()
    with pytest.raises(CardRefused) as refused:
        await worker.open()
    assert refused.value.code == "R-23"
    ((_, look),) = await worker.inspect()
    assert look is not None
    assert (look.kind, look.accepted, look.reason) == ("mynumber", False, "R-23")


async def test_tokens_are_readers_of_their_own(hsm: SoftHsm, start: Start, ca: CertificateAuthority) -> None:
    hsm.token("current", Stored(ca.slot("p256")))
    hsm.token("next", Stored(ca.slot("p256", owner="next")))
    worker = start()
    async for _ in looking(0.01):
        if len(worker.readers()) == 2:
            break
    names = [reader.name for reader in worker.readers()]
    assert all(reader.present for reader in worker.readers())
    assert {name.rpartition("[")[2] for name in names} == {"current]", "next]"}
    looks = await worker.inspect()
    assert [(name, look.kind, look.accepted, look.tries_left) for name, look in looks if look] == [(n, "pkcs11", True, None) for n in names]
    first = await worker.open(names[0])
    second = await worker.open(beside=names[0])
    assert {first.reader, second.reader} == set(names)
    for session in (first, second):
        await session.verify(pin(PIN))
    assert verified(first.certificate, b"x", await first.sign(b"x"))
    assert verified(second.certificate, b"x", await second.sign(b"x"))
    await first.close()
    assert verified(second.certificate, b"y", await second.sign(b"y"))


async def test_a_token_made_while_the_program_runs_is_found(hsm: SoftHsm, start: Start, ca: CertificateAuthority) -> None:
    worker = start()
    with pytest.raises(NoReader):
        await worker.open()
    assert worker._tokens is not None
    worker._tokens.kill()  # SoftHSM itself looks for tokens only when it starts
    hsm.token("late", Stored(ca.slot("p256")))
    assert (await worker.open()).kind == "pkcs11"


async def test_a_blocked_token_is_said_to_be(hsm: SoftHsm, start: Start, ca: CertificateAuthority, rogue: Rogue) -> None:
    hsm.token("ise", Stored(ca.slot("p256")))
    session = await start(rogue.path).open()
    rogue.order("C_GetTokenInfo flags=40000", "C_Login a4")
    assert (await session.tries_left(), await session.tries_hint()) == (0, "locked")
    with pytest.raises(CardBlocked):
        await session.verify(pin(PIN))


class Authority:
    """One of a chain."""

    def __init__(self, name: str) -> None:
        self.name, self.key = name, ec.generate_private_key(ec.SECP256R1())

    def certify(self, name: str, key: object, *, ca: bool) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name.from_rfc4514_string(f"CN={name},O=CHAIN,C=JP"))
            .issuer_name(x509.Name.from_rfc4514_string(f"CN={self.name},O=CHAIN,C=JP"))
            .public_key(key)  # type: ignore[arg-type]
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
        )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)
