"""My Number before all (R-23): by SELECT only, on every public way that touches a card. No VERIFY of any kind, no counter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import JPKI_AID, PIV_AID, VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.errors import CardRefused, SeveralCards
from ebid_tui.flows.card import WantedCard, seen_card, unlocked_card
from ebid_tui.flows.pin_change import change_pin
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Nav
from tests.card.plastic import CertificateAuthority
from tests.flows.script import ScriptUi, outcome
from tests.screens.scripted import NOW

PROFILE = profile_of("ise")
PLACE = Place(PROFILE, PROFILE.agencies[0], PROFILE.categories[0])


async def opened(worker: CardWorker) -> None:
    with pytest.raises(CardRefused) as refused:
        await worker.open(trusted=PROFILE.trusted)
    assert refused.value.code == "R-23"


async def opened_by_fingerprint(worker: CardWorker) -> None:
    with pytest.raises(CardRefused):
        await worker.open(fingerprint="00" * 32)


async def inspected(worker: CardWorker) -> None:
    ((_, look),) = await worker.inspect()
    assert look is not None
    assert look.kind == "mynumber"


async def in_a_flow(worker: CardWorker) -> None:
    ui = ScriptUi(("card", True), ("card", Nav.CANCEL))
    assert await outcome(unlocked_card(ui, worker, PLACE, NOW, WantedCard("lead", "again"))) is Nav.CANCEL
    assert [error.code for error in ui.told] == ["R-23"]


async def in_the_question_which(worker: CardWorker) -> None:
    ui = ScriptUi(("card", True), ("card", Nav.CANCEL))
    assert await outcome(seen_card(ui, worker, PLACE, "lead")) is Nav.CANCEL
    assert [error.code for error in ui.told] == ["R-23"]


async def changing_its_pin(worker: CardWorker) -> None:
    ui = ScriptUi(("card", True), ("card", Nav.CANCEL))
    assert not await change_pin(ui, worker)
    assert [error.code for error in ui.told] == ["R-23"]


WAYS = [opened, opened_by_fingerprint, inspected, in_a_flow, in_the_question_which, changing_its_pin]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("piv", [False, True], ids=["", "with PIV beside"])
async def test_r23_one_select_and_nothing_else(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker, way: Callable[[CardWorker], Awaitable[None]], piv: bool
) -> None:
    reader.insert(ca.card(aids=(PIV_AID, JPKI_AID)) if piv else VirtualCard({}, aids=(JPKI_AID,)))
    await way(worker)
    assert [str(exchange) for exchange in worker.trace.exchanges] == ["00 a4 04 0c +10 -> 0 bytes 9000"]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_r23_with_one_in_each_reader_still_only_select(way: Callable[[CardWorker], Awaitable[None]]) -> None:
    readers = [VirtualReader("one"), VirtualReader("two")]
    worker = CardWorker(*readers)
    worker.start()
    try:
        for reader in readers:
            reader.insert(VirtualCard({}, aids=(JPKI_AID,)))
        if way is opened:
            with pytest.raises(SeveralCards):
                await worker.open(trusted=PROFILE.trusted)
            assert not worker.trace.exchanges
            await worker.inspect()
        elif way is not inspected:
            await way(worker)
        else:
            assert [look.kind for _, look in await worker.inspect() if look] == ["mynumber", "mynumber"]
        assert {str(exchange) for exchange in worker.trace.exchanges} == {"00 a4 04 0c +10 -> 0 bytes 9000"}
    finally:
        worker.stop()
