"""Programs as processes of their own that cost no start: forked from one that has everything imported.

Such a process has its number, its connections and its end to itself, as one that begins with the interpreter; what that imports
by itself is proven by the few tests that start one. Its parent runs as

    python -m tests.forked

and reads one request a line; what it writes is read by `Nursery`. It ends, and its children with it, when its input does.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.patience import long

HERE = str(Path(__file__).resolve().parents[1])
IMPORTED = (
    "ebid_tui.__main__",
    "ebid_tui.server.admin.command_line",
    "ebid_tui.server.cli",
    "ebid_tui.server.app",
    "ebid_tui.server.running.serving",
    "ebid_tui.server.running.metrics",
    "ebid_tui.server.operators.secret_keys",
    "ebid_tui.server.overnight.propagation",
    "ebid_tui.server.overnight.schedule",
    "ebid_tui.server.mail.postman",
    "ebid_tui.server.pki.anchor_files",
    "ebid_tui.server.pki.refresh",
    "ebid_tui.server.store.migrate",
    "psycopg",
)
_DIE_WITH_PARENT = 1


class Forked:
    """One process; what `subprocess.Popen` has of these names, but for its output, which is in a file."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.pid = 0
        self.returncode: int | None = None
        self._begun, self._ended = threading.Event(), threading.Event()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float) -> int:
        if not self._ended.wait(timeout):
            raise TimeoutError(self.output.read_text())
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, way: signal.Signals) -> None:
        if self.returncode is None:
            os.kill(self.pid, way)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _said(self, said: dict[str, Any]) -> None:
        if "code" in said:
            self.returncode = said["code"]
            self._ended.set()
        else:
            self.pid = said["pid"]
            self._begun.set()


class Nursery:
    """The parent of them all, started with the first."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None
        self._children: list[Forked] = []
        self._outputs: tempfile.TemporaryDirectory[str] | None = None

    def begin(self, program: str, arguments: Sequence[str], output: Path | None = None) -> Forked:
        """`program`: a module that has a `main`. It has the environment of the test."""
        if self._process is None:
            from tests.run import at_the_end  # pytest, which the process below can do without

            at_the_end(self.end)
            command, environment = [sys.executable, "-m", "tests.forked"], os.environ | {"PYTHONPATH": HERE}
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=HERE)
            self._listener = threading.Thread(target=self._listen, daemon=True)
            self._listener.start()
            self._outputs = tempfile.TemporaryDirectory(prefix="ebid-forked-")
        assert self._outputs is not None
        made = Forked(output or Path(self._outputs.name) / str(len(self._children)))
        made.output.touch(0o600)  # it is looked at at once
        self._children.append(made)
        request = {"number": len(self._children) - 1, "program": program, "arguments": list(arguments), "output": str(made.output)}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request | {"environment": dict(os.environ)}).encode() + b"\n")
        self._process.stdin.flush()
        assert made._begun.wait(long()), "nothing was forked"
        return made

    def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            self._children[said["number"]]._said(said)

    def end(self) -> None:
        """Whatever lives still is killed."""
        if self._process is None or self._listener is None:
            return
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(long())
        self._listener.join(long())
        self._process.stdout.close()
        assert self._outputs is not None
        self._outputs.cleanup()
        self._process = None


nursery = Nursery()
"""That of this process's tests."""


# ---- the parent ------------------------------------------------------------------------------------------------------


def main() -> None:
    for name in IMPORTED:
        import_module(name)
    import_module("ebid_tui.server.app").import_all()
    gc.collect()
    gc.freeze()
    children: dict[int, tuple[int, int]] = {}  # by what tells that it has ended: which request's, and its process number
    heard = b""
    while True:
        ready, _, _ = select.select([0, *children], [], [])
        for ended in set(ready) - {0}:
            number, pid = children.pop(ended)
            _, status = os.waitpid(pid, 0)
            os.close(ended)
            _say(number=number, code=os.waitstatus_to_exitcode(status))
        if 0 not in ready:
            continue
        if not (read := os.read(0, 1 << 16)):
            break
        *requests, heard = (heard + read).split(b"\n")
        for request in map(json.loads, requests):
            pid = os.fork()
            if pid == 0:
                _live(request["program"], request["arguments"], request["output"], request["environment"])
            children[os.pidfd_open(pid)] = request["number"], pid
            _say(number=request["number"], pid=pid)
    for _, pid in children.values():
        os.kill(pid, signal.SIGKILL)  # none is waited for yet: the number is still its own
        os.waitpid(pid, 0)


def _say(**said: int) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")


def _live(program: str, arguments: Sequence[str], output: str, environment: dict[str, str]) -> None:
    """The child; it does not return."""
    code = 1
    try:
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        nothing, written = os.open(os.devnull, os.O_RDONLY), os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(nothing, 0)
        os.dup2(written, 1)
        os.dup2(written, 2)
        os.environ.clear()
        os.environ.update(environment)
        code = import_module(program).main(arguments)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
