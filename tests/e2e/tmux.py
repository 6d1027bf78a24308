"""A real terminal of 80x24: tmux on a socket of its own, a shell in it, and what stands on the screen as text."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.e2e.program import PATIENCE, ROOT, Process, below, server_below
from tests.patience import wait_until

EBID = f"{sys.executable} -m ebid_tui"
PROMPT = "[shell]"
SETTINGS = """\
set -g status off
set -g default-terminal tmux-256color
set -g history-limit 5000
set -sg escape-time 0
set -g remain-on-exit on
"""


def missing() -> str:
    """What the machine lacks for these tests; empty if nothing."""
    return "" if shutil.which("tmux") else "tmux is not installed"


class Tmux:
    """One window with a shell whose prompt is `[shell]0`: the number is the last command's exit code."""

    def __init__(self, directory: Path, *, width: int = 80, height: int = 24, env: Mapping[str, str] | None = None) -> None:
        """`directory` must have a short path: it holds the server's socket."""
        self._directory = directory
        self._size = (width, height)
        self._env = {**os.environ, "TMUX_TMPDIR": str(directory), "SHELL": "/bin/sh", "LC_ALL": "C.UTF-8", "ENV": "", **(env or {})}
        self._name = f"ebid-{os.getpid()}"

    def _tmux(self, *command: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-L", self._name, *command], env=self._env, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        return done.stdout

    def __enter__(self) -> Self:
        (settings := self._directory / "tmux.conf").write_text(SETTINGS)
        width, height = self._size
        self._tmux(
            *("-f", str(settings), "new-session", "-d", "-x", str(width), "-y", str(height), "-c", str(ROOT)),
            *("-e", f"PS1={PROMPT}$? ", "exec /bin/sh"),
        )
        # A test run that is killed takes its terminals along.
        watch = f"while kill -0 {os.getpid()} 2>/dev/null; do sleep 1; done; tmux -L {self._name} kill-server"
        self._tmux("run-shell", "-b", watch)
        self.wait(f"{PROMPT}0")
        return self

    def __exit__(self, *_: object) -> None:
        family = self.family
        self._tmux("kill-server")
        wait_until(lambda: not any(process.alive for process in family), f"something in the terminal goes on: {family}")

    # ---- looking

    @property
    def screen(self) -> str:
        """The screen's lines, without the spaces at their ends."""
        return self._tmux("capture-pane", "-p")

    @property
    def lines(self) -> list[str]:
        return self.screen.split("\n")

    @property
    def everything(self) -> str:
        """The screen, and all that has scrolled away above it."""
        return self._tmux("capture-pane", "-p", "-S", "-")

    def wait(self, *texts: str) -> str:
        """The screen, as soon as all these texts are on it. Raises TimeoutError with what is there instead."""
        seen = ""

        def there() -> bool:
            nonlocal seen
            seen = self.screen
            return all(text in seen for text in texts)

        try:
            wait_until(there, "")
        except TimeoutError:
            raise TimeoutError(f"{texts} did not appear:\n{seen}") from None
        return seen

    def asked(self, what: str) -> str:
        """One of tmux's variables, as `alternate_on`."""
        return self._tmux("display-message", "-p", f"#{{{what}}}").strip()

    @property
    def _pane(self) -> int:
        return int(self.asked("pane_pid"))

    @property
    def program(self) -> int:
        """The process id of `ebid-tui`."""
        found: list[int] = []

        def running() -> bool:
            found[:] = [p.pid for p in below(self._pane) if " -m ebid_tui" in p.command and p.parent == self._pane]
            return bool(found)

        wait_until(running, "ebid-tui does not run")
        return found[0]

    @property
    def server(self) -> Process:
        """The demo's server."""
        return server_below(self.program)

    @property
    def family(self) -> list[Process]:
        """The shell and everything started from it."""
        return [me for me in below(int(self.asked("pid"))) if me.pid == self._pane] + below(self._pane)

    # ---- typing

    def keys(self, *names: str) -> None:
        """Keys by tmux's names: `Enter`, `F10`, `C-c`, `Escape`."""
        self._tmux("send-keys", *names)

    def type(self, text: str) -> None:
        """Characters, as from a keyboard or an IME."""
        self._tmux("send-keys", "-l", "--", text)

    def start(self, command: str = f"{EBID} demo") -> None:
        """A command to the shell."""
        self.type(command)
        self.keys("Enter")

    def resize(self, width: int, height: int) -> None:
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def close_window(self) -> None:
        """As a person does who closes the terminal's window; a new one opens in its place."""
        self._tmux("respawn-window", "-k", "exec /bin/sh")

    def ended(self, code: int) -> str:
        """Wait until the shell asks for its next command, the last one having ended with this code; the screen then."""
        wait_until(lambda: self.screen.rstrip().endswith(f"\n{PROMPT}{code}"), f"no exit with {code}")
        return self.screen
