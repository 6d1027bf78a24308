"""Screens at a server's socket, with demo cards, in a terminal: `python -m tests.hostile.screens_app VOICE SOCKET CARDS DAY`.

VOICE is `bidder`, `kiosk` (with a card in its reader) or `desk`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from ebid_tui.card.worker import CardWorker
from ebid_tui.card_and_server import CardAndServer
from ebid_tui.client.api import HttpServer
from ebid_tui.client.desk import DeskServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.commands import screens
from ebid_tui.commands.desk_app import DeskApp
from ebid_tui.demo.cards import Wallet, make_virtual
from ebid_tui.demo.packaged import WORLDS
from ebid_tui.demo.tray import DemoTray
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.flows.desk.session import DeskState
from ebid_tui.flows.desk.visit import desk_visit
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import Ui
from ebid_tui.kiosk.admin_secret import AdminSecret
from ebid_tui.kiosk.app import KioskApp
from ebid_tui.settings import Settings
from tests.server import operating
from tests.server.running_server import ORIGIN

NOBODY_IDLE = 86_400.0


def run(voice: str, socket: str, cards: str, day: str) -> int:
    readers = [VirtualReader(f"Virtual Reader {number:02}") for number in range(2)]
    worker, wallet = CardWorker(*readers), Wallet(Path(cards), date.fromisoformat(day))
    tray = DemoTray(readers, partial(WORLDS.__getitem__, "ise"), lambda name: make_virtual(wallet, name))
    server = HttpServer(ServerAddress(ORIGIN, ORIGIN, socket, (ORIGIN,)))
    profile, parts = profile_of("ise"), CardAndServer(worker, server, worker.start, worker.stop, tray)
    if voice == "bidder":
        return screens.run_windows(profile, parts, Settings(system="ise"))
    parts = replace(parts, tray=None)

    async def one(ui: Ui) -> None:
        await visit(ui, worker, server, profile, way_out=True)

    async def at_the_desk(ui: Any) -> None:
        desk = DeskServer(ServerAddress(ORIGIN, ORIGIN, socket, (ORIGIN,)))
        await desk_visit(ui, desk, worker, profile_of(operating.SYSTEM), DeskState(), training=False)

    if voice == "desk":
        return screens.run_flow(profile_of(operating.SYSTEM), parts, Settings(system=operating.SYSTEM), at_the_desk, DeskApp)
    readers[0].insert(make_virtual(wallet, "ise-new"))
    more = {"server": server, "secret": AdminSecret(Path("none"), Path("none")), "idle": NOBODY_IDLE, "countdown": 10.0}
    return screens.run_flow(profile, parts, Settings(system="ise"), one, KioskApp, **more)


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
