"""`ebid-tui serve` as a process, on a database with the demo's roster, that can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ebid_tui.client.api import HttpServer
from ebid_tui.demo import cards
from ebid_tui.demo.cards import Wallet
from ebid_tui.errors import ServerAway
from ebid_tui.server.settings import ServerSettings
from tests.forked import Forked, nursery
from tests.patience import long, wait_until
from tests.server import databases
from tests.server.running_server import ORIGIN, Running, enrol

SERVE = "import sys; from ebid_tui.server.cli import main; sys.exit(main(sys.argv[1:]))"
HERE = str(Path(__file__).resolve().parents[2])


class Served:
    """A `serve` process that can be killed and started again on the same database."""

    def __init__(self, directory: Path, *options: str, database: str | None = None) -> None:
        self.directory = directory
        self.arguments = ["--database", database or databases.url(directory), "--trust", str(directory / "trust"), *options]
        self.process: Forked | subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = nursery.begin("ebid_tui.server.cli", self.arguments, self.directory / "log")

    def start_an_interpreter(self) -> None:
        """As users do: it has everything to import."""
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")])}
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen([sys.executable, "-c", SERVE, *self.arguments], stdout=log, stderr=log, env=environment)

    def end(self, way: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(way)
        code, self.process = self.process.wait(long()), None
        return code

    def listens(self, server: Running) -> None:
        """Wait until it does."""

        def connected() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, (self.directory / "log").read_text()
            with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
                client.connect(server.socket)
                return True
            return False

        wait_until(connected, "it does not listen")

    async def answers(self, client: HttpServer) -> None:
        deadline = time.monotonic() + long()
        while True:
            try:
                await client.clock()
                return
            except ServerAway:
                assert self.process is not None
                assert self.process.poll() is None, (self.directory / "log").read_text()
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)


@contextmanager
def serve(directory: Path, card_directory: Wallet, *options: str, interpreter: bool = False) -> Iterator[Served]:
    (directory / "trust").mkdir()
    for name, der in cards.trust_anchors(card_directory).items():
        pem = x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)
        (directory / "trust" / f"{name}.pem").write_bytes(pem)
    enrol(ServerSettings(database=databases.ready(directory), origins=(ORIGIN,), anchors={}), card_directory)
    made = Served(directory, "--always-open", *options)
    if interpreter:
        made.start_an_interpreter()
    else:
        made.start()
    try:
        yield made
    finally:
        if made.process is not None:
            made.end(signal.SIGKILL)


@contextmanager
def beside(directory: Path, *options: str) -> Iterator[Served]:
    """A further process on the same database."""
    made = Served(directory, "--always-open", *options)
    made.start()
    try:
        yield made
    finally:
        if made.process is not None:
            made.end(signal.SIGKILL)


def on_socket(directory: Path, name: str = "s") -> Running:
    """The server that listens on a socket of this name."""
    settings = ServerSettings(database=databases.url(directory), origins=(ORIGIN,), anchors={})
    return Running(settings, str(directory / name))
