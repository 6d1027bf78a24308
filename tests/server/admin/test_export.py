"""`admin export`: registrations for an office's core system."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from ebid_tui.server.admin.command_line import main
from ebid_tui.server.store import schema
from tests.server.vendors import Office

Capture = pytest.CaptureFixture[str]


def exported(place: Office, file: Path, *options: str) -> int:
    return main(["export", "--database", place.url, "--system", "minato", "--systems-dir", str(PROFILES), "--output", str(file), *options])


PROFILES = Path(__file__).resolve().parents[2] / "domain" / "profiles"


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_registrations_for_the_core_system(place: Office, tmp_path: Path, encoding: str, capsys: Capture) -> None:
    place.qualify("00000001")
    place.register("00000001", "town", "card", "港　一郎")
    place.register("00000001", "water", "card", "髙－～橋")
    assert exported(place, tmp_path / "out.csv", "--encoding", encoding) == 0
    assert "2件の登録を書き出しました" in capsys.readouterr().out
    data = (tmp_path / "out.csv").read_bytes()
    assert data.endswith(b"\r\n")
    first, second = csv.DictReader(data.decode(encoding).splitlines())
    assert first["登録ID"].startswith("R-")
    assert (first["登録の状態"], second["登録の状態"]) == ("active", "active")
    assert datetime.fromisoformat(first["登録日時"]).utcoffset() == timedelta(hours=9)
    assert {"港　一郎", "683", "00000001"} <= {*first.values()}
    assert any("髙" in value for value in second.values())
    assert exported(place, tmp_path / "out.jsonl", "--format", "jsonl", "--encoding", encoding) == 0
    lines = [msgspec.json.decode(line.decode(encoding)) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert [line["agency"] for line in lines] == ["town", "water"]
    assert lines[0]["card_contact.person"] == "港　一郎"
    assert exported(place, tmp_path / "out.csv") == 1  # never over another file


def test_a_character_that_cp932_lacks_is_named(place: Office, tmp_path: Path, capsys: Capture) -> None:
    place.qualify("00000001")
    given = place.register("00000001", "town", "card", "𠮷　一郎")
    with place.database() as connection:
        identity = connection.execute(select(schema.registrations.c.id)).scalar_one()
    assert given
    capsys.readouterr()
    assert exported(place, tmp_path / "out.csv", "--encoding", "cp932") == 1
    told = capsys.readouterr().err
    assert f"1文字目の「𠮷」(U+20BB7)はCP932にありません。（{identity}）" in told
    assert "utf-8 なら書き出せます" in told
    assert not (tmp_path / "out.csv").exists()
    assert exported(place, tmp_path / "out.csv", "--encoding", "utf-8") == 0
