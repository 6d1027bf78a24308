"""`ebid-tui desk --plain`: the same look-ups and applications by a script, one thing per line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from ebid_tui.card_and_server import CardAndServer
from ebid_tui.client.desk import DeskServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.messages import t
from ebid_tui.plain.desk import run_desk_in_lines
from tests.screens.plastic import Hand
from tests.server.operating import PASSWORD, SYSTEM, Clerk, audit
from tests.server.running_server import ORIGIN, Running


class Lines:
    """Runs scripts, and keeps what was said."""

    def __init__(self, office: Running, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.office, self.directory, self.capsys = office, directory, capsys
        self.clerk = Clerk(office)
        self.out = self.err = ""

    def run(self, *lines: str, sign_in: bool = True) -> int:
        begin = ["operator_method: password", "operator.login_id: desk", f"operator.password: {PASSWORD}"] if sign_in else []
        begin += [f"operator.code: {self.clerk.code()}"] if sign_in else []
        (file := self.directory / "script").write_text("\n".join([*begin, *lines]) + "\n", encoding="utf-8")
        parts = CardAndServer(cast(Any, Hand()), cast(Any, None), lambda: None, lambda: None)
        desk = DeskServer(ServerAddress(ORIGIN, ORIGIN, self.office.socket, (ORIGIN,)))
        self.capsys.readouterr()
        code = run_desk_in_lines(profile_of(SYSTEM), parts, desk, str(file), None)
        said = self.capsys.readouterr()
        self.out, self.err = said.out, said.err
        assert PASSWORD not in self.out + self.err
        assert "Traceback" not in self.err
        return code


@pytest.fixture
def lines(office: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Lines:
    return Lines(office, tmp_path, capsys)


def test_a_vendor_is_looked_up_and_the_script_may_end_there(lines: Lines) -> None:
    assert lines.run("desk: find", "find: 山田", "hit: 1") == 0
    for text in (
        "1 4100000001 / 株式会社山田建設 / 審査済",
        "資格の状態: 審査済",
        "!証明書有効期限: ",
        "続けて間違えた回数: 0回",
        "宛先: card@example.com",
    ):
        assert text in lines.out
    assert "\x1b" not in lines.out
    assert [row[:3] for row in audit(lines.office) if row[0] == "desk_view:inquiry"] == [
        ("desk_view:inquiry", "operator:desk", "4100000001")
    ]


def test_a_code_is_explained(lines: Lines) -> None:
    assert lines.run("desk: 1", "find: r33") == 0
    for text in ("利用者の方への答え", "意味", "考えられる原因", "対処", "1.: " + t("desk_codes.code.R-33.causes")):
        assert text in lines.out


def test_codes_that_begin_so_are_offered(lines: Lines) -> None:
    assert lines.run("desk: find", "find: E-CARD-R", "hit: 2") == 0
    assert "1 E-CARD-REMOVED" in lines.out
    assert t("desk.codes.title", code="E-CARD-REMOVED-PIN") in lines.out


def test_what_is_not_there_is_told(lines: Lines) -> None:
    assert lines.run("desk: find", "find: ぬるぬる", "desk: sign_out", "desk_leave: yes") == 0
    assert "見つかりません" in lines.out


def test_an_application_is_carried_out(lines: Lines) -> None:
    script = (
        "desk: find",
        "find: 41000",
        "hit: 1",
        "vendor: reset",
        "application.application: R8-1",
        "desk_review: submit",
        "vendor: back",
    )
    assert lines.run(*script) == 0
    assert "初期パスワード: " in lines.out
    assert "状態: 通知されたパスワード（使えます）" in lines.out


def test_cards_that_end_soon_as_a_file(lines: Lines, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    script = ("desk: expiring", "expiring.days: 60", "row: csv", "csv_encoding: cp932", f"csv.file: {file}")
    assert lines.run(*script) == 0
    assert "1 !有効期限 " in lines.out
    assert "株式会社山田建設" in file.read_bytes().decode("cp932")


def test_applications_are_listed(lines: Lines) -> None:
    assert lines.run("desk: requests", "row: back", "desk: sign_out", "desk_leave: yes") == 0
    assert "申請はありません" in lines.out


def test_a_wrong_code_is_an_error_before_its_prompt_and_the_script_ends(lines: Lines) -> None:
    script = ("operator_method: password", "operator.login_id: desk", f"operator.password: {PASSWORD}", "operator.code: 000000")
    assert lines.run(*script, sign_in=False) == 2
    assert "E-OPERATOR" in lines.out


def test_a_script_that_looked_at_nothing_has_not_completed(lines: Lines) -> None:
    assert lines.run("desk: sign_out", "desk_leave: yes") == 1
