"""A list longer than a page: found by typing, paged, counted; twelve is twelve (54 agencies)."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.flows.ui import Nav, Option, Question
from ebid_tui.messages import t
from ebid_tui.screens.choose_long import LongChoiceScreen
from ebid_tui.widgets.frame import PageFrame
from tests.screens.stage import asking, stage, still

NAMES = [("千葉県", "ちばけん"), ("千葉市", "ちばし"), ("銚子市", "ちょうしし"), ("市川市", "いちかわし"), ("船橋市", "ふなばしし")]
NAMES += [(f"第{number}町", f"だい{number}ちょう") for number in range(6, 54)] + [("鋸南町", "きょなんまち")]
TOWNS = Question(
    "agency", "調達機関", tuple(Option(f"a{n}", name, reading=read) for n, (name, read) in enumerate(NAMES, start=1)), "選びます。"
)
ALL = "全54件"


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("12", "a12"),
        ("１２", "a12"),
        ("1", "a1"),
        ("54", "a54"),
        ("銚子", "a3"),
        ("ちょうし", "a3"),
        ("フナバシ", "a5"),
        ("千葉 市", "a2"),
        ("きょなん", "a54"),
    ],
)
async def test_what_is_typed_finds_it(typed: str, chosen: str) -> None:
    flow, answers = asking(lambda ui: ui.choose(TOWNS))
    async with stage(flow) as s:
        await s.until(ALL)
        for char in typed:
            await s.press("space" if char == " " else char)
        assert answers == [], "nothing is chosen before Enter"
        await s.press("enter")
        assert answers == [chosen]


async def test_it_says_how_many_fit_and_backspace_takes_back() -> None:
    flow, answers = asking(lambda ui: ui.choose(TOWNS))
    async with stage(flow) as s:
        await s.until(ALL)
        await s.press("千")
        shown = await s.press("葉")
        assert t("screen.choose.found", count=54, found=2) in shown
        assert "銚子市" not in shown
        shown = await s.press("x")
        assert t("assist.none_left") in shown
        await s.press("enter")
        assert answers == [], "there is nothing to choose"
        await s.press("backspace", "backspace")
        assert ALL in await s.press("backspace")
        await s.press("down", "enter")
        assert answers == ["a2"]


@pytest.mark.parametrize(("keys", "chosen"), [(["end", "enter"], "a54"), (["up", "enter"], "a54"), (["end", "home", "enter"], "a1")])
async def test_keys_reach_the_ends(keys: list[str], chosen: str) -> None:
    flow, answers = asking(lambda ui: ui.choose(TOWNS))
    async with stage(flow) as s:
        await s.until(ALL)
        await s.press(*keys)
        assert answers == [chosen]


async def test_a_page_key_goes_a_page_on_and_esc_goes_back() -> None:
    flow, answers = asking(lambda ui: ui.choose(TOWNS))
    async with stage(flow) as s:
        shown = await s.until(ALL)
        assert "鋸南町" not in shown
        for _ in range(8):
            shown = await s.press("pagedown")
        assert "鋸南町" in shown
        await s.press("escape")
        assert answers == [Nav.BACK]


@given(st.text(st.sampled_from("0123456789千葉市ちば ０１２x"), max_size=6))
def test_however_one_types_the_chosen_one_is_what_the_line_says(text: str) -> None:
    async def typed() -> LongChoiceScreen:
        page = LongChoiceScreen(PageFrame(profile_of("ise"), still(), {}, {}, False), TOWNS)
        for char in text:
            page.take_key(events.Key("space" if char == " " else char, char))
        return page

    page = asyncio.run(typed())
    chosen = page.chosen
    if page.number:
        assert chosen is TOWNS.options[page.number - 1]
    elif chosen is None:
        assert not page.found
    else:
        assert all(word in chosen.label or word in chosen.reading for word in page.query_line.value.split() if word in ("千葉", "ちば"))
    assert len(page.body(78).stops) == len(page.found)
