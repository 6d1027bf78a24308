"""What people really type: each gets a sentence that fits, and what they mean where that can be told."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain.fields import Field, FieldPolicy, problem, settle
from ebid_tui.domain.typed_phones import is_phone, note
from ebid_tui.messages import t

POLICY = FieldPolicy()
PHONE = Field(id="phone", label="電話番号", kind="phone", chars="half_digits_symbols", max=25)
BARE_PHONE = Field(id="phone", label="電話番号", kind="phone", chars="half_digits", max=11)
POSTAL = Field(id="postal_code", label="郵便番号", kind="postal_code", chars="half_digits_symbols", exact=8)
BARE_POSTAL = Field(id="postal_code", label="郵便番号", kind="postal_code", chars="half_digits", exact=7)
MAIL = Field(id="email", label="メールアドレス", kind="email", chars="half_alnum_symbols", max=100)
M = "test01@example.co.jp"
P = "0596-23-1111"

SLIPS: list[tuple[Field, str, str, str | None]] = [
    (MAIL, "test01@example,co.jp", "mail_comma", M),
    (MAIL, "test01@example、co。jp", "mail_comma", M),
    (MAIL, "test01@example。co.jp", "mail_period", M),
    (MAIL, "test01@example．co｡jp", "mail_period", M),
    (MAIL, "test01@example・co・jp", "mail_period", M),
    (MAIL, "test01@example..co.jp", "mail_dots", M),
    (MAIL, "taro..yamada@example.co.jp", "mail_dots", "taro.yamada@example.co.jp"),
    (MAIL, "test01.@example.co.jp", "mail_dot_end", M),
    (MAIL, ".test01@example.co.jp", "mail_dot_end", M),
    (MAIL, "test01@.example.co.jp", "mail_dot_end", M),
    (MAIL, "test01@example.co.jp.", "mail_dot_end", M),
    (MAIL, "test01@example.co.jp。", "mail_period", M),
    (MAIL, "mailto:test01@example.co.jp", "mail_mailto", M),
    (MAIL, "MAILTO: test01@example.co.jp", "mail_mailto", M),
    (MAIL, "E-mail:test01@example.co.jp", "mail_mailto", M),
    (MAIL, "メール：test01@example.co.jp", "mail_mailto", M),
    (MAIL, "山田太郎<test01@example.co.jp>", "mail_name", M),
    (MAIL, '"Taro" <test01@example.co.jp>', "mail_name", M),
    (MAIL, "<test01@example.co.jp>", "mail_name", M),
    (MAIL, "「test01@example.co.jp」", "mail_ends", M),
    (MAIL, "(test01@example.co.jp)", "mail_ends", M),
    (MAIL, "test01@example.co.jp;", "mail_ends", M),
    (MAIL, "test01 @example.co.jp", "mail_space", M),
    (MAIL, "test01@example .co.jp", "mail_space", M),
    (MAIL, "test01\n@example.co.jp", "mail_space", M),
    (MAIL, "test01@@example.co.jp", "mail_at", M),
    (MAIL, "test01(at)example.co.jp", "mail_at", M),
    (MAIL, "test01[at]example.co.jp", "mail_at", M),
    (MAIL, "test01 at example.co.jp", "mail_at", M),
    (MAIL, "test01☆example.co.jp", "mail_at", M),
    (MAIL, "test01@example.cojp", "mail_domain", M),
    (MAIL, "test01@example.con", "mail_domain", "test01@example.com"),
    (MAIL, "test01@example.co.jp,test02@example.co.jp", "mail_two", None),
    (MAIL, "test01@example.co.jp test02@example.co.jp", "mail_two", None),
    (MAIL, "test01@example.co.jp\ntest02@example.co.jp", "mail_two", None),
    (MAIL, "test01@example@co.jp", "mail_two_at", None),
    (MAIL, "test01example.co.jp", "mail_no_at", None),
    (MAIL, "@example.co.jp", "mail_no_name", None),
    (MAIL, "test01@", "mail_no_domain", None),
    (MAIL, "test01@example", "mail_no_dot", None),
    (POSTAL, "〒516-0018", "postal_mark", "516-0018"),
    (POSTAL, "〒5160018", "postal_mark", "516-0018"),
    (POSTAL, "〒 ５１６－００１８", "postal_mark", "516-0018"),
    (POSTAL, "516 0018", "postal_signs", "516-0018"),
    (POSTAL, "516\n0018", "postal_signs", "516-0018"),
    (POSTAL, "51-60018", "postal_signs", "516-0018"),
    (POSTAL, "516--0018", "postal_signs", "516-0018"),
    (POSTAL, "(516)0018", "postal_signs", "516-0018"),
    (POSTAL, "516の0018", "postal_signs", "516-0018"),
    (POSTAL, "516.0018", "postal_signs", "516-0018"),
    (POSTAL, "516-0018 三重県伊勢市", "postal_signs", "516-0018"),
    (POSTAL, "516-OO18", "postal_letters", "516-0018"),
    (POSTAL, "Tokyo 516-0018", "postal_signs", "516-0018"),
    (POSTAL, "516-00l8", "postal_letters", "516-0018"),
    (POSTAL, "60-0001", "postal_lost_zero", "060-0001"),
    (POSTAL, "600001", "postal_lost_zero", "060-0001"),
    (BARE_POSTAL, "〒516-0018", "postal_mark", "5160018"),
    (BARE_POSTAL, "600001", "postal_lost_zero", "0600001"),
    (PHONE, "-0596-23-1111", "phone_ends", P),
    (PHONE, "---0596-23-1111", "phone_hyphens", P),
    (PHONE, "0596-23-1111-", "phone_ends", P),
    (PHONE, "(((0596)23-1111", "phone_parentheses", P),
    (PHONE, "(((0596-23-1111", "phone_parentheses", P),
    (PHONE, "0596)23-1111", "phone_parentheses", P),
    (PHONE, "0596()23-1111", "phone_parentheses", P),
    (PHONE, "0596--23-1111", "phone_hyphens", P),
    (PHONE, "0596 23 1111", "phone_space", P),
    (PHONE, "0596　23　1111", "phone_space", P),
    (PHONE, "0596.23.1111", "phone_signs", P),
    (PHONE, "0596/23/1111", "phone_signs", P),
    (PHONE, "0596の23の1111", "phone_signs", P),
    (PHONE, "TEL:0596-23-1111", "phone_signs", P),
    (PHONE, "☎0596-23-1111", "phone_signs", P),
    (PHONE, "電話 0596-23-1111", "phone_signs", P),
    (PHONE, "0596-23-1111（代表）", "phone_behind", P),
    (PHONE, "O596-23-llll", "phone_letters", P),
    (PHONE, "596231111", "phone_lost_zero", "0596231111"),
    (PHONE, "596-23-1111", "phone_lost_zero", P),
    (PHONE, "9012345678", "phone_lost_zero", "09012345678"),
    (PHONE, "81 596-23-1111+", "phone_space", "81-596-23-1111"),
    (PHONE, "+81 596 23 1111", "phone_space", P),
    (PHONE, "+81 (0)596 23 1111 内線12", "phone_behind", P),
    (PHONE, "+1 212 555 1234", "phone_space", "+1-212-555-1234"),
    (PHONE, "+1 212 555 1234 ext. 5", "phone_behind", "+1-212-555-1234"),
    (PHONE, "Tel:0596-23-1111", "phone_signs", P),
    (PHONE, "0596/23-1111", "phone_signs", P),
    (PHONE, "内線12 0596-23-1111", "phone_signs", P),
    (PHONE, "596-23-1111 内線12", "phone_behind", P),
    (PHONE, "596-23-11112", "phone_lost_zero", None),
    (PHONE, "0596-23-111 内線12", "phone_behind", None),
    (PHONE, "05-12a4-5678", "phone_signs", None),
    (PHONE, "000-0000-001(代)", "phone_behind", "000-0000-001"),
    (PHONE, "Smith, John", "phone_none", None),
    (PHONE, "lol", "phone_none", None),
    (PHONE, "000000", "phone_zeros", None),
    (PHONE, "00-0000-0000", "phone_zeros", None),
    (PHONE, "0596-23-1111/0596-23-1112", "phone_two", None),
    (PHONE, "0596-23-1111\t0596-23-1112", "phone_two", None),
    (PHONE, "05-96", "phone_short", None),
    (PHONE, "なし", "phone_none", None),
    (BARE_PHONE, "0596231111 内線5", "phone_behind", "0596231111"),
    (BARE_PHONE, "0596 23 1111", "phone_space", "0596231111"),
    (BARE_PHONE, "596231111", "phone_lost_zero", "0596231111"),
]

HONEST = [
    (PHONE, ["0596-23-1111", "0596231111", "(0596)23-1111", "0596(23)1111", "03-(5253)-8111", "+81-596-23-1111", "+81(0)3-5253-8111"]),
    (PHONE, ["+81596231111", "0570-03-2505", "0570-032-505", "0120-444-444", "0800-123-4567", "050-1234-5678", "090-1234-5678"]),
    (PHONE, ["000-0000-0001", "23-1111", "0596-23-1111-123", "1-212-555-1234", "117-231-11111", "020-4000-0000"]),
    (POSTAL, ["516-0018", "060-0001", "5160018", "５１６ー００１８"]),
    (MAIL, ["test01@example.co.jp", "a@b.co", "taro.yamada+x@sub.example.co.jp", "test01@xxx.xxx", "o'neill@example.com"]),
]


def test_there_are_at_least_eighty() -> None:
    assert len(SLIPS) >= 80
    assert len({(field.kind, field.chars, typed) for field, typed, _, _ in SLIPS}) == len(SLIPS)


@pytest.mark.parametrize(("field", "typed", "name", "meant"), SLIPS)
def test_what_people_really_type_gets_its_sentence_and_what_is_meant(field: Field, typed: str, name: str, meant: str | None) -> None:
    found = problem(field, settle(field, typed).value, POLICY, {})
    assert found is not None, "never silent"
    told = t(f"field.slip.{name}") + ("" if meant is None else t("field.slip.meant", suggestion=meant))
    assert (found.suggestion, found.message) == (meant, told)
    if meant is not None:
        assert problem(field, meant, POLICY, {}) is None


@pytest.mark.parametrize(("field", "values"), HONEST)
def test_what_is_right_is_taken_as_before(field: Field, values: list[str]) -> None:
    for value in values:
        assert problem(field, settle(field, value).value, POLICY, {}) is None, value


@given(st.sampled_from([PHONE, BARE_PHONE, POSTAL, BARE_POSTAL, MAIL]), st.text("0123456789-()+ .,@〒aO。ーＡ１", max_size=24))
def test_every_suggestion_is_taken(field: Field, typed: str) -> None:
    found = problem(field, settle(field, typed).value, POLICY, {})
    if found is not None and found.suggestion is not None and found.code != "R-29":
        assert problem(field, found.suggestion, POLICY, {}) is None


@given(st.from_regex(r"0[0-9]{1,4}-[1-9][0-9]{0,3}-[0-9]{4}", fullmatch=True))
def test_every_number_in_three_groups_is_taken(number: str) -> None:
    assert is_phone(number)


WHOLE = ["03-1234-5678", "0596 23 1111", "(0596)23-1111", "0120-444-444", "090-1234-5678", "0312345678", "03-0920-9991"]
BEHIND = ["/9", "/5679", " 内線12", "(内線 12)", "内12", " ext.12", " x12", "#12", "(代)", "（代表）", "～9", "、5679", " 9", "(9)"]
BEHIND += [" 受付8:00-17:00", "・山田", "　24時間"]


@given(st.sampled_from(WHOLE), st.sampled_from(BEHIND))
def test_of_a_number_with_anything_behind_it_the_number_is_meant(number: str, behind: str) -> None:
    """An extension glued to it would be a number that nobody has."""
    found = problem(PHONE, settle(PHONE, number + behind).value, POLICY, {})
    alone = problem(PHONE, settle(PHONE, number).value, POLICY, {})
    meant = number if alone is None else alone.suggestion
    assert found is not None
    assert found.suggestion is not None
    assert re.sub("[^0-9]", "", found.suggestion) == re.sub("[^0-9]", "", meant or "")
    assert found.message == t("field.slip.phone_behind") + t("field.slip.meant", suggestion=found.suggestion)


@given(st.text("OolI|JohnTel, ", min_size=1, max_size=12))
def test_a_text_without_a_digit_is_never_a_number_of_zeros(typed: str) -> None:
    if value := settle(PHONE, typed).value:
        found = problem(PHONE, value, POLICY, {})
        assert found is not None
        assert found.message == t("field.slip.phone_none")


@pytest.mark.parametrize(
    ("number", "count", "usual"),
    [
        ("03-1234-567", 9, 10),
        ("03-1234-56789", 11, 10),
        ("03-1234-5678-9", 11, 10),
        ("0120-444-4444", 11, 10),
        ("0570-03-250", 9, 10),
        ("090-1234-567", 10, 11),
        ("0800-123-456", 10, 11),
        ("(0596)23-111", 9, 10),
    ],
)
def test_a_digit_lost_or_too_many_is_noted_and_not_refused(number: str, count: int, usual: int) -> None:
    assert problem(PHONE, number, POLICY, {}) is None
    assert note(number) == t("field.phone_count", count=count, usual=usual)


@pytest.mark.parametrize("number", ["23-1111", "516-0018", "(596)23-11"])
def test_a_number_without_its_area_code_is_noted(number: str) -> None:
    """Also a postal code, one field too early."""
    assert problem(PHONE, number, POLICY, {}) is None
    assert note(number) == t("field.phone_begins")


@pytest.mark.parametrize(
    "number",
    "0596-23-1111 03-0920-9991 000-0000-005 000-0000-0001 0570-032-505 0800-123-4567 050-1234-5678 020-4000-0000 "
    "+1-212-555-1234 010-1-212-555-1234 03 abc 00-0000-0000".split(),
)
def test_what_is_usual_or_an_example_of_a_document_gets_no_note(number: str) -> None:
    assert note(number) == ""


@pytest.mark.parametrize("written", ["+81-3-1234-5678", "+81(0)3-1234-5678", "+81-03-1234-5678"])
def test_a_number_as_it_is_called_from_abroad_is_taken_and_the_domestic_one_named(written: str) -> None:
    assert problem(PHONE, written, POLICY, {}) is None
    assert note(written) == t("field.phone_abroad", number="03-1234-5678")


def test_of_one_from_abroad_the_domestic_digits_count() -> None:
    assert note("+81-(3)-1234-567") == t("field.phone_abroad", number="(03)-1234-567") + t("field.phone_count", count=9, usual=10)
