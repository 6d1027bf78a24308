"""Private copies of the tree, in which a line may be spoilt, and pytest in one of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

from tests import keeper

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS = 2


@contextmanager
def copies() -> Iterator[Queue[Path]]:
    """A private copy for each worker; who takes one puts it back as it was. A keeper clears up, also when this is broken off."""
    free: Queue[Path] = Queue()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C ends at once: threads that wait for pytest would be waited for
    place = Path(tempfile.mkdtemp(prefix="ebid-mutants-"))
    clearing = keeper.Keeper(place)
    try:
        for number in range(WORKERS):
            copy = place / str(number)
            shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "*.egg-info"))
            free.put(copy)
        yield free
    finally:
        clearing.finish()


def run(copy: Path, arguments: Sequence[str], limit: float, **variables: str) -> int | None:
    """pytest's exit code in a copy of the tree; None when it took too long."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *arguments]
    variables |= {"PYTHONPATH": str(copy), "CI": "1", "PYTHONDONTWRITEBYTECODE": "", keeper.VARIABLE: str(copy.parent)}
    with subprocess.Popen(
        command, cwd=copy, env=os.environ | variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
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
