"""The kiosk's app: woken by a card or a key, ended by a card taken out or idleness, left with the secret only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ebid_tui.app import ReadersChanged
from ebid_tui.card.interface import ReaderState
from ebid_tui.errors import CardRemoved
from ebid_tui.flows.ui import CardRequest, Report, Ui
from ebid_tui.kiosk.app import KioskApp
from ebid_tui.kiosk.keeper import LEAVE
from ebid_tui.kiosk.secret import Secret, set_secret
from tests.screens import scripted
from tests.screens.stage import Stage, still

WORD = "correct horse"
CONTROL = [f"ctrl+{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"] + ["ctrl+backslash", "ctrl+@", "ctrl+right_square_bracket"]
FUNCTION = [f"f{n}" for n in range(1, 25)] + [f"shift+f{n}" for n in range(1, 13)] + ["escape", "delete", "insert", "tab", "ctrl+delete"]


class Kiosk(Stage):
    """One visitor's app; `now` is its time, `signed_out` counts the sessions that were ended."""

    app: KioskApp
    now = 0.0
    signed_out = 0

    async def later(self, seconds: float) -> None:
        self.now += seconds
        await self.app.tick()
        await self.pilot.pause()

    async def cards(self, *present: bool) -> None:
        self.app.post_message(ReadersChanged(tuple(ReaderState(f"Reader {i}", there) for i, there in enumerate(present))))
        await self.pilot.pause()

    async def woken(self) -> None:
        await self.until("ICカードをカードリーダーに差してください")
        await self.press("enter")
        await self.until("SECRET")

    def ended(self) -> bool:
        return self.app._exit and self.app.return_code == 0


async def reading(ui: Ui) -> None:
    await ui.read(Report("report", "visit", (), "SECRET", "close"))
    await asyncio.Event().wait()


@asynccontextmanager
async def kiosk(directory: Path, flow: Callable[[Ui], Awaitable[object]] = reading) -> AsyncIterator[Kiosk]:
    set_secret(directory / "secret", WORD.encode())
    there: list[Kiosk] = []

    async def sign_out() -> None:
        there[0].signed_out += 1

    app = KioskApp(
        scripted.profile(),
        flow,
        secret=Secret(directory / "secret", directory / "attempts"),
        idle=60,
        countdown=10,
        sign_out=sign_out,
        monotonic=lambda: there[0].now if there else 0.0,
        clock=still(),
        reports=directory,
    )
    async with app.run_test(size=(80, 24)) as pilot:
        there.append(Kiosk(app, pilot))
        await pilot.pause()
        yield there[0]


async def test_a_card_wakes_it_and_the_card_taken_out_ends_it(tmp_path: Path) -> None:
    async with kiosk(tmp_path) as stage:
        await stage.cards(False, False)
        await stage.later(10_000)
        assert not stage.app._exit, "nobody there: nothing runs out"
        await stage.cards(False, True)
        await stage.until("SECRET")
        await stage.later(1)
        assert not stage.app._exit
        await stage.cards(False, False)
        await stage.later(0.25)
        assert stage.ended()
        assert stage.signed_out == 1


async def test_a_card_left_behind_wakes_nobody(tmp_path: Path) -> None:
    async with kiosk(tmp_path) as stage:
        await stage.cards(True)
        await stage.until("カードが差さったままです")
        assert not stage.app.visiting
        await stage.cards(False)
        await stage.cards(True)
        await stage.until("SECRET")


async def test_a_card_swapped_where_one_is_asked_for_is_no_end(tmp_path: Path) -> None:
    async def swap(ui: Ui) -> None:
        await ui.read(Report("first", "visit", (), "SECRET", "close"))
        await ui.insert_card(CardRequest("swap", "swap", "take the old one out", CardRemoved()))
        await reading(ui)

    async with kiosk(tmp_path, swap) as stage:
        await stage.woken()
        await stage.cards(True)
        await stage.press("escape")
        await stage.until("take the old one out")
        await stage.cards(False)
        await stage.later(1)
        assert not stage.app._exit


async def test_idleness_counts_down_and_ends(tmp_path: Path) -> None:
    async with kiosk(tmp_path) as stage:
        await stage.woken()
        await stage.later(49)
        assert "操作がありません" not in stage.text()
        await stage.later(2)
        await stage.until("あと9秒")
        await stage.later(4)
        await stage.until("あと5秒")
        await stage.press("escape")
        await stage.gone("操作がありません")
        assert "SECRET" in stage.text(), "the key did nothing else"
        await stage.later(49)
        assert "操作がありません" not in stage.text(), "it began anew"
        await stage.later(11)
        assert stage.ended()
        assert stage.signed_out == 1


async def test_work_is_never_cut(tmp_path: Path) -> None:
    over = asyncio.Event()

    async def working(ui: Ui) -> None:
        async with ui.busy("work"):
            await over.wait()
        await reading(ui)

    async with kiosk(tmp_path, working) as stage:
        await stage.press("enter")
        await stage.came(lambda: stage.app._layers.work.going)
        await stage.cards(True)
        await stage.cards(False)
        await stage.later(1000)
        assert not stage.app._exit
        over.set()
        await stage.came(lambda: not stage.app._layers.work.going)
        await stage.later(0.25)
        assert stage.ended()


@pytest.mark.parametrize("visiting", [False, True])
async def test_no_key_leaves_it(tmp_path: Path, visiting: bool) -> None:
    async def for_ever(ui: Ui) -> None:
        while True:
            await ui.read(Report("report", "visit", (), "SECRET", "close"))

    async with kiosk(tmp_path, for_ever) as stage:
        await stage.until("差してください")
        if visiting:
            await stage.woken()
        for key in CONTROL + FUNCTION:
            await stage.press(key, key)
            assert stage.app.is_running, key
            assert not stage.app._exit, key


async def test_the_secret_leaves_it_and_nothing_else_does(tmp_path: Path) -> None:
    async with kiosk(tmp_path) as stage:
        await stage.until("差してください")
        await stage.press("ctrl+q")
        await stage.until("管理者")
        await stage.type("wrong")
        await stage.press("enter")
        await stage.until("暗証が違います")
        assert "wrong" not in stage.text()
        await stage.type(WORD)
        await stage.press("enter")
        await stage.until("あと1秒")
        assert not stage.app._exit, "too early"
        (tmp_path / "attempts").unlink()
        await stage.type(WORD)
        await stage.press("enter")
        await stage.came(lambda: stage.app._exit)
        assert stage.app.return_code == LEAVE
