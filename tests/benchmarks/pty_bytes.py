"""Counts what the app sends to its terminal, event by event: `python -m tests.benchmarks.pty_bytes`.

The app runs in a pty of 80x24 with 256 colours, as in a real terminal; nothing answers its queries.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from tests.patience import scaled

WIDTH, HEIGHT = 80, 24
QUIET = scaled(0.1)
"""Seconds of silence after which an event counts as done."""

PATIENCE = scaled(5.0)
"""Seconds within which an answer to a key begins."""


class Terminal:
    """A program in a pty. `raw` is everything it has sent."""

    def __init__(self, command: Sequence[str], *, width: int = WIDTH, height: int = HEIGHT, env: dict[str, str] | None = None) -> None:
        self.raw = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **(env or {})}
            for name in ("COLORTERM", "NO_COLOR", "COLUMNS", "LINES"):
                if name not in (env or {}):
                    environment.pop(name, None)
            os.execvpe(command[0], list(command), environment)
        self.resize(width, height)

    @property
    def descriptor(self) -> int:
        """The program's terminal, to be asked for its modes."""
        return self._fd

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def read(self, quiet: float = QUIET, at_most: float = 10.0) -> bytes:
        """What it sends until it is silent for `quiet` seconds."""
        got = b""
        end = time.monotonic() + at_most
        while time.monotonic() < end:
            ready, _, _ = select.select([self._fd], [], [], quiet)
            if not ready:
                break
            try:
                chunk = os.read(self._fd, 65536)
            except OSError:
                break
            if not chunk:
                break
            got += chunk
        self.raw += got
        return got

    def read_until(self, text: str, at_most: float = 120.0) -> bytes:
        """What it sends until a text has come, and until it is silent after that. TimeoutError if it does not come."""
        got = b""
        end = time.monotonic() + at_most
        while text.encode() not in got:
            if time.monotonic() > end:
                raise TimeoutError(f"{text!r} did not come: {got[-400:]!r}")
            got += self.read(0.05, 0.5)
        return got + self.read()

    def send(self, keys: str) -> bytes:
        """Type, and return what is sent in answer."""
        os.write(self._fd, keys.encode())
        select.select([self._fd], [], [], PATIENCE)
        return self.read()

    def answer(self, keys: str, text: str) -> bytes:
        """Type, and return what is sent until this text has come."""
        os.write(self._fd, keys.encode())
        return self.read_until(text)

    def wait(self, seconds: float = 60.0) -> int | None:
        """The exit code, or None if it does not end in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.02, 0.1)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                self.read()  # what it wrote between the last look and its end
                return os.waitstatus_to_exitcode(status)
        return None

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


FORM = (sys.executable, "-m", "tests.benchmarks.form_app", "form")


def to_the_first_field(terminal: Terminal) -> None:
    """A form begins at its first empty field that must be filled in."""
    terminal.read_until("連絡先電話番号")
    while terminal.send("\x1b[Z"):
        pass


def measure(idle_seconds: float = 3.0) -> dict[str, list[int]]:
    """Bytes by kind of event in 利用者登録: ASCII and Japanese keystrokes, deletions, Tab, Shift+Tab, and doing nothing."""
    with Terminal(FORM) as terminal:
        to_the_first_field(terminal)
        found: dict[str, list[int]] = {}
        found["keystroke"] = [len(terminal.send(c)) for c in "12345"]
        found["backspace"] = [len(terminal.send("\x7f")) for _ in range(5)]
        found["tab"] = [len(terminal.send("\t")) for _ in range(2)]
        found["keystroke ja"] = [len(terminal.send(c)) for c in "営業部東京支店総務課設備係担当"]
        found["tab"] += [len(terminal.send("\t")) for _ in range(4)]
        found["shift+tab"] = [len(terminal.send("\x1b[Z")) for _ in range(4)]
        found["idle"] = [len(terminal.read(idle_seconds, idle_seconds))]
        return found


def measure_screens(env: dict[str, str] | None = None) -> dict[str, int]:
    """Bytes of the next screen, from a menu to a form and from there to the review and back, and of an overlay that comes and goes."""
    with Terminal((*FORM[:-1], "steps"), env=env) as terminal:
        terminal.read_until("登録")
        found: dict[str, int] = {}
        for name, keys, text in (
            ("menu to form", "1", "連絡先電話番号"),
            ("form to review", "\x13", "登録内容確認"),
            ("review to help", "\x07", "F1"),
            ("help to review", "\x1b", "登録内容確認"),
        ):
            begun = len(terminal.raw)
            os.write(terminal.descriptor, keys.encode())
            terminal.read_until(text[-1])
            found[name] = len(terminal.raw) - begun
        return found


def main() -> None:
    for event, sizes in measure().items():
        print(f"{event:14} max {max(sizes):5} bytes   mean {sum(sizes) / len(sizes):7.1f}   {sizes}")
    for step, size in measure_screens().items():
        print(f"{step:14}     {size:5} bytes")


if __name__ == "__main__":
    main()
