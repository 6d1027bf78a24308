"""Collects what is measured, and prints it as one table when everything is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

_rows = pytest.StashKey[list[tuple[str, str, str]]]()

Measured = Callable[[str, object, str], None]
"""What was measured, the value, and the goal it has to keep."""


@pytest.fixture
def measured(pytestconfig: pytest.Config) -> Measured:
    """Enters a line into the table; values of failed benchmarks stand there, too."""
    rows = pytestconfig.stash.setdefault(_rows, [])
    return lambda what, value, goal: rows.append((what, str(value), goal))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    rows = config.stash.get(_rows, [])
    if not rows:
        return
    terminalreporter.section("measured")
    table = [("", "measured", "goal"), *rows]
    first, second = (max(len(row[column]) for row in table) for column in (0, 1))
    for what, value, goal in table:
        terminalreporter.write_line(f"{what:{first}}  {value:>{second}}  {goal}".rstrip())
