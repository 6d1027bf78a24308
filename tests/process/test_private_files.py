"""Whatever the umask is, what the program makes is its owner's alone: 0600 in 0700."""

from __future__ import annotations

import argparse
import getpass
import os
import socket
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from ebid_tui.commands import doctor
from ebid_tui.demo.key_directory import KeyDirectory
from ebid_tui.doctor import report
from ebid_tui.drafts import DraftStore
from ebid_tui.errors import EbidError
from ebid_tui.flows.desk.expiring import write_file
from ebid_tui.flows.drafts import DraftSlot
from ebid_tui.kiosk import command as kiosk_command
from ebid_tui.kiosk.admin_secret import set_secret
from ebid_tui.messages import t
from ebid_tui.process import private_files
from ebid_tui.screens.crash import write_report
from ebid_tui.server.admin.command_line import main
from ebid_tui.server.pki import anchor_files
from ebid_tui.server.roster.staging import Staging
from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.migrate import make_ready
from tests.card.plastic import CertificateAuthority
from tests.card.vpcd import save_card
from tests.clock import NOW

ROSTER = "調達区分,業者番号,商号又は名称,初期パスワード\r\n建設工事、測量・コンサル,1000000001,伊勢建設株式会社,Initial-pass1\r\n"


@pytest.fixture(params=[0o000, 0o022], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def wide(place: Path) -> dict[str, str]:
    """What in a directory, and in those below it, is not its owner's alone."""
    found = {path: path.lstat().st_mode for path in place.rglob("*")}
    fit = {stat.S_IFREG: 0o600, stat.S_IFDIR: 0o700}
    return {
        str(path.relative_to(place)): stat.filemode(mode) for path, mode in found.items() if stat.S_IMODE(mode) != fit[stat.S_IFMT(mode)]
    }


def test_every_command_of_the_server(umask: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "made"
    private_files.directory(place)
    url, here = f"sqlite:///{place / 'ebid.db'}", ("--database", f"sqlite:///{place / 'ebid.db'}")
    private_files.put(place / "roster.csv", ROSTER.encode())
    ise = (*here, "--system", "ise")
    for command in (
        ["init", *here],
        ["new-secret-key", "--file", str(place / "key")],
        ["import-roster", *ise, str(place / "roster.csv"), "--report", str(place / "report.csv")],
        *(["export", *ise, "--format", shape, "--output", str(place / shape)] for shape in ("csv", "jsonl")),
        ["export-evidence", *here, "--output", str(place / "evidence.tar")],
        ["backup", *here, "--output", str(place / "backup.db")],
        ["restore", "--database", f"sqlite:///{place / 'again.db'}", str(place / "backup.db")],
    ):
        assert main(command) == 0, (command, capsys.readouterr())
    engine = writing_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE accounts SET wrong = 0")
        beside = {path.name for path in place.glob("ebid.db-*")}
        assert wide(place) == {}
    engine.dispose()
    assert beside >= {"ebid.db-wal", "ebid.db-shm"}
    assert {"key", "report.csv", "csv", "jsonl", "evidence.tar", "backup.db", "again.db"} <= set(os.listdir(place))


def test_every_file_of_desk_form_kiosk_and_demo(umask: int, tmp_path: Path) -> None:
    place = tmp_path / "made"
    private_files.directory(place / "deep" / "down")
    write_file(str(place / "desk.csv"), b"x", False)
    write_file(str(place / "desk.csv"), b"x", True)
    DraftStore(place / "state" / "drafts", place / "config" / "drafts.key", 7).write(
        DraftSlot("ise", "ise", "goods", "registration", "1"), {}
    )
    report.save(place / "report.json", "{}")
    assert write_report(ValueError(), place / "crashes")
    set_secret(place / "kiosk" / "secret", b"a long secret")
    KeyDirectory(place / "vault").key("ca", "p256", lambda: b"key")
    save_card(place / "cards" / "one", {0x9A: CertificateAuthority(now=NOW).slot("p256")})
    with Staging() as staging:
        assert wide(Path(staging._directory.name)) == {}
    assert wide(place) == {}


def test_what_is_there_is_kept_or_replaced_and_never_written_into(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("other")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        private_files.put(tmp_path / "link", b"new", replace=False)
    private_files.put(tmp_path / "link", b"new")
    assert ((tmp_path / "link").read_text(), (tmp_path / "elsewhere").read_text()) == ("new", "other")
    assert sorted(os.listdir(tmp_path)) == ["elsewhere", "link"]


@pytest.fixture(params=["pipe", "socket", "directory", "open file", "link to a pipe", "link to a directory"])
def no_file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """What stands where a file is to be put, and is none. Never a device: it could be lost."""
    path, beside = tmp_path / "made" / "x.pem", tmp_path / "beside"
    path.parent.mkdir()
    at = beside if request.param.startswith("link") else path
    with socket.socket(socket.AF_UNIX) as listening, (tmp_path / "open").open("w") as opened:
        match request.param.removeprefix("link to a "):
            case "pipe":
                os.mkfifo(at)
            case "socket":
                listening.bind(str(at))
            case "directory":
                at.mkdir()
            case _:
                at.symlink_to(f"/proc/self/fd/{opened.fileno()}")
        if at is beside:
            path.symlink_to(at)
        yield path


def test_only_a_file_is_replaced_and_whoever_asked_is_told(
    no_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, reason = no_file.lstat(), t("common.no_plain_file")
    puts: tuple[Callable[[Path, bytes], None], ...] = (private_files.put, partial(private_files.put, mode=anchor_files.READABLE_FILE))
    for put in puts:
        with pytest.raises(OSError, match=reason) as raised:
            put(no_file, b"new")
        assert not isinstance(raised.value, FileExistsError), "it would be asked whether to replace it, for ever"
    with pytest.raises(EbidError) as told:
        write_file(str(no_file), b"new", True)
    assert (told.value.code, told.value.values["reason"]) == ("E-FILE", reason)
    monkeypatch.setattr(doctor, "examine", lambda *_: [])
    assert doctor.main(argparse.Namespace(json=False, report=str(no_file)), {}) == doctor.UNWRITTEN
    assert reason in capsys.readouterr().err
    monkeypatch.setattr(kiosk_command, "secret_file", lambda: no_file)
    monkeypatch.setattr(getpass, "getpass", lambda _: "a long secret")
    assert kiosk_command._set_secret() == 1
    assert reason in capsys.readouterr().err
    assert (no_file.lstat().st_ino, no_file.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert os.listdir(no_file.parent) == ["x.pem"]


def test_a_file_system_without_links_keeps_the_promise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    private_files.put(tmp_path / "x", b"first", replace=False)
    with pytest.raises(FileExistsError):
        private_files.put(tmp_path / "x", b"second", replace=False)
    assert (tmp_path / "x").read_text() == "first"
    assert os.listdir(tmp_path) == ["x"]


def test_a_database_of_an_earlier_version_is_taken_from_others_and_its_group_left(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "ebid.db"
    with closing(sqlite3.connect(file)):
        file.touch()
    file.chmod(0o644)
    assert make_ready(f"sqlite:///{file}")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert "open to others" in caplog.text
    caplog.clear()
    make_ready(f"sqlite:///{file}")
    assert not caplog.records
