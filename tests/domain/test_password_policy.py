"""R-04: what a new password has to be, part by part, and what is told of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain.password_policy import parts, problems
from ebid_tui.domain.profile.systems import Password, profile_of

ISE = profile_of("ise").password
assert ISE is not None
POLICY: Password = ISE
GOOD = "Neu-pass99"


def met(new: str, again: str = "", policy: Password = POLICY) -> dict[str, bool]:
    return {part.part: part.met for part in parts(policy, new, again)}


def values(new: str, again: str | None = None, old: str = "Init-pass1") -> dict[str, str]:
    return {"password": old, "new_password": new, "new_password_again": new if again is None else again}


def test_the_parts_in_the_order_they_are_shown() -> None:
    assert list(met("")) == ["length", "letters", "digits", "symbols", "same"]
    assert not any(met("").values())
    assert all(met(GOOD, GOOD).values())


@pytest.mark.parametrize(
    ("new", "part", "is_met"),
    [
        ("1234567", "length", False),
        ("12345678", "length", True),
        ("12345678-", "letters", False),
        ("A", "letters", True),
        ("あ", "letters", False),
        ("abcdefg-", "digits", False),
        ("１", "digits", False),
        ("abcdefg1", "symbols", False),
        ("~", "symbols", True),
        ("!", "symbols", True),
        (" ", "symbols", False),
        ("－", "symbols", False),
    ],
)
def test_each_part_as_it_is_met(new: str, part: str, is_met: bool) -> None:
    assert met(new)[part] is is_met


@pytest.mark.parametrize(("again", "same"), [(GOOD, True), ("Neu-pass9", False), ("NEU-pass99", False), ("", False)])
def test_typed_twice(again: str, same: bool) -> None:
    assert met(GOOD, again)["same"] is same


def test_only_what_the_system_asks_is_shown() -> None:
    plain = Password(min_length=8, letters=True, digits=True, symbols=False)
    assert list(met("abcd1234", "abcd1234", plain)) == ["length", "letters", "digits", "same"]
    assert problems(plain, values("abcd1234")) == {}


def test_a_good_one_has_no_problem() -> None:
    assert problems(POLICY, values(GOOD)) == {}


def test_everything_that_is_missing_is_told_at_once() -> None:
    found = problems(POLICY, values("abc"))
    assert list(found) == ["new_password"]
    assert found["new_password"].code == "R-04"
    missing = [part.label for part in parts(POLICY, "abc", "abc") if not part.met]
    assert len(missing) == 3
    assert all(label in found["new_password"].message for label in missing)


def test_the_second_entry_has_a_problem_of_its_own() -> None:
    assert list(problems(POLICY, values(GOOD, "x"))) == ["new_password_again"]
    assert list(problems(POLICY, values("", ""))) == ["new_password"]
    assert list(problems(POLICY, values("abc", "x"))) == ["new_password", "new_password_again"]


def test_the_old_password_is_no_new_one() -> None:
    found = problems(POLICY, values(GOOD, old=GOOD))
    assert list(found) == ["new_password"]


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_password_is_never_in_what_is_told(new: str, again: str) -> None:
    secret = f"{new}ひみつ"
    for problem in problems(POLICY, values(secret, again)).values():
        assert "ひみつ" not in problem.message


@given(st.text(max_size=20))
def test_problems_and_parts_agree(new: str) -> None:
    whole = all(part.met for part in parts(POLICY, new, new))
    assert (problems(POLICY, values(new, old="")) == {}) is whole
