"""`ebid-tui` as people start it: a process of its own, with demo keys that are made once a test run."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from tests.e2e.answers import values
from tests.patience import long, wait_until

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "ebid_tui")
PATIENCE = long()


def unhurried(ask: Callable[[], str]) -> str:
    """What `doctor --json` says when the machine is quick enough for its own patience, some seconds: it is asked again until then."""
    end = time.monotonic() + PATIENCE
    while re.search('"(silent|hangs)"', said := ask()) and time.monotonic() < end:
        pass
    return said


# ---- processes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Process:
    """A process as the kernel knows it; `started` tells it from a later one of the same number."""

    pid: int
    parent: int
    started: str
    command: str

    @property
    def alive(self) -> bool:
        return _look(self.pid, of=self.started) is not None


def _stat(pid: int) -> tuple[int, str] | None:
    """A process's parent and when it started, unless it has ended (zombies have)."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            state, parent, *rest = file.read().decode(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else (int(parent), rest[17])


def _look(pid: int, of: str = "") -> Process | None:
    """The process of that number, unless it has ended or is another one by now."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    if not (stat := _stat(pid)) or (of and of != stat[1]):
        return None
    return Process(pid, stat[0], stat[1], command)


def below(pid: int) -> list[Process]:
    """Every living process that descends from this one. Of all the others only what tells whose children they are is read."""
    parents = {other: stat[0] for other in map(int, filter(str.isdigit, os.listdir("/proc"))) if (stat := _stat(other))}
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return [found for child in sorted(family - {pid}) if (found := _look(child))]


def server_below(pid: int) -> Process:
    """The demo's server that a program has started last. Waits for it."""
    servers: list[Process] = []

    def started() -> bool:
        servers[:] = [p for p in below(pid) if "ebid_tui.demo.server" in p.command]
        return bool(servers)

    wait_until(started, "the demo's server did not start")
    return max(servers, key=lambda process: int(process.started))


# ---- line mode -------------------------------------------------------------------------------------------------------


def run(*arguments: str, stdin: str | None = None, env: Mapping[str, str] | None = None, pass_fds: Sequence[int] = ()) -> Ran:
    """Run to the end."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        env={**os.environ, **(env or {})},
        pass_fds=pass_fds,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=long(),
        cwd=ROOT,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Ran:
    """How a run ended, and all it said."""

    code: int
    out: str
    err: str

    @property
    def receipt(self) -> str:
        """What follows `receipt: ` on the last line; empty if that line says something else."""
        last = self.out.splitlines()[-1] if self.out else ""
        return last.removeprefix("receipt: ") if last.startswith("receipt: ") else ""


class Talk:
    """Line mode over pipes, prompt by prompt: what a program does that answers for somebody."""

    def __init__(self, *arguments: str, env: Mapping[str, str] | None = None, pass_fds: Sequence[int] = ()) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            cwd=ROOT,
            pass_fds=pass_fds,
        )
        assert self.process.stdin
        assert self.process.stdout
        self._in: IO[bytes] = self.process.stdin
        self._out = self.process.stdout.fileno()
        self._raw = b""
        self._read = 0
        self.told = ""

    @property
    def said(self) -> str:
        """Everything so far."""
        return self._raw.decode("utf-8", "replace")

    def _until(self, pattern: bytes) -> re.Match[bytes]:
        """The next place of a pattern in what is said. Raises TimeoutError."""
        wanted = re.compile(pattern)
        end = time.monotonic() + PATIENCE
        while not (found := wanted.search(self._raw, self._read)):
            if not select.select([self._out], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError(f"{pattern.decode()} did not come after {self.said[-600:]}")
            chunk = os.read(self._out, 65536)
            if not chunk:
                raise EOFError(f"it ended before {pattern.decode()} with {self.said[-600:]}")
            self._raw += chunk
        self.told = self._raw[self._read : found.end()].decode("utf-8", "replace")
        self._read = found.end()
        return found

    def until(self, text: str) -> str:
        """What is said up to a text, and with it."""
        self._until(re.escape(text.encode()))
        return self.told

    def say(self, line: str) -> None:
        self._in.write(line.encode() + b"\n")
        self._in.flush()

    def answer(self, prompt: str, value: str) -> str:
        """Wait for that prompt and answer it; what was said before it."""
        told = self.until(f"<{prompt}>: ")
        self.say(value)
        return told

    def answer_all(self, answers: str, given: Collection[str] = (), up_to: str = "") -> None:
        """Answer prompt by prompt, in whatever order they come, until every answer is used, or until `up_to` is asked.

        Prompts without an answer take their presets, those in `given` get theirs in another way.
        """
        left = list(values(answers))
        while left or up_to:
            prompt = self._until(rb"<([a-z_.]+)>: ")[1].decode()
            if prompt == up_to:
                return
            if prompt in given:
                continue
            value = next((value for name, value in left if name == prompt), "")
            if (prompt, value) in left:
                left.remove((prompt, value))
            self.say(value)

    def interrupt(self) -> None:
        """Ctrl+C."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> Ran:
        """Wait for its end."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return Ran(self.process.returncode, (self._raw + out).decode(), err.decode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
