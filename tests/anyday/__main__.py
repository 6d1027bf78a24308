"""The suite on other days than today, under libfaketime: `make anyday`; a selection at two of them: `make anyday-sample`.

    python -m tests.anyday [--sample] [--date NAME ...] [--suite NAME ...] [-- what pytest gets]

The wall clock is moved by an offset, for the tests and every process they start, and runs on from there. Monotonic time is left
alone (steady_sleep.c says what that takes), and so are files' times: what is stamped by the kernel is of today.

Left out: PostgreSQL and pcscd, whose waits by the wall clock libfaketime changes in processes we do not start afresh for each date;
terminals, screens, accidents and benchmarks, which know nothing of dates and would take their time at each of them again.
"""

from __future__ import annotations

import argparse
import calendar
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
JAPAN = ZoneInfo("Asia/Tokyo")
WEST = "America/Los_Angeles"

Moment = Callable[[datetime], datetime]
"""When it is to be, from what time it is."""


def japan(year: int, month: int, day: int, hour: int, minute: int) -> Moment:
    return lambda _: datetime(year, month, day, hour, minute, tzinfo=JAPAN)


def new_year(now: datetime) -> datetime:
    return datetime(now.astimezone(JAPAN).year, 12, 31, 23, 59, 30, tzinfo=JAPAN)


def leap_day(now: datetime) -> datetime:
    year = next(year for year in range(now.year + 1, now.year + 9) if calendar.isleap(year))
    return datetime(year, 2, 29, 12, tzinfo=JAPAN)


@dataclass(frozen=True)
class Date:
    """A time, and the zone that the machine is in."""

    name: str
    when: Moment
    zone: str

    def offset(self) -> int:
        """Seconds from now."""
        now = datetime.now(UTC)  # real clock: what is moved
        return round((self.when(now) - now).total_seconds())


DATES = (
    Date("month", lambda now: now + timedelta(days=31), "UTC"),
    Date("14-months", lambda now: now + timedelta(days=425), WEST),
    Date("2028-03", japan(2028, 3, 1, 0, 30), WEST),  # where the machine still has the day before
    Date("new-year", new_year, "Asia/Tokyo"),  # each suite begins half a minute before midnight
    Date("leap-day", leap_day, "UTC"),
    Date("2031", japan(2031, 6, 15, 23, 55), "Asia/Tokyo"),
)
SUITES = {
    "domain": ["tests/domain", "tests/test_drafts.py"],
    "flows": ["tests/flows"],
    "forms": ["tests/forms", "tests/screens/test_minute.py", "tests/widgets/test_clock.py", "tests/widgets/test_list_table.py"],
    "plain": ["tests/plain"],
    "demo": ["tests/demo"],
    "server": ["tests/server", "-k", "not postgres"],
    "desk": ["tests/desk", "tests/client", "tests/card/test_choice.py"],
    "e2e": ["tests/e2e/test_plain_demo.py", "tests/e2e/test_fifth_system.py"],
}
SAMPLE_DATES = ("2028-03", "new-year")
SAMPLE = [
    "tests/domain/test_hours.py", "tests/domain/test_renewal.py", "tests/domain/test_rules.py", "tests/test_drafts.py",
    "tests/card/test_choice.py", "tests/demo/test_cards.py", "tests/flows/test_bad_cards.py",
    "tests/flows/test_status.py", "tests/widgets/test_clock.py", "tests/screens/test_minute.py",
    "tests/desk/test_expiring.py::test_the_first_to_end_comes_first_and_opens_its_vendor",
    "tests/server/pki/test_answers.py", "tests/server/api/test_hours.py", "tests/server/api/test_sign_in.py",
    "tests/e2e/test_plain_demo.py::test_the_whole_way_ends_with_a_receipt",
    "-k", "not postgres and not every_kind_of_key and not acknowledged_again",
]  # fmt: skip
"""A file or two of each area: those that date cards, lists, sessions, drafts and nights."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.anyday")
    parser.add_argument("--sample", action="store_true", help="a selection, at two dates")
    parser.add_argument("--date", action="append", choices=[date.name for date in DATES])
    parser.add_argument("--suite", action="append", choices=list(SUITES))
    parser.add_argument("pytest", nargs="*")
    given = parser.parse_args()
    if missing := [program for program in ("faketime", "gcc") if shutil.which(program) is None]:
        print(f"anyday: left out, there is no {' and no '.join(missing)} here (Debian packages of these names)", file=sys.stderr)
        return int(not given.sample or "CI" in os.environ)
    dates = [date for date in DATES if date.name in (given.date or (SAMPLE_DATES if given.sample else [d.name for d in DATES]))]
    suites = {"sample": SAMPLE} if given.sample else {name: SUITES[name] for name in given.suite or SUITES}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    jobs = [(date, suite, tests) for date in dates for suite, tests in suites.items()]
    with tempfile.TemporaryDirectory(prefix="ebid-anyday-") as directory:
        steady = Path(directory) / "steady_sleep.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O", "-o", steady, HERE / "steady_sleep.c"], check=True)

        def job(of: tuple[Date, str, list[str]]) -> bool:
            date, suite, tests = of
            return green(date, suite, steady, [*tests, "--basetemp", f"{directory}/{date.name}-{suite}", *given.pytest])

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                passed = list(pool.map(job, jobs))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                end_all()
                raise
    red = [(date, suite) for (date, suite, _), well in zip(jobs, passed, strict=True) if not well]
    for date, suite in red:
        options = f"--date {date.name} " + ("--sample" if given.sample else f"--suite {suite}")
        options += f" -- {shlex.join(given.pytest)}" if given.pytest else ""
        print(f'anyday: red; again with: make anyday ARGS="{options}"', file=sys.stderr)
    return int(bool(red))


def green(date: Date, suite: str, steady: Path, arguments: list[str]) -> bool:
    """What fails by the date fails twice; what fails once is told: of ten runs one had an error that nobody has met again."""
    for _ in range(2):
        offset = date.offset()
        then = datetime.now(UTC) + timedelta(seconds=offset)  # real clock: what is moved
        code, said = moved(offset, date.zone, steady, arguments)
        told = f"{date.name} ({then.astimezone(JAPAN):%Y-%m-%d %H:%M:%S} in Japan, zone {date.zone}), {suite}"
        if not code:
            print(f"anyday: {told}: {said.rstrip().splitlines()[-1]}", flush=True)
            return True
        print(f"{said}\nanyday: {told}: red", flush=True)
        if _broken_off.is_set():
            break
    return False


def moved(offset: int, zone: str, steady: Path, arguments: list[str]) -> tuple[int, str]:
    """Runs pytest with the wall clock so many seconds ahead; its exit code, and what it said."""
    # The library goes before faketime's, which adds itself behind what is there.
    environment = os.environ | {"TZ": zone, "LD_PRELOAD": str(steady), "NO_FAKE_STAT": "1"}
    # No cache: what fails on another day is not what failed last. One process: as many dates as there are processors go on side by side.
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *arguments]
    command = ["faketime", "-m", "-f", "--exclude-monotonic", f"{offset:+d}s", *pytest]
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment, process_group=0, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    _running.append(running)
    try:
        said, _ = running.communicate()
    finally:
        for left in Path("/dev/shm").glob(f"*faketime_*_{running.pid}"):  # where it was broken off
            left.unlink(missing_ok=True)
    return running.returncode, said


_running: list[subprocess.Popen[str]] = []
_broken_off = threading.Event()
"""What is red then is not tried again."""


def end_all() -> None:
    """faketime passes no signal on: the tests end with it, and tidy up after themselves."""
    _broken_off.set()
    for number, patience in ((signal.SIGINT, 20), (signal.SIGKILL, 5)):
        left = [running for running in _running if running.poll() is None]
        for running in left:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, number)
        for running in left:
            with suppress(subprocess.TimeoutExpired):
                running.wait(patience)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
