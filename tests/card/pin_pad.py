"""A reader with keys for a private `pcscd`, and the person who presses them.

with PinPad(directory) as pad, PrivatePcscd(directory, driver=pad.driver, environment=pad.environment) as daemon:
    pad.press("keys 123456")     # also: cancel, timeout, broken, nothing (pinpad_ifd.c)
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Self

from tests.card.pcscd import DRIVERS
from tests.patience import long, wait_until

SOURCE = Path(__file__).with_name("pinpad_ifd.c")
HEADERS = Path("/usr/include/PCSC")


def missing() -> str:
    """What the machine lacks to build the driver; empty if nothing."""
    return "" if shutil.which("gcc") and (HEADERS / "ifdhandler.h").exists() else "gcc or libpcsclite-dev is not installed"


class PinPad:
    """`structures` is what the reader was given for each entry; `press` answers one, now or when it comes."""

    def __init__(self, directory: Path, *, slots: int = 0b11) -> None:
        """`directory`: its path must be short enough for a unix socket. `slots`: which of the reader's slots have keys."""
        self.driver = directory / "libpinpad.so"
        self.environment = {
            "PINPAD_KEYS": str(directory / "keys"),
            "PINPAD_SLOTS": str(slots),
        }
        self.structures: list[bytes] = []
        self._pressed: SimpleQueue[str] = SimpleQueue()
        self._listener = socket.socket(socket.AF_UNIX)
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        build(SOURCE, self.driver)
        shutil.copy(DRIVERS / "libifdvpcd.so", f"{self.driver}.vpcd")
        self._listener.bind(self.environment["PINPAD_KEYS"])
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return  # it was closed
            threading.Thread(target=self._entry, args=(line,), daemon=True).start()

    def _entry(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as said:
            self.structures.append(bytes.fromhex(said.readline().decode()))
            line.setblocking(False)
            while not self._ended.is_set():
                try:
                    keys = self._pressed.get(timeout=0.02)
                except Empty:
                    try:
                        if line.recv(1) == b"":
                            return  # the entry has ended without anybody
                    except BlockingIOError:
                        continue
                else:
                    line.setblocking(True)
                    line.sendall(keys.encode() + b"\n")
                    return

    def press(self, keys: str) -> None:
        self._pressed.put(keys)

    def wait_for_entry(self, number: int = 1) -> None:
        """Until the reader has asked the person that often."""
        wait_until(lambda: len(self.structures) >= number)

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def build(source: Path, library: Path) -> None:
    """A C file as a library."""
    library.write_bytes(_compiled(source))


@cache
def _compiled(source: Path) -> bytes:
    """Once a run: most tests that have a reader with keys would wait longer for the compiler than for anything else."""
    options = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", f"-I{HEADERS}"]
    with tempfile.TemporaryDirectory() as directory:
        library = Path(directory) / "library.so"
        subprocess.run(["gcc", *options, str(source), "-o", str(library), "-ldl"], check=True, timeout=long())
        return library.read_bytes()
