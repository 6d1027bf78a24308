"""The hand at the demo's virtual reader: puts demo cards in by name and takes them out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ebid_tui.demo.cards import DEMO_CARDS

if TYPE_CHECKING:
    from ebid_tui.demo.virtual_card import VirtualCard
    from ebid_tui.demo.virtual_reader import VirtualReader


class DemoTray:
    """`card.interface.CardTray`. A card keeps its state (tries left) as long as the program runs, in the reader or out."""

    def __init__(self, reader: VirtualReader, directory: Path, system: str, make: Callable[[Path, str], VirtualCard]) -> None:
        """`directory` keeps the keys; `make` is `cards.make_virtual`."""
        self._reader = reader
        self._directory = directory
        self._make = make
        self._made: dict[str, VirtualCard] = {}
        self._lock = threading.Lock()
        self._inserted: str | None = None
        self._names = sorted(
            (name for name, card in DEMO_CARDS.items() if system in card.systems or not card.systems),
            key=lambda name: not DEMO_CARDS[name].systems,
        )

    def cards(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, DEMO_CARDS[name].description) for name in self._names)

    @property
    def inserted(self) -> str | None:
        return self._inserted

    def insert(self, name: str) -> None:
        if name not in DEMO_CARDS:
            raise KeyError(name)
        self._reader.insert(self._card(name))
        self._inserted = name

    def remove(self) -> None:
        self._reader.remove()
        self._inserted = None

    def prepare(self) -> None:
        """Make every card's keys ahead, on the calling thread, so that no insertion has to wait for them."""
        for name in self._names:
            self._card(name)

    def _card(self, name: str) -> VirtualCard:
        with self._lock:
            if name not in self._made:
                self._made[name] = self._make(self._directory, name)
            return self._made[name]
