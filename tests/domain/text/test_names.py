"""Comparing names for R-06 and shortened legal forms for R-13."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain.text.names import (
    NameComparison,
    abbreviated_legal_form,
    branch_office,
    compare,
    compare_company,
    with_branch,
    without_branch,
)

words = st.text(alphabet="アイウテスト建設工事業者０１青森髙高吉𠮷ー−○　", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("株式会社テスト", "㈱テスト"),
        ("株式会社テスト", "(株)テスト"),
        ("株式会社テスト", "（株）テスト"),
        ("株式会社テスト", "㍿テスト"),
        ("株式会社テスト", "㊑テスト"),
        ("テスト有限会社", "テスト㈲"),
        ("テスト有限会社", "テスト（有）"),
        ("合同会社テスト", "(同)テスト"),
        ("テスト工事業者０１", "ﾃｽﾄ工事業者01"),
        ("個人　十郎", "個人 十郎"),
        ("個人　十郎", "個人十郎"),
        ("髙橋　一郎", "高橋一郎"),
        ("𠮷野﨑", "吉野崎"),
        ("\ufa19谷", "神谷"),
        ("か\u3099っこう", "がっこう"),
        ("株式会社○○建設", "株式会社〇〇建設"),
        ("１－２", "１−２"),
        ("サ−ビス", "サービス"),
        ("～会", "〜会"),
        ("Test Co., Ltd.", "TEST CO.,LTD"),
        ("ARServer4", "arserver4"),
        ("テスト\u200b商会", "テスト商会"),
    ],
)
def test_r_06_spellings_of_one_name_are_the_same(one: str, other: str) -> None:
    assert compare(one, other) is NameComparison.SAME
    assert compare(other, one) is NameComparison.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("テスト０６株式会社", "建設工事００５"),
        ("株式会社テスト", "テスト株式会社"),
        ("株式会社テスト", "有限会社テスト"),
        ("株式会社テスト", "テスト"),
        ("株式会社○○建設", "株式会社○○建設　さいたま支店"),
        ("テスト　六郎", "テスト　二十郎"),
        ("澤田建設", "沢田建設"),
        ("Test One", "Test Two"),
        ("１２３", "１２４"),
    ],
)
def test_r_06_other_names_differ(one: str, other: str) -> None:
    assert compare(one, other) is NameComparison.DIFFERS
    assert compare(other, one) is NameComparison.DIFFERS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("（株）テスト商会０１", "bidca4"),
        ("個人　十郎", "Juro Kojin"),
        ("テスト", None),
        (None, None),
        ("", ""),
        ("　", "　"),
        ("* * *", "* * *"),
        ("＊", "＊"),
        ("－", "－"),
        ("＊－＊", "＊－＊"),
        ("*-*", "テスト"),
    ],
)
def test_r_06_romaji_and_missing_names_cannot_be_compared(one: str | None, other: str | None) -> None:
    assert compare(one, other) is NameComparison.INCOMPARABLE
    assert compare(other, one) is NameComparison.INCOMPARABLE


@given(words, words)
def test_comparing_is_symmetric_and_knows_itself(one: str, other: str) -> None:
    assert compare(one, other) is compare(other, one)
    assert compare(one, one) is (NameComparison.SAME if set(one) - set("ー−　") else NameComparison.INCOMPARABLE)


@given(st.text(max_size=20), st.text(max_size=20) | st.none())
def test_comparing_survives_anything(one: str, other: str | None) -> None:
    assert compare(one, other) in NameComparison


@pytest.mark.parametrize(
    ("name", "written_out"),
    [
        ("（株）テスト商会０１", "株式会社テスト商会０１"),
        ("(株)テスト", "株式会社テスト"),
        ("( 株 )テスト", "株式会社テスト"),
        ("テスト㈱", "テスト株式会社"),
        ("㍿テスト", "株式会社テスト"),
        ("テスト（有）", "テスト有限会社"),
        ("㈲テスト", "有限会社テスト"),
        ("(一社)テスト", "一般社団法人テスト"),
    ],
)
def test_r_13_shortened_legal_forms_are_found_and_written_out(name: str, written_out: str) -> None:
    assert abbreviated_legal_form(name) == written_out
    assert abbreviated_legal_form(written_out) is None


@pytest.mark.parametrize("name", ["株式会社テスト", "テスト有限会社", "株テスト", "有田工業", "（仮）テスト", ""])
def test_r_13_full_names_are_left_alone(name: str) -> None:
    assert abbreviated_legal_form(name) is None


@pytest.mark.parametrize(
    ("name", "branch"),
    [
        ("株式会社○○建設　さいたま支店", "さいたま支店"),
        ("テスト 青森営業所", "青森営業所"),
        ("株式会社支店", None),
        ("伊勢建設株式会社伊勢支店", "伊勢支店"),
        ("株式会社伊勢支店", None),
        ("テスト", None),
    ],
)
def test_r_13_branches_are_found(name: str, branch: str | None) -> None:
    assert branch_office(name, ("支店", "営業所")) == branch
    assert branch_office(name, ()) is None
    assert with_branch(name, branch or "") == with_branch(with_branch(name, branch or ""), branch or "")
    assert compare_company(name, branch or "", name) is NameComparison.SAME
    if branch:
        assert without_branch(name, branch).strip() + "\u3000" + branch == with_branch(name, branch)


def test_d1_a_card_bears_the_company_and_a_list_the_branch_too() -> None:
    whole, branch = "株式会社〇〇建設 さいたま支店", "さいたま支店"
    for card in ("株式会社○○建設", "㈱〇〇建設", "株式会社〇〇建設さいたま支店"):
        assert compare_company(whole, branch, card) is NameComparison.SAME
        assert compare_company("株式会社〇〇建設さいたま支店", branch, card) is NameComparison.SAME, (
            "the list has a column of its own for it"
        )
    for card in ("株式会社〇〇建設　大宮支店", "株式会社〇〇", "株式会社〇〇建設さいたま"):
        assert compare_company(whole, branch, card) is NameComparison.DIFFERS
    assert compare_company(whole, branch, "Maru Maru Kensetsu") is NameComparison.INCOMPARABLE
    assert compare_company(None, branch, "株式会社〇〇建設") is NameComparison.INCOMPARABLE
