"""The card worker and the server that screens, line mode and desk work with, and how they are started and stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ebid_tui.card.interface import Cards, CardTray
from ebid_tui.client.interface import Server
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.flows.drafts import NONE, Drafts

if TYPE_CHECKING:
    from ebid_tui.client.http_request import ServerAddress
    from ebid_tui.printing.targets import PrintTargets
    from ebid_tui.settings import Settings


@dataclass(frozen=True, slots=True)
class CardAndServer:
    """`begin` starts threads and children and must not be called before the first frame; `close` ends them all."""

    cards: Cards
    server: Server
    begin: Callable[[], None]
    close: Callable[[], None]
    tray: CardTray | None = None
    outlet: Callable[[Profile], PrintTargets] | None = None
    """Where receipts can go; asked only when one is there to print."""
    drafts: Drafts = NONE
    """Where what was typed outlives a lost connection."""


def outlets(settings: Settings) -> Callable[[Profile], PrintTargets]:
    """The print server and the files that the settings allow."""

    def outlet(profile: Profile) -> PrintTargets:
        from ebid_tui.printing.printers import Cups
        from ebid_tui.printing.targets import PrintTargets  # not before the first frame

        return PrintTargets(profile, Cups(settings.cups_server), settings.printer, settings.print_to_file)

    return outlet


def server_address(settings: Settings) -> ServerAddress:
    """The configured server, for whoever asks it."""
    from ebid_tui.client.http_request import ServerAddress

    return ServerAddress(
        settings.server,
        socket=settings.server_socket or None,
        allowed_origins=settings.allowed_origins or (settings.server,),
        authorities=settings.server_ca or None,
    )


def real_parts(settings: Settings) -> CardAndServer:
    """The configured server and the machine's readers. Raises ProfileError for a broken `issuers.toml` beside further profiles."""
    from ebid_tui.card.worker import CardWorker
    from ebid_tui.client.deferred import deferred
    from ebid_tui.domain.issuers import also_from

    async def connect() -> Server:
        from ebid_tui.client.api import HttpServer  # httpx, 100 ms: not before the first frame

        return HttpServer(server_address(settings))

    also_from(*settings.profile_directories)
    from ebid_tui.card.pcsc.readers import PcscBackend
    from ebid_tui.card.pkcs11.modules import Tokens
    from ebid_tui.drafts import store

    cards = CardWorker(PcscBackend(pin_pads=settings.pin_pad), tokens=Tokens(settings.pkcs11_modules, use_pin_pad=settings.pin_pad))
    return CardAndServer(
        cards, deferred(settings.server, connect), cards.start, cards.stop, outlet=outlets(settings), drafts=store(settings)
    )
