"""Settings, directories, PKCS#11 modules and the terminal, each as it may be found broken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ebid_tui import settings
from ebid_tui.commands.doctor import context
from ebid_tui.doctor import files, terminal
from ebid_tui.doctor.files import modules
from ebid_tui.doctor.finding import Finding
from ebid_tui.doctor.probing import ProbeContext
from ebid_tui.settings import Settings


def found(check: str, made: ProbeContext | None = None) -> Finding:
    return next(finding for finding in files.look(made or context({})) if finding.id == check)


def write_settings(text: str) -> Path:
    file = settings.settings_files()[1]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("text", ['server = "x', "serverr = 1\n", "server = 5\n", 'allowed_origins = "one"\n'])
def test_a_settings_file_with_a_mistake(text: str) -> None:
    write_settings(text)
    finding = found("settings.files")
    assert (finding.status, finding.reason) == ("failure", "broken")
    assert finding.place


def test_an_environment_variable_with_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBID_TUI_SERVERR", "x")
    assert found("settings.files").status == "failure"


def test_a_system_that_is_not_there_or_not_set() -> None:
    assert found("settings.profile").reason == "no_system"
    assert found("settings.profile", context({"system": "nowhere"})).reason == "broken"
    good = found("settings.profile", context({"system": "nagasaki"}))
    assert (good.status, good.values) == ("ok", {"system": "nagasaki"})


def test_a_table_of_authorities_with_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "issuers.toml").write_text("[[issuers]]\nid = 5\n")
    assert found("settings.profile", context({"systems_directory": str(tmp_path)})).reason == "broken"


def test_settings_that_others_may_write() -> None:
    file = write_settings("mouse = false\n")
    assert found("files.config").status == "ok"
    file.chmod(0o666)
    assert found("files.config").reason == "open"


def test_crash_reports_that_others_may_read() -> None:
    directory = settings.state_directory()
    (reports := directory / "crashes").mkdir(mode=0o700, parents=True)
    assert found("files.state").status == "ok"
    reports.chmod(0o755)
    assert found("files.state").reason == "open"


def test_a_state_directory_that_cannot_be_made() -> None:
    directory = settings.state_directory()
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.write_text("a file in its place")
    assert found("files.state").reason == "not_writable"


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, expected in ((0, "none"), (10_000_000, "little"), (10**9, "ok")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, free=free: shutil._ntuple_diskusage(10**9, 0, free))
        assert found("files.space").reason == expected


# ---- PKCS#11 ---------------------------------------------------------------------------------------------------------


def test_modules_as_they_may_be(tmp_path: Path) -> None:
    library = next(Path("/usr/lib").rglob("libpcsclite.so.1"))
    assert modules(()).reason == "none"
    assert modules((str(library),)).status == "ok"
    assert modules((str(library), str(tmp_path / "gone.so"))).reason == "missing"
    (text := tmp_path / "text.so").write_text("no library")
    assert modules((str(text),)).reason == "no_library"
    assert modules((str(tmp_path),)).reason == "unreadable"
    other = bytearray(library.read_bytes())
    other[18] ^= 0x55
    (strange := tmp_path / "other.so").write_bytes(other)
    finding = modules((str(strange),))
    assert finding.reason == "architecture"
    assert str(tmp_path) not in finding.detail + finding.remedy
    assert finding.place == str(strange)


# ---- terminal --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "unset"),
        ({"LANG": "ja_JP.eucJP"}, "not_utf8"),
        ({"LANG": "xx_XX.UTF-8"}, "missing"),
        ({"LANG": "C.UTF-8"}, "ok"),
        ({"LC_ALL": "C.utf8", "LANG": "xx"}, "ok"),
    ],
)
def test_locales(environment: dict[str, str], reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    looked = {finding.id: finding for finding in terminal.look(ProbeContext(Settings(), environment))}
    told = looked["terminal.locale"]
    assert told.reason == reason or (reason == "not_utf8" and told.reason == "missing")
    assert told.status != "ok" or reason == "ok"
