"""The line under the title: it shortens from the left, in both languages, and never outgrows its row."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.whereabouts import NOWHERE, Whereabouts
from ebid_tui.language import LANGUAGES, speaking
from ebid_tui.widgets.frame import CUT, where_row, where_text
from ebid_tui.widgets.styled_lines import width_of

SYSTEMS = ("aomori", "ise", "nagasaki", "saitama")


def places(system: str) -> list[Whereabouts]:
    profile = profile_of(system)
    made = [NOWHERE.at(profile, a.id, c.id) for a in profile.agencies for c in profile.categories_of(a.id)]
    return [where.with_vendor(profile, "1234567890").with_card({"person": "個人　十郎"}, "current") for where in made]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_place_keeps_its_number_and_card_at_80_columns(system: str, language: str) -> None:
    with speaking(language):
        for where in places(system):
            text = where_text(where, 78)
            assert cell_len(text) <= 78
            assert "1234567890" in text
            assert text.endswith(where.parts()[-1])
            if language == "ja" and cell_len(where.text()) <= 78:
                assert text == where.text(), "nothing of it is cut"


def test_it_shortens_from_the_left() -> None:
    whole = places("saitama")[0].text()
    assert where_text(places("saitama")[0], cell_len(whole)) == whole
    for cells in range(20, cell_len(whole)):
        text = where_text(places("saitama")[0], cells)
        assert text.startswith(CUT)
        assert whole.endswith(text.removeprefix(CUT))
        assert cells - len("1234567890") <= cell_len(text) <= cells, "a wide character is not halved, nor is a word of letters"
        assert not re.match(r"\d{1,9}\b", text.removeprefix(CUT))


def test_in_english_labels_give_up_their_japanese_before_anything_is_cut() -> None:
    with speaking("en"):
        (where, *_) = places("ise")
        assert where_text(where, 200).startswith("建設工事、測量・コンサル / Construction")
        assert where_text(where, 100).startswith("Construction, surveying, consulting › ")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.integers(20, 200))
def test_whatever_stands_there_the_row_is_as_wide_as_the_screen(agency: str, category: str, number: str, holder: str, width: int) -> None:
    where = Whereabouts(agency, category, "番号", number, holder, "new")
    assert width_of(where_row(where, width)) == width
