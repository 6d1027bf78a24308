"""The cursor of lists, choices and card pages, against a small model: generated sequences of keys."""

from __future__ import annotations

import asyncio
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.errors import EbidError
from ebid_tui.flows.ui import CardRequest, Option, Question, Trouble
from ebid_tui.screens.base import Step
from ebid_tui.screens.card import CardScreen
from ebid_tui.screens.choose import ChooseScreen
from ebid_tui.screens.trouble import TroubleScreen
from ebid_tui.widgets.cursor import FEW, Cursor
from ebid_tui.widgets.frame import PageFrame
from tests.screens.stage import still

counts = st.integers(0, 14)
steps = st.lists(st.integers(-20, 20), max_size=12)


@given(counts, steps)
def test_turning_goes_round(count: int, walked: list[int]) -> None:
    cursor, model = Cursor(count), deque(range(count))
    for each in walked:
        cursor.turn(each)
        model.rotate(-each)
    assert cursor.at == (model[0] if model else 0)


@given(counts, steps)
def test_moving_stops_at_the_ends(count: int, walked: list[int]) -> None:
    """Row by row, as arrows would; Home and End are more rows than there are, PgUp and PgDn those that are seen."""
    cursor, row = Cursor(count), 0
    for each in walked:
        cursor.move(each)
        for _ in range(abs(each)):
            row = row + 1 if each > 0 and row < count - 1 else row - 1 if each < 0 < row else row
    assert cursor.at == row


@given(counts.filter(bool), st.data(), st.integers(1, 9))
def test_the_chosen_one_is_in_sight_with_as_many_as_there_is_room_for(count: int, data: st.DataObject, rows: int) -> None:
    cursor = Cursor(count, data.draw(st.integers(0, count - 1)))
    seen = cursor.in_sight(rows)
    assert cursor.at in seen
    assert len(seen) == min(rows, count)
    assert seen[-1] < count


KEYS = {"up": -1, "down": 1, "ctrl+p": -1, "ctrl+n": 1, "left": -1, "shift+tab": -1, "right": 1, "tab": 1}
OTHERS = ("0", "a", "home", "end", "pageup", "pagedown", "alt+1", "f5")
keys = st.lists(st.sampled_from([*KEYS, *OTHERS, *"123456789"]), max_size=12)


def choice(office: PageFrame, count: int) -> Any:
    return ChooseScreen(office, Question("q", "", tuple(Option(str(number), "x", unavailable="no") for number in range(count))))


def card_page(office: PageFrame, count: int) -> Any:
    cards = tuple((str(number), "") for number in range(count))
    tray: Any = SimpleNamespace(cards=lambda: cards, inserted=(), insert=lambda *_: None)
    page: Any = CardScreen(office, CardRequest("card", "", ""), (), tray)
    page.set_timer = lambda *_: None  # nobody waits for the reader
    return page


def trouble(office: PageFrame, count: int) -> Any:
    return TroubleScreen(office, Trouble(EbidError(code="E-FILE", file="", reason=""), ("retry", "back", "cancel")))


@pytest.mark.parametrize(
    ("make", "own", "numbers"),
    [
        (choice, set(KEYS), True),
        (card_page, {"up", "down", "ctrl+p", "ctrl+n"}, True),
        (trouble, {"left", "shift+tab", "right", "tab"}, False),
    ],
)
@given(count=st.integers(1, 14), struck=keys)
def test_keys_choose_on_every_page_as_they_say(make: Any, own: set[str], numbers: bool, count: int, struck: list[str]) -> None:
    async def pressed() -> tuple[int, int]:
        page = make(PageFrame(profile_of("ise"), still(), {}, {}, False), count)
        model, digits = deque(range(page.cursor.count)), ""
        for key in struck:
            press(page, key)
            if key in own:
                model.rotate(-KEYS[key])
            if not numbers or not key.isdigit():
                digits = "" if key in own else digits
                continue
            number = next((n for n in (digits + key, key) if 0 < int(n) <= len(model)), "")
            if number:
                model.rotate(model[0] - int(number) + 1)
                digits = number if len(model) > FEW else ""
        return page.cursor.at, model[0]

    at, expected = asyncio.run(pressed())
    assert at == expected


def press(page: Step[Any], key: str) -> None:
    """As the app hands a key on: to the page itself, else to its binding."""
    if not page.take_key(events.Key(key, key[-1] if len(key) == 1 or "alt" in key else None)):
        for binding in page._bindings.key_to_bindings.get(key, []):
            getattr(page, f"action_{binding.action}", lambda: None)()
