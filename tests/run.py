"""One test run: a directory that all of it lies in, a keeper who clears up, and a look at what it leaves behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import keeper, patience

ROOT = Path(__file__).resolve().parents[1]
MEMORY = "/dev/shm"
PLENTY = 4 << 30
"""Bytes; a run uses a tenth of it at most."""

_keeper = pytest.StashKey[keeper.Keeper]()
_checkout = pytest.StashKey[list[str] | None]()
_root = pytest.StashKey[Path]()


def begin(config: pytest.Config) -> Path:
    """A directory of this process's own; the first process of a run (xdist's workers are further ones) sees to everything else.

    Its path is short: a unix socket's may not exceed 107 bytes. Other users (PostgreSQL's, the print server's) may pass through it.
    """
    _obey_signals()
    if not hasattr(config, "workerinput"):
        patience.measure()
        config.stash[_checkout] = changed()
        config.stash[_root] = root = Path(tempfile.mkdtemp(prefix="ebid-", dir=_quick_place()))
        config.stash[_keeper] = keeper.Keeper(root)
        root.chmod(0o711)
        (root / "t").mkdir()
        (root / "t").chmod(0o1777)
        os.environ[keeper.VARIABLE] = str(root)
        os.environ["TMPDIR"] = tempfile.tempdir = str(root / "t")
    return Path(tempfile.mkdtemp(prefix="w", dir=os.environ[keeper.VARIABLE]))


def _quick_place() -> str | None:
    """Memory, where there is plenty: thousands of small databases need not reach a disk. None is the usual place, or TMPDIR's."""
    try:
        return MEMORY if "TMPDIR" not in os.environ and shutil.disk_usage(MEMORY).free >= PLENTY and os.access(MEMORY, os.W_OK) else None
    except FileNotFoundError:
        return None


def _obey_signals() -> None:
    """Programs obey Ctrl+C and a lost terminal also where the tests were started by `nohup` or in the background.

    There these signals are ignored, and what is ignored is inherited; what is handled is not.
    """
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda _number, _frame: None)


def changed() -> list[str] | None:
    """What git finds changed in the checkout; None where there is no checkout."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        return None
    done = subprocess.run(["git", "--no-optional-locks", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else None


def left_behind(config: pytest.Config) -> list[str]:
    """What the run would leave, if nobody cleared up: processes, and changes in the checkout."""
    mine, until = _ancestors() | {config.stash[_keeper].pid}, time.monotonic() + patience.scaled(5)
    while (found := _found(config, mine)) and time.monotonic() < until:
        time.sleep(0.05)
    told = [f"process {pid}: {command}" for pid, command in found.items()]
    before, after = config.stash[_checkout], changed()
    if before is not None and after is not None and not config.getoption("--snapshot-update", False):
        told += [f"the checkout: {line}" for line in after if line not in before]
        told += [f"the checkout: no longer {line}" for line in before if line not in after]
    return told


def _found(config: pytest.Config, mine: set[int]) -> keeper.Found:
    """The living processes of the run. Multiprocessing's tracker ends with the one that started it, which may be this one."""
    family = keeper.family(str(config.stash[_root]), but=mine)
    return {pid: command for pid, command in family.items() if "multiprocessing.resource_tracker" not in command}


def _ancestors() -> set[int]:
    found, pid = set(), os.getpid()
    while pid:
        found.add(pid)
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return found


_endings: list[Callable[[], None]] = []


def at_the_end(ending: Callable[[], None]) -> Callable[[], None]:
    """For what outlives a test because the next one can use it: called once, when all of this process's tests are done."""
    _endings.append(ending)
    return ending


def finish(session: pytest.Session) -> None:
    """A run that was not broken off and leaves something fails, however its tests went."""
    for ending in _endings:
        ending()
    config = session.config
    if _keeper not in config.stash or session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return
    if told := left_behind(config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        assert reporter is not None
        reporter.section("the run left behind", red=True)
        for line in told:
            reporter.write_line(line)


def end(config: pytest.Config) -> None:
    """The last thing: the keeper clears up and is waited for."""
    if _keeper in config.stash:
        config.stash[_keeper].finish()
