"""A file that is being written is shown again after each change, whatever is wrong with it in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ebid_tui.commands.system_watch import versions, watch
from ebid_tui.domain.profile.systems import load
from ebid_tui.messages import t

BASE = 'extends = "ise"\nid = "base"\nname = "{name}"\n'
OWN = 'extends = "base"\nid = "own"\ntitle = "{title}"\n'


def watched(file: Path, *changes: Callable[[], object]) -> None:
    """Watch while these changes are made one after the other; then somebody presses Ctrl+C."""
    rest = list(changes)

    def wait() -> None:
        if not rest:
            raise KeyboardInterrupt
        rest.pop(0)()

    def text() -> str:
        profile = load(file)
        return f"{profile.name} {profile.title}"

    with pytest.raises(KeyboardInterrupt):
        watch(file, (), text, wait)


def test_a_change_of_the_file_or_of_its_base_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, own = tmp_path / "base.toml", tmp_path / "own.toml"
    base.write_text(BASE.format(name="港市"), "utf-8")
    own.write_text(OWN.format(title="い"), "utf-8")
    watched(own, lambda: own.write_text(OWN.format(title="ろは"), "utf-8"), lambda: base.write_text(BASE.format(name="湊川市"), "utf-8"))
    assert capsys.readouterr().out.splitlines() == ["港市 い", "港市 ろは", "湊川市 ろは"]


def test_a_fault_is_told_and_the_watch_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, own = tmp_path / "base.toml", tmp_path / "own.toml"
    base.write_text(BASE.format(name="港市"), "utf-8")
    own.write_text(OWN.format(title="い"), "utf-8")
    watched(
        own,
        lambda: own.write_text("title = [", "utf-8"),
        own.unlink,
        lambda: own.write_text(OWN.format(title="ろは"), "utf-8"),
        base.unlink,
        lambda: base.write_text(BASE.format(name="湊川市"), "utf-8"),
    )
    shown = capsys.readouterr().out
    code = t("plain.code", code="E-PROFILE")
    assert shown.count(code) == 3
    assert [line for line in shown.splitlines() if "市 " in line] == ["港市 い", "港市 ろは", "湊川市 ろは"]


def test_what_did_not_change_is_shown_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.toml"
    own.write_text(BASE.replace("base", "own").format(name="港市"), "utf-8")
    title = load(own).title
    watched(own, lambda: None, own.touch, lambda: None)
    assert capsys.readouterr().out.splitlines() == [f"港市 {title}"]


def test_a_file_that_is_not_there_has_no_version(tmp_path: Path) -> None:
    assert versions(tmp_path / "none.toml", (tmp_path / "no_directory",)) == {}
