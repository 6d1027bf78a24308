"""PIN番号入力ダイアログ: what it tells, what it refuses without a try, and that the PIN is nowhere (R-07)."""

from __future__ import annotations

import asyncio

import pytest

from ebid_tui.card.interface import ReaderState
from ebid_tui.card.pin import Pin
from ebid_tui.errors import CardRemoved, WrongPin
from ebid_tui.flows.ui import Nav, Ui
from ebid_tui.screens.pin import CardsAtPinPrompt
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import asking, stage

SECRET = "135790"


async def test_it_shows_whose_card_it_is_and_the_tries_left() -> None:
    flow, _ = asking(lambda ui: ui.ask_pin(scripted.pin()))
    async with stage(flow) as s:
        shown = await s.until("PIN番号入力ダイアログ")
        assert "テスト工事業者０１" in shown
        assert "残り回数           3回" in shown
        assert "担当者" in shown
        assert "[ OK ]" in shown
        assert "[ キャンセル ]" in shown


async def test_the_last_try_and_an_unknown_number_are_said() -> None:
    flow, _ = asking(lambda ui: ui.ask_pin(scripted.pin(1, WrongPin(1))))
    async with stage(flow) as s:
        shown = await s.until("PIN番号入力ダイアログ")
        assert "PIN番号が違います（残り1回）" in shown
        assert "あと1回" in shown
    flow, _ = asking(lambda ui: ui.ask_pin(scripted.pin(None)))
    async with stage(flow) as s:
        assert "不明" in await s.until("PIN番号入力ダイアログ")


async def test_the_pin_goes_into_its_own_buffer_and_is_shown_nowhere() -> None:
    flow, answers = asking(lambda ui: ui.ask_pin(scripted.pin()))
    async with stage(flow) as s:
        await s.until("PIN番号入力ダイアログ")
        shown = await s.press(*SECRET)
        assert "[******" in shown
        told = [shown, s.app.export_screenshot(), str(s.app.tree), repr(s.page), repr(vars(s.page)), repr(s.page.sheet.lines)]
        await s.press("enter")
        (pin,) = answers
        assert isinstance(pin, Pin)
        assert bytes(pin.padded(8)) == SECRET.encode() + b"\xff\xff"
        told += [s.app.export_screenshot(), repr(vars(s.app)), repr(answers)]
        assert not any(SECRET in text for text in told)
        pin.wipe()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ((), "PIN番号を入力してください。"),
        (tuple("12345"), "6文字以上"),
        (tuple("123456789"), "8文字まで"),
        (("1", "あ", *"23456"), "半角で入力"),
    ],
)
async def test_what_cannot_be_a_pin_is_never_given_out(keys: tuple[str, ...], said: str) -> None:
    flow, answers = asking(lambda ui: ui.ask_pin(scripted.pin()))
    async with stage(flow) as s:
        await s.until("PIN番号入力ダイアログ")
        await s.type("".join(keys))
        shown = await s.press("enter")
        assert said in shown
        assert "[ " in shown
        assert answers == []
        await s.press(*SECRET, "enter")
        assert isinstance(answers[0], Pin)


async def test_a_paste_is_not_a_pin() -> None:
    flow, answers = asking(lambda ui: ui.ask_pin(scripted.pin()))
    async with stage(flow) as s:
        await s.until("PIN番号入力ダイアログ")
        assert "貼り付けできません" in await s.paste(SECRET)
        await s.press("enter")
        assert answers == []


async def test_backspace_takes_the_last_key_back() -> None:
    flow, answers = asking(lambda ui: ui.ask_pin(scripted.pin()))
    async with stage(flow) as s:
        await s.until("PIN番号入力ダイアログ")
        await s.press(*"1357901", "backspace", "enter")
        assert isinstance(answers[0], Pin)
        assert len(answers[0]) == 6


async def test_cancel_wipes_and_says_cancel() -> None:
    flow, answers = asking(lambda ui: ui.ask_pin(scripted.pin()))
    async with stage(flow) as s:
        await s.until("PIN番号入力ダイアログ")
        buffer = s.page._pin
        await s.press(*SECRET)
        await s.press("escape")
        assert answers == [Nav.CANCEL]
        assert len(buffer) == 0


async def test_a_card_pulled_out_is_a_removal_and_not_a_wrong_pin() -> None:
    told: list[object] = []

    async def flow(ui: Ui) -> None:
        try:
            await ui.ask_pin(scripted.pin())
        except CardRemoved as error:
            told.append(error.code)
        await asyncio.Event().wait()

    hand = Hand("ise-new")
    async with stage(flow, hand=hand) as s:
        await s.until("PIN番号入力ダイアログ")
        buffer = s.page._pin
        await s.press(*SECRET[:4])
        hand.remove()
        await s.came(lambda: told == ["E-CARD-REMOVED"])
        assert len(buffer) == 0


def there(*states: tuple[str, bool, int]) -> tuple[ReaderState, ...]:
    return tuple(ReaderState(*state) for state in states)


@pytest.mark.parametrize(
    ("reader", "now", "left"),
    [
        ("left", there(("left", True, 1), ("right", False, 2)), False),
        ("right", there(("left", True, 1), ("right", False, 2)), True),
        ("right", there(("left", False, 2), ("right", True, 1)), False),
        ("left", there(("left", True, 3), ("right", True, 1)), True),
        ("right", there(("left", True, 1)), True),
        ("", there(("left", True, 1), ("right", False, 2)), True),
    ],
    ids=["the other's card", "its card", "the other's card again", "a swap between two looks", "its reader is pulled out", "not said"],
)
def test_with_two_readers_only_its_own_card_ends_it(reader: str, now: tuple[ReaderState, ...], left: bool) -> None:
    cards = CardsAtPinPrompt(reader, there(("left", True, 1), ("right", True, 1)))
    assert not cards.one_left(there(("left", True, 1), ("right", True, 1)))
    assert cards.one_left(now) is left


def test_a_card_that_does_not_tell_its_tries_is_said_to_be_so() -> None:
    assert WrongPin(None).title == "PIN番号が違います（残り回数は不明）"
    assert WrongPin(2).title == "PIN番号が違います（残り2回）"
