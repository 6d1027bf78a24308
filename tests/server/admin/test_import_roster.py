"""`admin import-roster`: files as offices have them; all of it is taken or nothing."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

import pytest

from ebid_tui.domain.records import Vendor
from ebid_tui.server.store import schema, vendors
from tests.server.admin.rosters import GOOD, HEADER, imported, kept, roster, row
from tests.server.vendors import Office, office

Capture = pytest.CaptureFixture[str]


def test_a_roster_is_imported(place: Office, tmp_path: Path, capsys: Capture) -> None:
    file = roster(tmp_path, GOOD, row("1000000002", state="審査中"), row("1000000003", state="失効"), row("1000000004", state=""))
    assert imported(place, file) == 0
    out = capsys.readouterr().out
    assert "4行を取り込みました。" in out
    assert "新規 4" in out
    assert "失効 0（R-35）" in out, "a new row counts as a new one"
    assert {number: one[0] for number, one in kept(place).items()} == {
        "1000000001": "approved",
        "1000000002": "under_review",
        "1000000003": "lapsed",
        "1000000004": "approved",
    }
    state, name, company = kept(place)["1000000001"]
    assert (state, name) == ("approved", "伊勢建設株式会社")
    assert company == {
        "name": "伊勢建設株式会社",
        "postal_code": "516-0018",
        "address": "三重県伊勢市一丁目",
        "representative": "伊勢　一郎",
        "title": "代表取締役",
        "phone": "0596-00-0001",
        "fax": "0596-00-0002",
    }
    with place.database() as connection:
        vendor = Vendor(system="ise", agency="ise", category="construction", number="1000000001")
        assert vendors.known(connection, vendor) is not None
    ((event, actor, subject),) = place.rows(schema.audit, "event", "actor", "subject")
    assert (event, actor, len(subject)) == ("roster-imported", "admin", 64)
    # Again: nothing changes.
    assert imported(place, file) == 0
    assert "同じ 4" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("option", ["auto", "given"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str, option: str, capsys: Capture) -> None:
    place = office(tmp_path)
    file = roster(tmp_path, GOOD, "", ",,,,,,,,,,", row("1000000002", "伊勢土木－１～２株式会社"), end=end, encoding=encoding)
    given = [] if option == "auto" else ["--encoding", "cp932" if encoding == "cp932" else "utf-8"]
    assert imported(place, file, *given) == 0, capsys.readouterr().err
    # One form is kept, whichever of the six pairs came.
    assert kept(place)["1000000002"][1] == "伊勢土木\u2212１\u301c２株式会社"


def test_what_the_screens_would_convert_is_converted(tmp_path: Path, capsys: Capture) -> None:
    place = office(tmp_path)
    line = row(
        "１００００００００１",
        " ｲｾ建設株式会社　",
        企業郵便番号="5160018",
        企業住所="三重県伊勢市1-2",
        代表電話番号="０５９６－００－０００１",
    )
    assert imported(place, roster(tmp_path, line)) == 0, capsys.readouterr().err
    assert "そろえた項目: 5" in capsys.readouterr().out
    _, name, company = kept(place)["1000000001"]
    assert name == "イセ建設株式会社"
    assert (company["postal_code"], company["phone"]) == ("516-0018", "0596-00-0001")
    assert company["address"] == "三重県伊勢市１\u2212２"


REFUSED = [
    (row("100000000"), "業者番号", "10文字"),
    (row("10000000AB"), "業者番号", ""),
    (row(""), "業者番号", ""),
    (row("1000000002", ""), "商号又は名称", ""),
    (row("1000000002", "㈱伊勢建設"), "商号又は名称", "株式会社"),
    (row("1000000002", "（株）伊勢建設"), "商号又は名称", "株式会社伊勢建設"),
    (row("1000000002", "髙橋建設株式会社"), "商号又は名称", "高"),
    (row("1000000002", "𠮷田建設株式会社"), "商号又は名称", ""),
    (row("1000000002", "伊" * 61), "商号又は名称", "60"),
    (row("1000000002", state="有効"), "資格の状態", "審査済、審査中、失効"),
    (row("1000000002", 調達区分="土木"), "調達区分", "建設工事、測量・コンサル"),
    (row("1000000002", 企業郵便番号="516-00"), "企業郵便番号", ""),
    (row("1000000002", 代表電話番号="なし"), "代表電話番号", ""),
    (row("1000000002") + ",余分", "", "12列。見出しは11列"),
    ("1000000002", "", "1列"),
    (GOOD, "", "2行目と同じ業者"),
    ('"1000000002"x,' + GOOD, "", "引用符"),
]


@pytest.mark.parametrize(("line", "column", "reason"), REFUSED)
def test_one_refused_row_and_nothing_is_taken(tmp_path: Path, capsys: Capture, line: str, column: str, reason: str) -> None:
    place = office(tmp_path)
    report = tmp_path / "report.csv"
    assert imported(place, roster(tmp_path, GOOD, line, row("1000000009")), "--report", str(report)) == 1
    told = capsys.readouterr().err
    assert "3行のうち1行を取り込めません。何も変えていません。" in told
    assert reason in told
    assert kept(place) == {}
    assert place.rows(schema.audit) == []
    rows = list(csv.reader(report.read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["行", "項目", "理由"]
    assert rows[1][:2] == ["3", column]


def test_every_refused_row_is_in_the_report(tmp_path: Path, capsys: Capture) -> None:
    place = office(tmp_path)
    file = roster(tmp_path, *(row("bad" if n % 2 else f"{n:010d}", "㈱" if n % 3 else "伊勢建設株式会社") for n in range(300)))
    report = tmp_path / "report.csv"
    for options in (["--report", str(report)], ["--dry-run"]):
        assert imported(place, file, *options) == 1
    wrong = {n for n in range(300) if n % 2 or n % 3}
    rows = list(csv.reader(report.read_text("utf-8-sig").splitlines()))[1:]
    assert {int(one[0]) for one in rows} == {n + 2 for n in wrong}
    assert len(rows) == sum(bool(n % 2) + bool(n % 3) for n in wrong)
    assert f"ほかに{len(rows) - 20}件あります" in capsys.readouterr().err


def test_what_cannot_be_read_is_named_with_line_and_column(tmp_path: Path, capsys: Capture) -> None:
    place = office(tmp_path)
    file = roster(tmp_path, GOOD, row("1000000002"))
    data = file.read_bytes()
    spoiled = data.replace(b"1000000002", b"10000\xff0002")
    file.write_bytes(spoiled)
    assert imported(place, file, "--encoding", "utf-8") == 1
    place_of = spoiled.splitlines()[2].index(b"\xff")
    column = len(spoiled.splitlines()[2][:place_of].decode()) + 1
    assert f"3行目: {column}文字目をUTF-8として読めません（FF）。" in capsys.readouterr().err
    file.write_bytes(codecs.BOM_UTF8 + data.decode().encode("cp932", "replace") + b"\xfc\xfc\r\n")
    assert imported(place, file, "--encoding", "cp932") == 1


def test_line_breaks_in_quotes_count_as_lines(tmp_path: Path, capsys: Capture) -> None:
    place = office(tmp_path)
    file = roster(tmp_path, row("1000000001", 企業住所="三重県\r\n伊勢市"), row("bad"))
    assert imported(place, file) == 1
    assert "4行目 業者番号" in capsys.readouterr().err
    file = roster(tmp_path, row("1000000001", 企業住所='三重県\r\n伊勢市""x'))
    assert imported(place, file) == 0
    assert kept(place)["1000000001"][2]["address"] == "三重県　伊勢市”ｘ"


def test_a3_an_address_of_two_lines_is_not_glued(place: Office, tmp_path: Path, capsys: Capture) -> None:
    """The file as Excel writes it: the cell's line end, and beside it the same address with a space."""
    two = "三重県伊勢市岩渕1-7-29\n101号室"
    file = roster(tmp_path, row("1000000901", 企業住所=two), row("1000000902", 企業住所=two.replace("\n", " ")))
    for option in (["--dry-run"], []):
        assert imported(place, file, *option) == 0
        told = capsys.readouterr().out
        assert "改行や見えない文字を整えた行: 1（" in told
        assert "2行目 企業住所: 改行を空白に置き換えました。" in told
    addresses = {company["address"] for _, _, company in kept(place).values()}
    assert addresses == {"三重県伊勢市岩渕１\u2212７\u2212２９\u3000１０１号室"}


def test_a_quote_that_is_never_closed_does_not_swallow_the_file(tmp_path: Path, capsys: Capture) -> None:
    place = office(tmp_path)
    file = roster(tmp_path, GOOD, '"1000000002,x', *(row(f"{n:010d}") for n in range(2000)))
    assert imported(place, file) == 1
    assert "3行目: " in capsys.readouterr().err
    assert kept(place) == {}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (HEADER.replace("業者番号", "番号"), "見出しがありません: 業者番号"),
        (HEADER.replace("企業住所", "業者番号"), "見出しが2つあります: 業者番号"),
        ("", "見出しがありません"),
        ('"', "引用符"),
    ],
)
def test_headers_that_cannot_be_used(tmp_path: Path, capsys: Capture, header: str, reason: str) -> None:
    place = office(tmp_path)
    assert imported(place, roster(tmp_path, GOOD, header=header)) == 1
    told = capsys.readouterr().err
    assert "E-ROSTER" in told
    assert reason in told
    (tmp_path / "empty.csv").touch()
    assert imported(place, tmp_path / "empty.csv") == 1
    assert imported(place, tmp_path / "none.csv") == 1
    assert imported(place, tmp_path) == 1


def test_columns_that_nobody_needs_are_told(tmp_path: Path, capsys: Capture) -> None:
    place = office(tmp_path)
    assert imported(place, roster(tmp_path, GOOD + ",x", header=HEADER + ",備考")) == 0
    assert "使わない列: 備考\n" in capsys.readouterr().out
    many = ",".join(f"備考{n}" for n in range(20_000))
    assert imported(place, roster(tmp_path, GOOD + "," * 20_000, header=f"{HEADER},{many}")) == 0
    told = capsys.readouterr().out
    assert "備考9 など、全部で20000列" in told
    assert "備考10" not in told
