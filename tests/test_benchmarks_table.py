"""Benchmarks tell the truth: a goal that is missed stands in the table as missed, and STRICT=1 makes an error of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TWO_GOALS = """
def test_two(measured):
    measured("bytes", 70, "<= 60", 70 <= 60)
    measured("ratio", "0.50", ">= 0.5", 0.5 >= 0.5)
    measured("only shown", 3)
"""
NONE_MISSED = "def test_one(measured):\n    measured('bytes', 50, '<= 60', 50 <= 60)\n"
NOT_JUDGED = "def test_one(measured):\n    measured('bytes', 70, '<= 60')\n"


def run(directory: Path, text: str, strict: str = "") -> tuple[int, str]:
    (directory / "test_it.py").write_text(text, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.benchmarks.conftest",
        "--rootdir",
        str(directory),
    ]
    # The table is pytest's and the benchmarks' own: importing everybody else's plugins would be most of the run.
    environment = os.environ | {"PYTHONPATH": str(ROOT), "STRICT": strict, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, "--rootdir", str(directory), str(directory)], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(("strict", "code"), [("", 0), ("0", 0), ("1", 1)])
def test_a_missed_goal_is_shown_and_is_an_error_when_asked_for(tmp_path: Path, strict: str, code: int) -> None:
    ended, said = run(tmp_path, TWO_GOALS, strict)
    assert ended == code, said
    assert [line.split() for line in said.splitlines() if line.endswith("MISSED")] == [["bytes", "70", "<=", "60", "MISSED"]]
    assert "1 of 2 goals missed" in said
    assert "MISSED: bytes: 70, goal <= 60" in said


def test_goals_that_are_kept_are_no_error(tmp_path: Path) -> None:
    ended, said = run(tmp_path, NONE_MISSED, "1")
    assert (ended, "0 of 1 goals missed" in said, "MISSED" in said) == (0, True, False), said


def test_a_goal_that_nobody_judges_is_refused(tmp_path: Path) -> None:
    ended, said = run(tmp_path, NOT_JUDGED)
    assert ended == 1
    assert "a goal has to be judged" in said
