"""The PIN on the reader's own keys, as the screen says it: nothing typed here counts, and キャンセル waits for the reader."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec

from ebid_tui.errors import CardBlocked, PinPadCancelled, PinPadTimeout, WrongPin
from ebid_tui.flows.ui import Nav, PinRequest, Ui
from tests.screens import scripted
from tests.screens.plastic import READER, Hand
from tests.screens.stage import asking, stage


def on_pad(tries: int | None = 3, problem: WrongPin | None = None) -> PinRequest:
    return msgspec.structs.replace(scripted.pin(tries, problem), pin_pad=True, reader=READER)


class Pad:
    """The reader: an entry lasts until `end`."""

    def __init__(self) -> None:
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def entry(self) -> None:
        await self._ended

    def end(self, error: Exception | None = None) -> None:
        if error is None:
            self._ended.set_result(None)
        else:
            self._ended.set_exception(error)


def waiting(pad: Pad, request: PinRequest) -> tuple[Callable[[Ui], Awaitable[object]], list[object]]:
    """A flow that waits for the pad, and what it got: an answer or an error's code."""

    async def wait(ui: Ui) -> object:
        try:
            await ui.wait_for_pin_pad(request, pad.entry)
        except (PinPadCancelled, PinPadTimeout, WrongPin, CardBlocked) as error:
            return error.code
        return None

    return asking(wait)


async def test_it_says_where_to_enter_the_pin_whose_card_it_is_and_the_tries_left() -> None:
    flow, answers = waiting(pad := Pad(), on_pad(2, WrongPin(2)))
    async with stage(flow) as s:
        shown = await s.until("リーダーのキーでPIN番号を入力")
        for text in ("テスト工事業者０１", "残り回数           2回", "PIN番号が違います（残り2回）", "取消キー"):
            assert text in shown
        assert "[ OK ]" not in shown
        pad.end()
        await s.came(lambda: answers == [None])


async def test_a_pin_typed_here_all_the_same_goes_nowhere() -> None:
    flow, answers = waiting(pad := Pad(), on_pad())
    async with stage(flow) as s:
        await s.until("リーダーのキーで")
        shown = await s.press(*"135790", "enter")
        assert "*" not in shown
        assert "135790" not in shown
        assert answers == []
        pad.end()
        await s.came(lambda: answers == [None])


async def test_cancel_waits_for_the_reader_and_wins_even_over_a_right_pin() -> None:
    flow, answers = waiting(pad := Pad(), on_pad())
    async with stage(flow) as s:
        await s.until("リーダーのキーで")
        assert "リーダーの取消キーも" in await s.press("escape")
        assert answers == []
        pad.end()
        await s.came(lambda: answers == [Nav.CANCEL])


async def test_after_cancel_what_became_of_the_entry_does_not_matter_unless_the_card_is_locked() -> None:
    for error, expected in ((PinPadTimeout(), Nav.CANCEL), (WrongPin(1), Nav.CANCEL), (CardBlocked(), "R-07")):
        flow, answers = waiting(pad := Pad(), on_pad())
        async with stage(flow) as s:
            await s.until("リーダーのキーで")
            await s.press("escape")
            pad.end(error)
            await s.came(partial(lambda answers, expected: answers == [expected], answers, expected))


async def test_the_readers_own_cancel_key_is_told_to_the_flow() -> None:
    flow, answers = waiting(pad := Pad(), on_pad())
    async with stage(flow) as s:
        await s.until("リーダーのキーで")
        pad.end(PinPadCancelled())
        await s.came(lambda: answers == ["E-PIN-PAD-CANCELLED"])


async def test_a_card_that_is_pulled_is_said_while_the_reader_still_waits() -> None:
    hand = Hand("ise-new")
    flow, answers = waiting(pad := Pad(), on_pad())
    async with stage(flow, hand=hand) as s:
        await s.until("リーダーのキーで")
        hand.remove()
        await s.until("カードが抜かれました")
        assert answers == []
        pad.end()
