"""A PKCS#11 module that crashes or hangs: the program goes on, says which module it was, and sends no PIN twice."""

from __future__ import annotations

import time

import pytest

from ebid_tui.errors import (
    CardReset,
    ModuleFailed,
)
from tests.card.plastic import pin
from tests.card.softhsm import PIN, Rogue, Start, logins, process_of, verified
from tests.patience import scaled, wait_until

IN_OPEN = ("C_Initialize", "C_GetInfo", "C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo", "C_OpenSession", "C_FindObjectsInit")


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    ("call", "action"),
    [*((call, "crash") for call in IN_OPEN), ("C_GetInfo", "exit"), ("C_GetSlotList", "abort"), ("C_OpenSession", "forkdie")],
)
async def test_a_crash_while_opening_names_the_module_and_the_next_try_works(start: Start, rogue: Rogue, call: str, action: str) -> None:
    rogue.order(f"{call} {action}")
    worker = start(rogue.path)  # it looks at its readers at once, and would have the module ready before the order
    with pytest.raises(ModuleFailed) as failed:
        await worker.open()
    assert "librogue.so" in failed.value.title
    rogue.order()
    session = await worker.open()
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"x", await session.sign(b"x"))
    assert logins(rogue) == 1


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("call", ["C_Initialize", "C_GetSlotList", "C_OpenSession"])
async def test_a_hang_while_opening_is_ended(start: Start, rogue: Rogue, call: str) -> None:
    rogue.order(f"{call} hang")
    worker = start(rogue.path, seconds=1.0)
    begun = time.monotonic()
    with pytest.raises(ModuleFailed) as failed:
        await worker.open()
    assert failed.value.code == "E-MODULE-HUNG"
    assert "librogue.so" in failed.value.title
    assert time.monotonic() - begun < scaled(5)
    rogue.order()
    process_of(worker)._seconds = 20.0
    assert (await worker.open()).alive


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(("action", "seconds"), [("crash", 20.0), ("hang", 1.0)])
async def test_a_pin_in_hand_is_never_sent_again_by_itself(start: Start, rogue: Rogue, action: str, seconds: float) -> None:
    worker = start(rogue.path)
    session = await worker.open()
    process_of(worker)._seconds = seconds
    rogue.order(f"C_Login {action}")
    typed = pin(PIN)
    with pytest.raises(ModuleFailed) as failed:
        await session.verify(typed)
    assert failed.value.code == "E-MODULE-PIN"
    assert len(typed) == 0
    assert logins(rogue) == 1
    rogue.order()
    process_of(worker)._seconds = 20.0
    assert await session.tries_left() is None
    with pytest.raises(CardReset):
        await session.sign(b"x")
    assert logins(rogue) == 1
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"x", await session.sign(b"x"))
    assert logins(rogue) == 2


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("action", ["crash", "hang", "exit"])
@pytest.mark.parametrize("call", ["C_SignInit", "C_Sign"])
async def test_a_crash_or_hang_while_signing(start: Start, rogue: Rogue, call: str, action: str) -> None:
    worker = start(rogue.path)
    session = await worker.open()
    await session.verify(pin(PIN))
    process_of(worker)._seconds = 1.0
    rogue.order(f"{call} {action}")
    with pytest.raises(ModuleFailed) as failed:
        await session.sign(b"x")
    assert failed.value.code == ("E-MODULE-HUNG" if action == "hang" else "E-MODULE-CRASHED")
    rogue.order()
    process_of(worker)._seconds = 20.0
    with pytest.raises(CardReset):
        await session.sign(b"x")
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"x", await session.sign(b"x"))


@pytest.mark.usefixtures("token")
async def test_the_caller_is_told_of_the_module_when_its_own_time_is_up(start: Start, rogue: Rogue) -> None:
    worker = start(rogue.path)
    await (await worker.open()).close()
    worker._deadline = scaled(2.0)
    rogue.order("C_OpenSession hang")
    with pytest.raises(ModuleFailed) as failed:
        await worker.open()
    assert failed.value.code == "E-MODULE-HUNG"
    worker.stop()
    wait_until(lambda: not process_of(worker).running)
