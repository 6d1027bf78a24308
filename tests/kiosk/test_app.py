"""The kiosk's app: woken by a card or a key, ended by a card taken out or idleness, left with the secret only."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ebid_tui.card.interface import ReaderState
from ebid_tui.errors import CardRemoved
from ebid_tui.flows.ui import CardRequest, Done, Report, Ui
from ebid_tui.kiosk import command
from ebid_tui.kiosk.keeper import LEAVE
from ebid_tui.kiosk.visitor_cards import VisitorCards
from ebid_tui.messages import t
from ebid_tui.printing.printers import Printer, PrintJob
from ebid_tui.widgets import theme as themes
from tests.kiosk.stand import START, WORD, kiosk, reading
from tests.screens import scripted

CONTROL = [f"ctrl+{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"] + ["ctrl+backslash", "ctrl+@", "ctrl+right_square_bracket"]
FUNCTION = [f"f{n}" for n in range(1, 25)] + [f"shift+f{n}" for n in range(1, 13)] + ["escape", "delete", "insert", "tab", "ctrl+delete"]


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
        await stage.came(stage.ended)
        assert stage.window.signed_out == 1


async def test_a_card_left_behind_wakes_nobody(tmp_path: Path) -> None:
    async with kiosk(tmp_path) as stage:
        await stage.cards(True)
        await stage.until(t("kiosk.start.left"))
        assert not stage.app.visiting
        await stage.cards(False)
        await stage.cards(True)
        await stage.until("SECRET")


async def test_a_card_swapped_where_one_is_asked_for_is_no_end(tmp_path: Path) -> None:
    async def swap(ui: Ui) -> None:
        await ui.read(Report("first", "visit", (), "SECRET", "close"))
        await ui.insert_card(CardRequest("swap", "swap", "take the old one out"))
        await reading(ui)

    async with kiosk(tmp_path, swap) as stage:
        await stage.woken()
        await stage.cards(True)
        await stage.press("escape")
        await stage.until("take the old one out")
        await stage.cards(False)
        await stage.later(1)
        assert not stage.app._exit


async def test_a_removal_that_the_flow_noticed_first_is_one_all_the_same(tmp_path: Path) -> None:
    async def lost(ui: Ui) -> None:
        await ui.insert_card(CardRequest("card", "card", "put it in again", CardRemoved()))

    async with kiosk(tmp_path, lost) as stage:
        await stage.until(START)
        await stage.cards(0)
        await stage.cards(1)
        await stage.until("put it in again")
        await stage.cards(0)
        await stage.later(1)
        await stage.came(stage.ended)


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
        await stage.came(stage.ended)
        assert stage.window.signed_out == 1


async def test_work_is_never_cut(tmp_path: Path) -> None:
    over = asyncio.Event()

    async def working(ui: Ui) -> None:
        async with ui.busy("work"):
            await over.wait()
        await reading(ui)

    async with kiosk(tmp_path, working) as stage:
        await stage.until(START)
        await stage.press("enter")
        await stage.came(lambda: stage.app._layers.work.going)
        await stage.cards(True)
        await stage.cards(False)
        await stage.later(1000)
        assert not stage.app._exit
        over.set()
        await stage.came(lambda: not stage.app._layers.work.going)
        await stage.later(0.25)
        await stage.came(stage.ended)


@pytest.mark.parametrize("visiting", [False, True])
async def test_no_key_leaves_it(tmp_path: Path, visiting: bool) -> None:
    async def for_ever(ui: Ui) -> None:
        while True:
            await ui.read(Report("report", "visit", (), "SECRET", "close"))

    async with kiosk(tmp_path, for_ever) as stage:
        await stage.until(START)
        if visiting:
            await stage.woken()
        for key in CONTROL + FUNCTION:
            await stage.press(key, key)
            assert stage.app.is_running, key
            assert not stage.app._exit, key


async def test_the_secret_leaves_it_and_nothing_else_does(tmp_path: Path) -> None:
    async with kiosk(tmp_path) as stage:
        await stage.until(START)
        await stage.press("ctrl+q")
        await stage.until("管理者")
        await stage.type("wrong")
        await stage.press("enter")
        await stage.until(t("kiosk.secret.wrong", seconds=1))
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


async def test_the_key_bar_and_help_name_no_way_out(tmp_path: Path) -> None:
    async with kiosk(tmp_path) as stage:
        assert "終了" not in await stage.until(START)
        await stage.woken()
        assert "終了" not in stage.text()
        await stage.press("f1")
        await stage.came(lambda: "SECRET" not in stage.text())
        assert "Ctrl+Q" not in stage.text()


def test_its_theme_is_there() -> None:
    assert themes.choose(themes.file_of(command.THEME))[1] == ""


# -- several readers


def told(here: VisitorCards, *cards: int) -> tuple[bool, bool]:
    return here.told([ReaderState(f"Reader {i}", bool(count), count) for i, count in enumerate(cards)])


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        ([(0, 0), (1, 0)], [(0, 0)], [True]),  # one's own card
        ([(0, 5), (1, 5)], [(0, 5)], [True]),  # beside one that somebody has left behind
        ([(0, 5), (1, 5)], [(1, 0), (0, 0)], [False, True]),  # the one left behind is taken out first
        ([(0, 5)], [(0, 0)], [True]),  # begun by a key, with the card that was in
        ([(0, 0)], [(1, 0), (1, 3), (0, 3), (0, 0)], [False, False, False, True]),  # two cards, one after the other
        ([(0, 0), (1, 0)], [(3, 0)], [True]),  # swapped between two looks
        ([(0, 0), (1, 0)], [(1, 0)], [False]),  # nothing happened
        ([(0, 0), (1, 0)], [()], [True]),  # the reader itself is gone
    ],
)
def test_whose_card_was_taken_out(before: list[tuple[int, ...]], after: list[tuple[int, ...]], left: list[bool]) -> None:
    here = VisitorCards()
    for cards in before:
        told(here, *cards)
    here.begin()
    assert [told(here, *cards)[1] for cards in after] == left


async def test_a_forgotten_card_in_another_reader_keeps_no_visit_open(tmp_path: Path) -> None:
    async with kiosk(tmp_path) as stage:
        await stage.until(START)
        await stage.cards(0, 7)
        await stage.cards(1, 7)
        await stage.until("SECRET")
        await stage.cards(0, 7)
        await stage.later(0.25)
        await stage.came(stage.ended)


# -- the end


async def test_what_was_on_the_screen_is_covered_at_once(tmp_path: Path) -> None:
    async with kiosk(tmp_path) as stage:
        await stage.woken()
        going = asyncio.Event()
        stage.window.sign_out = going.wait  # type: ignore[method-assign,assignment]
        await stage.cards(1)
        await stage.cards(0)
        await stage.came(lambda: "消しています" in stage.text())
        assert "SECRET" not in stage.text()
        await stage.press("enter", "escape")
        going.set()
        await stage.came(stage.ended)


async def test_a_server_that_says_nothing_holds_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebid_tui.kiosk.app.SIGN_OUT", 0.01)
    async with kiosk(tmp_path) as stage:
        await stage.woken()
        stage.window.sign_out = asyncio.Event().wait  # type: ignore[method-assign,assignment]
        await stage.later(60)
        await stage.came(stage.ended)


class Printers:
    """An outlet whose print server takes its time: `goes` lets it go on."""

    to_file = False
    printer = ""

    def __init__(self) -> None:
        self.goes = asyncio.Event()
        self.sent: list[str] = []

    async def printers(self) -> tuple[Printer, ...]:
        return (Printer("desk", "Desk"),)

    async def send(self, printer: str, done: Done) -> PrintJob:
        await self.goes.wait()
        self.sent.append(done.receipt.id)
        return PrintJob("desk-1", 1)


async def ending(ui: Ui) -> None:
    await ui.done(scripted.done())


@pytest.mark.parametrize("how", ["card", "idle", "close"])
async def test_r20_the_end_of_a_visit_waits_for_the_print(tmp_path: Path, how: str) -> None:
    printers = Printers()
    async with kiosk(tmp_path, ending, outlet=lambda _: printers) as stage:
        await stage.until(START)
        await stage.cards(0)
        await stage.cards(1)
        await stage.until("処理完了")
        await stage.press("f8")
        await stage.until("印刷する")
        await stage.press("f8")
        await stage.came(lambda: stage.app.voice.printout and stage.app.voice.printout.busy)
        if how == "card":
            await stage.cards(0)
            await stage.later(0.25)
        elif how == "idle":
            await stage.later(60)
        else:
            await stage.press("escape", "escape")
        await stage.pilot.pause()
        assert not stage.app._exit
        assert printers.sent == []
        printers.goes.set()
        await stage.came(stage.ended)
        assert printers.sent == [scripted.receipt().id]


async def test_a_card_taken_out_at_the_receipt_ends_it(tmp_path: Path) -> None:
    async with kiosk(tmp_path, ending) as stage:
        await stage.until(START)
        await stage.cards(0)
        await stage.cards(1)
        await stage.until("処理完了")
        await stage.cards(0)
        await stage.later(0.25)
        await stage.came(stage.ended)


async def test_r20_a_receipt_that_was_not_seen_yet_stays_a_moment(tmp_path: Path) -> None:
    """The card was taken out while the server was still working."""
    over = asyncio.Event()

    async def registering(ui: Ui) -> None:
        async with ui.busy("work"):
            await over.wait()
        await ending(ui)

    async with kiosk(tmp_path, registering) as stage:
        await stage.until(START)
        await stage.cards(0)
        await stage.cards(1)
        await stage.came(lambda: stage.app._layers.work.going)
        await stage.cards(0)
        over.set()
        await stage.until("処理完了")
        await stage.later(0)
        assert not stage.app._exit
        await stage.later(1)
        await stage.until("あと9秒", "処理完了")
        await stage.later(9)
        await stage.came(stage.ended)


# -- the countdown and what else may happen meanwhile


async def test_a_card_put_in_ends_the_countdown(tmp_path: Path) -> None:
    async with kiosk(tmp_path) as stage:
        await stage.woken()
        await stage.later(55)
        await stage.until("あと5秒")
        await stage.cards(1)
        await stage.later(0.25)
        await stage.gone("操作がありません")
        assert "SECRET" in stage.text()


async def test_a_terminal_made_small_during_the_countdown(tmp_path: Path) -> None:
    """Neither hides the other for ever, and the time goes on."""
    async with kiosk(tmp_path) as stage:
        await stage.woken()
        await stage.later(51)
        await stage.until("あと9秒")
        await stage.pilot.resize_terminal(60, 10)
        await stage.came(lambda: stage.app._layers.too_small)
        await stage.later(2)
        await stage.pilot.resize_terminal(80, 24)
        await stage.later(0.5)
        await stage.until("あと7秒")
        await stage.press("enter")
        await stage.gone("操作がありません")
        assert "SECRET" in stage.text()
        await stage.pilot.resize_terminal(60, 10)
        await stage.came(lambda: stage.app._layers.too_small)
        await stage.later(55)
        await stage.press("ctrl+q")
        await stage.pilot.resize_terminal(80, 24)
        await stage.came(lambda: "SECRET" in stage.text())
        assert "管理者" not in stage.text()
        await stage.pilot.resize_terminal(60, 10)
        await stage.later(60)
        await stage.came(stage.ended)


async def test_a_clock_that_ticks_once_more_when_no_screen_is_left_is_no_error(tmp_path: Path) -> None:
    async with kiosk(tmp_path) as stage:
        await stage.cards(False)
    assert stage.app.screen_stack == []
    stage.app.tick()
