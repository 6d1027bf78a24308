"""Which tests run which lines: every test file of `AREAS` is run once, and again when it, or anything that it runs, has changed."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from queue import Queue
from threading import Lock
from typing import Any

from tests.mutants.copies import ROOT, WORKERS, run

KEPT = ROOT / ".venv" / "mutants.json"
AREAS = ("tests/domain", "tests/flows", "tests/server", "tests/desk", "tests/plain", "tests/client")
BESIDE = ("test_kills.py", "test_two_workers.py", "test_faults.py")
"""They spend their time in other processes, which are not seen."""
BATCH = 8
"""Test files of one process: starting it costs, and what was learned by then is kept."""

Lines = dict[str, list[int]]
Map = dict[str, tuple[float, Lines]]
"""By test: how long it takes, and the lines of functions that it runs."""


def learn(free: Queue[Path]) -> Map:
    """What every test runs: what is kept, and what has to be learned anew."""
    kept: dict[str, Any] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    paths = sorted(path for area in AREAS for path in (ROOT / area).rglob("test_*.py") if path.name not in BESIDE)
    names = [str(path.relative_to(ROOT)) for path in paths]
    files = {name: kept[name] for name in names if name in kept and all(digest(file) == old for file, old in kept[name]["of"].items())}
    missing, guard = [name for name in names if name not in files], Lock()
    if missing:
        print(f"mutants: learning what {len(missing)} of {len(names)} test files run", flush=True)

    def some(batch: Sequence[str]) -> None:
        copy = free.get()
        try:
            said = copy / "lines.json"
            said.unlink(missing_ok=True)
            run(copy, ["-p", "tests.mutants.line_map", "-k", "not postgresql", *batch], 3600.0, LINE_MAP=str(said))
            if not said.exists():
                raise SystemExit(f"mutants: {' '.join(batch)} did not come to an end")
            learned = json.loads(said.read_text("utf-8"))
        finally:
            free.put(copy)
        with guard:  # whoever breaks it off goes on from here
            files.update({name: entry(name, learned) for name in batch})
            KEPT.write_text(json.dumps(files), "utf-8")

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(some, [missing[first : first + BATCH] for first in range(0, len(missing), BATCH)]))
    return {test: (took, lines) for file in files.values() for test, (took, lines) in file["tests"].items()}


def entry(name: str, learned: Map) -> dict[str, Any]:
    """What is kept of one test file: its tests, and the files whose change would make them others.

    Lines outside of functions are left out: they belong to whichever test imports the module first.
    """
    tests: Map = {}
    for test, (took, at) in learned.items():
        if test.startswith(f"{name}::"):
            inside = {file: sorted(in_functions(file).intersection(lines)) for file, lines in at.items()}
            tests[test] = (took, {file: lines for file, lines in inside.items() if lines})
    return {"of": {file: digest(file) for file in {name, *(file for _, at in tests.values() for file in at)}}, "tests": tests}


def digest(file: str) -> str:
    path = ROOT / file
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


@cache
def text_of(file: str) -> str:
    return (ROOT / file).read_text("utf-8")


@cache
def is_of(file: str, module: str) -> bool:
    """Whether a test file is called after a module of this name, or imports it or something out of it."""
    return module in Path(file).stem or bool(re.search(rf"^\s*(from|import)\b.*\b{module}\b", text_of(file), re.MULTILINE))


@cache
def remembered(file: str) -> frozenset[int]:
    """The lines of functions that are run once for all tests (`@cache`)."""
    functions = [node for node in ast.walk(ast.parse(text_of(file))) if isinstance(node, ast.FunctionDef)]
    kept = [node for node in functions if any("cache" in ast.unparse(decorator) for decorator in node.decorator_list)]
    return frozenset(line for node in kept for line in range(node.lineno, (node.end_lineno or 0) + 1))


@cache
def in_functions(file: str) -> frozenset[int]:
    """The lines that are not run when the module is imported."""
    bodies = [node.body for node in ast.walk(ast.parse(text_of(file))) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return frozenset(line for body in bodies for line in range(body[0].lineno, (body[-1].end_lineno or 0) + 1))


@cache
def coroutine_of(file: str, line: int) -> frozenset[int]:
    """The lines of the coroutine that a line is in, if it is in one.

    Which of them are run is not always seen: coverage on Python 3.11 loses some of what a coroutine runs after an error went through one
    that it awaited (`tests/flows/test_bad_cards.py`, `_look` in `flows/card.py`).
    """
    nodes = [node for node in ast.walk(ast.parse(text_of(file))) if isinstance(node, ast.AsyncFunctionDef)]
    found = [node for node in nodes if node.lineno <= line <= (node.end_lineno or 0)]
    return frozenset(line for node in found for line in range(node.body[0].lineno, (node.end_lineno or 0) + 1))
