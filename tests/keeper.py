"""Clears up after a test run, however it ended: `python -I -S tests/keeper.py ROOT`, with a pipe from the run as its standard input.

Everything a run makes lies below ROOT, and every process it starts carries ROOT in its environment (`VARIABLE`) or on its command
line, or descends from one that does. When the run is over, or was killed, the pipe closes: what is left is ended, and ROOT removed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path

VARIABLE = "TEST_RUN_ROOT"
KEEPS = "/tests/keeper.py /"
"""What stands on a keeper's command line, and on no other."""
LAST_SECONDS = 10.0
"""How long a PostgreSQL has for giving its shared memory back."""

Found = dict[int, str]
"""Process number → its command line."""


def family(root: str, but: Collection[int] = ()) -> Found:
    """The living processes of the run, without this one."""
    parents, commands, ours = _look(root.encode())
    return _with_descendants(ours - {os.getpid(), *but}, parents, commands, {os.getpid(), *but})


def below(pid: int) -> Found:
    """The living processes that descend from this one."""
    parents, commands, _ = _look(b"")
    found = _with_descendants({pid}, parents, commands, ())
    found.pop(pid, None)
    return found


def _with_descendants(ours: set[int], parents: dict[int, int], commands: Found, but: Collection[int]) -> Found:
    while more := {pid for pid, parent in parents.items() if parent in ours and pid not in but} - ours:
        ours |= more
    return {pid: commands[pid] for pid in ours if pid in commands}


def _look(root: bytes) -> tuple[dict[int, int], Found, set[int]]:
    """Parents and command lines of all living processes, and which of them carry `root`."""
    parents: dict[int, int] = {}
    commands: Found = {}
    carriers: set[int] = set()
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            state, parent = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state in "ZX":
            continue
        parents[pid], commands[pid] = int(parent), command.replace(b"\0", b" ").decode(errors="replace").strip()
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):  # it has ended, or is another user's
            environment = b""
        if root in command or f"{VARIABLE}=".encode() + root in environment:
            carriers.add(pid)
    return parents, commands, carriers


def end(root: str) -> None:
    """End them all: at once, but for a PostgreSQL, which would leave shared memory behind, and for keepers of runs within this one.

    These end by themselves when their run has ended, and what is left of it.
    """
    until = time.monotonic() + LAST_SECONDS
    told: set[int] = set()
    while found := family(root):
        for pid, command in found.items():
            if KEEPS in command:
                continue
            gently = time.monotonic() < until and command.partition(" ")[0].endswith(("/postgres", "postgres:"))
            if gently and pid in told:
                continue
            told.add(pid)
            try:
                os.kill(pid, signal.SIGQUIT if gently else signal.SIGKILL)
                os.kill(pid, signal.SIGCONT)
            except (PermissionError, ProcessLookupError):
                continue
        if time.monotonic() > until + LAST_SECONDS:
            return  # somebody else's, who carries our name
        time.sleep(0.02)


def main(root: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    while os.read(0, 64):
        pass
    end(root)
    for _ in range(2):  # twice: something may have been made while it was removed
        shutil.rmtree(root, ignore_errors=True)


class Keeper:
    """The run's side: started before everything else, and waited for at the end."""

    def __init__(self, root: Path) -> None:
        command = [sys.executable, "-I", "-S", __file__, str(root)]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True)
        self.pid = self._process.pid

    def finish(self) -> None:
        """Return when nothing is left."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


if __name__ == "__main__":
    main(sys.argv[1])
