"""Patterns of a file: what is quick whatever is typed is taken, with an example that fits; the rest is refused."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain.fields import Field, FieldPolicy, problem
from ebid_tui.domain.profile.field_checks import definition_fault
from ebid_tui.domain.profile.patterns import examples, pattern_fault
from ebid_tui.domain.profile.reasons import key_of
from ebid_tui.domain.sample_values import valid
from tests.patience import long

CODE = Field(id="x-code", label="許可番号", chars="half_alnum", max=12, pattern="[A-Z]{2}[0-9]+", pattern_says="英字2文字と数字です。")


@pytest.mark.parametrize(
    ("value", "fits"), [("AB1", True), ("AB123", True), ("ab1", False), ("AB", False), ("xAB1", False), ("AB1x", False)]
)
def test_the_whole_value_must_fit(value: str, fits: bool) -> None:
    found = problem(CODE, value, FieldPolicy(), {})
    assert (found is None) == fits
    assert found is None or (found.code, found.message) == ("E-PATTERN", CODE.pattern_says)


@pytest.mark.parametrize(
    ("pattern", "key"),
    [
        ("(", "pattern_broken"),
        ("a{2,1}", "pattern_broken"),
        ("a" * 201, "pattern_long"),
        ("(?=a)a", "pattern_parts"),
        (r"(a)\1", "pattern_parts"),
        ("^a", "pattern_parts"),
        ("(a+)+", "pattern_slow"),
        ("(a?){30}", "pattern_slow"),
        ("(a|aa)*", "pattern_slow"),
        ("a?" * 9, "pattern_slow"),
        (".*.*.*", "pattern_slow"),
    ],
)
def test_what_is_refused(pattern: str, key: str) -> None:
    assert key_of(pattern_fault(pattern) or "") == key


@pytest.mark.parametrize("pattern", [r"\d{3}-\d{4}", "第[0-9]+号?", "(A|B|特)[^0-9]{2}", "[0-9]{2}(-[0-9]{2})?", ""])
def test_what_is_taken(pattern: str) -> None:
    assert pattern_fault(pattern) is None


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"pattern": ""}, "pattern_says_with"),
        ({"pattern_says": " "}, "pattern_says_with"),
        ({"kind": "phone"}, "pattern_for_text"),
        ({"secret": True}, "pattern_for_text"),
        ({"pattern": "第[0-9]号"}, "pattern_nothing"),
        ({"pattern": "[A-Z]{13}"}, "pattern_nothing"),
    ],
)
def test_a_field_that_nothing_fits_is_refused(changes: dict[str, object], key: str) -> None:
    definition = {name: getattr(CODE, name) for name in ("id", "label", "chars", "max", "pattern", "pattern_says")} | changes
    assert key_of(definition_fault(Field(**definition)) or "") == key


@given(st.text("AB[]()?+*{}|.0-9\\d^$,", max_size=12))
def test_whatever_is_taken_has_examples_that_fit_and_is_quick(pattern: str) -> None:
    if pattern_fault(pattern) is not None:
        return
    assert all(re.fullmatch(pattern, e) and len(e) <= 12 for e in examples(pattern, "half_alnum_symbols", 12))
    began = time.perf_counter()
    re.fullmatch(pattern, "A" * 256 + "!")
    assert time.perf_counter() - began < long()


def test_its_sample_is_of_the_fields_length() -> None:
    exact = Field(id="x-code", label="番号", chars="half_alnum", exact=8, pattern="[A-Z]{2}[0-9]*", pattern_says="違います。")
    assert valid(exact) == "AA000000"
    wide = Field(id="x-no", label="番号", max=10, pattern="第[０-９]+号|なし", pattern_says="違います。")
    assert valid(wide) == "第０号"
