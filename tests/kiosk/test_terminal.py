"""`ebid-tui kiosk` in a terminal of its own with nothing else in its environment: no key ends it, a crash comes back clean."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.demo import embedded
from ebid_tui.demo.embedded import EmbeddedServer
from ebid_tui.kiosk.keeper import WIPE
from ebid_tui.messages import t
from tests.benchmarks.pty_bytes import Terminal
from tests.e2e.program import Process, below
from tests.kiosk.stand import keep_secret
from tests.patience import long, scaled, wait_until
from tests.wallets import of_today

START = t("kiosk.start.card")
WORD = "correct horse"
CONTROL = [chr(code) for code in range(1, 32) if code not in (17, 27)] + ["\x7f", "\x1b\x1b"]
FUNCTION = ["\x1bO" + c for c in "PQRS"] + [f"\x1b[{n}~" for n in (*range(1, 9), *range(11, 16), *range(17, 35))]
LINUX = [f"\x1b[[{c}" for c in "ABCDE"]
SHIFTED = [f"\x1b[1;{m}{c}" for m in range(2, 9) for c in "PQRSABCDHF"]
ALT = [f"\x1b{chr(code)}" for code in range(0x21, 0x7F) if chr(code) not in "[O]P^_X"]
OTHER = [
    "\x1b[200~x\x1b[201~",
    "\x1b]52;c;eA==\x07",
    "\x1b[<0;5;5M",
    "\x1b[97;5u",
    "\x1b[122;5u",
    "\x1b[113;5u",
    "\x1b[c",
    "\x1b[I",
    "\x1b[O",
]
KEYS = [*FUNCTION, *CONTROL, *OTHER, *LINUX, *SHIFTED, *ALT, *FUNCTION, *CONTROL]
"""First at the start, up to Enter; then in a visit, and wherever that leads."""


@pytest.fixture(scope="module")
def office() -> Iterator[EmbeddedServer]:
    """The demo's server, always open."""
    keys = Path(tempfile.mkdtemp(prefix="ebid-keys-"))
    with embedded.start(of_today(keys), ["ise"]) as server:
        server.wait()
        yield server
    shutil.rmtree(keys, ignore_errors=True)


def kiosk(home: Path, terminal: str, socket: str) -> Terminal:
    clean = [f"HOME={home}", f"TERM={terminal}", "LANG=C.UTF-8", "PATH=/usr/bin:/bin", f"PCSCLITE_CSOCK_NAME={home}/no-pcscd"]
    source = f"PYTHONPATH={Path(__file__).resolve().parents[2]}"
    keep_secret(home / ".config" / "ebid-tui" / "kiosk-secret", WORD.encode())
    command = [sys.executable, "-m", "ebid_tui", "kiosk", "--system", "ise", "--server-socket", socket]
    return Terminal(["env", "-i", *clean, source, *command])


def screens(terminal: Terminal) -> list[Process]:
    return [process for process in below(terminal.pid) if "--visit" in process.command]


def leave(terminal: Terminal, home: Path) -> None:
    """As the administrator does, whatever is on the screen, in whichever language the keys have left it."""
    terminal.read()
    (home / ".local/state/ebid-tui/kiosk-attempts").unlink(missing_ok=True)
    seen = len(terminal.raw)
    os.write(terminal.descriptor, b"\x11")
    asked = [text.encode() for text in ("管理者用", "Administrator")]
    wait_until(lambda: terminal.read(0.05, 0.5) and any(text in terminal.raw[seen:] for text in asked), seconds=scaled(5))
    os.write(terminal.descriptor, b"\x15" + WORD.encode() + b"\r")


@pytest.mark.parametrize("name", ["linux", "xterm-256color"])
def test_no_key_ends_it_and_the_secret_does(tmp_path: Path, office: EmbeddedServer, name: str) -> None:
    """A visit may end by them, as 戻る does; nothing but kiosks ever runs."""
    assert office.uds
    with kiosk(tmp_path, name, office.uds) as terminal:
        terminal.read_until(START)
        for key in KEYS:
            os.write(terminal.descriptor, key.encode())
            terminal.read(0.01, 0.3)
            others = [process for process in below(terminal.pid) if " kiosk " not in process.command]
            assert others == [], repr(key)
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGIO):
            for pid in (terminal.pid, *(process.pid for process in screens(terminal))):
                os.kill(pid, number)
        leave_when_calm(terminal, tmp_path)
        terminal.read()
        assert terminal.raw.rstrip().endswith(WIPE)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file() and "/crashes/" not in str(path)}
    assert files == {".config/ebid-tui/kiosk-secret"}, "no key writes a file"


def leave_when_calm(terminal: Terminal, home: Path) -> None:
    """A visit may be ending just now, which takes keys along: then the administrator comes once more."""
    end = time.monotonic() + 2 * long()
    while time.monotonic() < end:
        try:
            leave(terminal, home)
        except TimeoutError:
            continue
        if terminal.wait(scaled(5)) == 0:
            return
    raise AssertionError("the secret does not end it")


def test_a_killed_screen_comes_back(tmp_path: Path, office: EmbeddedServer) -> None:
    assert office.uds
    with kiosk(tmp_path, "linux", office.uds) as terminal:
        terminal.read_until(START)
        for _ in range(2):
            at_work = min(screens(terminal), key=lambda process: int(process.started))
            os.kill(at_work.pid, signal.SIGKILL)
            assert WIPE in terminal.read_until(START)
        reports = list((tmp_path / ".local/state/ebid-tui/crashes").glob("kiosk-*.txt"))
        assert [report.read_text().split(" after ")[0] for report in reports] == ["signal 9"] * 2


def test_server_away_and_back(tmp_path: Path, office: EmbeddedServer) -> None:
    assert office.uds
    socket = tmp_path / "socket"
    with kiosk(tmp_path, "linux", str(socket)) as terminal:
        terminal.read_until("ただいま利用できません")
        terminal.send("\r")
        assert "調達区分".encode() not in terminal.raw
        socket.symlink_to(office.uds)
        terminal.read_until(START)
        os.write(terminal.descriptor, b"\r")
        terminal.read_until("調達区分")


def test_the_terminal_that_goes_takes_everything_along(tmp_path: Path, office: EmbeddedServer) -> None:
    """SIGHUP: the line was cut, or the machine goes down."""
    assert office.uds
    with kiosk(tmp_path, "linux", office.uds) as terminal:
        terminal.read_until(START)
        wait_until(lambda: len(screens(terminal)) == 2, "no second process came")
        processes = screens(terminal)
        os.kill(terminal.pid, signal.SIGHUP)
        assert terminal.wait(long()) == 1
        wait_until(lambda: not any(process.alive for process in processes), "a screen process goes on")
