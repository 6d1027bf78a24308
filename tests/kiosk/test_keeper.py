"""The keeper: a clean terminal between visitors and after crashes, keys that make no signal, reports without data."""

from __future__ import annotations

import os
import signal
import sys
import termios
import time
from pathlib import Path

import pytest

from ebid_tui.kiosk.keeper import KEYS, LEAVE, STRAY, WIPE
from tests.benchmarks.pty_bytes import Terminal
from tests.e2e.program import Process, below
from tests.patience import wait_until

KEEPER = """
import sys
from pathlib import Path
from ebid_tui.kiosk.keeper import Keeper
sys.exit(Keeper([sys.executable, "-c", sys.argv[2], sys.argv[1]], 0, Path(sys.argv[1]) / "reports").run())
"""

KEEPER_OF_ANY = KEEPER.replace('[sys.executable, "-c", sys.argv[2], sys.argv[1]]', "sys.argv[2:]")

CHILD = """
import os, pathlib, sys, time, tty
count = pathlib.Path(sys.argv[1], "count")
if not os.read(int(sys.argv[2]), 1): os._exit(0)  # the keeper does not want it any more
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

AGAIN = 2.0 * 5
"""Seconds for a screen after a crash, on a machine that has much else to do. `make bench` measures it."""


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
        assert time.monotonic() - began < AGAIN
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


def family(terminal: Terminal) -> list[Process]:
    return [process for process in below(terminal.pid) if "-c" in process.command]


def test_the_next_process_stands_ready_and_ends_with_the_keeper(tmp_path: Path) -> None:
    """It has touched neither terminal nor anything else, and a spare one that died is no harm."""
    with keeper(tmp_path) as terminal:
        terminal.read_until("visitor 1 ready")
        wait_until(lambda: len(family(terminal)) == 2, "no second process came")
        spare = family(terminal)[-1]
        assert (tmp_path / "count").read_text() == "1"
        os.write(terminal.descriptor, b"d")
        terminal.read_until("visitor 2 ready")
        assert spare.alive
        wait_until(lambda: len(family(terminal)) == 2, "no third process came")
        dead = next(process for process in family(terminal) if process.pid != spare.pid)
        os.kill(dead.pid, signal.SIGKILL)
        wait_until(lambda: not dead.alive, "it did not die")
        os.write(terminal.descriptor, b"d")
        terminal.read_until("visitor 3 ready")
        assert reports(tmp_path) == []
        wait_until(lambda: len(family(terminal)) == 2, "no fourth process came")
        left = family(terminal)
        os.kill(terminal.pid, signal.SIGKILL)
        os.kill(left[0].pid, signal.SIGKILL)
        wait_until(lambda: not any(process.alive for process in left), "a spare process outlives its keeper")


def test_ctrl_s_between_visitors_stops_nothing(tmp_path: Path) -> None:
    """Neither a stopped output nor a break on a serial line reaches the keeper."""
    with keeper(tmp_path) as terminal:
        terminal.read_until("visitor 1 ready")
        for number in (1, 2, 3):
            os.write(terminal.descriptor, b"d\x13\x13")
            terminal.read_until(f"visitor {number + 1} ready")
        mode = termios.tcgetattr(terminal.descriptor)
        assert not mode[0] & (termios.IXON | termios.IXOFF | termios.BRKINT)


def test_the_system_ends_it_with_the_screen_process(tmp_path: Path) -> None:
    with keeper(tmp_path) as terminal:
        terminal.read_until("visitor 1 ready")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait() == 0
        assert (tmp_path / "count").read_text() == "1"
        assert reports(tmp_path) == []


def test_a_screen_process_ignores_it_from_its_first_instruction(tmp_path: Path) -> None:
    """Not only once Python has come up in it: the next visitor's process may just have been started when a signal comes."""
    looks = 'grep SigIgn /proc/self/status >"$0/ignored"; exit 86'
    with Terminal([sys.executable, "-c", KEEPER_OF_ANY, str(tmp_path), "sh", "-c", looks, str(tmp_path)]) as terminal:
        assert terminal.wait() == 0
    mask = int((tmp_path / "ignored").read_text().split()[1], 16)
    assert [signal.Signals(number).name for number in KEYS | STRAY if not mask >> (number - 1) & 1] == []


def test_what_others_send_ends_neither_the_keeper_nor_a_visitor(tmp_path: Path) -> None:
    """SIGUSR1, as logrotate and service managers send it, and every other that a process dies of for want of a use for it."""
    # What is sent on purpose to end it (SIGTERM, SIGHUP), what cannot be ignored, and what a crash is.
    meant = {"SIGTERM", "SIGHUP", "SIGKILL", "SIGSTOP"} | {
        f"SIG{name}" for name in "ILL TRAP ABRT BUS FPE SEGV SYS STKFLT XCPU XFSZ".split()
    }
    sent = [number for number in signal.valid_signals() if getattr(number, "name", "") not in meant]
    assert {signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGALRM, signal.SIGRTMIN + 3} <= set(sent)
    with keeper(tmp_path) as terminal:
        terminal.read_until("visitor 1 ready")
        wait_until(lambda: len(family(terminal)) == 2, "no second process came")
        everybody = [terminal.pid, *(process.pid for process in family(terminal))]
        for number in sent:
            for pid in everybody:
                os.kill(pid, number)
        assert b"<61>" in terminal.send("a"), "the visit goes on"
        assert [terminal.pid, *(process.pid for process in family(terminal))] == everybody
        terminal.send("l")
        assert terminal.wait() == 0
        assert reports(tmp_path) == []
