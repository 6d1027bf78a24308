"""A `pcscd` of a test's own, without root: private socket, one virtual reader with two slots, virtual cards in their own process.

    with PrivatePcscd(directory) as daemon:               # needs Debian's pcscd and vsmartcard-vpcd
        with CardProcess(daemon.ports[0], {"new": card_directory}) as cards:
            cards.insert("new")
            subprocess.run(["opensc-tool", "--list-readers"], env=daemon.env)

Programs find the daemon by `daemon.env` (PCSCLITE_CSOCK_NAME). libpcsclite reads that variable once in a process's life: tests
that speak PC/SC in pytest's own process must all use one socket path (`conftest.pcscd` sees to it); everything else should run
the program under test as a process with `daemon.env`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, Queue
from typing import Self

from ebid_tui.demo.cards import Wallet
from tests.patience import long, scaled, wait_until
from tests.run import at_the_end

PCSCD = shutil.which("pcscd") or "/usr/sbin/pcscd"
DRIVERS = Path("/usr/lib/pcsc/drivers/serial")
READER = "Virtual PCD"


def missing() -> str:
    """What the machine lacks for these tests; empty if nothing."""
    if not Path(PCSCD).exists():
        return "pcscd is not installed"
    if not (DRIVERS / "libifdvpcd.so").exists():
        return "vsmartcard-vpcd is not installed"
    return ""


SEES_A_CARD = """
import sys, time
from smartcard import scard
found, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
names = [(name, scard.SCARD_STATE_UNAWARE) for name in sys.argv[1:]]
while not found:
    found, states = scard.SCardGetStatusChange(context, 20, names)
    if any(state & scard.SCARD_STATE_PRESENT for _, state, _ in states):
        break
    time.sleep(0.01)
sys.exit(found)
"""
"""A program that ends once a card is in one of the named readers."""


def free_ports() -> tuple[int, int]:
    """Two neighbouring ports that nobody listens on (vpcd takes all addresses)."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("0.0.0.0", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("0.0.0.0", port + 1))
            except (OSError, OverflowError):
                continue
            return port, port + 1


class PrivatePcscd:
    """The daemon; `ports` are those of its two slots, `readers` their names. `stop` and `start` again: a restart."""

    readers = (f"{READER} 00 00", f"{READER} 00 01")

    def __init__(
        self,
        directory: Path,
        socket_path: Path | None = None,
        *,
        driver: Path = DRIVERS / "libifdvpcd.so",
        environment: Mapping[str, str] | None = None,
        built_in: bool = True,
    ) -> None:
        """`driver` and `environment`: another one than vsmartcard's (`tests.card.pin_pad`), what pcscd runs with (`plugs`).

        `built_in`: False for a machine that has no reader until one is plugged in.
        """
        self._built_in = built_in
        self._directory = directory
        self._driver = driver
        self._environment = {**os.environ, **(environment or {})}
        self.socket_path = socket_path or directory / "pcscd.comm"
        self.ports = (0, 0)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """The environment in which a program finds this daemon."""
        return {**os.environ, "PCSCLITE_CSOCK_NAME": str(self.socket_path)}

    @property
    def log(self) -> str:
        return (self._directory / "pcscd.log").read_text(errors="replace")

    def start(self) -> None:
        """Start and wait until both slots listen. Raises RuntimeError with the daemon's log if they do not."""
        for _ in range(5):
            self.ports = free_ports()
            self._spawn()
            try:
                wait_until(
                    lambda: not self._built_in or all(map(self._listens, self.ports)), "the slots", scaled(10)
                )  # or a port was taken
            except TimeoutError:  # somebody was quicker at a port
                self.stop()
                continue
            return
        raise RuntimeError(self.log)

    def _spawn(self) -> None:
        config = self._directory / "reader.conf.d"
        config.mkdir(exist_ok=True)
        port = f"0x{self.ports[0]:04X}"
        if self._built_in:
            (config / "vpcd").write_text(
                f'FRIENDLYNAME "{READER}"\nDEVICENAME /dev/null:{port}\nLIBPATH {self._driver}\nCHANNELID {port}\n'
            )
        self.socket_path.unlink(missing_ok=True)
        # systemd's way of handing a socket over: descriptor 3, and the receiver's own number in LISTEN_PID.
        with socket.socket(socket.AF_UNIX) as listener, (self._directory / "pcscd.log").open("ab") as log:
            listener.bind(str(self.socket_path))
            listener.listen(128)
            number = listener.fileno()
            hand_over = "" if number == 3 else f" 3<&{number} {number}<&-"
            self._process = subprocess.Popen(
                ["bash", "-c", f'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" -c "$1" -f -e{hand_over}', PCSCD, str(config)],
                pass_fds=(number,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
            )

    def _listens(self, port: int) -> bool:
        """Whether it is this daemon, not another test's that was quicker."""
        assert self._process is not None
        sockets = {f"socket:[{inode}]" for inode in listeners(port)}
        for descriptor in Path(f"/proc/{self._process.pid}/fd").iterdir():
            try:
                if os.readlink(descriptor) in sockets:
                    return True
            except FileNotFoundError:  # it was closed meanwhile
                continue
        return False

    def wait_for_a_card(self) -> None:
        """Return once the daemon has seen the card that was put in. Raises TimeoutExpired."""
        subprocess.run([sys.executable, "-c", SEES_A_CARD, *self.readers], env=self.env, timeout=long(), check=True)

    def stop(self) -> None:
        """End it as a crash would; its socket is gone too."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self.socket_path.unlink(missing_ok=True)

    def freeze(self, frozen: bool = True) -> None:
        """Let it hang, or go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class CardProcess:
    """`tests.card.vpcd` at one slot's port, in a process of its own; see there for the orders.

    The process (`tests.card.card_process`) serves one test after the other, each with cards made anew: starting takes longer than
    most of what is done with it. One that does not stop at once is ended.

    `cards`: directories that `save_card` wrote, by name. `demo`: demo cards, which can be put in by their names
    too.
    """

    kind = "piv"

    def __init__(self, port: int, cards: Mapping[str, Path] | None = None, *, demo: Wallet | None = None) -> None:
        wallet = None if demo is None else [str(demo.directory), demo.day.isoformat()]
        self._start = json.dumps([self.kind, port, {name: str(path) for name, path in (cards or {}).items()}, wallet])
        self._process: _Process | None = None

    def __enter__(self) -> Self:
        self._process = _idle.pop() if _idle else _Process()
        self._process.tell(self._start)
        assert self._process.lines.get(timeout=long()) == "ready"
        return self

    def order(self, line: str) -> str:
        """Give an order; what it answered after `ok`. Raises RuntimeError for `error …`."""
        assert self._process is not None
        self._process.tell(line)
        try:
            status, _, rest = self._process.lines.get(timeout=long()).partition(" ")
        except Empty:
            raise RuntimeError("the card process does not answer") from None
        if status != "ok":
            raise RuntimeError(rest)
        return rest

    def insert(self, name: str) -> None:
        self.order(f"insert {name}")

    def remove(self) -> None:
        self.order("remove")

    def accident(self, at: int, what: str) -> None:
        self.order(f"accident {at} {what}")

    def tries_left(self) -> int:
        return int(self.order("tries"))

    def count(self) -> int:
        return int(self.order("count"))

    def span(self) -> float:
        """Milliseconds from the first APDU to the last answer, since the last call."""
        return int(self.order("span")) / 1000

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        if self._process.stops():
            _idle.append(self._process)
        else:
            self._process.kill()


class _Process:
    """`tests.card.card_process`, and the lines it says. It ends with us, as its standard input does."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.card.card_process"]
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root, bufsize=1)
        self.lines: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.put(line.rstrip("\n"))

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")

    def stops(self) -> bool:
        """Whether it is free for the next test: not where a card is silent, or an answer was never read."""
        try:
            self.tell("stop")
            return self.lines.get(timeout=0.5) == "stopped"
        except (Empty, OSError):
            return False

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


_idle: list[_Process] = []
"""Processes that no test has at the moment."""


@at_the_end
def _end_idle() -> None:
    while _idle:
        _idle.pop().kill()


def listening(port: int) -> bool:
    """Whether somebody listens there, by the kernel's table: connecting would be taken for a card."""
    return bool(listeners(port))


def listeners(port: int) -> set[str]:
    """The inodes of the sockets that listen there."""
    wanted, found = f":{port:04X}", set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        path = Path(table)
        if not path.exists():
            continue
        for line in path.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(wanted) and fields[3] == "0A":
                found.add(fields[9])
    return found
