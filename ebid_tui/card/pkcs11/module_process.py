"""The program's end of a PKCS#11 module's process: started when first needed, given up when it dies, hangs or talks nonsense.

Whatever becomes of the process, the program gets an error that names the module. It is started anew for the next try; a PIN is sent
only to the process that its session was opened in, and never a second time.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from ebid_tui.card.pin import wipe
from ebid_tui.card.pkcs11 import module_file, module_frames
from ebid_tui.domain.text.cleaning import visible
from ebid_tui.errors import ModuleFailed

logger = logging.getLogger(__name__)

CALL_SECONDS: Final = 20.0
"""How long a module may take for one call; it may have to wait for a slow card."""

END_SECONDS: Final = 1.0
_SLICE: Final = 0.05
"""Seconds between two looks at whether the process still lives, while an answer is waited for: what it forked may keep its socket open."""


class ModuleRefused(Exception):
    """The module answered with a CKR code other than OK: which call, which code. Never shown as it is."""

    def __init__(self, call: str, rv: int) -> None:
        super().__init__(f"{call} {rv:08X}")
        self.call, self.rv = call, rv


class ModuleProcess:
    """One module. Used on the card thread only, but for `kill`, which may come from anywhere."""

    def __init__(self, path: str, seconds: float = CALL_SECONDS) -> None:
        self.path = path
        self.name = Path(path).name
        self.generation = 0
        """Counts the processes: what was opened in one does not exist in the next."""
        self.tainted = False
        """Whether this process has had a PIN: then it is not kept longer than its sessions."""
        self.users = 0
        """How many sessions live in it."""
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._number = 0

    @property
    def running(self) -> bool:
        return self._process is not None

    def call(self, op: str, *, secret: bytearray | None = None, seconds: float | None = None, **request: Any) -> Any:
        """One request and its result; `secret` is wiped. Starts the process and loads the module where that has to be.

        Raises ModuleRefused for the module's own no, ModuleFailed (E-MODULE-MISSING, -LOAD, -CRASHED, -HUNG; -PIN where it
        crashed or hung with a PIN in hand).
        """
        try:
            if self._process is None:
                self._start()
            return self._exchange(op, request, secret, self._seconds if seconds is None else seconds)
        except ModuleFailed as error:
            if secret is not None and error.code in ("E-MODULE-CRASHED", "E-MODULE-HUNG"):
                raise self.failed("E-MODULE-PIN", error.detail) from None
            raise
        finally:
            if secret is not None:
                wipe(secret)

    def end(self) -> None:
        """Let the module give everything back, for a moment; then its process is gone in any case."""
        if self._process is None:
            return
        try:
            self._exchange("end", {}, None, END_SECONDS)
        except (ModuleFailed, ModuleRefused) as error:
            logger.info("%s did not end by itself: %s", self.name, error)
        self.kill()

    def kill(self) -> None:
        """End the process and whatever it started, at once. From any thread."""
        process, self._process = self._process, None
        line, self._line = self._line, None
        if process is not None:
            self.generation += 1
            self.tainted = False
            self.users = 0
            _end_group(process)
        if line is not None:
            line.close()

    def _start(self) -> None:
        if fault := module_file.fault(self.path):
            raise self.failed(*fault)
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "ebid_tui.card.pkcs11.module_host", str(theirs.fileno()), str(os.getpid())],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=os.environ | {"PYTHONPATH": _python_path()},
                    start_new_session=True,  # no terminal to write to, and Ctrl+C is not for it
                )
            except OSError as error:
                ours.close()
                raise self.failed("E-MODULE-LOAD", error.strerror or "") from error
        self._line = ours
        loaded = self._exchange("load", {"path": module_file.resolved(self.path)}, None, self._seconds)
        logger.info("%s: %s", self.name, loaded)

    def _exchange(self, op: str, request: dict[str, Any], secret: bytearray | None, seconds: float) -> Any:
        line = self._line
        if line is None:
            raise self.failed("E-MODULE-CRASHED", "")
        self._number += 1
        self.tainted = self.tainted or secret is not None
        deadline = time.monotonic() + seconds
        try:
            line.settimeout(seconds)
            module_frames.send(line, {"op": op, "number": self._number, **request}, secret)
            while (answer := self._receive(line, deadline)).get("number") != self._number:
                logger.info("%s: an answer that nobody waits for", self.name)
        except ModuleFailed:
            self.kill()
            raise
        except (OSError, ValueError):
            raise self._died() from None
        if "rv" in answer:
            if not isinstance(answer["rv"], int):
                self.kill()
                raise self.failed("E-MODULE", "no return code")
            if op == "load":
                self.kill()
                raise self.failed("E-MODULE-LOAD", f"{answer.get('call')} {answer['rv']:08X}")
            raise ModuleRefused(str(answer.get("call")), answer["rv"])
        if "fault" in answer:
            self.kill()
            raise self.failed("E-MODULE-LOAD" if op == "load" else "E-MODULE", str(answer["fault"]))
        return answer.get("result")

    def _receive(self, line: socket.socket, deadline: float) -> dict[str, Any]:
        body, _ = module_frames.lengths(self._exactly(line, module_frames.HEAD.size, deadline))
        return {name: _shown(part) for name, part in module_frames.decode(self._exactly(line, body, deadline)).items()}

    def _exactly(self, line: socket.socket, size: int, deadline: float) -> bytearray:
        data = bytearray()
        while len(data) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self.failed("E-MODULE-HUNG", "no answer in time")
            readable, _, _ = select.select([line], [], [], min(left, _SLICE))
            if readable:
                part = line.recv(size - len(data))
                if not part:
                    raise OSError("closed")
                data += part
            elif _has_ended(self._process):
                raise OSError("ended")
        return data

    def _died(self) -> ModuleFailed:
        """The process is gone: how, as far as it can be known."""
        process = self._process
        self.kill()
        number = 0 if process is None or process.returncode is None else process.returncode
        return self.failed("E-MODULE-CRASHED", signal.Signals(-number).name if number < 0 and number != -signal.SIGKILL else "ended")

    def failed(self, code: str, reason: str) -> ModuleFailed:
        """The error that names this module."""
        return ModuleFailed(
            f"{self.name}: {reason}" if reason else self.name, code=code, module=self.name, path=self.path, reason=reason or "－"
        )


def _shown(value: Any) -> Any:
    """An answer's texts (labels, descriptions, what the loader says) as they may be shown; what is encoded is as it was."""
    if isinstance(value, dict):
        return {name: _shown(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_shown(part) for part in value]
    return visible(value) if isinstance(value, str) else value


def _has_ended(process: subprocess.Popen[bytes] | None) -> bool:
    """Whether the process has ended, leaving it to be reaped: its group must not be another's yet when it is killed."""
    if process is None:
        return True
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """The process, and what it has forked, which are a process group of their own."""
    if process.returncode is None:
        # One that crashes has a moment to say how before it is killed.
        end = time.monotonic() + _SLICE
        while not _has_ended(process) and time.monotonic() < end:
            time.sleep(0.001)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            logger.debug("group %d is gone already", process.pid)
    process.wait()


def _python_path() -> str:
    """Where the process finds this package, also when it was not installed."""
    here = str(Path(__file__).resolve().parents[3])
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
