"""`ebid-tui serve` as a process, one for the tests of all modules: starting it takes longer than most of what is done with it.

    server = served(wallet)      # its database is as it was when it was seeded, whatever the test before has left

What the process itself remembers from one test to the next is what it would of one request to the next: everything that decides
stands in the database.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ebid_tui.demo import cards
from ebid_tui.demo.cards import Wallet
from ebid_tui.server.settings import ServerSettings
from tests.e2e.program import COMMAND, ROOT
from tests.patience import long, wait_until
from tests.run import at_the_end
from tests.server.running_server import ORIGIN, Running, seed


class SharedServe:
    """The process, on a unix socket, with the demo's roster; it trusts the wallet's authorities."""

    def __init__(self, wallet: Wallet) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="serve-"))
        self.socket = self.directory / "http"
        self.trust = self.directory / "trust"
        self.database = self.directory / "ebid.db"
        settings = ServerSettings(database=f"sqlite:///{self.database}", origins=(ORIGIN,), anchors={})
        seed(settings, wallet)
        self.trust.mkdir()
        for name, der in cards.trust_anchors(wallet).items():
            (self.trust / f"{name}.pem").write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
        command = [*COMMAND, "serve", "--database", settings.database, "--uds", str(self.socket), "--trust", str(self.trust)]
        # Nothing of the test that happens to be the first: its home goes with it.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")} | {"HOME": str(self.directory)}
        log = self.directory / "log"
        with log.open("wb") as file:
            self._process = subprocess.Popen([*command, "--always-open"], stdout=file, stderr=file, cwd=ROOT, env=environment)
        try:
            wait_until(lambda: not self.alive or "listening" in log.read_text(), "the server did not start")
            assert self.alive, log.read_text()
        except BaseException:
            self.stop()
            raise
        self._rows = Running(settings, str(self.socket))
        self._rows.remember()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def restore(self) -> None:
        """Make the database what it was in the beginning."""
        self._rows.restore()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(long())
        finally:
            self._process.kill()
            self._process.wait()
            shutil.rmtree(self.directory, ignore_errors=True)


_running: dict[Wallet, SharedServe] = {}


def served(wallet: Wallet) -> SharedServe:
    """The server of these cards, with nothing of another test in it."""
    if wallet in _running and not _running[wallet].alive:
        _running.pop(wallet).stop()
    if wallet in _running:
        _running[wallet].restore()
    else:
        _running[wallet] = SharedServe(wallet)
    return _running[wallet]


@at_the_end
def _stop_all() -> None:
    while _running:
        _running.popitem()[1].stop()
