"""The demo's server as a child process: on a unix socket in a private directory, gone when its parent is.

Starting returns at once (the app paints meanwhile); `ready` tells when the server answers. Nothing of the server is
imported here.
"""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ebid_tui.errors import EbidError
from ebid_tui.process import private_files

if TYPE_CHECKING:
    from ebid_tui.demo.cards import Wallet

ORIGIN = "http://localhost"
"""How the demo's server is called in statements; what it listens on is private."""
LONGEST_SOCKET = 100
"""Bytes of a unix socket's path that every system takes."""
START_SECONDS = 90.0
"""Its server is on the same machine: what takes long is the machine, which may be busy."""
STOP_SECONDS = 3.0
LOG = "server.log"


ACCEPTED_AFTER = 20.0
"""Seconds after which the demo's agency accepts what waits for it."""


def start(
    wallet: Wallet, systems: Sequence[str] = (), system_directories: Sequence[Path] = (), accepted_after: float = ACCEPTED_AFTER
) -> EmbeddedServer:
    """Start the demo's server for these systems (none: all), with further profiles from `system_directories`.

    It trusts the authorities of this wallet, and has its registered cards registered.
    """
    return EmbeddedServer(wallet, systems, system_directories, accepted_after)


class EmbeddedServer:
    """A running demo server. Use it as a context manager, or call `stop`."""

    def __init__(self, wallet: Wallet, systems: Sequence[str], system_directories: Sequence[Path], accepted_after: float) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="ebid-"))  # mode 0700
        path = self.directory / "s"
        fits = len(os.fsencode(path)) <= LONGEST_SOCKET
        self.uds = str(path) if hasattr(socket, "AF_UNIX") and fits else None
        """The socket's path; None where the server listens on loopback instead."""
        self._port = 0
        self._told = b""
        command = [sys.executable, "-m", "ebid_tui.demo.server", "--directory", str(self.directory)]
        command += ["--cards", str(wallet.directory), "--day", wallet.day.isoformat(), "--accept-after", str(accepted_after)]
        command += ["--uds", self.uds] if self.uds else []
        for directory in system_directories:
            command += ["--systems-dir", str(directory)]
        self._log = os.fdopen(private_files.new(self.directory / LOG), "w+b")
        self._process = subprocess.Popen(
            [*command, *systems],
            stdin=subprocess.PIPE,  # its end is how the child learns of ours, however we end
            stdout=subprocess.PIPE,  # one line, when it answers
            stderr=self._log,
            env=os.environ | {"PYTHONPATH": _python_path()},
            start_new_session=True,  # Ctrl+C in the terminal is ours, not the child's
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def origin(self) -> str:
        """As it stands in signed statements."""
        return ORIGIN

    @property
    def base_url(self) -> str:
        """Where to send requests; known after `ready` where there are no unix sockets."""
        return ORIGIN if self.uds else f"http://127.0.0.1:{self._port}"

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    async def ready(self) -> None:
        """Return when the server answers. Raises what it says why it does not, else EbidError E-DEMO-SERVER."""
        deadline = time.monotonic() + START_SECONDS
        while not self._look(0.0):
            if time.monotonic() > deadline:
                raise self._failed("timeout")
            await asyncio.sleep(0.01)

    def wait(self) -> None:
        """As `ready`, for callers without an event loop."""
        deadline = time.monotonic() + START_SECONDS
        while not self._look(0.05):
            if time.monotonic() > deadline:
                raise self._failed("timeout")

    def stop(self) -> None:
        """End the server and remove its directory; again is harmless."""
        if self.alive:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for end in (self._process.stdin, self._process.stdout, self._log):
            if end is not None:
                end.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _look(self, seconds: float) -> bool:
        """Whether the child has said its line by now."""
        output = self._process.stdout
        assert output is not None
        while not self._told.endswith(b"\n"):
            if not _readable(output.fileno(), seconds):
                return False
            said = os.read(output.fileno(), 64)
            if not said:
                raise self._failed(self._last_words())
            self._told += said
        if not self._told.startswith(b"ready "):
            import json

            code, detail, values = json.loads(self._told)
            raise EbidError(detail, code=code, **values)
        self._port = int(self._told.split()[1])
        return True

    def _last_words(self) -> str:
        """The last line of the child's log."""
        size = os.fstat(self._log.fileno()).st_size
        lines = os.pread(self._log.fileno(), size, 0).decode("utf-8", "replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "")

    def _failed(self, detail: str) -> EbidError:
        return EbidError(detail, code="E-DEMO-SERVER")


def _readable(descriptor: int, seconds: float) -> bool:
    readable, _, _ = select.select([descriptor], [], [], seconds)
    return bool(readable)


def _python_path() -> str:
    """Where the child finds this package, also when it was not installed."""
    here = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
