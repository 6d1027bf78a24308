"""Where a PIN could get to beside memory: logs at their most verbose, reports of crashes, pictures of the screen, core files, arguments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from ebid_tui.__main__ import _parser
from ebid_tui.settings import Settings
from tests.e2e.program import ROOT, below
from tests.patience import long
from tests.traces.memory import counted, scan
from tests.traces.place import Place, to_the_pin, to_the_search

VERBOSE = """
import logging, sys
logging.basicConfig(filename={log!r}, level=logging.NOTSET, format="%(name)s %(message)s %(args)r")
sys.setswitchinterval(0.001)
"""

BREAK = """
import sys
from ebid_tui.screens import pin
def broken(self):
    typed, length = self._pin, len(self._pin)
    raise RuntimeError(f"{typed} {length}", typed)
pin.PinScreen.action_accept = broken
from ebid_tui.__main__ import main
sys.exit(main())
"""


def holding(directory: Path, secret: str) -> list[Path]:
    """The files under a directory that have a secret in them, as text or UTF-16."""
    forms = (secret.encode(), secret.encode("utf-16-le"), secret[:8].encode(), secret[-8:].encode(), secret.encode().hex().encode())
    return [path for path in directory.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)]


def test_logs_at_the_most_verbose(place: Place, own_home: Path, tmp_path: Path) -> None:
    """Python's and asyncio's, and what Textual writes for its developers; also what the system keeps of a process."""
    (tmp_path / "sitecustomize.py").write_text(VERBOSE.format(log=str(tmp_path / "python.log")))
    verbose = {
        "PYTHONPATH": str(tmp_path),
        "PYTHONASYNCIODEBUG": "1",
        "TEXTUAL": "debug,devtools",
        "TEXTUAL_LOG": str(tmp_path / "textual.log"),
        "TEXTUAL_DEBUG": "1",
    }
    with place.glass(env=verbose) as glass:
        to_the_pin(glass)
        glass.keys(*place.pin)
        glass.wait("*" * len(place.pin))
        glass.keys("\r")
        to_the_search(glass)
        for pid in (glass.pid, *(process.pid for process in below(glass.pid))):
            for kept in ("environ", "cmdline"):
                assert place.pin.encode() not in Path(f"/proc/{pid}/{kept}").read_bytes()
        after = scan(glass.pid, place.pin)
        assert place.pin.encode() not in glass.terminal.raw
    log = (tmp_path / "python.log").read_text()
    assert len(log.splitlines()) > 5
    assert "libsofthsm2" in log
    assert "Key(" not in log, "a line for each key"
    assert counted(after) == {}
    assert holding(tmp_path, place.pin) == []
    assert holding(own_home.parent, place.pin) == []
    assert not (ROOT / "keys.log").exists()


def test_a_crash_right_after_typing(place: Place, own_home: Path) -> None:
    with place.glass(sys.executable, "-c", BREAK, *place.server) as glass:
        to_the_pin(glass)
        glass.at_once(place.pin)
        glass.wait("*" * len(place.pin))
        glass.at_once("\r")
        assert glass.terminal.wait(long()) == 1
        said = glass.terminal.raw
    assert place.pin.encode() not in said
    assert "Pin(" not in said.decode("utf-8", "replace")
    reports = list(own_home.parent.rglob("crash-*.txt"))
    assert len(reports) == 1
    assert "RuntimeError" in reports[0].read_text()
    assert "Pin(" not in reports[0].read_text()
    assert holding(own_home.parent, place.pin) == []


def test_a_killed_program_leaves_no_core(place: Place) -> None:
    with place.glass() as glass:
        to_the_pin(glass)
        glass.at_once(place.pin)
        glass.wait("*" * len(place.pin))
        for pid in (glass.pid, *(process.pid for process in below(glass.pid))):
            limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
            assert next(line for line in limits if "core file" in line).split()[4:6] == ["0", "0"]
        os.kill(glass.pid, signal.SIGSEGV)
        assert glass.terminal.wait(long()) == -signal.SIGSEGV
    assert not list(ROOT.glob("core*"))


SEALED = """
import ctypes
from ebid_tui.process import memory
from ebid_tui.card.pin import Pin
memory.close()
pin = Pin()
pin.append(0x31)
place = ctypes.addressof(ctypes.c_char.from_buffer(pin._buffer.obj))
flags, inside = "", False
for line in open("/proc/self/smaps"):
    if "-" in line.split()[0] and not line[0].isupper():
        start, end = (int(side, 16) for side in line.split()[0].split("-"))
        inside = start <= place < end
    elif inside and line.startswith("VmFlags"):
        flags = line
import os
child = os.fork()
if child == 0:
    os._exit(pin._buffer[0])
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flags)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl")
def test_the_process_is_closed_and_the_pins_memory_locked() -> None:
    done = subprocess.run([sys.executable, "-c", SEALED], cwd=ROOT, capture_output=True, text=True, timeout=long(), check=True)
    dumpable, forked, *flags = done.stdout.split()
    assert dumpable == "0"
    assert forked == "0", "a forked process sees the PIN"
    assert {"lo", "dd", "wf"} <= set(flags), "not swapped, not dumped, not forked"


def test_no_secret_is_an_argument_or_a_setting() -> None:
    """Arguments and the environment are seen by other programs, and kept in a shell's history."""

    def options(parser: object) -> set[str]:
        found: set[str] = set()
        for action in parser._actions:  # type: ignore[attr-defined]
            if action.nargs != 0:  # what takes no value says no secret: `--set-secret` asks at the terminal
                found |= set(action.option_strings)
            if isinstance(action.choices, dict):
                for one in action.choices.values():
                    found |= options(one)
        return found

    suspicious = ("pin", "pass", "secret")
    assert {name for name in options(_parser()) if any(word in name for word in suspicious)} == {"--secrets-fd"}
    settings = {field.name for field in msgspec.structs.fields(Settings)}
    assert {name for name in settings if any(word in name for word in suspicious)} <= {"pin_pad"}
