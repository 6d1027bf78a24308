"""The border for text, as properties: whatever comes, nothing unseen is left and nothing that can be seen is touched."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain.text.classes import fold, normalise
from ebid_tui.domain.text.cleaning import (
    Tidied,
    command_in,
    odd,
    removed_kind,
    shown,
    tidy,
    visible,
)
from ebid_tui.messages import t

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\xa0\u202f\u200e\u200f\u202a\u202e\u2066\u2069\xad\r\n\t\x00\x1b\x7f\x85\u2028\ufe0f\U000e0100"
SPACING = "\n\r\v\f\x85\u2028\u2029\t\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"


@pytest.mark.parametrize("char", sorted({*INVISIBLE, *SPACING}))
def test_an_invisible_character_is_removed_and_said(char: str) -> None:
    """But for what separates words: that becomes one space, which is another sentence."""
    became = " " if char in SPACING else ""
    tidied = tidy(f"伊勢{char}市")
    assert tidied.text == f"伊勢{became}市"
    (name,) = tidied.spaced if became else tidied.removed
    assert tidied.notes == (t("field.spaced" if became else "field.removed", names=name),)
    assert name.isprintable()
    for alone in (f"{char}伊勢市", f" {char} 伊勢市{char}　", char):
        left = alone.strip(f" 　{char}") if became else alone.replace(char, "")
        assert tidy(alone) == Tidied(left, removed=(name,)), "at the ends nothing is to be kept apart"


@pytest.mark.parametrize(
    ("raw", "between", "text", "spaced", "removed"),
    [
        ("岩渕1-7-29\n101号室", "　", "岩渕1-7-29　101号室", ("改行",), ()),
        ("岩渕1-7-29\xa0101号室", "　", "岩渕1-7-29　101号室", ("改行しない空白",), ()),
        ("岩渕1-7-29\t0596-23-1111", "　", "岩渕1-7-29　0596-23-1111", ("タブ",), ()),
        ("伊勢 \r\n\t　市\u200b\n", " ", "伊勢 市", ("改行", "タブ"), ("改行", "幅のない空白")),
        ("0596\xa023\t1111", "", "0596231111", (), ("改行しない空白", "タブ")),
        ("demo@example.jp\n", "", "demo@example.jp", (), ("改行",)),
        ("\n\t \xa0", " ", "", (), ("改行", "タブ", "改行しない空白")),
    ],
)
def test_words_stay_apart_and_codes_together(raw: str, between: str, text: str, spaced: tuple[str, ...], removed: tuple[str, ...]) -> None:
    tidied = tidy(raw, between)
    assert (tidied.text, tidied.spaced, set(tidied.removed)) == (text, spaced, set(removed))


UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
"""No control, bidi, zero-width, surrogate or noncharacter: Unicode 14, PropList.txt and DerivedCoreProperties.txt."""
hostile_text = st.text(alphabet=st.characters(exclude_categories=()) | st.sampled_from("A伊市　 髙①" + INVISIBLE + SPACING), max_size=30)


@given(hostile_text, st.sampled_from([" ", "　", ""]))
def test_whatever_comes_is_left_without_anything_unseen_and_with_all_that_is_seen(raw: str, between: str) -> None:
    tidied = tidy(raw, between)
    assert not UNSEEN.search(tidied.text)
    assert tidy(tidied.text, between) == Tidied(tidied.text), "idempotent, and the second time nothing is said"
    seen = [char for char in raw if removed_kind(char) is None and char not in " 　"]
    assert [char for char in tidied.text if char not in " 　"] == seen
    assert bool(tidied.notes) == (tidied.text != raw) == (odd(raw) is not None)
    assert shown(raw) == visible(raw) == tidy(raw).text
    assert not UNSEEN.search(shown(raw, lines=True).replace("\n", ""))
    assert odd(tidied.text) is None
    if between == "　":
        assert normalise(raw, "full_width") == fold(tidied.text, "full_width").strip(" 　")


def test_of_all_characters_those_that_are_never_drawn_are_taken_out() -> None:
    every = "".join(map(chr, range(0x110000)))
    formats = {char for char in every if unicodedata.category(char) == "Cf"}
    assert {char for char in every if removed_kind(char)} == set(UNSEEN.findall(every)) | set(SPACING) | formats - SEEN_FORMATS


SEEN_FORMATS = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Signs that are drawn around the digits before them: Unicode 14, Prepended_Concatenation_Mark."""


def test_what_is_shown_has_an_end_and_lines_where_they_are_wanted() -> None:
    assert shown("あ" * 2001) == "あ" * 1999 + "…"
    assert shown("あ" * 2000) == "あ" * 2000
    assert shown("理由\r\n\x1b[2Jです\n\n", longest=10, lines=True) == "理由\n[2Jで…"
    assert odd("理由\nです") == t("field.char.newline")
    assert odd("理由\nです", lines=True) is None
    assert odd("理由\n\u202eです\r", lines=True) == t("field.char.bidi")


def test_many_spaces_cost_no_more_than_other_text() -> None:
    """Read again from each of them, these would take minutes."""
    spaces = " " * 300_000
    assert tidy(f"伊勢{spaces}市\n岩渕").text == f"伊勢{spaces}市 岩渕"


def test_variation_selectors_are_called_so() -> None:
    for first, last in ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF), (0x180B, 0x180F)):
        around = [removed_kind(chr(code)) for code in range(first - 1, last + 2)]
        assert around[1:-1] == ["variation_selector"] * (last - first + 1)
        assert "variation_selector" not in (around[0], around[-1])


def test_a_name_may_hold_bytes_of_another_character_set_and_no_command() -> None:
    assert command_in("/三重\udcb4\xa0e\u0301") is None
    assert [command_in(f"a{char}b") for char in "\n\x1b\x9b\u202e"] == ["U+000A", "U+001B", "U+009B", "U+202E"]
