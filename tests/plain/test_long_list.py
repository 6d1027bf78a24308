"""A list of 54 in line mode, as a person at a terminal has it: by pages, found by a part of a name or its reading."""

from __future__ import annotations

import os

import pytest

from ebid_tui.flows.ui import Back, Option, Question
from ebid_tui.messages import t
from ebid_tui.plain.keyboard import Keyboard
from ebid_tui.plain.long_list import PAGE
from ebid_tui.plain.voice import PlainUi
from tests.screens.plastic import Hand

TOWNS = Question(
    "agency", "調達機関", tuple(Option(f"a{n}", f"第{n}町", reading="ちょうしし" if n == 40 else "") for n in range(1, 55)), "選びます。"
)


async def chosen(lines: str) -> str | Back:
    """What comes of these lines, typed at a terminal."""
    ours, theirs = os.openpty()
    try:
        os.write(ours, lines.encode())
        return await PlainUi(Keyboard(descriptor=theirs), Hand()).choose(TOWNS)
    finally:
        os.close(ours)
        os.close(theirs)


async def test_the_first_page_says_how_many_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert await chosen("54\n") == "a54"
    out = capsys.readouterr().out
    assert t("plain.list_count", count=54) in out
    assert t("plain.list_more", count=54 - PAGE) in out
    assert f"{PAGE} 第{PAGE}町" in out
    assert f"{PAGE + 1} 第{PAGE + 1}町" not in out


@pytest.mark.parametrize("word", [":more", ":続き", "：ＭＯＲＥ"])
async def test_it_goes_on(capsys: pytest.CaptureFixture[str], word: str) -> None:
    assert await chosen(f"{word}\n12\n") == "a12"
    out = capsys.readouterr().out
    assert f"{2 * PAGE} 第{2 * PAGE}町" in out
    assert f"{2 * PAGE + 1} 第{2 * PAGE + 1}町" not in out


@pytest.mark.parametrize("query", ["ちょう", ":find チョウシ", ":絞る ちょうしし"])
async def test_a_part_of_a_name_shows_those_that_have_it_by_their_own_number(capsys: pytest.CaptureFixture[str], query: str) -> None:
    assert await chosen(f"{query}\n40\n") == "a40"
    out = capsys.readouterr().out
    assert "40 第40町" in out.rpartition(t("plain.list_more", count=54 - PAGE))[2]


async def test_what_fits_nothing_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert await chosen("55\n銚子\n第3町\n") == "a3"
    out = capsys.readouterr().out
    assert out.count(t("plain.list_unknown")) == 2
    assert t("plain.not_a_choice", allowed="")[:5] not in out
