"""Keeps the kiosk's terminal: a fresh screen process a visitor, a clean screen between them, another one after a crash.

Whatever a visitor typed was in the memory of a process that is gone. The next visitor's process stands ready meanwhile: it was
started while the one before was at work, and has seen nothing. The keeper itself reads nothing from the terminal.
"""

from __future__ import annotations

import os
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ebid_tui.kiosk.admin_secret import write_private

LEAVE = 86
"""The screen process's exit code when the administrator has ended the kiosk; 0 means that a visit ended."""

GO = b"g"
"""What a waiting screen process is told when the terminal is its own. The end of the pipe instead: there is no visitor any more."""

WIPE = (
    b"\x18\x1b[?2026l\x1b[!p\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b(B\x0f"
    b"\x1b[r\x1b[0m\x1b[H\x1b[2J\x1b[3J"
)
"""Out of any half-written sequence, of the second screen, mouse and paste reports; then both screens and the scrollback."""

QUICK = 2.0
"""Seconds; a process that crashes sooner has not helped anybody."""

PAUSES = (0.1, 0.1, 0.1, 1.0, 5.0, 30.0)
"""Seconds before the next start, by the number of quick crashes in a row."""

SETTLED = 1.0
"""Seconds after which a visit has its screen, and the next process may be made ready."""

LAST = 5.0
"""Seconds that a process that is not wanted any more has for its end."""

REPORTS = 20
"""Reports kept."""

KEYS = {signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN}
"""What keys make, or reading and writing in the background."""

STRAY = {
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO, signal.SIGPWR),
    *range(signal.SIGRTMIN, signal.SIGRTMAX + 1),
}
"""What a service manager, logrotate or a script may send to whatever runs ("write your log anew"): it would end a process that
has no use for it, and with it the visit that is going on. SIGTERM and SIGHUP do end it; a crash stays one."""

IGNORED = KEYS | STRAY


class Keeper:
    """`command` starts a screen process that waits at the file descriptor named last; `reports` tell of crashes, without data."""

    def __init__(self, command: Sequence[str], terminal: int, reports: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        self._command = command
        self._terminal = terminal
        self._reports = reports
        self._sleep = sleep
        self._ending = False
        self._gone = False
        self._child: WaitingProcess | None = None
        self._next: WaitingProcess | None = None

    def run(self) -> int:
        """Visit after visit until the administrator or the system ends it: 0, or 1 when the terminal has gone."""
        before = termios.tcgetattr(self._terminal)
        old = {number: signal.signal(number, signal.SIG_IGN) for number in IGNORED}  # the children inherit it
        old |= {number: signal.signal(number, self._end) for number in (signal.SIGTERM, signal.SIGHUP)}
        quick = 0
        try:
            while not self._ending:
                self._wipe(before)
                began = time.monotonic()
                code = self._visit()
                if code == LEAVE or self._ending:
                    break
                quick = 0 if code == 0 or time.monotonic() - began > QUICK else quick + 1
                if code != 0:
                    self._wipe(before)  # at once; the report can wait
                    self._report(code, time.monotonic() - began)
                    self._sleep(PAUSES[min(quick, len(PAUSES) - 1)])
        finally:
            for waiting in (self._child, self._next):
                if waiting is not None:
                    waiting.dismiss()
            self._wipe(before, signals=True)
            for number, handler in old.items():
                signal.signal(number, handler)
        return int(self._gone)

    def _visit(self) -> int:
        """One visit, by the process that stands ready if there is one; its exit code."""
        child, self._next = self._next, None
        if child is None or not child.go():
            child = WaitingProcess(self._command)
            child.go()
        self._child = child
        if self._ending:
            child.process.terminate()
        try:
            return child.process.wait(SETTLED)
        except subprocess.TimeoutExpired:
            if not self._ending:
                self._next = WaitingProcess(self._command)
        return child.process.wait()

    def _end(self, number: int, _frame: object) -> None:
        self._ending = True
        self._gone = self._gone or number == signal.SIGHUP
        if self._child is not None and self._child.process.returncode is None:
            self._child.process.terminate()

    def _wipe(self, before: list[object], *, signals: bool = False) -> None:
        """The terminal as it was, but no key makes a signal or stops the output; nothing typed ahead, nothing to scroll back to."""
        mode = list(before)
        if not signals:
            mode[0] = int(str(mode[0])) & ~(termios.IXON | termios.IXOFF | termios.BRKINT)
            mode[3] = int(str(mode[3])) & ~(termios.ISIG | termios.ECHO | termios.IEXTEN)
        try:
            termios.tcsetattr(self._terminal, termios.TCSAFLUSH, mode)  # type: ignore[arg-type]
            os.write(self._terminal, WIPE)
        except (OSError, termios.error):
            self._ending = self._gone = True

    def _report(self, code: int, seconds: float) -> None:
        """How the process ended and after how long: nothing of what it was doing."""
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        try:
            write_private(
                self._reports / f"kiosk-{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns()}.txt", f"{how} after {seconds:.0f} s\n"
            )
            for old in sorted(self._reports.glob("kiosk-*.txt"))[:-REPORTS]:
                old.unlink(missing_ok=True)
        except OSError:
            return  # a full disk must not keep the kiosk shut


class WaitingProcess:
    """A screen process that has loaded everything and touches nothing until it is told to go."""

    def __init__(self, command: Sequence[str]) -> None:
        theirs, self._ours = os.pipe()
        # Not restored: until it has loaded Python it would die of a SIGPIPE that the keeper ignores.
        self.process = subprocess.Popen([*command, str(theirs)], pass_fds=(theirs,), restore_signals=False)
        os.close(theirs)

    def go(self) -> bool:
        """Whether it is alive to hear it; False has cleared it away."""
        try:
            if self.process.poll() is None:
                os.write(self._ours, GO)
                self._close()
                return True
        except BrokenPipeError:
            pass
        self.dismiss()
        return False

    def dismiss(self) -> None:
        """It is not wanted any more: it ends by itself, or is ended."""
        self._close()
        try:
            self.process.wait(LAST)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _close(self) -> None:
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1
