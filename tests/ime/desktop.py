"""A screen of its own (Xvfb) with fcitx5 and anthy on a session bus, and keys as a typist presses them (xdotool)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.e2e.program import ROOT
from tests.patience import long, wait_until

PROFILE = """\
[Groups/0]
Name=Default
Default Layout=us
DefaultIM=anthy

[Groups/0/Items/0]
Name=keyboard-us
Layout=

[Groups/0/Items/1]
Name=anthy
Layout=

[GroupOrder]
0=Default
"""

SYSTEM_PYTHON = "/usr/bin/python3"
"""The one that Debian's python3-gi is for."""

VTE = (SYSTEM_PYTHON, str(ROOT / "tests" / "ime" / "vte.py"))
XTERM = ("xterm", "-u8", "-fa", "Noto Sans Mono CJK JP", "-fs", "10", "-geometry", "80x24", "-e")

ON = "2"
"""What `fcitx5-remote` says of an input method that converts."""


def missing() -> str:
    """What the machine lacks for these tests; empty if nothing."""
    for program in ("Xvfb", "xdotool", "xprop", "fcitx5", "fcitx5-remote", "dbus-daemon", "xterm", SYSTEM_PYTHON):
        if not shutil.which(program):
            return f"{program} is not installed"
    if not Path("/usr/share/fcitx5/inputmethod/anthy.conf").exists():
        return "fcitx5-anthy is not installed"
    known = subprocess.run([SYSTEM_PYTHON, VTE[1], "--known"], env={}, capture_output=True, check=False)
    return "" if known.returncode == 0 else "gir1.2-vte-2.91 or python3-gi is not installed"


class Desktop:
    """Everything that it starts ends with it."""

    def __init__(self) -> None:
        self._env = {**os.environ, "LC_ALL": "C.UTF-8", "NO_AT_BRIDGE": "1", "GTK_IM_MODULE": "fcitx", "XMODIFIERS": "@im=fcitx"}
        self._env.pop("WAYLAND_DISPLAY", None)
        self._started: list[subprocess.Popen[str]] = []
        self._window = ""

    def __enter__(self) -> Self:
        try:
            self._env["DISPLAY"] = f":{self._says(['Xvfb', '-displayfd', '1', '-nolisten', 'tcp', '-screen', '0', '1280x800x24'])}"
            self._env["DBUS_SESSION_BUS_ADDRESS"] = self._says(["dbus-daemon", "--session", "--nofork", "--print-address=1"])
            (profile := Path(self._env["XDG_CONFIG_HOME"], "fcitx5", "profile")).parent.mkdir()
            profile.write_text(PROFILE)
            self._start(["fcitx5", "-r"])
            wait_until(lambda: self._asked("fcitx5-remote") in ("0", "1", ON), "fcitx5 does not answer")
            wait_until(
                lambda: "XIM_SERVERS(ATOM)" in self._asked("xprop", "-root", "XIM_SERVERS"), "fcitx5 is no input method of the screen"
            )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._started):
            process.terminate()
            try:
                process.wait(long())
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def _start(self, command: Sequence[str], out: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        null = subprocess.DEVNULL
        self._started.append(subprocess.Popen(command, env=self._env, cwd=ROOT, stdin=null, stdout=out, stderr=null, text=True))
        return self._started[-1]

    def _says(self, command: Sequence[str]) -> str:
        """Its first line."""
        process = self._start(command, out=subprocess.PIPE)
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        assert said, f"{command[0]} does not start"
        return said

    def _asked(self, *command: str) -> str:
        return subprocess.run(command, env=self._env, capture_output=True, text=True, timeout=long(), check=False).stdout.strip()

    def open(self, terminal: Sequence[str], command: Sequence[str]) -> None:
        """A terminal of 80x24 with a command in it, which has the keyboard then."""
        self._start([*terminal, *command])

        def there() -> bool:
            self._window = self._asked("xdotool", "search", "--onlyvisible", "--name", ".").partition("\n")[0]
            return bool(self._window)

        wait_until(there, "no window opens")
        self._asked("xdotool", "windowfocus", "--sync", self._window)

    def keys(self, *names: str) -> None:
        """By X's names: `Return`, `Escape`, `space`."""
        self._asked("xdotool", "key", "--delay", "60", *names)

    def convert(self, *, on: bool) -> None:
        """As with the key for it, of which no two keyboards have the same."""
        wished = ON if on else "1"

        def so() -> bool:
            self.keys("Control_L")  # types nothing; with a key a window that has just opened makes itself known
            self._asked("fcitx5-remote", "-o" if on else "-c")
            return self._asked("fcitx5-remote") == wished

        wait_until(so, f"conversion does not become {wished}")
