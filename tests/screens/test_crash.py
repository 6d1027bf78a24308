"""A crash: a sentence in Japanese, a report without data, no traceback, and the terminal as it was."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from textual.worker import WorkerFailed

from ebid_tui.app import EbidApp
from ebid_tui.flows.ui import Ui
from ebid_tui.screens.crash import report_of, write_report
from tests.benchmarks.pty_bytes import Terminal
from tests.screens import scripted

SECRET = "Demo-pass1"


class Broken(Exception):
    """An error whose text is personal."""


async def breaking(ui: Ui) -> None:
    values = await ui.fill(scripted.search({"search": {"password": SECRET}}))
    raise Broken(f"{values}")


def broken() -> Broken:
    password = SECRET
    try:
        raise Broken(password)
    except Broken as error:
        return error


def test_the_report_names_places_and_no_data(tmp_path: Path) -> None:
    path = write_report(broken(), tmp_path / "crashes")
    assert path is not None
    report = path.read_text(encoding="utf-8")
    assert "Broken" in report
    assert "test_crash.py" in report
    assert SECRET not in report
    assert path.stat().st_mode & 0o777 == 0o600


def test_causes_are_followed_and_no_circle_is() -> None:
    outer, inner = Broken(), ValueError()
    outer.__cause__, inner.__context__ = inner, outer
    assert "builtins.ValueError" in report_of(outer)


def test_old_reports_go() -> None:
    directory = Path(os.environ["XDG_STATE_HOME"]) / "crashes"
    directory.mkdir()
    for number in range(30):
        (directory / f"crash-2020-{number:02}.txt").touch()
    write_report(broken(), directory)
    assert len(list(directory.iterdir())) == 20


def test_a_report_that_cannot_be_written_is_no_second_crash(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert write_report(broken(), tmp_path / "file" / "crashes") is None


async def test_a_broken_flow_ends_the_app_with_the_report(tmp_path: Path) -> None:
    async def flow(ui: Ui) -> None:
        raise Broken(SECRET)

    app = EbidApp(scripted.profile(), flow, reports=tmp_path)
    with pytest.raises(WorkerFailed):
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause(0.1)
    assert app.return_code == 1
    assert [SECRET in report for report in reports_in(tmp_path)] == [False]


def reports_in(directory: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in directory.iterdir()]


def test_the_terminal_gets_a_sentence_and_is_as_it_was() -> None:
    script = (
        "from tests.screens import scripted, test_crash\n"
        "from ebid_tui.app import EbidApp\n"
        "import sys\n"
        "app = EbidApp(scripted.profile(), test_crash.breaking)\n"
        "app.run(mouse=False)\n"
        "sys.exit(app.return_code)\n"
    )
    with Terminal((sys.executable, "-c", script)) as terminal:
        terminal.read_until("資格審査情報検索")
        terminal.send("1000000001\tテスト\x13")
        assert terminal.wait() == 1
        said = terminal.raw.decode(errors="replace")
        assert "プログラムに異常が起きたため、終了しました" in said
        assert "Traceback" not in said
        assert "Broken" not in said
        assert SECRET not in said
        assert said.rindex("\x1b[?1049l") < said.index("プログラムに異常")
        assert "\x1b[?25h" in said
