"""A plugin for pytest: which lines of the package each passing test runs, and how long it takes (`-p tests.mutants.line_map`).

It writes JSON to the file that LINE_MAP names. What a process other than pytest's runs is not seen.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
_cover = coverage.Coverage(data_file=None, config_file=False, source=[str(ROOT / "ebid_tui")])
_cover.start()
_took: dict[str, float] = {}
_spoilt: set[str] = set()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    _cover.switch_context(item.nodeid)
    begun = time.process_time()  # what others take of a busy machine is not the test's
    done = yield
    _took[item.nodeid] = time.process_time() - begun
    _cover.switch_context("")
    return done


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if not report.passed:
        _spoilt.add(report.nodeid)


def pytest_unconfigure() -> None:
    _cover.stop()
    data = _cover.get_data()
    lines: dict[str, dict[str, list[int]]] = {test: {} for test in _took if test not in _spoilt}
    for file in data.measured_files():
        name = str(Path(file).relative_to(ROOT))
        for line, tests in data.contexts_by_lineno(file).items():
            for test in tests:
                if test in lines:
                    lines[test].setdefault(name, []).append(line)
    Path(os.environ["LINE_MAP"]).write_text(json.dumps({test: [_took[test], at] for test, at in lines.items()}), "utf-8")
