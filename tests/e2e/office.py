"""Where a registration is made with a real reader: a server process, a `pcscd`, and cards for the first of its two readers."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from ebid_tui.demo.cards import Wallet
from tests.card.pcscd import CardProcess, PrivatePcscd
from tests.e2e.served import SharedServe, served
from tests.patience import long

WATCH = """
import sys
from smartcard import scard
reader, present = sys.argv[1], sys.argv[2] == "present"
_, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
state = scard.SCARD_STATE_UNAWARE
while True:
    _, [(_, state, _)] = scard.SCardGetStatusChange(context, 10000, [(reader, state)])
    if bool(state & scard.SCARD_STATE_PRESENT) == present:
        break
"""
"""Returns when the reader knows that its card has come or gone: the virtual one looks every 400 ms."""


def noticed(pcscd: PrivatePcscd, reader: str, state: str) -> None:
    """Wait until a reader is `present` or `empty` for those who ask."""
    subprocess.run([sys.executable, "-c", WATCH, reader, state], env=pcscd.env, timeout=long(), check=True)


class Office:
    """The server's process (`served`), a `pcscd` of its own, and cards for the first of its two readers."""

    def __init__(self, directory: Path, wallet: Wallet, pcscd: PrivatePcscd, cards: CardProcess) -> None:
        self.directory, self.wallet, self.pcscd, self.cards = directory, wallet, pcscd, cards
        self._server: SharedServe | None = None
        self.socket = directory / "http"
        """Nobody's, until the server is there."""

    def open(self) -> None:
        """The server is there, and knows of nothing but its roster."""
        self._server = served(self.wallet)
        self.socket = self._server.socket

    @property
    def server(self) -> SharedServe:
        assert self._server
        return self._server

    def lose_server(self) -> None:
        """Nobody listens at the socket any more, as where a server has crashed."""
        self.socket = self.directory / "http"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.socket))

    def insert(self, name: str) -> None:
        """Put a demo card in, and wait until the reader knows."""
        self.cards.insert(name)
        noticed(self.pcscd, self.pcscd.readers[0], "present")

    def remove(self) -> None:
        self.cards.remove()
        noticed(self.pcscd, self.pcscd.readers[0], "empty")

    @property
    def command(self) -> list[str]:
        return ["plain", "--system", "ise", "--server-socket", str(self.socket)]

    @property
    def environment(self) -> dict[str, str]:
        return {"PCSCLITE_CSOCK_NAME": str(self.pcscd.socket_path)}

    def evidence(self, receipt: str) -> tuple[dict[str, Any], bytes]:
        """What the server kept for a receipt: the signed statement and the certificate (DER)."""
        with sqlite3.connect(f"file:{self.server.database}?mode=ro", uri=True) as database:
            statement, der = database.execute("SELECT statement, certificate FROM evidence WHERE receipt_id = ?", (receipt,)).fetchone()
        return json.loads(statement), der


def script(office: Office, text: str) -> list[str]:
    (file := office.directory / "script").write_text(text, encoding="utf-8")
    return [*office.command, "--script", str(file)]
