"""`admin import-roster` where something stands already: what changed, lapsed or is under review, and initial passwords."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from ebid_tui.messages import t
from ebid_tui.server.admin.command_line import main
from ebid_tui.server.store import accounts, schema
from ebid_tui.server.store.accounts import Account
from tests.server.admin.rosters import GOOD, imported, kept, roster, row
from tests.server.vendors import Office

Capture = pytest.CaptureFixture[str]


def test_r_37_what_changed_is_marked(place: Office, tmp_path: Path, capsys: Capture) -> None:
    imported(place, roster(tmp_path, GOOD, row("1000000002")))
    capsys.readouterr()
    assert imported(place, roster(tmp_path, row("1000000001", "伊勢建設工業株式会社", 企業住所="三重県伊勢市二丁目", 代表FAX番号=""))) == 0
    assert "変更 1（R-37）" in capsys.readouterr().out
    _, name, company = kept(place)["1000000001"]
    assert (name, company["name"], company["address"], "fax" in company) == (
        "伊勢建設工業株式会社",
        "伊勢建設工業株式会社",
        "三重県伊勢市二丁目",
        False,
    )
    ((number, fields, pending),) = place.rows(schema.qualification_changes, "number", "fields", "pending")
    assert (number, pending) == ("1000000001", False)
    assert fields == {
        "address": ["三重県伊勢市一丁目", "三重県伊勢市二丁目"],
        "fax": ["0596-00-0002", ""],
        "name": ["伊勢建設株式会社", "伊勢建設工業株式会社"],
        "trade_name": ["伊勢建設株式会社", "伊勢建設工業株式会社"],
    }
    # Columns that a file does not have change nothing.
    assert imported(place, roster(tmp_path, "construction,1000000002,伊勢建設株式会社", header="調達区分,業者番号,商号又は名称")) == 0
    assert kept(place)["1000000002"][2]["address"] == "三重県伊勢市一丁目"


def test_r_27_under_review_the_old_data_stays_until_it_is_approved(place: Office, tmp_path: Path, capsys: Capture) -> None:
    imported(place, roster(tmp_path, GOOD))
    new = {"企業住所": "三重県伊勢市二丁目"}
    assert imported(place, roster(tmp_path, row("1000000001", state="審査中", **new))) == 0
    assert "審査中の変更 1（R-27）" in capsys.readouterr().out
    state, _, company = kept(place)["1000000001"]
    assert (state, company["address"]) == ("under_review", "三重県伊勢市一丁目")
    assert imported(place, roster(tmp_path, row("1000000001", **new))) == 0
    state, _, company = kept(place)["1000000001"]
    assert (state, company["address"]) == ("approved", "三重県伊勢市二丁目")
    assert [pending for _, pending in place.rows(schema.qualification_changes, "id", "pending")] == [True, False]


def test_r_35_lapsed_by_its_state_or_by_being_absent_from_the_whole(place: Office, tmp_path: Path, capsys: Capture) -> None:
    imported(place, roster(tmp_path, *(row(f"100000000{n}") for n in range(1, 6))))
    part = roster(tmp_path, row("1000000001"), row("1000000002", state="失効"))
    assert imported(place, part) == 0
    assert [one[0] for one in kept(place).values()] == ["approved", "lapsed", "approved", "approved", "approved"]
    capsys.readouterr()
    header_only = roster(tmp_path)
    assert imported(place, header_only, "--full", "--lapses", "4") == 1
    assert "E-ROSTER-EMPTY" in capsys.readouterr().err
    part = roster(tmp_path, row("1000000001"), row("1000000002", state="失効"))
    for options in (["--dry-run"], [], ["--lapses", "4"]):
        assert imported(place, part, "--full", *options) == 1
        told = capsys.readouterr().err
        assert "E-ROSTER-LAPSES" in told
        assert "4件のうち3件（75.0%）が失効します" in told
        assert "何も変えていません。" in told
        assert "--lapses 3 を付けて" in told
    with pytest.raises(SystemExit) as ended:
        imported(place, part, "--lapses", "3")
    assert ended.value.code == 2
    capsys.readouterr()
    assert imported(place, part, "--full", "--lapses", "3", "--dry-run") == 0
    assert "名簿にないため失効になる業者: 3（R-35）" in capsys.readouterr().out
    assert [one[0] for one in kept(place).values()].count("lapsed") == 1
    assert imported(place, part, "--full", "--lapses", "3") == 0
    assert [one[0] for one in kept(place).values()] == ["approved", "lapsed", "lapsed", "lapsed", "lapsed"]
    assert ({"state": ["approved", "lapsed"]},) in place.rows(schema.qualification_changes, "fields")
    assert imported(place, roster(tmp_path, row("1000000003"))) == 0
    assert kept(place)["1000000003"][0] == "approved"


def test_other_systems_are_left_alone(place: Office, tmp_path: Path) -> None:
    place.qualify("00000001")
    assert imported(place, roster(tmp_path, GOOD), "--full") == 0
    assert {state for (state,) in place.rows(schema.qualifications, "state")} == {"approved"}


def test_a_dry_run_changes_nothing(place: Office, tmp_path: Path, capsys: Capture) -> None:
    assert imported(place, roster(tmp_path, GOOD), "--dry-run") == 0
    assert "まだ何も変えていません" in capsys.readouterr().out
    assert kept(place) == {}
    assert place.rows(schema.audit) == []


# ---- initial passwords -----------------------------------------------------------------------------------------------


def test_initial_passwords_for_vendors_that_have_none(place: Office, tmp_path: Path, capsys: Capture) -> None:
    with place.database() as connection:
        accounts.add_account(connection, Account("ise", "1000000002", None, "kept", "active", 0, None))
        accounts.count_wrong(connection, "ise", "1000000003", 5)
    file = roster(tmp_path, *(row(f"100000000{n}", 初期パスワード=f"Init-pass{n}") for n in range(1, 4)), row("1000000004"))
    assert imported(place, file) == 0
    assert "パスワードを設定する業者: 2" in capsys.readouterr().out
    with place.database() as connection:
        first, second, third, fourth = (accounts.account(connection, "ise", f"100000000{n}") for n in range(1, 5))
    assert (first.state, third.state) == ("initial", "initial")
    assert PasswordHasher().verify(first.password_hash or "", "Init-pass1")
    assert PasswordHasher().verify(third.password_hash or "", "Init-pass3")
    assert (second.password_hash, second.state) == ("kept", "active")
    assert fourth.password_hash is None
    assert "Init-pass" not in repr(place.rows(schema.accounts)) + repr(place.rows(schema.audit))
    assert imported(place, roster(tmp_path, row("1000000005", 初期パスワード="パスワード"))) == 1
    assert "パスワード" not in capsys.readouterr().err.replace("初期パスワード", "")


def test_m1_passwords_in_force_with_the_day_of_their_change(place: Office, tmp_path: Path, capsys: Capture) -> None:
    """R-15: for all rows by an option, for one by its column; a bad day is refused with its row, and no password is told."""
    header = "調達区分,業者番号,商号又は名称,初期パスワード,パスワードの状態,パスワード変更日"

    def list_of(*rows: str) -> Path:
        file = tmp_path / "passwords.csv"
        file.write_text("\n".join((header, *(f"建設工事、測量・コンサル,100000000{row}" for row in rows))) + "\n", "utf-8")
        return file

    first = list_of("1,伊勢建設,Force-pass1,,", "2,伊勢土木,Force-pass2,初期,", "3,伊勢水道,Force-pass3,,令和7年11月30日")
    assert imported(place, first, "--passwords", "in-force") == 0
    found = place.rows(schema.accounts, "number", "password_state", "changed_on")
    assert [one[1:] for one in sorted(found)] == [("active", None), ("initial", None), ("active", date(2025, 11, 30))]
    capsys.readouterr()
    assert imported(place, list_of("2,伊勢土木,Force-pass2,変更済,2025/12/01")) == 0
    assert t("password.states_changed", n=1) in capsys.readouterr().out
    assert imported(place, list_of("2,伊勢土木,Force-pass2,初期,2025/12/01", "3,伊勢水道,Force-pass3,,11月30日")) == 1
    told = capsys.readouterr().err
    assert "2行目 パスワード変更日" in told
    assert "3行目 パスワード変更日" in told
    assert "Force-pass" not in told + repr(place.rows(schema.accounts)) + repr(place.rows(schema.audit))
    assert imported(place, list_of("1,伊勢建設,Other-pass1,,")) == 0
    assert "パスワード" not in capsys.readouterr().out, "changed here, perhaps: the vendor's own stays"
    assert imported(place, list_of("1,伊勢建設,Other-pass1,,"), "--replace-passwords") == 0
    assert t("roster.passwords_replaced", n=1) in capsys.readouterr().out


def test_login_ids_of_a_system_that_has_them(place: Office, tmp_path: Path, capsys: Capture) -> None:
    header = "調達区分,業者番号,商号又は名称,ユーザID,初期パスワード,資格の種類"
    rows = [
        "工事、コンサル,990000001,（株）テスト商会０１,user01,demo1234,",
        '物品、役務,990000001,（株）テスト商会０１,user01,demo1234,"A,,B"',
    ]
    command = ["import-roster", "--database", place.url, "--system", "aomori"]
    assert main([*command, str(roster(tmp_path, *rows, header=header))]) == 0, capsys.readouterr().err
    with place.database() as connection:
        assert accounts.account(connection, "aomori", "990000001").login_id == "user01"
    twice = "物品、役務,990000002,テスト商会０２,user01,,"
    assert main([*command, str(roster(tmp_path, *rows, twice, header=header))]) == 1
    assert "同じユーザIDが2行目の別の業者にあります" in capsys.readouterr().err
    assert main([*command, str(roster(tmp_path, rows[1].replace("A,,B", "A,X"), header=header))]) == 1
    assert "資格の種類" in capsys.readouterr().err
