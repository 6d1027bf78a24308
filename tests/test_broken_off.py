"""A test run that is broken off leaves no process and no directory; one that ends and leaves something fails and names it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests import keeper, patience
from tests.patience import wait_until
from tests.server import postgres

ROOT = Path(__file__).resolve().parents[1]

WAITS = """
import subprocess, tempfile, time
from pathlib import Path
from tests.server import postgres

STUBBORN = "trap '' HUP INT TERM; while :; do sleep 1; done; :"

def test_waits(tmp_path):
    place = Path(tempfile.mkdtemp())
    subprocess.Popen(["setsid", "sh", "-c", f"({STUBBORN}) & exit"]).wait()  # nobody's child any more
    subprocess.Popen(["env", "-i", "/bin/sh", "-c", STUBBORN, str(place)])  # without our variable
    with postgres.cluster() if DATABASE else tempfile.TemporaryDirectory():
        Path(READY).write_text(str(place))
        while True:
            time.sleep(1)
"""
LEAVES = """
import subprocess

def test_leaves_a_process():
    subprocess.Popen(["sleep", "1234"])
"""


@contextmanager
def small_run(directory: Path, text: str) -> Iterator[subprocess.Popen[str]]:
    """A run of its own, with one worker, of one file of tests."""
    (directory / "test_small.py").write_text(text)
    (directory / "t").mkdir()
    plugins = [part for plugin in ("xdist", "tests.conftest", "no:cacheprovider") for part in ("-p", plugin)]
    options = [*plugins, "--import-mode=importlib", "--rootdir", str(directory), "-q", "-n", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", "-c", os.devnull, *options, str(directory / "test_small.py")],
        env={**os.environ, "TMPDIR": str(directory / "t"), "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def shared_memory(processes: Iterable[int]) -> set[str]:
    """The files of it that a PostgreSQL among these processes has."""
    maps = [Path(f"/proc/{pid}/maps") for pid in processes]
    found: set[str] = set()
    for one in maps:
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            found.update(re.findall(r"/dev/shm/PostgreSQL\.\d+", one.read_text()))
    return found


def worker_of(controller: int) -> int:
    (pid,) = [p for p, command in keeper.below(controller).items() if "stdin.readline" in command]
    return pid


@pytest.mark.parametrize("way", ["Ctrl+C", "SIGTERM", "SIGKILL of a worker", "SIGKILL beside PostgreSQL"])
def test_what_is_broken_off_leaves_nothing(way: str, short_dir: Path) -> None:
    if "PostgreSQL" in way and postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed")
    for place in (short_dir, *short_dir.parents[:2]):
        place.chmod(0o711)  # PostgreSQL's user passes through
    ready = short_dir / "ready"
    with small_run(short_dir, f"DATABASE, READY = {'PostgreSQL' in way}, {str(ready)!r}\n{WAITS}") as process:
        wait_until(
            lambda: (ready.exists() and ready.read_text()) or process.poll() is not None, "the small run does not begin", patience.long()
        )
        assert process.poll() is None, process.communicate()[0]
        (root,) = (short_dir / "t").iterdir()
        assert len(keeper.family(str(root))) >= 5, "a keeper, a worker, and the two with what they wait for"
        memory = shared_memory(keeper.family(str(root)))
        assert bool(memory) == ("PostgreSQL" in way)
        if way == "Ctrl+C":
            os.killpg(process.pid, signal.SIGINT)
        elif way == "SIGKILL of a worker":
            os.kill(worker_of(process.pid), signal.SIGKILL)
        else:
            process.send_signal(signal.Signals[way.partition(" ")[0]])
        process.communicate(timeout=patience.long())
    assert process.returncode != 0
    wait_until(lambda: not root.exists() and not keeper.family(str(root)), "something is left")
    assert not [name for name in memory if Path(name).exists()]


SPOILING = """
from tests.mutants.copies import copies, run

with copies() as free:
    copy = free.get()
    (copy / "tests/test_waits.py").write_text(WAITS)
    run(copy, ["tests/test_waits.py"], 600)
"""


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_spoiling_lines_that_is_broken_off_leaves_nothing(way: signal.Signals, short_dir: Path) -> None:
    ready, temporary = short_dir / "ready", short_dir / "t"
    temporary.mkdir()
    waits = f"DATABASE, READY = False, {str(ready)!r}\n{WAITS}"
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", f"WAITS = {waits!r}\n{SPOILING}"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, cwd=ROOT, start_new_session=True) as process:
        wait_until(lambda: (ready.exists() and ready.read_text()) or process.poll() is not None, "no test begins", patience.long())
        assert process.poll() is None
        assert len(list(temporary.iterdir())) == 2, "the copies, and the root of the run in one of them"
        assert len(keeper.family(str(temporary))) >= 5, "two keepers, pytest, and the two with what they wait for"
        process.send_signal(way)
    assert process.returncode == -way
    wait_until(lambda: not list(temporary.iterdir()) and not keeper.family(str(temporary)), "something is left")


def test_a_run_that_leaves_a_process_says_so_and_fails(short_dir: Path) -> None:
    with small_run(short_dir, LEAVES) as process:
        said = process.communicate(timeout=patience.long())[0]
    assert process.returncode == 1
    assert "1 passed" in said
    assert "left behind" in said
    assert "sleep 1234" in said
    assert not list((short_dir / "t").iterdir())
