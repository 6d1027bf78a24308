"""PIN番号の変更 on the screens, with a card in a virtual reader."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ebid_tui.app import EbidApp
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.flows.pin_change import change_pin
from ebid_tui.flows.ui import Ui
from tests.card.plastic import CertificateAuthority
from tests.clock import NOW
from tests.screens import scripted
from tests.screens.stage import Stage, still


@pytest.fixture
def card() -> VirtualCard:
    return CertificateAuthority(now=NOW).card()


@asynccontextmanager
async def changing(card: VirtualCard, changed: list[bool]) -> AsyncIterator[tuple[Stage, VirtualReader]]:
    reader = VirtualReader("virtual reader")
    worker = CardWorker(reader)
    worker.start()

    async def flow(ui: Ui) -> None:
        changed.append(await change_pin(ui, worker))

    app = EbidApp(scripted.profile(), flow, cards=worker, clock=still())
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            stage = Stage(app, pilot)
            await stage.until("PIN番号を変えるICカードを")
            reader.insert(card)
            await stage.until("現在のPIN番号を入力してください", "残り")
            yield stage, reader
    finally:
        worker.stop()


async def enter(stage: Stage, text: str) -> None:
    await stage.type(text)
    await stage.press("enter")


async def test_it_is_changed(card: VirtualCard) -> None:
    changed: list[bool] = []
    async with changing(card, changed) as (stage, _):
        assert "KOJIN JURO" in stage.text()
        await enter(stage, "123456")
        shown = await stage.until("新しいPIN番号を入力してください")
        assert "残り" not in shown, "a PIN that is made up has no tries"
        await enter(stage, "87654321")
        await stage.until("もう一度入力してください")
        await enter(stage, "87654321")
        await stage.until("PIN番号を変更しました")
        await stage.press("enter")
        await stage.came(lambda: changed)
    assert changed == [True]
    assert bytes(card._pin) == b"87654321"


async def test_esc_at_the_new_pin_changes_nothing(card: VirtualCard) -> None:
    changed: list[bool] = []
    async with changing(card, changed) as (stage, _):
        await enter(stage, "123456")
        await stage.until("新しいPIN番号を入力してください")
        await stage.press("escape")
        await stage.came(lambda: changed)
    assert changed == [False]
    assert card.tries_left == 3


async def test_the_card_pulled_while_the_new_pin_is_typed_is_a_removal(card: VirtualCard) -> None:
    changed: list[bool] = []
    async with changing(card, changed) as (stage, reader):
        await enter(stage, "123456")
        await stage.until("新しいPIN番号を入力してください")
        await stage.type("8765")
        reader.remove()
        await stage.until("ICカードが抜かれました")
        reader.insert(card)
        await stage.until("現在のPIN番号を入力してください")
    assert card.tries_left == 3
