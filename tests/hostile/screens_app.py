"""The bidder's screens at a server's socket, with demo cards: `python -m tests.hostile.screens_app SOCKET CARDS DAY`, in a terminal."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from ebid_tui.card.worker import CardWorker
from ebid_tui.client.api import HttpServer
from ebid_tui.demo.cards import Wallet, make_virtual
from ebid_tui.demo.tray import DemoTray
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.systems import profile_of
from ebid_tui.parts import Parts
from ebid_tui.settings import Settings
from ebid_tui.windows import run_windows
from tests.server.running import ORIGIN


def run(socket: str, cards: str, day: str) -> int:
    readers = [VirtualReader(f"Virtual Reader {number:02}") for number in range(2)]
    worker, wallet = CardWorker(*readers), Wallet(Path(cards), date.fromisoformat(day))
    tray = DemoTray(readers, "ise", lambda name: make_virtual(wallet, name))
    server = HttpServer(ORIGIN, ORIGIN, socket, (ORIGIN,))
    return run_windows(profile_of("ise"), Parts(worker, server, worker.start, worker.stop, tray), Settings(system="ise"))


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
