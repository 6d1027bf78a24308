"""The keeper: a clean terminal between visitors and after crashes, keys that make no signal, reports without data."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from ebid_tui.kiosk.keeper import LEAVE, WIPE
from tests.benchmarks.pty_bytes import Terminal

KEEPER = """
import sys
from pathlib import Path
from ebid_tui.kiosk.keeper import Keeper
sys.exit(Keeper([sys.executable, "-c", sys.argv[2], sys.argv[1]], 0, Path(sys.argv[1]) / "reports").run())
"""

CHILD = """
import os, pathlib, sys, time, tty
count = pathlib.Path(sys.argv[1], "count")
n = int(count.read_text()) + 1 if count.exists() else 1
count.write_text(str(n))
tty.setcbreak(0)
os.write(1, b"visitor %d ready" % n)
typed = b""
while (key := os.read(0, 1)) not in b"dcxl":
    typed += key
    os.write(1, b"<%s>" % typed.hex().encode())
if key == b"c": os.kill(os.getpid(), 11)
if key == b"x": raise RuntimeError("SECRET-YAMADA " + typed.decode())
os._exit({b"d": 0, b"l": 86}[key])
"""


def keeper(directory: Path) -> Terminal:
    return Terminal([sys.executable, "-c", KEEPER, str(directory), CHILD])


def reports(directory: Path) -> list[str]:
    return [path.read_text() for path in sorted((directory / "reports").glob("kiosk-*.txt"))]


def test_visit_after_visit_until_the_administrator_ends_it(tmp_path: Path) -> None:
    with keeper(tmp_path) as terminal:
        for number in (1, 2, 3):
            terminal.read_until(f"visitor {number} ready")
            os.write(terminal.descriptor, b"ad")
        terminal.read_until("visitor 4 ready")
        terminal.send("l")
        assert terminal.wait() == 0
        assert terminal.raw.count(WIPE) == 5, "before each visitor and at the end"
        assert terminal.raw.endswith(WIPE)
        assert reports(tmp_path) == []


@pytest.mark.parametrize(("key", "told"), [("c", f"signal {int(signal.SIGSEGV)}"), ("x", "exit code 1")])
def test_a_crash_leaves_a_clean_screen_and_no_data(tmp_path: Path, key: str, told: str) -> None:
    with keeper(tmp_path) as terminal:
        terminal.read_until("visitor 1 ready")
        terminal.send("q")
        began = time.monotonic()
        os.write(terminal.descriptor, key.encode())
        after = terminal.read_until("visitor 2 ready")
        assert time.monotonic() - began < 2.0
        assert WIPE in after
        assert b"YAMADA" not in after.rpartition(WIPE)[2], "nothing of the crash stays on the screen"
        [report] = reports(tmp_path)
        assert report.startswith(told)
        assert "YAMADA" not in report
        assert {p.stat().st_mode & 0o777 for p in (tmp_path / "reports").iterdir()} == {0o600}
        terminal.send("l")
        assert terminal.wait() == 0


def test_no_key_makes_a_signal(tmp_path: Path) -> None:
    with keeper(tmp_path) as terminal:
        terminal.read_until("visitor 1 ready")
        for key in ("\x03", "\x1a", "\x1c", "\x19"):
            assert f"{ord(key):02x}>".encode() in terminal.send(key), "it came as a key"
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
            os.kill(terminal.pid, number)
        assert b"<031a1c1961>" in terminal.send("a")
        terminal.send("l")
        assert terminal.wait() == 0
        assert LEAVE == 86


def test_the_system_ends_it_with_the_screen_process(tmp_path: Path) -> None:
    with keeper(tmp_path) as terminal:
        terminal.read_until("visitor 1 ready")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait() == 0
        assert (tmp_path / "count").read_text() == "1"
        assert reports(tmp_path) == []
