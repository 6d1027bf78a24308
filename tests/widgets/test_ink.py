"""Lines in cells: Japanese line breaking, cutting, columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ebid_tui.widgets import styled_lines

TEXT = st.text(st.sampled_from("あアｱ漢字、。「」（）abc 123ー　ぁ※!"), max_size=80)


@given(TEXT, st.integers(8, 60))
def test_wrapped_lines_fit_and_lose_nothing_but_spaces_at_breaks(text: str, cells: int) -> None:
    rows = styled_lines.wrap(text, cells)
    assert all(cell_len(row) <= cells for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")


def test_no_line_begins_with_a_full_stop_or_ends_with_an_opening_bracket() -> None:
    rows = styled_lines.wrap("あいうえおかきくけ。こさしすせそたち（つてと）なにぬね", 18)
    assert rows[0].endswith("く")
    assert not any(row[0] in styled_lines.NOT_FIRST for row in rows)
    assert not any(row[-1] in styled_lines.NOT_LAST for row in rows)


def test_words_of_letters_stay_whole() -> None:
    assert styled_lines.wrap("連絡先は test01@example.co.jp です", 20) == ["連絡先は", "test01@example.co.jp", "です"]


def test_the_last_line_is_not_a_mere_word_end() -> None:
    rows = styled_lines.wrap("業者番号で資格審査情報を探します。商号又は名称とパスワードも入力してください。", 74)
    assert rows == ["業者番号で資格審査情報を探します。", "商号又は名称とパスワードも入力してください。"]


@given(TEXT, st.integers(0, 30))
def test_fitting_gives_exactly_the_cells(text: str, cells: int) -> None:
    assert cell_len(styled_lines.fit(text, cells)) == cells
    assert styled_lines.width_of(styled_lines.fit_line([(text, "text"), (text, "dim")], cells)) == cells
    assert cell_len(styled_lines.cut_left(text, cells)) <= cells


def test_both_ends_of_a_line_stand_and_the_left_gives_way() -> None:
    row = styled_lines.ends([("伊勢市 電子入札システム", "header")], [("18時11分", "clock")], 20)
    assert "".join(text for text, _ in row) == "伊勢市 電子 18時11分"
