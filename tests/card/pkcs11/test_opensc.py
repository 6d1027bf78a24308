"""OpenSC's module through a real `pcscd`, with a PKCS#15 card and with our PIV card; and that it never meets a refused one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from smartcard import scard

from ebid_tui.card.choice import Choice
from ebid_tui.card.pcsc.readers import PcscBackend
from ebid_tui.card.pkcs11 import cards as token_cards
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import JPKI_AID
from ebid_tui.errors import (
    CardBlocked,
    CardChanged,
    CardMute,
    CardRefused,
    CardRemoved,
    CardReset,
    NoCard,
    PinUnusable,
    WrongPin,
)
from tests.card import softhsm
from tests.card.pcscd import CardProcess, PrivatePcscd
from tests.card.pkcs15_card import Pkcs15Process, save
from tests.card.plastic import CertificateAuthority, pin
from tests.card.readers_seen import inserted, settled
from tests.card.softhsm import Start, verified
from tests.card.vpcd import save_card

OPENSC = softhsm.module(softhsm.OPENSC)


Test = TypeVar("Test", bound=Callable[..., object])


def pcscd_test(function: Test) -> Test:
    for mark in (pytest.mark.pcscd, pytest.mark.skipif(not OPENSC, reason="opensc-pkcs11 is not installed")):
        function = mark(function)
    return function


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory, ca: CertificateAuthority) -> dict[str, Path]:
    """PKCS#15 cards by name."""
    root = tmp_path_factory.mktemp("pkcs15")
    save(root / "rsa", ca.slot("rsa2048"))
    save(root / "other", ca.slot("rsa2048", owner="other"))
    save(root / "consent", ca.slot("rsa2048"), consent=True)
    return {name: root / name for name in ("rsa", "other", "consent")}


@pytest.fixture(scope="module")
def piv(tmp_path_factory: pytest.TempPathFactory, ca: CertificateAuthority) -> dict[str, Path]:
    """PIV cards by name, and a My Number card."""
    root = tmp_path_factory.mktemp("piv")
    save_card(root / "rsa", {0x9A: ca.slot("rsa2048")})
    save_card(root / "ec", {0x9A: ca.slot("p256")})
    save_card(root / "ec384", {0x9A: ca.slot("p384")})
    save_card(root / "mynumber", {}, aids=[JPKI_AID.hex()])
    return {name: root / name for name in ("rsa", "ec", "ec384", "mynumber")}


@pytest.fixture
def cards(pcscd: PrivatePcscd, stock: dict[str, Path]) -> Iterator[Pkcs15Process]:
    with Pkcs15Process(pcscd.ports[0], stock) as process:
        yield process


def opensc(start: Start) -> CardWorker:
    return start(OPENSC, backends=[PcscBackend()])


@pcscd_test
async def test_a_pkcs15_card_signs(pcscd: PrivatePcscd, start: Start, cards: Pkcs15Process) -> None:
    worker = opensc(start)
    session = await inserted(worker, cards, "rsa")
    assert (session.kind, session.reader, session.algorithm) == ("pkcs11", pcscd.readers[0], "RS256")
    assert (session.pin_rules.min_length, session.pin_rules.max_length) == (6, 8)
    with pytest.raises(PinUnusable):
        await session.verify(pin(b"12345"))
    assert cards.tries_left() == 3
    with pytest.raises(WrongPin):
        await session.verify(pin(b"999999"))
    assert cards.tries_left() == 2
    await session.verify(pin())
    assert cards.tries_left() == 3
    for message in (b"sign-in", b"statement"):
        assert verified(session.certificate, message, await session.sign(message))
    await session.close()
    again = await worker.open()
    with pytest.raises(CardReset):
        await again.sign(b"x")


@pcscd_test
async def test_a_pkcs15_card_that_is_blocked_by_wrong_pins(start: Start, cards: Pkcs15Process) -> None:
    session = await inserted(opensc(start), cards, "rsa")
    left = []
    for _ in range(3):
        with pytest.raises((WrongPin, CardBlocked)) as wrong:
            await session.verify(pin(b"999999"))
        left.append((type(wrong.value), cards.tries_left()))
    assert left == [(WrongPin, 2), (WrongPin, 1), (CardBlocked, 0)]
    assert await session.tries_left() == 0
    with pytest.raises(CardBlocked):
        await session.verify(pin())


@pcscd_test
async def test_the_last_try_is_told_by_a_flag(start: Start, cards: Pkcs15Process) -> None:
    session = await inserted(opensc(start), cards, "rsa")
    for _ in range(2):
        with pytest.raises(WrongPin) as wrong:
            await session.verify(pin(b"999999"))
    assert wrong.value.tries_left == 1
    assert (await session.tries_left(), await session.tries_hint()) == (1, "final")


@pcscd_test
async def test_a_key_with_user_consent_wants_the_pin_each_time(start: Start, cards: Pkcs15Process) -> None:
    session = await inserted(opensc(start), cards, "consent")
    for message in (b"one", b"two"):
        await session.verify(pin())
        assert session.pin_before_each_signature
        assert verified(session.certificate, message, await session.sign(message))
    assert cards.tries_left() == 3


@pcscd_test
async def test_the_pin_of_a_pkcs15_card_is_changed(start: Start, cards: Pkcs15Process) -> None:
    session = await inserted(opensc(start), cards, "rsa")
    with pytest.raises(WrongPin):
        await session.change_pin(pin(b"999999"), pin(b"654321"))
    assert cards.tries_left() == 2
    await session.change_pin(pin(), pin(b"654321"))
    with pytest.raises(WrongPin):
        await session.verify(pin())
    await session.verify(pin(b"654321"))


@pcscd_test
async def test_removal_ends_the_session_and_a_new_one_begins(start: Start, cards: Pkcs15Process) -> None:
    worker = opensc(start)
    session = await inserted(worker, cards, "rsa")
    await session.verify(pin())
    cards.remove()
    await settled(worker, False, False)
    assert not session.alive
    with pytest.raises(CardRemoved):
        await session.sign(b"x")
    with pytest.raises(NoCard):
        await worker.open()
    again = await inserted(worker, cards, "rsa")
    assert again.fingerprint == session.fingerprint
    await again.verify(pin())
    assert verified(again.certificate, b"x", await again.sign(b"x"))


@pcscd_test
async def test_a_swapped_card_never_gets_the_pin(start: Start, cards: Pkcs15Process) -> None:
    worker = opensc(start)
    session = await inserted(worker, cards, "rsa")
    cards.insert("other")
    for _ in range(3):
        with pytest.raises((CardRemoved, CardChanged, CardMute, CardReset)):
            await session.verify(pin(b"999999"))
    assert cards.tries_left() == 3
    cards.insert("other")
    await settled(worker, True, False)
    assert (await worker.open()).fingerprint != session.fingerprint


@pcscd_test
async def test_reset_by_another_program(start: Start, cards: Pkcs15Process) -> None:
    session = await inserted(opensc(start), cards, "rsa")
    await session.verify(pin())
    _, context = scard.SCardEstablishContext(0)
    result, card, _ = scard.SCardConnect(context, session.reader, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_ANY)
    assert result == 0
    scard.SCardDisconnect(card, scard.SCARD_RESET_CARD)
    scard.SCardReleaseContext(context)
    try:
        signature = await session.sign(b"x")
    except (CardReset, CardMute):
        await session.verify(pin())
        signature = await session.sign(b"x")
    assert verified(session.certificate, b"x", signature)
    assert cards.tries_left() == 3


@pcscd_test
async def test_inspect_tells_of_it_without_a_pin(pcscd: PrivatePcscd, start: Start, cards: Pkcs15Process) -> None:
    worker = opensc(start)
    session = await inserted(worker, cards, "rsa")
    looks = dict(await worker.inspect())
    look = looks[pcscd.readers[0]]
    assert look is not None
    assert (look.kind, look.accepted, look.reason, look.certificates) == ("pkcs11", True, "", (session.certificate,))
    assert looks[pcscd.readers[1]] is None


@pcscd_test
async def test_a_piv_card_is_spoken_to_natively_and_starts_no_second_module(
    pcscd: PrivatePcscd, start: Start, piv: dict[str, Path]
) -> None:
    worker = opensc(start)
    with CardProcess(pcscd.ports[0], piv) as cards:
        session = await inserted(worker, cards, "rsa")
        assert session.kind == "piv"


@pcscd_test
@pytest.mark.parametrize("name", ["rsa", "ec", "ec384"])
async def test_openscs_module_on_our_piv_card(pcscd: PrivatePcscd, start: Start, piv: dict[str, Path], name: str) -> None:
    worker = opensc(start)
    with CardProcess(pcscd.ports[0], piv) as cards:
        native = await inserted(worker, cards, name)
        await native.close()
        backend, slot = worker._readers.look()[0]
        assert worker._tokens is not None
        connect = partial(token_cards.connect, worker, worker._tokens, backend, slot, Choice())
        session = await worker.call(connect)
        assert (session.kind, session.fingerprint, session.algorithm) == ("pkcs11", native.fingerprint, native.algorithm)
        with pytest.raises(WrongPin):
            await session.verify(pin(b"999999"))
        assert cards.tries_left() == 2
        await session.verify(pin())
        for message in (b"one", b"two"):
            assert verified(session.certificate, message, await session.sign(message))


@pcscd_test
async def test_r23_my_number_is_selected_once_and_no_module_touches_it(start: Start, pcscd: PrivatePcscd, piv: dict[str, Path]) -> None:
    with CardProcess(pcscd.ports[0], piv) as cards:
        cards.insert("mynumber")
        await asyncio.sleep(0.6)
        worker = opensc(start)
        await settled(worker, True, False)
        for _ in range(2):
            with pytest.raises(CardRefused) as refused:
                await worker.open()
            assert refused.value.code == "R-23"
        looks = dict(await worker.inspect())
        assert looks[pcscd.readers[0]].kind == "mynumber"  # type: ignore[union-attr]
        assert worker._tokens is not None
        assert not any(process.running for process in worker._tokens.modules())
        assert set(worker.trace.headers()) == {"00a4040c"}
        assert cards.count() == worker.trace.count


@pcscd_test
async def test_r23_my_number_in_the_other_reader_keeps_modules_away(
    pcscd: PrivatePcscd, start: Start, stock: dict[str, Path], piv: dict[str, Path]
) -> None:
    worker = opensc(start)
    with CardProcess(pcscd.ports[0], piv) as refused_cards, Pkcs15Process(pcscd.ports[1], stock) as cards:
        refused_cards.insert("mynumber")
        cards.insert("rsa")
        await settled(worker, True, True)
        before = refused_cards.count()
        with pytest.raises(CardRefused) as refused:
            await worker.open(pcscd.readers[1])
        assert refused.value.code == "R-23"
        assert any(pcscd.readers[0] in cause for cause in refused.value.causes)
        assert refused_cards.count() - before == 1
        refused_cards.remove()
        await settled(worker, False, True)
        session = await worker.open(pcscd.readers[1])
        assert session.reader == pcscd.readers[1]
        await session.verify(pin())
