"""What a PKCS#11 module answers to a login, a signature and a change of PIN, and what is made of it."""

from __future__ import annotations

import pytest

from ebid_tui.errors import (
    CardBlocked,
    CardError,
    CardGarbled,
    CardRemoved,
    CardReset,
    ModuleFailed,
    PinPadCancelled,
    PinUnusable,
    WrongPin,
)
from tests.card.plastic import CertificateAuthority, pin
from tests.card.softhsm import PIN, Rogue, SoftHsm, Start, Stored, logins, process_of, verified


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    ("code", "error", "told"),
    [
        ("a0", WrongPin, "E-WRONG-PIN"),
        ("a1", PinUnusable, "E-PIN-UNUSABLE"),
        ("a2", PinUnusable, "E-PIN-UNUSABLE"),
        ("a3", CardError, "E-PIN-EXPIRED"),
        ("a4", CardBlocked, "R-07"),
        ("102", CardError, "E-PIN-NOT-SET"),
        ("32", CardRemoved, "E-CARD-REMOVED-PIN"),
        ("e0", CardRemoved, "E-CARD-REMOVED-PIN"),
        ("30", CardGarbled, "E-CARD-GARBLED"),
        ("b3", CardReset, "E-CARD-RESET"),
        ("50", PinPadCancelled, "E-PIN-PAD-CANCELLED"),
        ("5", ModuleFailed, "E-MODULE"),
        ("54", ModuleFailed, "E-MODULE"),
        ("80000123", ModuleFailed, "E-MODULE"),
        ("deadbeefdeadbeef", ModuleFailed, "E-MODULE"),
    ],
)
async def test_what_a_login_can_answer(start: Start, rogue: Rogue, code: str, error: type[CardError], told: str) -> None:
    session = await start(rogue.path).open()
    rogue.order(f"C_Login {code}")
    typed = pin(PIN)
    with pytest.raises(error) as refused:
        await session.verify(typed)
    assert type(refused.value) is error
    assert refused.value.code == told
    assert refused.value.title
    assert refused.value.remedy
    assert len(typed) == 0
    assert logins(rogue) == 1
    assert session.alive is (error is not CardRemoved)


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    ("code", "error"),
    [("101", CardReset), ("b3", CardReset), ("b0", CardReset), ("32", CardRemoved), ("30", CardGarbled), ("80000001", ModuleFailed)],
)
@pytest.mark.parametrize("call", ["C_SignInit", "C_Sign"])
async def test_what_a_signature_can_answer(start: Start, rogue: Rogue, call: str, code: str, error: type[CardError]) -> None:
    session = await start(rogue.path).open()
    await session.verify(pin(PIN))
    rogue.order(f"{call} {code}")
    with pytest.raises(error):
        await session.sign(b"x")
    rogue.order()
    if error is CardRemoved:
        assert not session.alive
    else:
        await session.verify(pin(PIN))
        assert verified(session.certificate, b"x", await session.sign(b"x"))


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(("flags", "hint", "tries"), [("10000", "low", None), ("30000", "final", 1), ("70000", "locked", 0)])
async def test_tries_as_flags(start: Start, rogue: Rogue, flags: str, hint: str, tries: int | None) -> None:
    session = await start(rogue.path).open()
    rogue.order(f"C_GetTokenInfo flags={flags}")
    assert await session.tries_hint() == hint
    assert await session.tries_left() == tries
    with pytest.raises((WrongPin, CardBlocked)) as wrong:
        await session.verify(pin(b"wrong-one"))
    if tries == 0:
        assert isinstance(wrong.value, CardBlocked)
    else:
        assert isinstance(wrong.value, WrongPin)
        assert wrong.value.tries_left == tries


@pytest.mark.usefixtures("token")
async def test_a_pin_pad_gets_no_pin_from_us(start: Start, rogue: Rogue) -> None:
    rogue.order("C_GetTokenInfo flags=100")
    session = await start(rogue.path).open()
    assert session.pin_pad
    rogue.order("C_GetTokenInfo flags=100", "C_Login 50")
    with pytest.raises(PinPadCancelled):
        await session.verify_on_pin_pad()
    assert "login user=1 NULL" in rogue.calls


@pytest.mark.usefixtures("hsm")
async def test_a_token_that_does_not_hash_gets_a_digest(hsm: SoftHsm, start: Start, rogue: Rogue, ca: CertificateAuthority) -> None:
    hsm.token("rsa", Stored(ca.slot("rsa2048")))
    rogue.order("C_GetMechanismList nomech=40")
    session = await start(rogue.path).open()
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"x", await session.sign(b"x"))
    assert session._card._mechanism == "RSA_PKCS"  # type: ignore[attr-defined]


async def test_keys_that_want_the_pin_before_each_signature(hsm: SoftHsm, start: Start, rogue: Rogue, ca: CertificateAuthority) -> None:
    hsm.token("ise", Stored(ca.slot("p256")), always=True)
    session = await start(rogue.path).open()
    await session.verify(pin(PIN))
    assert session.pin_before_each_signature
    assert verified(session.certificate, b"x", await session.sign(b"x"))
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"y", await session.sign(b"y"))
    with pytest.raises(CardReset):
        await session.sign(b"z")
    # CKU_USER once, then CKU_CONTEXT_SPECIFIC before each signature.
    assert [line for line in rogue.calls if line.startswith("login")] == [f"login user={user} length=11" for user in (1, 2, 2)]
    with pytest.raises(WrongPin):
        await session.verify(pin(b"wrong-one"))
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"z", await session.sign(b"z"))


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    ("order", "seconds", "code"),
    [
        ("C_SetPIN crash", 20.0, "E-PIN-CHANGE-UNSURE"),
        ("C_SetPIN hang", 1.0, "E-PIN-CHANGE-UNSURE"),
        ("C_SetPIN 30", 20.0, "E-PIN-CHANGE-UNSURE"),
        ("C_SetPIN 32", 20.0, "E-PIN-CHANGE-UNSURE"),
        ("C_SetPIN 54", 20.0, "E-PIN-FIXED"),
    ],
)
async def test_a_change_of_pin_that_nobody_heard_the_end_of_says_so(
    start: Start, rogue: Rogue, order: str, seconds: float, code: str
) -> None:
    worker = start(rogue.path)
    session = await worker.open()
    process_of(worker)._seconds = seconds
    rogue.order(order)
    old, new = pin(PIN), pin(b"another-1")
    with pytest.raises(CardError) as failed:
        await session.change_pin(old, new)
    assert failed.value.code == code
    assert failed.value.title
    assert not len(old) + len(new)
