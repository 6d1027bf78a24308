"""Which cells of a line are asked to be repainted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.widgets.sheet import cells, changed
from ebid_tui.widgets.styled_lines import fit_line

LINE = st.lists(st.tuples(st.text(st.sampled_from("aあｱ　 1"), max_size=6), st.sampled_from(["text", "dim", "input"])), max_size=5)


def test_a_typed_character_changes_its_own_cells() -> None:
    old = fit_line([("[", "dim"), ("三重県", "input"), (" ", "cursor"), ("        ", "input")], 30)
    new = fit_line([("[", "dim"), ("三重県伊", "input"), (" ", "cursor"), ("      ", "input")], 30)
    assert changed(old, new) == [(7, 10)]


def test_far_changes_are_told_apart_and_near_ones_joined() -> None:
    old = fit_line([("a" + " " * 28 + "a", "text")], 30)
    new = fit_line([("b" + " " * 28 + "b", "text")], 30)
    assert changed(old, new) == [(0, 1), (29, 30)]


@given(LINE, LINE)
def test_what_is_outside_the_changed_spans_is_the_same(old_pieces: list[tuple[str, str]], new_pieces: list[tuple[str, str]]) -> None:
    old, new = fit_line(old_pieces, 24), fit_line(new_pieces, 24)
    before, after = list(cells(old)), list(cells(new))
    assert len(before) == len(after) == 24
    inside = {x for start, end in changed(old, new) for x in range(start, end)}
    assert all(before[x] == after[x] for x in range(24) if x not in inside)
    assert all(after[end][0] != "" for _, end in changed(old, new) if end < 24)
