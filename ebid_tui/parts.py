"""What every voice needs to work: the cards, the server, and when to start and stop them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ebid_tui.card.interface import Cards, CardTray
from ebid_tui.client.interface import Server

if TYPE_CHECKING:
    from ebid_tui.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """`begin` starts threads and children and must not be called before the first frame; `close` ends them all."""

    cards: Cards
    server: Server
    begin: Callable[[], None]
    close: Callable[[], None]
    tray: CardTray | None = None


def real_parts(settings: Settings) -> Parts:
    """The configured server and the machine's readers."""
    from ebid_tui.card.worker import CardWorker
    from ebid_tui.client.deferred import deferred

    async def connect() -> Server:
        from ebid_tui.client.api import HttpServer  # httpx, 100 ms: not before the first frame

        return HttpServer(
            settings.server,
            socket=settings.server_socket or None,
            allowed_origins=settings.allowed_origins or (settings.server,),
            authorities=settings.server_ca or None,
        )

    from ebid_tui.card.pcsc import PcscBackend

    cards = CardWorker(PcscBackend())
    return Parts(cards, deferred(settings.server, connect), cards.start, cards.stop)
