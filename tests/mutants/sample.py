"""Are the tests able to fail? 60 lines of what decides are spoilt, one at a time, and the tests that run the line have to notice.

    SEED=20261130 ALLOW=3 SAMPLE=60 python -m tests.mutants.sample

First every test file of `AREAS` runs once, to learn which tests run which lines; that is kept below .venv until a file changes (a
test file is then run again alone). A spoilt line stands in a private copy of the tree, never in the checkout. Of the tests that run it
come first those whose file imports the module, then the quickest, for as long as `BUDGET` would last with the line unspoilt.

Why not a tool: mutmut 3 changes nothing outside of functions and wants the whole suite for its statistics; cosmic-ray spoils the
checkout itself; mutatest ended with Python 3.8. None of them
takes a sample of lines and runs only the tests that run these without as much code as this.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from queue import Queue
from threading import Lock

from tests.mutants.changes import Change, changes_of
from tests.mutants.equivalent import EQUIVALENT

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / ".venv" / "mutants.json"
AREAS = ("tests/domain", "tests/flows", "tests/server", "tests/desk")
DECIDE = (  # but not the tables: migrations are compared with them
    "domain/*.py", "flows/**/*.py", "server/pki/*.py", "server/roster/*.py", "server/store/*.py", "server/evidence*.py",
    *(f"server/{name}.py" for name in (
        "accepting", "access", "audit_chain", "checking", "limits", "nightly", "observing", "opening", "passwords", "proving",
        "readiness", "resetting", "standing", "strictness", "totp", "verdicts",
    )),
)  # fmt: skip
TABLES = {ROOT / "ebid_tui/server/store" / name for name in ("schema.py", "desk_tables.py", "migrate.py")}
BESIDE = ("postgresql", "test_kills.py", "test_two_workers.py", "test_faults.py")
"""Tests that take another process or much time for what others see as well."""
BUDGET = 20.0
PATIENCE = 30.0
MOMENTS = count(1_000_000_000)
WORKERS = 2
BATCH = 8
"""Test files of one process: starting it costs, and what was learned by then is kept."""

Lines = dict[str, list[int]]
Map = dict[str, tuple[float, Lines]]
"""By test: how long it takes, and the lines that it runs."""


@dataclass(frozen=True)
class Mutant:
    file: str
    change: Change

    @property
    def line(self) -> str:
        return (ROOT / self.file).read_text("utf-8").splitlines()[self.change.first - 1].strip()

    def __str__(self) -> str:
        source = (ROOT / self.file).read_bytes()
        before = source[self.change.begin : self.change.end].decode()
        return f"{self.file}:{self.change.first}  {' '.join(before.split())}  →  {self.change.text}  ({self.change.what})"


def main() -> int:
    seed = int(os.environ.get("SEED") or datetime.now(UTC).strftime("%Y%m%d"))  # real clock: another sample each day
    allowed, lines = int(os.environ.get("ALLOW") or 3), int(os.environ.get("SAMPLE") or 60)
    with copies() as free:
        known = learn(free)
        chosen = sample(seed, lines)
        with ThreadPoolExecutor(WORKERS) as pool:
            found = list(pool.map(lambda mutant: tried(mutant, known, free), chosen))
    survivors = [(mutant, why) for mutant, why in zip(chosen, found, strict=True) if why]
    for mutant, why in survivors:
        print(f"  survives: {mutant}  [{why}]")
    print(f"mutants: seed {seed}, {len(survivors)} of {len(chosen)} survive, {allowed} may")
    return int(len(survivors) > allowed)


def sample(seed: int, lines: int) -> list[Mutant]:
    """One mistake in each of so many lines; every line that can be spoilt is as likely."""
    by_line: dict[tuple[str, int], list[Mutant]] = {}
    for path in sorted({path for pattern in DECIDE for path in (ROOT / "ebid_tui").glob(pattern)} - TABLES):
        file = str(path.relative_to(ROOT))
        for change in changes_of(path.read_bytes()):
            mutant = Mutant(file, change)
            if (file, mutant.line, change.text) not in EQUIVALENT:
                by_line.setdefault((file, change.first), []).append(mutant)
    chance = random.Random(seed)
    return [chance.choice(by_line[line]) for line in chance.sample(sorted(by_line), lines)]


# ---- copies of the tree ----------------------------------------------------------------------------------------------


@contextmanager
def copies() -> Iterator[Queue[Path]]:
    """A private copy for each worker; who takes one puts it back as it was."""
    free: Queue[Path] = Queue()
    with tempfile.TemporaryDirectory(prefix="ebid-mutants-") as place:
        for number in range(WORKERS):
            copy = Path(place) / str(number)
            shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "*.egg-info"))
            free.put(copy)
        yield free


def run(copy: Path, arguments: Sequence[str], limit: float, **variables: str) -> int | None:
    """pytest's exit code in a copy of the tree; None when it took too long."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *arguments]
    environment = os.environ | {"PYTHONPATH": str(copy), "CI": "1", "PYTHONDONTWRITEBYTECODE": "", **variables}
    with subprocess.Popen(
        command, cwd=copy, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            for how in (signal.SIGINT, signal.SIGKILL):
                os.killpg(process.pid, how)
                try:
                    process.wait(10)
                    break
                except subprocess.TimeoutExpired:
                    continue
            return None


# ---- which tests run which lines -------------------------------------------------------------------------------------


def learn(free: Queue[Path]) -> Map:
    """What every test runs: what is kept, and what has to be learned anew."""
    package = digest(sorted((ROOT / "ebid_tui").rglob("*.py")))
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    files = kept["files"] if kept.get("package") == package else {}
    wanted = {str(path.relative_to(ROOT)): digest([path]) for area in AREAS for path in sorted((ROOT / area).rglob("test_*.py"))}
    wanted = {file: known for file, known in wanted.items() if not any(part in file for part in BESIDE)}
    files = {file: files[file] for file, known in wanted.items() if file in files and files[file][0] == known}
    missing, guard = [file for file in wanted if file not in files], Lock()
    if missing:
        print(f"mutants: learning what {len(missing)} of {len(wanted)} test files run", flush=True)

    def some(batch: Sequence[str]) -> None:
        copy = free.get()
        try:
            said = copy / "lines.json"
            said.unlink(missing_ok=True)
            without = " and ".join(f"not {part}" for part in BESIDE if "." not in part)
            run(copy, ["-p", "tests.mutants.line_map", "-k", without, *batch], 3600.0, LINE_MAP=str(said))
            if not said.exists():
                raise SystemExit(f"mutants: {' '.join(batch)} did not come to an end")
            learned = json.loads(said.read_text("utf-8"))
        finally:
            free.put(copy)
        for file in batch:
            files[file] = (wanted[file], {test: at for test, at in learned.items() if test.startswith(f"{file}::")})
        with guard:  # whoever breaks it off goes on from here
            KEPT.write_text(json.dumps({"package": package, "files": dict(files)}), "utf-8")

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(some, [missing[first : first + BATCH] for first in range(0, len(missing), BATCH)]))
    return {test: (took, lines) for _, tests in files.values() for test, (took, lines) in tests.items()}


def digest(paths: Sequence[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


@cache
def text_of(file: str) -> str:
    return (ROOT / file).read_text("utf-8")


def nearest(mutant: Mutant, known: Map) -> list[tuple[str, float]]:
    """The tests that run the line, nearest first, with what they take. A constant is used by whoever runs any line of its module."""
    change, module = mutant.change, Path(mutant.file).stem
    inside = range(change.first, change.last + 1)
    running = [test for test, (_, at) in known.items() if any(line in inside for line in at.get(mutant.file, ()))]
    if not running and on_import(mutant):
        running = [test for test, (_, at) in known.items() if mutant.file in at] or [
            t for t in known if module in text_of(t.split("::")[0])
        ]
    running.sort(key=lambda test: (module not in text_of(test.split("::")[0]), known[test][0]))
    chosen: list[tuple[str, float]] = []
    total = 0.0
    for test in running:
        if chosen and total + known[test][0] > BUDGET:
            continue
        total += known[test][0]
        chosen.append((test, known[test][0]))
    return chosen[:400]


def on_import(mutant: Mutant) -> bool:
    """Whether a line is run when its module is imported: it is in no function."""
    within = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    bodies = [node.body for node in ast.walk(ast.parse(text_of(mutant.file))) if isinstance(node, within)]
    spans = [(body[0].lineno, body[-1].end_lineno) if isinstance(body, list) else (body.lineno, body.end_lineno) for body in bodies]
    return not any(first <= mutant.change.first <= (last or first) for first, last in spans)


# ---- one mutant ------------------------------------------------------------------------------------------------------


def tried(mutant: Mutant, known: Map, free: Queue[Path]) -> str:
    """Empty when the tests noticed; else why it survives."""
    tests = nearest(mutant, known)
    if not tests:
        return "no test runs it"
    names = [test for test, _ in tests]
    expected = sum(took for _, took in tests)
    copy = free.get()
    file = copy / mutant.file
    source = file.read_bytes()
    begun = time.monotonic()
    try:
        file.write_bytes(mutant.change.made_in(source))
        # A spoilt line may be as long, and in the same second, as what is there in bytecode: no two have the same time.
        os.utime(file, (next(MOMENTS),) * 2)
        code = run(copy, ["-x", *names], PATIENCE + 8 * expected)
        file.write_bytes(source)
        if code == 4 and run(copy, ["-x", *names], 900.0) == 4:
            raise SystemExit(f"mutants: {names} cannot be run unspoilt either")
    finally:
        file.write_bytes(source)
        os.utime(file, (next(MOMENTS),) * 2)
        free.put(copy)
    print(f"  {'survives' if code == 0 else 'noticed'} in {time.monotonic() - begun:.0f} s by {len(names)} tests: {mutant}", flush=True)
    return f"{len(names)} tests" if code == 0 else ""


if __name__ == "__main__":
    sys.exit(main())
