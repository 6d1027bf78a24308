"""Fields: what a typed value becomes, what is wrong with it, what fits; the same on the client and on the server."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ebid_tui.domain.fields import (
    Field,
    FieldPolicy,
    FieldProblem,
    SettledValue,
    block_problems,
    counted,
    cut_to_fit,
    problem,
    settle,
    while_typing,
)
from ebid_tui.domain.profile.field_checks import definition_fault
from ebid_tui.messages import t

POLICY = FieldPolicy()
SHORT_NAMES = FieldPolicy(abbreviated_name="allow")

NAME = Field(id="trade_name", label="商号又は名称", kind="name", max=60)
NUMBER = Field(id="vendor_no", label="業者番号", chars="half_digits", exact=10)
CODE = Field(id="vendor_no", label="業者番号", chars="half_alnum", exact=9)
POSTAL = Field(id="postal_code", label="連絡先郵便番号", kind="postal_code", chars="half_digits_symbols", max=8)
BARE_POSTAL = Field(id="postal_code", label="郵便番号", kind="postal_code", chars="half_digits", exact=7)
PHONE = Field(id="phone", label="連絡先電話番号", kind="phone", chars="half_digits_symbols", max=25)
ADDRESS = Field(id="address", label="連絡先住所", max=60)
PERSON = Field(id="person", label="連絡先氏名", max=20)
MAIL = Field(id="email", label="連絡先メールアドレス", kind="email", chars="half_alnum_symbols", max=100)
AGAIN = Field(id="email_again", label="メールアドレス再入力", kind="email_again", chars="half_alnum_symbols", max=100)
PASSWORD = Field(id="password", label="パスワード", kind="password", chars="half_alnum_symbols", max=256)
OPTIONAL = Field(id="user_id", label="ユーザID", chars="half_alnum", max=20, required=False, mark="")
EVERY = (NAME, NUMBER, CODE, POSTAL, BARE_POSTAL, PHONE, ADDRESS, PERSON, MAIL, AGAIN, PASSWORD, OPTIONAL)

fields = st.sampled_from(EVERY)
typed = st.text(
    alphabet=st.one_of(
        st.sampled_from("aZ09-+()@._~\"' 　０９ａＺーｰ−－‐～〜∥￠￡￢¥ｱｶﾞﾟｳか\u3099\u309a\u200b\ufeff\xa0\u202e\r\n\t㈱髙﨑①𠮷々山田太郎"),
        st.characters(),
    ),
    max_size=80,
)


def code(found: FieldProblem | None) -> str | None:
    return found.code if found else None


# -- what a value becomes when it is left (R-29) ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "raw", "value", "notes"),
    [
        (ADDRESS, "三重県伊勢市", "三重県伊勢市", []),
        (ADDRESS, "三重県1-2", "三重県１−２", ["全角に変換しました。"]),
        (ADDRESS, "三重県１－２", "三重県１−２", []),
        (PERSON, "ｺｼﾞﾝ ｼﾞｭｳﾛｳ", "コジン　ジュウロウ", ["全角に変換しました。"]),
        (PERSON, "　個人　十郎　", "個人　十郎", []),
        (NUMBER, "１０００００００01", "1000000001", ["半角に変換しました。"]),
        (CODE, "ａｂｃ００００１Ｚ", "abc00001Z", ["半角に変換しました。"]),
        (PHONE, "０３ー1234−5678", "03-1234-5678", ["半角に変換しました。"]),
        (PHONE, "＋８１－３", "+81-3", ["半角に変換しました。"]),
        (POSTAL, "5160018", "516-0018", ["ハイフンを入れました。"]),
        (POSTAL, "５１６００１８", "516-0018", ["半角に変換しました。", "ハイフンを入れました。"]),
        (POSTAL, "５１６－００１８", "516-0018", ["半角に変換しました。"]),
        (POSTAL, "516-0018", "516-0018", []),
        (POSTAL, "51600", "51600", []),
        (BARE_POSTAL, "516-0018", "5160018", ["ハイフンを取り除きました。"]),
        (BARE_POSTAL, "５１６ー００１８", "5160018", ["半角に変換しました。", "ハイフンを取り除きました。"]),
        (BARE_POSTAL, "5160018", "5160018", []),
        (MAIL, "ｔｅｓｔ０１＠ｘｘｘ．ｘｘｘ", "test01@xxx.xxx", ["半角に変換しました。"]),
        (MAIL, "\u200btest@example.co.jp\r\n", "test@example.co.jp", ["使えない文字（幅のない空白、改行）を取り除きました。"]),
        (ADDRESS, "岩渕1-7-29\r\n101号室", "岩渕１−７−２９　１０１号室", ["改行を空白に置き換えました。", "全角に変換しました。"]),
        (PHONE, "0596\xa023-\t1111", "0596 23- 1111", ["改行しない空白、タブを空白に置き換えました。"]),
        (MAIL, "test\n@\xa0example.co.jp", "test @ example.co.jp", ["改行、改行しない空白を空白に置き換えました。"]),
        (NAME, "", "", []),
    ],
)
def test_r_29_a_value_is_settled_and_the_change_is_said(field: Field, raw: str, value: str, notes: list[str]) -> None:
    settled = settle(field, raw)
    assert (settled.value, list(settled.notes)) == (value, notes)


@pytest.mark.parametrize("raw", ["ＡＢＣ１２３！", " pass word ", "パスワード", "ab\u200bc", "O0l1I", "か\u3099", "－～"])
def test_a_password_is_never_converted(raw: str) -> None:
    settled = settle(PASSWORD, raw)
    assert (settled.value, settled.notes) == (raw, ())
    assert counted(PASSWORD, raw) == len(raw)


@given(fields, typed)
def test_settling_twice_changes_nothing_more(field: Field, raw: str) -> None:
    once = settle(field, raw)
    assert settle(field, once.value).value == once.value
    assert settle(field, once.value).notes == ()


@given(fields, typed)
def test_a_settled_value_that_passes_is_the_one_that_is_sent(field: Field, raw: str) -> None:
    value = settle(field, raw).value
    assume(value)
    block = {"email": value}
    if problem(field, value, POLICY, block) is None:
        assert problem(field, settle(field, value).value, POLICY, block) is None
        assert while_typing(field, value, POLICY) is None
        assert counted(field, value) == len(value) <= field.limit


@given(fields, typed)
def test_a_change_of_what_can_be_seen_is_always_said(field: Field, raw: str) -> None:
    settled = settle(field, raw)
    changed = settled.value != raw.strip(" \u3000")
    folded = all(char not in raw for char in "－～∥￠￡￢\u3099\u309a")
    if changed and folded and not field.secret:
        assert settled.notes


# -- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (NAME, "テスト工事業者０１"),
        (NAME, "株式会社○○建設"),
        (NAME, "あ" * 60),
        (NUMBER, "1000000001"),
        (CODE, "990000001"),
        (CODE, "A9900000z"),
        (POSTAL, "516-0018"),
        (BARE_POSTAL, "5160018"),
        (PHONE, "000-0000-001"),
        (PHONE, "+81-3-0000-0000"),
        (PHONE, "(03)0000-0000"),
        (PHONE, "0312345678"),
        (PHONE, "1" * 25),
        (PERSON, "個人　十郎"),
        (MAIL, "test01@xxx.xxx"),
        (MAIL, "asp-test@asp-wb01.hitachijoho.com"),
        (MAIL, "a.b+c_d@sub.example.co.jp"),
        (AGAIN, "test01@xxx.xxx"),
        (PASSWORD, "Demo-pass1"),
        (PASSWORD, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
        (OPTIONAL, ""),
        (OPTIONAL, "user01"),
    ],
)
def test_what_the_documents_print_is_accepted(field: Field, value: str) -> None:
    assert problem(field, value, POLICY, {"email": "test01@xxx.xxx"}) is None


@pytest.mark.parametrize("field", [f for f in EVERY if f.required])
def test_nothing_where_something_is_required(field: Field) -> None:
    found = problem(field, "", POLICY, {})
    assert found == FieldProblem("E-REQUIRED", f"{field.label}を入力してください。")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (NUMBER, "100000000", "E-EXACT"),
        (NUMBER, "10000000001", "E-EXACT"),
        (NUMBER, "100000000A", "R-29"),
        (NUMBER, "1000-00001", "R-29"),
        (CODE, "99000000", "E-EXACT"),
        (CODE, "99000000-", "R-29"),
        (CODE, "９９０００００１", "R-29"),
        (NAME, "あ" * 61, "E-TOO-LONG"),
        (NAME, "Test", "R-29"),
        (NAME, "①番工事", "R-29"),
        (NAME, "テスト\u200b", "R-29"),
        (PERSON, "𠮷野　太郎", "R-29"),
        (PERSON, "あ" * 21, "E-TOO-LONG"),
        (POSTAL, "516-001", "E-POSTAL"),
        (POSTAL, "5160018", "E-POSTAL"),
        (POSTAL, "51-60018", "E-POSTAL"),
        (POSTAL, "516-00189", "E-TOO-LONG"),
        (POSTAL, "５１６-0018", "R-29"),
        (BARE_POSTAL, "516001", "E-EXACT"),
        (BARE_POSTAL, "516-001", "R-29"),
        (PHONE, "-", "E-PHONE"),
        (PHONE, "03-12", "E-PHONE"),
        (PHONE, "03-0000-0000-", "E-PHONE"),
        (PHONE, "03+00000000", "E-PHONE"),
        (PHONE, "03-0000-0000 内線1", "R-29"),
        (PHONE, "1" * 26, "E-TOO-LONG"),
        (MAIL, "test01", "E-MAIL"),
        (MAIL, "test01@", "E-MAIL"),
        (MAIL, "@xxx.xxx", "E-MAIL"),
        (MAIL, "test01@xxx", "E-MAIL"),
        (MAIL, "a@b.jp,c@d.jp", "E-MAIL"),
        (MAIL, "a..b@example.jp", "E-MAIL"),
        (MAIL, "Taro<taro@example.jp>", "E-MAIL"),
        (MAIL, "taro @example.jp", "R-29"),
        (MAIL, "太郎@example.jp", "R-29"),
        (MAIL, "a" * 60 + "@" + "b" * 40 + ".jp", "E-TOO-LONG"),
        (PASSWORD, "pass word", "R-29"),
        (PASSWORD, "ｐａｓｓ", "R-29"),
        (PASSWORD, "a" * 257, "E-TOO-LONG"),
        (OPTIONAL, "user 01", "R-29"),
        (OPTIONAL, "u" * 21, "E-TOO-LONG"),
    ],
)
def test_what_is_wrong_has_a_code(field: Field, value: str, expected: str) -> None:
    assert code(problem(field, value, POLICY, {})) == expected


def test_lengths_are_code_points() -> None:
    four = Field(id="name", label="名称", max=4)
    assert problem(four, "神奈川県", POLICY, {}) is None
    assert settle(four, "か\u3099ｶﾞ全角").value == "がガ全角"
    assert counted(four, "か\u3099ｶﾞ全角") == 4
    assert code(problem(four, "神奈川県庁", POLICY, {})) == "E-TOO-LONG"


def test_messages_say_how_much_is_wrong() -> None:
    assert _message(problem(NAME, "あ" * 63, POLICY, {})) == "60文字までです（3文字減らしてください）。"
    assert _message(problem(NUMBER, "123", POLICY, {})) == "10文字で入力してください（いま3文字）。"
    assert _message(problem(BARE_POSTAL, "12345", POLICY, {})) == "7文字で入力してください（いま5文字）。"


def _message(found: FieldProblem | None) -> str:
    assert found is not None
    return found.message


def test_r_29_a_refused_character_is_named_with_position_and_suggestion() -> None:
    found = problem(PERSON, "髙橋　﨑子", POLICY, {})
    assert found is not None
    assert found.code == "R-29"
    assert found.message == "1文字目の「髙」は使えません（機種依存文字）。「高」と書いてください。"
    assert found.suggestion == "高橋　崎子"
    assert problem(PERSON, found.suggestion, POLICY, {}) is None


def test_r_29_a_system_may_take_vendor_characters() -> None:
    assert problem(PERSON, "髙橋　﨑子", FieldPolicy(character_set="cp932"), {}) is None
    assert code(problem(PERSON, "𠮷野", FieldPolicy(character_set="cp932"), {})) == "R-29"


@given(st.text(min_size=1, max_size=300))
def test_a_passwords_problem_never_quotes_it(value: str) -> None:
    found = problem(PASSWORD, value, POLICY, {})
    if found is not None:
        assert found.suggestion is None
        assert re.fullmatch(
            r"\d+文字目に使えない文字があります。半角で入力してください。|256文字までです（\d+文字減らしてください）。", found.message
        )


@pytest.mark.parametrize("value", ["（株）テスト商会０１", "テスト商会（有）", "（一社）テスト"])
def test_r_13_a_shortened_name_is_refused_unless_the_system_takes_it(value: str) -> None:
    found = problem(NAME, value, POLICY, {})
    assert found is not None
    assert found.code == "R-13"
    assert found.suggestion is not None
    assert found.suggestion in found.message
    assert problem(NAME, found.suggestion, POLICY, {}) is None
    assert problem(NAME, value, SHORT_NAMES, {}) is None


def test_r_13_an_ideographic_abbreviation_is_written_out() -> None:
    found = problem(NAME, "㈱テスト", POLICY, {})
    assert found is not None
    assert (found.code, found.suggestion) == ("R-29", "株式会社テスト")


@pytest.mark.parametrize("policy", [POLICY, SHORT_NAMES])
def test_r_13_a_branch_is_no_part_of_the_name_where_the_category_refuses_it(policy: FieldPolicy) -> None:
    assert problem(NAME, "株式会社○○建設　さいたま支店", policy, {}) is None
    refusing = msgspec.structs.replace(policy, refused_branches=("支店", "営業所"))
    assert problem(NAME, "株式会社○○建設　さいたま支社", refusing, {}) is None
    found = problem(NAME, "株式会社○○建設　さいたま支店", refusing, {})
    assert found is not None
    assert (found.code, found.suggestion) == ("R-13", "株式会社○○建設")
    assert "さいたま支店" in found.message


def test_r_13_is_about_company_names_only() -> None:
    assert problem(ADDRESS, "（株）テスト内", POLICY, {}) is None


def test_r_12_the_address_typed_again_must_be_the_same() -> None:
    assert problem(AGAIN, "a@b.co", POLICY, {"email": "a@b.co"}) is None
    assert code(problem(AGAIN, "A@b.co", POLICY, {"email": "a@b.co"})) == "R-12"
    assert code(problem(AGAIN, "a@b.co", POLICY, {})) == "R-12"
    assert code(problem(AGAIN, "", POLICY, {"email": "a@b.co"})) == "E-REQUIRED"


@pytest.mark.parametrize("source", ["qualification", "card", "system"])
def test_what_is_only_shown_is_never_at_fault(source: str) -> None:
    field = Field(id="name", label="企業名称", source=source)  # type: ignore[arg-type]
    assert problem(field, "", POLICY, {}) is None
    assert problem(field, "①㈱ any", POLICY, {}) is None


def test_a_blocks_problems_come_in_the_order_of_its_fields() -> None:
    values = {"postal_code": "1", "email": "a@b.co", "email_again": "b@b.co", "phone": "03-0000-0000"}
    found = block_problems((ADDRESS, POSTAL, PHONE, MAIL, AGAIN), values, POLICY)
    assert [(field_id, p.code) for field_id, p in found.items()] == [
        ("address", "E-REQUIRED"),
        ("postal_code", "E-POSTAL"),
        ("email_again", "R-12"),
    ]


# -- while typing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "raw"),
    [(NAME, ""), (NAME, "テス"), (NAME, "test"), (NUMBER, "１２"), (POSTAL, "51"), (PHONE, "0"), (MAIL, "te"), (PASSWORD, "a")],
)
def test_an_unfinished_value_is_not_blamed(field: Field, raw: str) -> None:
    assert while_typing(field, raw, POLICY) is None


@pytest.mark.parametrize(
    ("field", "raw"),
    [(NAME, "髙"), (NUMBER, "1A"), (NUMBER, "1-"), (POSTAL, "〒5"), (PHONE, "03 1"), (MAIL, "あ"), (PASSWORD, "ａ"), (CODE, "a_")],
)
def test_r_29_what_can_never_be_right_is_said_at_once(field: Field, raw: str) -> None:
    assert code(while_typing(field, raw, POLICY)) == "R-29"


# -- what fits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "current", "pasted", "fits", "over"),
    [
        (PERSON, "", "あ" * 20, "あ" * 20, 0),
        (PERSON, "", "あ" * 25, "あ" * 20, 5),
        (PERSON, "あ" * 18, "いろは", "いろ", 1),
        (PERSON, "あ" * 20, "い", "", 1),
        (PERSON, "あ" * 30, "い", "", 1),
        (PERSON, "", "ｶﾞ" * 25, "ｶﾞ" * 20, 10),
        (PERSON, "", "か\u3099" * 20, "か\u3099" * 20, 0),
        (PERSON, "", "\u200b" * 500 + "山田", "\u200b" * 500 + "山田", 0),
        (PERSON, "", "あ" * 18 + "\n\tいろ", "あ" * 18 + "\n\tい", 1),
        (PERSON, "", "あ" * 20 + "\r\n", "あ" * 20 + "\r\n", 0),
        (NUMBER, "10000", "0000１２３", "0000１", 2),
        (PASSWORD, "a" * 250, "b" * 10, "b" * 6, 4),
        (Field(id="grades", label="等級", kind="grades", source="qualification"), "", "あ" * 999, "あ" * 999, 0),
    ],
)
def test_a_paste_is_cut_to_what_fits(field: Field, current: str, pasted: str, fits: str, over: int) -> None:
    assert cut_to_fit(field, current, pasted) == (fits, over)


@given(fields, typed, typed)
def test_a_cut_paste_never_exceeds_the_limit(field: Field, current: str, pasted: str) -> None:
    fits, over = cut_to_fit(field, current, pasted)
    assert pasted.startswith(fits)
    assert len(fits) + over == len(pasted)
    if fits:
        assert counted(field, current + fits) <= field.limit


@given(fields.filter(lambda f: not f.secret), st.text(alphabet="山田太郎建設", min_size=1, max_size=300))
def test_a_paste_is_never_refused_whole_nor_cut_too_short(field: Field, pasted: str) -> None:
    fits, _ = cut_to_fit(field, "", pasted)
    assert len(fits) == min(len(pasted), field.limit)


def test_a_pasted_book_is_looked_at_only_as_far_as_it_fits() -> None:
    fits, over = cut_to_fit(PERSON, "", "あ" * 3_000_000)
    assert (len(fits), over) == (20, 2_999_980)


# -- the fields above are such as a profile may have ----------------------------------------------------------------


@pytest.mark.parametrize("field", EVERY)
def test_the_fields_of_this_test_are_sound(field: Field) -> None:
    assert definition_fault(field) is None


@pytest.mark.parametrize(
    ("typed", "settled"),
    [
        ("12345678901", "0000012345678901"),
        ("１２３", "0000000000000123"),
        ("0000012345678901", "0000012345678901"),
        ("12-3", "12-3"),
        ("", ""),
    ],
)
def test_a_number_is_filled_with_zeros(typed: str, settled: str) -> None:
    field = Field(id="vendor_no", label="資格者番号", chars="half_digits_symbols", exact=16, pad=16)
    found = settle(field, typed)
    assert found.value == settled
    assert (t("field.padded", length=16) in found.notes) == (found.value != typed and settled.startswith("0"))
    assert settle(field, found.value) == SettledValue(found.value), "settled once, settled for good"
    assert counted(field, "123") == 3, "zeros are not counted while one types"
    assert while_typing(field, "12", FieldPolicy()) is None
