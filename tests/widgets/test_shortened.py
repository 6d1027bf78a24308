"""What does not fit is not cut in the middle of a word: it is wrapped, or it ends in a sign that there is more."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.systems import available, profile_of
from ebid_tui.flows.ui import Form, FormBlock
from ebid_tui.forms.conversion import wanted
from ebid_tui.forms.model import FormModel
from ebid_tui.language import LANGUAGES, gloss, speaking
from ebid_tui.messages import t
from ebid_tui.widgets.form_page import _hint, paint_form
from ebid_tui.widgets.frame import title_row
from ebid_tui.widgets.styled_lines import MORE, Line, label_rows, names_within, pair, shortened, width_of

words = st.text("abcdefg", min_size=1, max_size=9)
texts = st.one_of(st.lists(words, min_size=1, max_size=20).map(" ".join), st.text("登録するカードの名義。、", min_size=1, max_size=60))
names = st.lists(st.text("愛知県清須市春日abc", min_size=1, max_size=12), min_size=1, max_size=30)


@given(texts, st.integers(16, 80))
def test_a_shortened_text_keeps_whole_words_and_says_so(text: str, cells: int) -> None:
    shown = shortened(text, cells)
    assert cell_len(shown) <= cells
    if cell_len(text) <= cells:
        assert shown == text
    else:
        kept = shown.removesuffix(MORE)
        assert kept != shown
        assert text.startswith(kept)
        assert not text.isascii() or text[len(kept)] == " "


@given(names, st.integers(30, 80))
def test_of_many_names_whole_ones_are_shown(every: list[str], cells: int) -> None:
    shown = names_within(every, cells)
    assert cell_len(shown) <= cells
    kept = shown.removesuffix(MORE).split("、")
    assert kept == every[: len(kept)]
    assert shown.endswith(MORE) == (len(kept) < len(every))


@given(st.text("登録項目abc", min_size=1, max_size=40), texts, st.integers(8, 40))
def test_of_a_pair_neither_side_loses_anything(label: str, value: str, cells: int) -> None:
    rows = pair(label, value, cells, 80)
    assert "".join(_cell(row, 1).strip() for row in rows) == label
    assert "".join(_cell(row, 2) for row in rows).replace(" ", "") == value.replace(" ", "")
    assert len({cell_len(_cell(row, 1)) for row in rows}) == 1


def _cell(row: Line, at: int) -> str:
    return row[at][0] if at < len(row) else ""


@given(st.text("登録項目", min_size=1, max_size=20), words, st.integers(8, 40))
def test_a_label_gives_up_its_meaning_before_it_takes_another_row(label: str, meaning: str, cells: int) -> None:
    rows = label_rows(f"{label} / {meaning}", cells)
    assert "".join(rows).replace(" ", "").startswith(label)
    assert len(rows) == 1 or cell_len(label) > cells


def fields(system: str) -> list[Field]:
    profile = profile_of(system)
    found = [field for block in profile.blocks for field in profile.fields(block.id, "registration", profile.categories[0].id)]
    return found + [field for agency in profile.agencies for field in profile.search_fields(agency.id)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("system", sorted(available()))
def test_at_80_columns_every_fields_hint_is_whole(system: str, language: str) -> None:
    """Also behind the sentence that asks to switch an input method off."""
    with speaking(language):
        asks = cell_len(t("screen.input_method.off")) + 1
        for field in fields(system):
            told = msgspec.structs.replace(field, help=gloss(field.help))
            assert not _hint(told, 78 - (0 if wanted(field) else asks)).endswith(MORE), told.help


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_80_columns_what_help_looks_for_is_said_whole(language: str) -> None:
    with speaking(language):
        assert cell_len(f" {t('help.query')} {t('help.type')}") <= 80


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("system", sorted(available()))
def test_at_80_columns_every_fields_note_is_whole(system: str, language: str) -> None:
    """Registration, search and new password: what stands behind an input is neither cut nor does it leave the input no room."""
    profile = profile_of(system)
    agency, category = profile.agencies[0], profile.categories[0]
    registration = [field for block in profile.blocks for field in profile.fields(block.id, "registration", category.id)]
    passwords = profile.password.fields if profile.password else ()
    with speaking(language):
        for shown in (registration, profile.search_fields(agency.id), passwords):
            told = tuple(glossed(field) for field in shown if field.input)
            form = Form("f", "", "", (FormBlock("b", "", "", told),), {}, "", "", profile.policy)
            rows = paint_form(FormModel(form), 80).lines
            assert max((width_of(row) for row in rows), default=0) <= 80
            text = "\n".join("".join(piece for piece, _ in row) for row in rows)
            assert all(field.note in text for field in told), text


def glossed(field: Field) -> Field:
    return msgspec.structs.replace(field, label=gloss(field.label), note=gloss(field.note), mark=gloss(field.mark))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_title_that_is_too_long_keeps_its_meaning_and_what_stands_at_its_right(language: str) -> None:
    profile = profile_of("ise")
    with speaking(language):
        title = t("flow.pin.title_of", title=gloss(profile.pin_dialog.title), which=gloss("現在使用しているICカード"))
        for way in ("above", "below", "both"):
            right = t(f"screen.more.{way}", up="PgUp", down="PgDn")
            row = "".join(text for text, _ in title_row(title, right, 80))
            assert cell_len(row) == 80
            assert row.endswith(f" {right} ")
            assert language != "en" or "Current card" in row
