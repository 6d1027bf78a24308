"""`ebid-tui kiosk` in a terminal of its own with nothing else in its environment: no key ends it, a crash comes back clean."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from ebid_tui.kiosk.keeper import WIPE
from ebid_tui.kiosk.secret import set_secret
from tests.benchmarks.pty_bytes import Terminal
from tests.e2e.program import below

START = "差してください"
WORD = "correct horse"
FUNCTION = ["\x1bO" + c for c in "PQRS"] + [f"\x1b[{n}~" for n in (*range(1, 9), *range(11, 16), *range(17, 35))]
SHIFTED = [f"\x1b[1;{m}{c}" for m in range(2, 9) for c in "PQRSABCDHF"]


def kiosk(home: Path, terminal: str) -> Terminal:
    clean = [f"HOME={home}", f"TERM={terminal}", "LANG=C.UTF-8", "PATH=/usr/bin:/bin"]
    source = f"PYTHONPATH={Path(__file__).resolve().parents[2]}"
    set_secret(home / ".config" / "ebid-tui" / "kiosk-secret", WORD.encode())
    away = str(home / "no-server")
    command = [sys.executable, "-m", "ebid_tui", "kiosk", "--system", "ise", "--server", "http://localhost", "--server-socket", away]
    return Terminal(["env", "-i", *clean, source, *command])


@pytest.mark.parametrize("name", ["linux", "xterm-256color"])
def test_no_key_ends_it_and_the_secret_does(tmp_path: Path, name: str) -> None:
    with kiosk(tmp_path, name) as terminal:
        terminal.read_until(START)
        first = [p.pid for p in below(terminal.pid)]
        keys = [chr(code) for code in range(1, 32) if code != 27] + FUNCTION + SHIFTED + ["\x1b\x1b", "\x7f", "\x1b[200~x\x1b[201~"]
        for key in keys:
            os.write(terminal.descriptor, key.encode())
            terminal.read(0.02, 0.5)
        time.sleep(0.5)
        assert set(first) & {p.pid for p in below(terminal.pid)} == set(first), "the same screen process as before the keys"
        os.kill(terminal.pid, signal.SIGINT)
        os.write(terminal.descriptor, b"\x1b")
        terminal.read(0.3, 1)
        os.write(terminal.descriptor, b"\x11")
        terminal.read(0.3, 1)
        os.write(terminal.descriptor, b"\x15")
        time.sleep(1.2)  # the keys may have been a wrong attempt
        os.write(terminal.descriptor, WORD.encode() + b"\r")
        assert terminal.wait(20) == 0
        terminal.read()
        assert terminal.raw.rstrip().endswith(WIPE)


def test_a_killed_screen_comes_back(tmp_path: Path) -> None:
    with kiosk(tmp_path, "linux") as terminal:
        terminal.read_until(START)
        screen = next(p for p in below(terminal.pid) if "--visit" in p.command)
        os.kill(screen.pid, signal.SIGKILL)
        after = terminal.read_until(START)
        assert WIPE in after
        reports = list((tmp_path / ".local/state/ebid-tui/crashes").glob("kiosk-*.txt"))
        assert [r.read_text().startswith("signal 9") for r in reports] == [True]
