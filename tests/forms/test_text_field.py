"""The line being edited: keys, wide characters, rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.forms.text_field import KEYS, TextField


def edited(value: str, *keys: str) -> tuple[str, int]:
    field = TextField(value)
    for key in keys:
        assert field.press(key)
    return field.value, field.cursor


def test_typing_goes_in_at_the_cursor() -> None:
    field = TextField("個人十郎")
    field.press("left")
    field.press("left")
    field.insert("　")
    assert (field.value, field.cursor) == ("個人　十郎", 3)


@pytest.mark.parametrize(
    ("keys", "value", "cursor"),
    [
        (("backspace",), "三重県伊勢", 5),
        (("home", "delete"), "重県伊勢市", 0),
        (("left", "left", "ctrl+k"), "三重県伊", 4),
        (("left", "left", "ctrl+u"), "勢市", 0),
        (("ctrl+a", "right"), "三重県伊勢市", 1),
        (("home", "ctrl+e"), "三重県伊勢市", 6),
        (("home", "left", "backspace"), "三重県伊勢市", 0),
        (("end", "right", "delete"), "三重県伊勢市", 6),
    ],
)
def test_editing_keys(keys: tuple[str, ...], value: str, cursor: int) -> None:
    assert edited("三重県伊勢市", *keys) == (value, cursor)


def test_words_end_where_the_script_changes() -> None:
    value = "テスト工事業者０１ abc"
    assert edited(value, "ctrl+w") == ("テスト工事業者０１ ", 10)
    assert edited(value, "ctrl+left", "ctrl+left", "ctrl+left") == (value, 3)
    assert edited(value, "home", "ctrl+right") == (value, 3)


def test_a_combining_mark_goes_with_its_character() -> None:
    assert edited("か\u3099", "backspace") == ("", 0)
    assert edited("か\u3099", "left") == ("か\u3099", 0)
    assert edited("か\u3099", "home", "right") == ("か\u3099", 2)


def test_rows_never_halve_a_wide_character_and_the_cursor_has_a_cell() -> None:
    rows, place = TextField("三重県伊勢市").rows(7)
    assert rows == ["三重県", "伊勢市"]
    assert place == (1, 6)
    rows, place = TextField("三重県").rows(6)
    assert (rows, place) == (["三重県", ""], (1, 0))


def test_a_mask_has_as_many_rows_as_its_own_width() -> None:
    assert TextField("パスワード").rows(40, "*****") == (["*****"], (0, 5))


def test_it_never_shows_its_value() -> None:
    assert "Demo-pass1" not in repr(TextField("Demo-pass1"))


@given(st.lists(st.sampled_from([*KEYS, *"aあ　ｱ１\u3099"]), max_size=40), st.integers(1, 12))
def test_any_keys_leave_a_cursor_inside_a_value_whose_rows_add_up(keys: list[str], cells: int) -> None:
    field = TextField("三重県")
    for key in keys:
        if not field.press(key):
            field.insert(key)
    assert 0 <= field.cursor <= len(field.value)
    rows, (row, column) = field.rows(max(cells, 2))
    assert "".join(rows) == field.value
    assert row < len(rows)
    assert column < max(cells, 2)


def test_a_secret_that_came_with_the_form_is_replaced_by_the_first_character_and_by_no_other() -> None:
    """R-33: a password typed again behind the one that was wrong would be one more wrong one."""
    line = TextField("Wrong-1", stale=True)
    line.insert("R")
    line.insert("ight-1")
    assert line.value == "Right-1"
    for key in ("backspace", "left", "end"):
        line = TextField("Wrong-1", stale=True)
        assert line.press(key)
        line.insert("x")
        assert len(line.value) > 1, key
