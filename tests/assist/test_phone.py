"""Hyphens of telephone numbers."""

from __future__ import annotations

import pytest

from ebid_tui.assist.phone import hyphenated


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("0596231111", "0596-23-1111"),
        ("0312345678", "03-1234-5678"),
        ("0958241111", "095-824-1111"),
        ("09012345678", "090-1234-5678"),
        ("05012345678", "050-1234-5678"),
        ("0120444444", "0120-444-444"),
        ("０５９６２３１１１１", "0596-23-1111"),
        ("059-623-1111", "0596-23-1111"),
        ("(0596)23-1111", "0596-23-1111"),
        ("+81-3-1234-5678", "03-1234-5678"),
        ("+81(0)596-23-1111", "0596-23-1111"),
        ("+819012345678", "090-1234-5678"),
    ],
)
def test_hyphens_stand_where_the_numbering_plan_has_them(typed: str, written: str) -> None:
    assert hyphenated(typed) == written


@pytest.mark.parametrize(
    "typed",
    ["", "0596-23-1111", "596231111", "0000000001", "000-0000-001", "03-1234-567", "abcdefghij", "+1-212-555-1234", "+81-3-1234-567"],
)
def test_what_is_right_already_or_no_number_gets_no_suggestion(typed: str) -> None:
    assert hyphenated(typed) == ""
