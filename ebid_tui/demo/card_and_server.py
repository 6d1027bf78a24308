"""Puts the demo together for its command: an embedded server, a virtual reader, demo cards. Nothing to configure."""

from __future__ import annotations

import asyncio
import threading
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from ebid_tui.card.worker import CardWorker
from ebid_tui.card_and_server import CardAndServer, outlets
from ebid_tui.client.deferred import deferred
from ebid_tui.client.interface import Server
from ebid_tui.demo import cards as demo_cards
from ebid_tui.demo import days, embedded
from ebid_tui.demo.authorities import practised
from ebid_tui.demo.tray import DemoTray
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain import statement
from ebid_tui.domain.profile.systems import Profile, profile_of
from ebid_tui.settings import Settings, cache_directory

if TYPE_CHECKING:
    from ebid_tui.client.api import HttpServer
    from ebid_tui.demo.world import DemoWorld

READERS = ("Virtual Reader 00", "Virtual Reader 01")
"""Two, so that a renewal needs no swap."""


def demo_parts(settings: Settings, profile: Profile | None = None, accepted_after: float = embedded.ACCEPTED_AFTER) -> CardAndServer:
    """The demo's parts. `begin` starts the server as a child; the first request waits until it answers.

    This is the place where a demo reads its day from the clock. `profile`: the system's, where it is loaded already (15 ms).
    """
    readers = [VirtualReader(name) for name in READERS]
    cards = CardWorker(*readers)
    profile = profile or practised(profile_of(settings.system, *settings.profile_directories))
    world = cache(partial(_world, profile, settings.profile_directories))
    wallet = demo_cards.Wallet(cache_directory() / "demo-cards", days.of(statement.now()), lambda: world().cards)
    categories = {c.id: c.name for c in profile.categories}
    tray = DemoTray(readers, world, partial(demo_cards.make_virtual, wallet), categories)
    running: list[embedded.EmbeddedServer] = []
    begun = asyncio.Event()
    ended = threading.Event()
    preparing = threading.Thread(target=tray.prepare, args=(ended,), name="demo-cards", daemon=True)

    def begin() -> None:
        running.append(embedded.start(wallet, [settings.system], settings.profile_directories, accepted_after))
        begun.set()
        cards.start()
        preparing.start()

    def close() -> None:
        ended.set()
        cards.stop()
        for server in running:
            server.stop()
        if preparing.is_alive():
            preparing.join()  # a thread that makes a key while the interpreter ends aborts the process

    async def connect() -> Server:
        await begun.wait()
        connect_to = await asyncio.to_thread(_http)
        await running[0].ready()
        from ebid_tui.client.http_request import ServerAddress

        own = embedded.ORIGIN
        return connect_to(ServerAddress(running[0].base_url, own, running[0].uds, (own,), patience=embedded.START_SECONDS))

    return CardAndServer(cards, deferred(embedded.ORIGIN, connect), begin, close, tray, outlets(settings))


def _world(profile: Profile, directories: tuple[Path, ...]) -> DemoWorld:
    """After the first frame: a file is read for it, or a roster made up."""
    from ebid_tui.demo.world import world_of

    return world_of(profile, *directories)


def _http() -> type[HttpServer]:
    """The network's part of the client; 60 ms of imports, on a thread of their own while the first screen is up."""
    from ebid_tui.client.api import HttpServer

    return HttpServer
