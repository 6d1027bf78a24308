"""Are the tests able to fail? 60 lines of what decides are spoilt, one at a time, and the tests that run the line have to notice.

    SEED=20261130 ALLOW=3 SAMPLE=60 python -m tests.mutants.sample

`ONLY="server/pki/*.py"` takes them from there; so many lines as there are, if `SAMPLE` is more.

First is learned which tests run which lines (`learning.py`). Of those that run a spoilt line the ones whose file is of the module are
asked first, then one case of each test, the quickest first, for as long as `BUDGET` would last with the line unspoilt; last those that
run another line of the same coroutine. A line that no test runs survives.

Why not a tool: mutmut 3 changes nothing outside of functions and wants the whole suite for its statistics; cosmic-ray spoils the
checkout itself; mutatest ended with Python 3.8. None of them takes a sample of lines and runs only the tests that run these without as
much code as this.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from queue import Queue

from tests.mutants.changes import Change, changes_of
from tests.mutants.copies import ROOT, WORKERS, copies, run
from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.learning import Map, coroutine_of, in_functions, is_of, learn, remembered

DECIDE = (  # but not the tables: migrations are compared with them
    "domain/**/*.py", "flows/**/*.py",
    *(f"server/{name}.py" for name in (
        "api/access", "api/limits", "api/strictness", "decisions/*", "evidence/*", "operators/signed_in", "operators/totp",
        "overnight/propagation", "pki/*", "roster/*", "running/observing", "running/readiness", "store/*",
    )),
)  # fmt: skip
TABLES = {ROOT / "ebid_tui/server/store" / name for name in ("schema.py", "desk_tables.py", "migrate.py")}
BUDGET = float(os.environ.get("BUDGET") or 90)
"""Seconds of the processor."""
PATIENCE = 60.0
MOMENTS = count(1_000_000_000)


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
    seed = number("SEED", int(datetime.now(UTC).strftime("%Y%m%d")))  # real clock: another sample each day
    allowed, lines = number("ALLOW", 3), number("SAMPLE", 60)
    if not (chosen := sample(seed, lines)):
        raise SystemExit(f"mutants: nothing to spoil with ONLY={os.environ.get('ONLY', '')} SAMPLE={lines}")
    with copies() as free:
        known = learn(free)
        with ThreadPoolExecutor(WORKERS) as pool:
            found = list(pool.map(lambda mutant: tried(mutant, known, free), chosen))
    survivors = [(mutant, why) for mutant, why in zip(chosen, found, strict=True) if why]
    for mutant, why in survivors:
        print(f"  survives: {mutant}  [{why}]")
    print(f"mutants: seed {seed}, {len(survivors)} of {len(chosen)} survive, {allowed} may")
    return int(len(survivors) > allowed)


def number(variable: str, usual: int) -> int:
    given = os.environ.get(variable) or str(usual)
    if not given.isdecimal():
        raise SystemExit(f"mutants: {variable}={given} is no whole number")
    return int(given)


def sample(seed: int, lines: int) -> list[Mutant]:
    """One mistake in each of so many lines; every line that can be spoilt is as likely."""
    by_line: dict[tuple[str, int], list[Mutant]] = {}
    deciding = {path for pattern in DECIDE for path in (ROOT / "ebid_tui").glob(pattern)} - TABLES
    if only := os.environ.get("ONLY"):
        deciding = {path for path in deciding if path.relative_to(ROOT / "ebid_tui").match(only)}
    for path in sorted(deciding):
        file = str(path.relative_to(ROOT))
        for change in changes_of(path.read_bytes()):
            mutant = Mutant(file, change)
            if (file, mutant.line, change.text) not in EQUIVALENT:
                by_line.setdefault((file, change.first), []).append(mutant)
    chance = random.Random(seed)
    return [chance.choice(by_line[line]) for line in chance.sample(sorted(by_line), min(lines, len(by_line)))]


def nearest(mutant: Mutant, known: Map) -> list[tuple[str, float]]:
    """The tests that run the line, nearest first, with what they take."""
    change, module = mutant.change, Path(mutant.file).stem
    wanted = frozenset(range(change.first, change.last + 1))
    inside = in_functions(mutant.file)
    if not wanted & inside or wanted & remembered(mutant.file):
        wanted = inside  # run by whoever comes first; what it makes is used by whoever runs a function of the module
    around = wanted | coroutine_of(mutant.file, change.first)
    running = [test for test, (_, at) in known.items() if not around.isdisjoint(at.get(mutant.file, ()))]
    if not running:
        running = [test for test in known if is_of(test.split("::")[0], module)]
    elsewhere = {test for test in running if wanted.isdisjoint(known[test][1].get(mutant.file, ()))}
    places: Counter[str] = Counter()
    order: dict[str, tuple[bool, bool, int, float]] = {}
    for test in sorted(running, key=lambda test: known[test][0]):
        file, _, name = test.partition("::")
        places[function := f"{file}::{name.partition('[')[0]}"] += 1  # first one case of each function, then the second of each
        order[test] = (test in elsewhere, not is_of(file, module), places[function], known[test][0])
    running.sort(key=order.__getitem__)
    chosen: list[tuple[str, float]] = []
    total = 0.0
    for test in running:
        if chosen and total + known[test][0] > BUDGET:
            continue
        total += known[test][0]
        chosen.append((test, known[test][0]))
    return chosen[:400]


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
