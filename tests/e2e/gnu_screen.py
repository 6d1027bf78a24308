"""GNU screen between the program and the test's own terminal: attached, detached, attached again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte

from tests.benchmarks.pty_bytes import HEIGHT, WIDTH, Terminal
from tests.e2e.program import PATIENCE
from tests.patience import wait_until

SETTINGS = "startup_message off\nvbell off\naltscreen on\ndefutf8 on\ndefencoding UTF-8\nescape ^]]\n"


def missing() -> str:
    """What the machine lacks for these tests; empty if nothing."""
    return "" if shutil.which("screen") else "GNU screen is not installed"


class GnuScreen:
    """One session with one program. `directory` must be short and private: it holds screen's socket."""

    def __init__(self, directory: Path, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        (sockets := directory / "s").mkdir(mode=0o700, exist_ok=True)
        (settings := directory / "screenrc").write_text(SETTINGS)
        self._name = f"ebid-{os.getpid()}"
        self._env = {**os.environ, "SCREENDIR": str(sockets), "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "SHELL": "/bin/sh", **(env or {})}
        self._begin = ["screen", "-U", "-c", str(settings), "-S", self._name]
        self._command = list(command)
        self.terminal: Terminal | None = None

    def attach(self, *, first: bool = False) -> None:
        """With a fresh terminal of 80x24."""
        command = [*self._begin, *self._command] if first else ["screen", "-U", "-r", self._name]
        self.terminal = Terminal(command, env=self._env)
        self._glass = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self._glass)

    def detach(self) -> None:
        """As a lost connection does: the terminal goes away."""
        assert self.terminal is not None
        os.close(self.terminal.descriptor)
        pid, self.terminal.pid = self.terminal.pid, 0
        os.waitpid(pid, 0)
        self.terminal = None

    def type(self, keys: str) -> None:
        assert self.terminal is not None
        os.write(self.terminal.descriptor, keys.encode())

    def wait(self, *texts: str) -> str:
        """The terminal's screen, as soon as all these texts are on it."""

        def there() -> bool:
            assert self.terminal is not None
            self._stream.feed(self.terminal.read(0.05, 0.2))
            return all(text in self.screen for text in texts)

        try:
            wait_until(there, "")
        except TimeoutError:
            raise TimeoutError(f"{texts} did not appear:\n{self.screen}") from None
        return self.screen

    @property
    def screen(self) -> str:
        return "\n".join(self._glass.display)

    def __enter__(self) -> Self:
        self.attach(first=True)
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["screen", "-S", self._name, "-X", "quit"], env=self._env, capture_output=True, timeout=PATIENCE, check=False)
        if self.terminal is not None:
            self.terminal.close()
