"""A broken file of one system stops no other: it is said which one and why, and the others are served."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.profile.systems import available, profiles_of
from ebid_tui.errors import ProfileError
from ebid_tui.server.admin import command_line
from ebid_tui.server.services import served
from ebid_tui.server.settings import ServerSettings
from tests.clock import STARTED
from tests.server.running_server import running
from tests.server.signing import Authority
from tests.wallets import of_today


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A good file and a broken one beside it."""
    directory = tmp_path / "systems"
    directory.mkdir()
    (directory / "good.toml").write_text('extends = "ise"\nid = "good"\n', "utf-8")
    (directory / "bad.toml").write_text('extends = "ise"\nid = "bad"\n[hours]\nopen = "morning"\n', "utf-8")
    return directory


def settings(files: Path, *, strict: bool = False) -> ServerSettings:
    return ServerSettings(database="sqlite://", origins=(), anchors={}, system_directories=(files,), strict=strict)


def test_the_others_are_served_and_the_broken_one_is_told(
    files: Path, short_dir: Path, tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture
) -> None:
    wallet: Wallet = of_today(tmp_path_factory.mktemp("keys"))
    with (
        caplog.at_level(logging.ERROR),
        running(short_dir, wallet, Authority(now=STARTED).der, system_directories=(files,)) as server,
        server.http() as http,
    ):
        ready, systems = http.get("/v1/ready").json(), http.get("/v1/systems").json()
    assert ready == {"status": "ready", "left_out": ["bad.toml"]}
    assert {system["id"] for system in systems} == {*available(), "good"}
    assert "bad.toml" in caplog.text
    assert "hours.open" in caplog.text


def test_strict_stops_at_the_first(files: Path) -> None:
    with pytest.raises(ProfileError) as refused:
        served(settings(files, strict=True))
    assert (refused.value.file, refused.value.key) == ("bad.toml", "hours.open")
    found, broken = served(settings(files))
    assert "good" in found
    assert [error.file for error in broken] == ["bad.toml"]


def test_authorities_are_a_fault_of_their_own(files: Path) -> None:
    (files / "issuers.toml").write_text("[[issuers]]\nid = 3\n", "utf-8")
    with pytest.raises(ProfileError) as refused:
        profiles_of(files)
    assert refused.value.file == "issuers.toml"


@pytest.mark.parametrize("option", ["--systems-directory", "--systems-dir"])
def test_commands_over_all_systems_leave_it_out(option: str, files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'ebid.db'}"
    assert command_line.main(["migrate", "--database", url]) == 0
    assert command_line.main(["propagate", "--database", url, option, str(files)]) == 3
    assert "bad.toml" in capsys.readouterr().err
