"""Waiting for a card: what answers the request, and what does not."""

from __future__ import annotations

import msgspec
import pytest

from ebid_tui.card.interface import ReaderState
from ebid_tui.errors import CardBlocked, RuleError
from ebid_tui.flows.ui import CardRequest
from ebid_tui.screens.card import CardScreen
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import asking, stage

REFUSED = CardRequest("card", "ICカード", "ICカードを入れてください。", RuleError("R-23", what="マイナンバーカード"))


@pytest.mark.parametrize(
    ("now", "came"),
    [
        ((ReaderState("left", True, 1), ReaderState("right", False, 2)), False),
        ((ReaderState("left", True, 3), ReaderState("right", False, 2)), True),
        ((ReaderState("left", True, 1), ReaderState("right", True, 3)), True),
        ((ReaderState("left", False, 2), ReaderState("right", False, 2)), False),
    ],
    ids=["the same", "another one in its place", "one in the other reader", "pulled out"],
)
async def test_a_refused_card_is_passed_over_and_another_one_is_noticed(now: tuple[ReaderState, ...], came: bool) -> None:
    """Also where both the removal and the insertion lie between two looks (F9 puts one in the place of the other)."""
    before = (ReaderState("left", True, 1), ReaderState("right", False, 2))
    flow, _ = asking(lambda ui: ui.trouble(scripted.trouble()))
    async with stage(flow) as s:
        screen = CardScreen(s.app.office, REFUSED, before, None)
        screen.readers_changed(before)
        assert not screen.answered
        screen.readers_changed(now)
        assert screen.answered is came


class FullHand(Hand):
    """More cards than fit under what is told."""

    def cards(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"card-{number:02}", "伊勢市 テスト工事業者０１（未登録）") for number in range(12))


@pytest.mark.parametrize("card", [0, 5, 11])
async def test_where_the_cursor_is_can_be_seen_however_much_is_told_above_it(card: int) -> None:
    blocked = CardBlocked(causes=("カードの発行者: 認証局", "カードの発行には、2週間ほどかかります。", "紙での入札は、認められません。"))
    request = msgspec.structs.replace(REFUSED, problem=blocked, first=True)
    flow, _ = asking(lambda ui: ui.insert_card(request))
    async with stage(flow, hand=FullHand(f"card-{card:02}")) as s:
        assert "  >" in await s.until(blocked.title)
