"""R-20 in line mode: printer and file are asked behind `done: print`, and scripts that know nothing of them stay right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.plain.script import Script
from ebid_tui.plain.voice import PlainUi
from ebid_tui.printing.printers import Cups
from ebid_tui.printing.targets import PrintTargets
from tests.printing.conftest import needs_font
from tests.printing.cupsd import PrivateCups, missing, names_in
from tests.screens import scripted
from tests.screens.plastic import Hand

needs_cups = pytest.mark.skipif(bool(missing()), reason=missing() or "-")


@pytest.fixture(scope="module")
def daemon() -> Iterator[PrivateCups]:
    with PrivateCups() as cups:
        yield cups


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebid_tui.plain.printing.EVERY", 0.05)


async def said(script: str, outlet: PrintTargets, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the end of a flow prints to this script; all of its lines are used."""
    (tmp_path / "script.txt").write_text(script, encoding="utf-8")
    answers = Script(tmp_path / "script.txt")
    await PlainUi(answers, Hand(), outlet=outlet).done(scripted.done())
    assert answers.lines == []
    return capsys.readouterr().out


@needs_cups
async def test_a_script_prints_and_sees_how_it_ends(daemon: PrivateCups, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(daemon.settled("desk"))
    out = await said("done: print\nprinter: desk\ndone: close\n", PrintTargets(scripted.profile(), Cups(daemon.server)), tmp_path, capsys)
    assert "1 desk 事務室のプリンター　2階" in out
    assert "印刷が終わりました" in out
    assert "2 full（いまは印刷を受け付けていません。）" in out
    assert len(daemon.printed("desk")) == before + 1


@needs_cups
@pytest.mark.parametrize("script", ["done: print\ndone: close\n", "done: print\n", "done: close\n", ""])
async def test_a_script_that_knows_nothing_of_printers_prints_nothing(
    daemon: PrivateCups, script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(daemon.settled("desk"))
    await said(script, PrintTargets(scripted.profile(), Cups(daemon.server)), tmp_path, capsys)
    assert len(daemon.printed("desk")) == before
    assert names_in(tmp_path) == ["script.txt"]


@needs_cups
async def test_out_of_paper_is_said_and_the_flow_goes_on(
    daemon: PrivateCups, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ebid_tui.plain.printing.PATIENCE", 1.0)
    daemon.say("desk", "media-empty-error")
    try:
        out = await said("done: print\nprinter: 1\ndone: close\n", PrintTargets(scripted.profile(), Cups(daemon.server)), tmp_path, capsys)
    finally:
        daemon.say("desk", "")
    assert "用紙がありません。用紙を補給してください。" in out
    assert "印刷は続いています。" in out


@needs_font
async def test_without_a_print_server_it_says_so_and_a_file_is_still_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outlet = PrintTargets(scripted.profile(), Cups(str(tmp_path / "s"), deadline=1))
    script = f"done: print\nfile: {tmp_path}/x.pdf\ndone: close\n"
    out = await said(script, outlet, tmp_path, capsys)
    assert "E-PRINT-SERVER" in out
    assert f"保存しました: {tmp_path}/x.pdf" in out
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")
    (tmp_path / "x.pdf").write_text("old")
    await said(script, outlet, tmp_path, capsys)
    assert (tmp_path / "x.pdf").read_text() == "old"
    await said(script.replace("done: close", "overwrite: yes\ndone: close"), outlet, tmp_path, capsys)
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")


async def test_at_a_kiosk_no_file_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outlet = PrintTargets(scripted.profile(), Cups(str(tmp_path / "s"), deadline=1), to_file=False)
    assert "<file>" not in await said("done: print\ndone: close\n", outlet, tmp_path, capsys)
