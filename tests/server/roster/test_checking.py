"""Rows of a roster: what is kept of a good one, and everything that is wrong with another, by column."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain import csv_cells, fields
from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.systems import Profile, load, profile_of
from ebid_tui.domain.text.cleaning import removed_kind
from ebid_tui.errors import EbidError
from ebid_tui.server.roster.checking import LONGEST_SHOWN, RosterChecker, RosterVendor
from ebid_tui.server.roster.reading import RefusedRow, RosterRow, RowNote

MINATO = load(Path(__file__).resolve().parents[2] / "domain" / "profiles" / "minato.toml")
GOOD = {
    "団体": "town", "区分": "works", "番号": "ABCD0001", "名称": "港町建設", "状態": "有効", "会社名": "港町建設株式会社",
    "所在地": "港町１",
    "代表者": "港　一郎", "電話": "0000000001", "FAX": "", "等級": "", "利用者ID": "", "仮パスワード": "",
}  # fmt: skip
TAKEN = RosterVendor(
    line=2, agency="town", category="works", number="ABCD0001", trade_name="港町建設", state="approved",
    company={"name": "港町建設株式会社", "address": "港町１", "representative": "港　一郎", "phone": "0000000001", "fax": "", "grades": ""},
)  # fmt: skip


def taken(profile: Profile = MINATO, /, *without: str, **changes: str) -> RosterVendor | list[RefusedRow]:
    values = {name: value for name, value in (GOOD | changes).items() if name not in without}
    return RosterChecker(profile, list(values)).take(RosterRow(2, list(values.values())))


def wrong(**changes: str) -> list[tuple[int, str]]:
    found = taken(**changes)
    assert isinstance(found, list), found
    return [(one.line, one.column) for one in found]


def test_a_good_row() -> None:
    assert taken() == TAKEN
    assert repr(TAKEN) == "Taken(line=2)"


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"団体": "港町水道企業団"}, {"agency": "water"}),
        ({"団体": "port"}, {"agency": "port"}),
        ({"区分": "物品"}, {"category": "goods"}),
        ({"区分": "役務", "団体": "port"}, {"category": "services", "agency": "port"}),
        ({"状態": ""}, {"state": "approved"}),
        ({"状態": "審査中"}, {"state": "under_review"}),
        ({"状態": "取消"}, {"state": "lapsed"}),
        ({"番号": "ＡＢＣＤ０００１"}, {}),
        ({"利用者ID": "ABCD0009"}, {"login_id": "ABCD0009"}),
        ({"仮パスワード": "Secret0001"}, {"password": "Secret0001"}),
    ],
)
def test_what_is_kept(changes: dict[str, str], kept: dict[str, str]) -> None:
    assert taken(**changes) == msgspec.structs.replace(TAKEN, **kept)


@pytest.mark.parametrize(
    ("field", "column", "given", "value"),
    [
        ("name", "会社名", "", "港町建設"), ("phone", "電話", "", ""), ("fax", "FAX", "０００００００００２", "0000000002"),
        ("grades", "等級", "甲", "甲"),
        ("grades", "等級", "甲, 乙", "甲,乙"), ("grades", "等級", "甲,", "甲,"),
        ("grades", "等級", ",乙", ",乙"), ("grades", "等級", " ", ""),
    ],
)  # fmt: skip
def test_company_data(field: str, column: str, given: str, value: str) -> None:
    assert taken(**{column: given}) == msgspec.structs.replace(TAKEN, company=TAKEN.company | {field: value})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"団体": "村"}, "「村」は使えません。次のどれかにしてください: town、港町、"), ({"団体": ""}, "「－」は使えません"),
        ({"区分": "土木"}, "works、工事、goods、物品、services、役務"), ({"区分": ""}, "「－」は使えません"),
        ({"区分": "役務", "団体": "water"}, "この調達機関にない調達区分です"), ({"番号": "ABCD001"}, ""), ({"番号": ""}, ""),
        ({"名称": ""}, ""), ({"名称": "港" * 51}, "50"),
        ({"状態": "有"}, "「有」は使えません。次のどれかにしてください: 有効、審査中、取消"),
        ({"電話": "なし"}, ""), ({"FAX": "1" * 16}, "15"), ({"等級": "甲,乙,なし"}, "甲、乙、なし"), ({"等級": "丙"}, "甲、乙、なし"),
        ({"利用者ID": "1"}, ""), ({"仮パスワード": "パスワード"}, ""),
    ],
)  # fmt: skip
def test_what_is_refused(changes: dict[str, str], reason: str) -> None:
    found = taken(**changes)
    assert isinstance(found, list)
    ((line, column, told),) = [(one.line, one.column, one.reason) for one in found]
    assert (line, column) == (2, next(iter(changes)))
    assert reason in told


def test_everything_that_is_wrong_is_told() -> None:
    columns = ["団体", "区分", "番号", "名称", "状態", "電話", "等級", "利用者ID", "仮パスワード"]
    assert wrong(**dict.fromkeys(columns, "？")) == [(2, column) for column in columns if column != "名称"]


@pytest.mark.parametrize("more", [-1, 1])
def test_a_row_that_is_wider_or_narrower_than_the_header(more: int) -> None:
    found = RosterChecker(MINATO, list(GOOD)).take(RosterRow(5, [*GOOD.values(), "x"][: len(GOOD) + more]))
    told = f'列の数が見出しと違います（{len(GOOD) + more}列。見出しは{len(GOOD)}列）。値の中の「,」は、値を引用符（"）で囲んで書きます。'
    assert found == [RefusedRow(5, "", told)]


def test_columns_that_a_file_does_not_have() -> None:
    company = {name: value for name, value in TAKEN.company.items() if name not in ("fax", "grades")}
    assert taken(MINATO, "状態", "FAX", "等級", "利用者ID", "仮パスワード") == msgspec.structs.replace(TAKEN, company=company)
    checker = RosterChecker(MINATO, ["団体", "区分", "番号", "名称", "代表者"])
    assert checker.has_company == {"representative"}
    assert checker.take(RosterRow(2, ["town", "works", "ABCD0001", "港", "一郎"])) == RosterVendor(
        2, "town", "works", "ABCD0001", "港", "approved", {"representative": "一郎", "name": "港"}
    )


def test_where_there_is_one_agency_or_category_it_need_not_be_said() -> None:
    one = msgspec.structs.replace(MINATO, agencies=MINATO.agencies[:1], categories=MINATO.categories[:1])
    assert taken(one, "団体", "区分") == taken(one, 団体="", 区分="") == taken(one) == TAKEN
    for column in ("団体", "区分"):
        found = taken(one, **{column: "？"})
        assert isinstance(found, list)
        assert [refused.column for refused in found] == [column]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (["団体", "区分", "番号"], "見出しがありません: 名称"), ([], "見出しがありません: 番号、名称、団体、区分"),
        (["団体", "区分", "番号", "名称", "名称", "番号"], "見出しが2つあります: 名称、番号"),
    ],
)  # fmt: skip
def test_headers_that_cannot_be_used(header: list[str], reason: str) -> None:
    with pytest.raises(EbidError) as caught:
        RosterChecker(MINATO, header)
    assert (caught.value.code, reason in caught.value.remedy + caught.value.title) == ("E-ROSTER", True)


def test_a_header_is_read_whatever_stands_around_its_names() -> None:
    checker = RosterChecker(MINATO, [" 団体", "区分　", "備考", "", "番号", "名称", "備考", ""])
    assert checker.unknown == ("備考", "備考")
    found = checker.take(RosterRow(2, ["town", "works", "x", "y", "ABCD0001", "港町建設", "", ""]))
    assert isinstance(found, RosterVendor)
    assert (found.number, found.trade_name) == ("ABCD0001", "港町建設")


def test_values_that_were_brought_to_the_width_of_their_field_are_counted() -> None:
    checker = RosterChecker(MINATO, list(GOOD))
    for changes, wanted in (
        ({}, 0),
        ({"番号": "ＡＢＣＤ０００１", "電話": "０００００００００２"}, 2),
        ({"電話": "０００００００００２"}, 3),
        ({"電話": "な"}, 3),
    ):
        checker.take(RosterRow(2, list((GOOD | changes).values())))
        assert checker.converted == wanted


SYMBOLS = [msgspec.structs.replace(one, chars="half_alnum_symbols") if one.secret else one for one in MINATO.search.fields]
OPEN = msgspec.structs.replace(MINATO, search=msgspec.structs.replace(MINATO.search, fields=tuple(SYMBOLS)))


@given(st.text("-=+@'Ab1", min_size=1, max_size=8))
def test_the_roster_is_read_without_the_guard_but_for_passwords(cell: str) -> None:
    """What a spreadsheet is kept from running is read back; a password counts as it stands there."""
    address = fields.settle(Field(id="address", label="所在地"), cell).value
    exported = next(csv.reader([csv_cells.line((GOOD | {"所在地": cell}).values())]))
    kept = RosterChecker(OPEN, list(GOOD)).take(RosterRow(2, exported))
    assert isinstance(kept, RosterVendor)
    assert kept.company["address"] == address
    for password in (cell, f"'{cell}", csv_cells.guarded(cell)):
        found = RosterChecker(OPEN, list(GOOD)).take(RosterRow(2, list((GOOD | {"仮パスワード": password}).values())))
        assert isinstance(found, RosterVendor)
        assert found.password == password
    assert RosterChecker(OPEN, [*GOOD, "'-備考"]).unknown == ("-備考",)


def test_passwords_are_not_remembered() -> None:
    checker = RosterChecker(MINATO, list(GOOD))
    sizes = set()
    for n in range(3):
        assert isinstance(checker.take(RosterRow(2, list((GOOD | {"仮パスワード": f"Secret000{n}"}).values()))), RosterVendor)
        sizes.add(checker._known.cache_info().currsize)
    assert len(sizes) == 1
    assert checker._known.cache_info().hits > 0


def test_r_13_fields_that_a_system_only_shows_have_limits_all_the_same() -> None:
    """A name is one also where the screens never ask for it; a number of a telephone, too."""
    ise = profile_of("ise")
    header = ["調達区分", "業者番号", "商号又は名称", "企業郵便番号", "代表電話番号", "代表FAX番号"]
    given = ["construction", "1000000001", "伊勢建設株式会社", "5160018", "０５９６－００－０００１", ""]
    found = RosterChecker(ise, header).take(RosterRow(2, given))
    assert isinstance(found, RosterVendor)
    assert found.company == {"postal_code": "516-0018", "phone": "0596-00-0001", "fax": "", "name": "伊勢建設株式会社"}
    for place, value, column in ((3, "516-00181", "企業郵便番号"), (4, "1" * 26, "代表電話番号"), (5, "1" * 26, "代表FAX番号")):
        refused = RosterChecker(ise, header).take(RosterRow(2, [*given[:place], value, *given[place + 1 :]]))
        assert isinstance(refused, list)
        assert [one.column for one in refused] == [column]
    address = [*header[:4], "企業住所"]
    for length, fits in ((LONGEST_SHOWN, True), (LONGEST_SHOWN + 1, False)):
        told = RosterChecker(ise, address).take(RosterRow(2, [*given[:4], "一" * length]))
        assert (told if isinstance(told, RosterVendor) else [one.column for one in told]) == (told if fits else ["企業住所"])
    for place in (4, 5):
        assert isinstance(RosterChecker(ise, header).take(RosterRow(2, [*given[:place], "1" * 25, *given[place + 1 :]])), RosterVendor)


def test_a3_whatever_cannot_be_seen_is_cleaned_and_told_with_line_and_column() -> None:
    """Each such character there is, in an address, a name, a number and a telephone number: none is kept, words stay apart, and two
    numbers never become one: the row is refused instead."""
    unseen = [chr(code) for code in (*range(0xD800), 0xD800, 0xDFFF, *range(0xE000, 0x11_0000, 1)) if removed_kind(chr(code))]
    separators = {char for char in unseen if removed_kind(char) in ("newline", "tab", "no_break_space", "space")}
    checker = RosterChecker(MINATO, list(GOOD))
    assert {"\n", "\t", "\xa0", "\x1b", "\u202e", "\u200b", "\ud800", "\uffff"} <= set(unseen)
    cases = (("所在地", "港町１{}１０１号室"), ("名称", "港町{}建設"), ("番号", "ABCD{}0001"), ("電話", "000{}0000001"))
    names = {"所在地": "address", "電話": "phone"}
    for n, char in enumerate(unseen):
        for column, value in cases[: 4 if n < 300 else 1]:
            checker.noted.clear()
            found = checker.take(RosterRow(n + 2, list((GOOD | {column: value.format(char)}).values())))
            if char in separators and column in ("番号", "電話"):
                assert isinstance(found, list), ascii(char)
                assert [(one.line, one.column) for one in found] == [(n + 2, column)]
                assert char not in found[0].reason
                assert checker.noted == []
                continue
            assert isinstance(found, RosterVendor), ascii(char)
            kept = {"名称": found.trade_name, "番号": found.number}.get(column) or found.company[names.get(column, "address")]
            between = "\u3000" if char in separators else ""
            assert kept == value.format(between), ascii(char)
            assert [(one.line, one.column) for one in checker.noted] == [(n + 2, column)]
            assert ("空白に置き換えました" if between else "取り除きました") in checker.noted[0].what
            assert char not in checker.noted[0].what
    assert (checker.cleaned, checker.converted) == (len(unseen), 0)


def test_a3_only_the_first_are_named_and_rows_are_counted() -> None:
    checker = RosterChecker(MINATO, list(GOOD))
    for line in range(2, 12):
        checker.take(RosterRow(line, list((GOOD | {"所在地": "港町\n１", "名称": "港\u200b町", "電話": " 0000000001\t\r\n"}).values())))
    assert checker.cleaned == 10
    told = [("名称", "使えない文字（幅のない空白）を取り除きました。"), ("所在地", "改行を空白に置き換えました。")]
    assert checker.noted == [RowNote(line, *one) for line in (2, 3, 4) for one in told][:5]
    checker.take(RosterRow(12, list((GOOD | {"所在地": "\n港町１　２\u2028"}).values())))
    assert checker.cleaned == 10, "spaces around a value say nothing"


def test_a3_what_is_quoted_is_cut_and_shows_nothing_hidden() -> None:
    found = taken(without="", 団体="\x1b]0;x\x07\u202e" + "村" * 500)
    assert isinstance(found, list)
    assert "「］０；ｘ" in found[0].reason or "「]0;x" in found[0].reason
    assert "村…」" in found[0].reason
    assert not {"\x1b", "\x07", "\u202e"} & set(found[0].reason)
    checker = RosterChecker(MINATO, ["団体", "区分", "番号", "名\r\n称", "備\u202e考" + "考" * 500])
    assert checker.unknown == ("備" + "考" * 38 + "…",)


WHOLE, COMPANY, BRANCH = "株式会社〇〇建設\u3000さいたま支店", "株式会社〇〇建設", "さいたま支店"


@pytest.mark.parametrize(
    ("changes", "name", "branch"),
    [
        ({"名称": "株式会社〇〇建設 さいたま支店", "会社名": ""}, WHOLE, BRANCH), ({"名称": COMPANY, "会社名": WHOLE}, WHOLE, BRANCH),
        ({"名称": COMPANY, "会社名": "", "支店名": BRANCH}, WHOLE, BRANCH),
        ({"名称": WHOLE, "会社名": COMPANY, "支店名": BRANCH}, WHOLE, BRANCH),
        ({"名称": COMPANY + BRANCH, "会社名": "", "支店名": BRANCH}, WHOLE, BRANCH),
        ({"名称": "港町建設株式会社大宮営業所", "会社名": ""}, "港町建設株式会社\u3000大宮営業所", "大宮営業所"),
        ({"名称": COMPANY, "会社名": ""}, COMPANY, ""),
        ({"名称": "株式会社〇〇建設　さいたま支社", "会社名": ""}, "株式会社〇〇建設　さいたま支社", ""),
    ],
)  # fmt: skip
def test_d1_a_branch_is_told_apart_from_the_company(changes: dict[str, str], name: str, branch: str) -> None:
    """Behind the name, in a column of its own, or in the company's own name: printed together, and the branch by itself beside it."""
    found = taken(without="", **changes)
    assert isinstance(found, RosterVendor), found
    assert (found.trade_name, found.company["name"], found.company.get("branch", "")) == (name, name, branch)


def test_d1_a_branch_that_contradicts_is_refused_and_one_that_is_glued_is_told() -> None:
    found = taken(without="", 名称=WHOLE, 支店名="大宮支店")
    assert isinstance(found, list)
    assert [(one.line, one.column) for one in found] == [(2, "支店名")]
    assert BRANCH in found[0].reason
    for column in ("", "大宮支店", BRANCH):
        found = taken(without="", 名称=COMPANY + "　大宮支店", 会社名=WHOLE, 支店名=column)
        assert isinstance(found, list)
        assert ("会社名", "大宮支店" in found[0].reason) == (found[0].column, True)
    checker = RosterChecker(MINATO, list(GOOD))
    checker.take(RosterRow(7, list((GOOD | {"名称": COMPANY + BRANCH}).values())))
    assert (checker.glued, checker.first_glued) == (1, 7)
    whole = msgspec.structs.replace(MINATO, rules=msgspec.structs.replace(MINATO.rules, branch_endings=()))
    kept = taken(whole, without="", 名称=WHOLE, 会社名="")
    assert isinstance(kept, RosterVendor)
    assert (kept.trade_name, "branch" in kept.company) == (WHOLE, False)


@pytest.mark.parametrize(
    ("state", "changed", "kept"),
    [
        ("", "", (None, None)),
        ("仮", "", ("initial", None)),
        ("本人が変更", "", ("in_force", None)),
        ("", "2026/11/30", ("in_force", date(2026, 11, 30))),
        ("本人が変更", "令和8年12月1日", ("in_force", date(2026, 12, 1))),
        ("変更済", "", "暗証の状態"),
        ("", "昨日", "暗証の変更日"),
        ("", "2026/12/02", "暗証の変更日"),
        ("仮", "2026/11/30", "暗証の変更日"),
    ],
)
def test_m1_what_a_row_says_of_its_password(state: str, changed: str, kept: object) -> None:
    """R-15: the day of its change, which is none of the future."""
    values = GOOD | {"仮パスワード": "Secret0001", "暗証の状態": state, "暗証の変更日": changed}
    checker = RosterChecker(MINATO, list(values), date(2026, 12, 1))
    found = checker.take(RosterRow(2, list(values.values())))
    assert checker.says_states
    if isinstance(found, list):
        assert [(one.line, one.column) for one in found] == [(2, kept)]
        assert "Secret0001" not in repr(found)
    else:
        assert (found.password_state, found.password_changed) == kept
