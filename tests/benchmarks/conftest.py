"""Collects what is measured, and prints it as one table when everything is over, with the goals that were missed named once more.

A goal is no assertion: a figure that is missed on a busy machine is no defect, and the other figures of that benchmark are wanted all the
same. The run passes, and says plainly what was missed; with STRICT=1 (`make bench STRICT=1`) it ends with an error then. What a
benchmark asserts is that both sides did the same work.

What makes a goal: it compares with somebody who has the same work to do, or it bounds a size that somebody waits or pays for. "More than
a floor" that leaves out a part of the work is none: such a ratio is shown, and its goal is what share of the floor has to be reached.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import pytest

OFF = ("", "0", "false", "no", "off")
MISSED = "MISSED"


@dataclass(frozen=True)
class Row:
    what: str
    value: str
    goal: str
    kept: bool | None


_rows = pytest.StashKey[list[Row]]()


@dataclass(frozen=True)
class Measured:
    """Enters lines into the table."""

    rows: list[Row]

    def __call__(self, what: str, value: object, goal: str = "", kept: bool | None = None) -> None:
        """What was measured, and the value; if there is a goal, its words and whether it was kept."""
        if bool(goal) != (kept is not None):
            raise TypeError(f"{what}: a goal has to be judged, and a judgement needs its goal")
        self.rows.append(Row(what, str(value), goal, kept))


@pytest.fixture
def measured(pytestconfig: pytest.Config) -> Measured:
    return Measured(pytestconfig.stash.setdefault(_rows, []))


def missed(config: pytest.Config) -> list[Row]:
    return [row for row in config.stash.get(_rows, []) if row.kept is False]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == 0 and missed(session.config) and os.environ.get("STRICT", "").lower() not in OFF:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    rows = config.stash.get(_rows, [])
    if not rows:
        return
    terminalreporter.section("measured")
    table = [("", "measured", "goal", ""), *((r.what, r.value, r.goal, MISSED if r.kept is False else "") for r in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(3)]
    for what, value, goal, mark in table:
        terminalreporter.write_line(f"{what:{widths[0]}}  {value:>{widths[1]}}  {goal:{widths[2]}}  {mark}".rstrip())
    judged = sum(row.kept is not None for row in rows)
    terminalreporter.write_line(f"{len(missed(config))} of {judged} goals missed")
    for row in missed(config):
        terminalreporter.write_line(f"  {MISSED}: {row.what}: {row.value}, goal {row.goal}", red=True)
