"""Every code has a meaning, causes, a remedy and what to tell the caller; and is found however it is typed."""

from __future__ import annotations

import re

import pytest

from ebid_tui.domain.codes import RULES, codes_in, every_code, explained
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.messages.desk_codes import TEXTS


def test_rules_and_errors_are_codes() -> None:
    assert set(RULES) < set(every_code())
    assert len(every_code()) > 120


@pytest.mark.parametrize("code", every_code())
def test_every_code_says_what_it_means_and_what_to_tell(code: str) -> None:
    found = explained(code)
    assert found.code == code
    for sentence in (found.meaning, *found.causes, found.remedy, found.tell):
        assert sentence.strip()
        assert "{" not in sentence
    assert found.tell.endswith(("。",))


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_its_own_answer_to_the_caller(code: str) -> None:
    assert {f"code.{code}.{part}" for part in ("meaning", "causes", "tell")} <= TEXTS.keys()
    answers = [explained(rule).tell for rule in RULES]
    assert answers.count(explained(code).tell) == 1


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("R-05", "R-05"),
        ("r5", "R-05"),
        ("R05", "R-05"),
        ("Ｒ－０５", "R-05"),
        ("rー33", "R-33"),
        (" r-39 ", "R-39"),
        ("R 7", "R-07"),
        ("E-NO-CARD", "E-NO-CARD"),
        ("Ｅ－ＮＯ－ＣＡＲＤ", "E-NO-CARD"),
        ("e no card", "E-NO-CARD"),
        ("E−WRONG−PIN", "E-WRONG-PIN"),
    ],
)
def test_a_code_is_found_however_it_is_typed(typed: str, code: str) -> None:
    assert codes_in(typed)[0] == code


@pytest.mark.parametrize("typed", ["", "R", "E", "R-0", "R-99", "R-005x", "東", "R5建設", "1000000001", "EBARA", "E電機", "2ab", "e5"])
def test_what_is_no_code(typed: str) -> None:
    assert codes_in(typed) == ()


def test_the_beginning_of_a_code_offers_those_that_go_on_so() -> None:
    assert codes_in("e-card")[0] == "E-CARD"
    assert "E-CARD-REMOVED" in codes_in("e-card-")
    assert codes_in("E-PRINT") == tuple(code for code in every_code() if code.startswith("E-PRINT"))
    assert len(codes_in("E-")) == 9


def test_what_only_the_system_knows_is_filled_in() -> None:
    profile = profile_of("ise")
    assert profile.contact.name in explained("R-33", profile).remedy
    assert "○○" in explained("R-33").remedy
    with pytest.raises(KeyError):
        explained("R-99")


def test_no_answer_is_longer_than_one_breath() -> None:
    for key, text in TEXTS.items():
        if key.endswith(".tell"):
            assert len(text) <= 75, key
            assert re.search("。", text), key
