"""A spreadsheet runs no cell of a file of ours, and what was guarded is read back as it was."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain import csv_cells
from ebid_tui.domain.text import cleaning

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
cells = st.one_of(st.text(max_size=12), st.text("'=+-@\t\r\n,\"あ1", max_size=8))


@pytest.mark.parametrize("first", FORMULAS)
def test_no_cell_is_a_formula_and_none_loses_its_own_apostrophe(first: str) -> None:
    for cell in (f"{first}1+1", f"'{first}1", f"''{first}"):
        assert csv_cells.guarded(cell) == f"'{cell}"
        assert csv_cells.unguarded(f"'{cell}") == cell
    for cell in ("", "'", "あ=1", "'あ", " =1", "1-1"):
        assert csv_cells.guarded(cell) == csv_cells.unguarded(cell) == cell


@given(st.lists(cells, min_size=1, max_size=6))
def test_whatever_is_written_is_read_back(values: list[str]) -> None:
    assert [csv_cells.unguarded(csv_cells.guarded(value)) for value in values] == values
    text = csv_cells.line(values)
    read = next(csv.reader(io.StringIO(text, newline="")))
    assert not any(cell.startswith(FORMULAS) for cell in read)
    assert [*map(csv_cells.unguarded, read)] == [cleaning.shown(value, lines=True) for value in values]
    assert cleaning.odd(text.replace("\r\n", ""), lines=True) is None
