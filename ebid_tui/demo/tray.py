"""Puts demo cards into the demo's virtual readers by name, and takes them out: for the tray on the screens, and line mode."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from ebid_tui.demo.cards import PIN
from ebid_tui.language import joined
from ebid_tui.messages import t

if TYPE_CHECKING:
    from ebid_tui.demo.virtual_card import VirtualCard
    from ebid_tui.demo.virtual_reader import VirtualReader
    from ebid_tui.demo.world import DemoWorld


class DemoTray:
    """`card.interface.CardTray`. A card keeps its state (tries left) as long as the program runs, in a reader or out."""

    def __init__(
        self,
        readers: Sequence[VirtualReader],
        world: Callable[[], DemoWorld],
        make: Callable[[str], VirtualCard],
        categories: Mapping[str, str] | None = None,
    ) -> None:
        """`world` is asked when somebody asks; `make` makes a card by name, once. A card goes into the first reader, if nobody says else.

        `categories`: their names, by id.
        """
        self._categories = categories or {}
        self._readers = tuple(readers)
        self._ask = world
        self._make = make
        self._made: dict[str, VirtualCard] = {}
        self._lock = threading.Lock()
        self._inside: dict[str, str] = {}

    @cached_property
    def _world(self) -> DemoWorld:
        return self._ask()

    def cards(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, card.description) for name, card in self._world.cards.items())

    def notes(self) -> tuple[tuple[str, str], ...]:
        rows = [(t("demo.pin"), t("demo.pin_value", pin=PIN))]
        for vendor in self._world.vendors:
            said = [vendor.trade_name]
            said += [t("demo.user_id", id=vendor.login_id)] if vendor.login_id else []
            said += [t(f"demo.password_{vendor.password_state}", password=vendor.password)] if vendor.password else []
            wanted = dict.fromkeys(category for _, category in vendor.places)
            said += [t("demo.category", name=self._categories[category]) for category in wanted if category in self._categories]
            said += [t("demo.state.locked")] if vendor.locked else []
            said += [] if vendor.state == "approved" else [t(f"demo.state.{vendor.state}")]
            rows.append((vendor.number, joined("　", said)))
        return tuple(rows)

    @property
    def inserted(self) -> tuple[str, ...]:
        return tuple(self._inside[reader.name] for reader in self._readers if reader.name in self._inside)

    def insert(self, name: str, beside: str = "") -> None:
        if name not in self._world.cards:
            raise KeyError(name)
        card = self._card(name)
        if beside and self._inside.get(beside) == name:
            return  # the very card that should stay: there is no second one of it to put in
        reader = next((r for r in self._readers if r.name != beside), self._readers[0]) if beside else self._readers[0]
        for other in self._readers:
            if other is reader or other.name != beside:
                self._take_out(other)
        reader.insert(card)
        self._inside[reader.name] = name

    def remove(self) -> None:
        for reader in self._readers:
            self._take_out(reader)

    def _take_out(self, reader: VirtualReader) -> None:
        reader.remove()
        self._inside.pop(reader.name, None)

    def prepare(self, ended: threading.Event) -> None:
        """Make every card's keys ahead, on the calling thread, so that no insertion has to wait for them; until `ended`."""
        for name in self._world.cards:
            if ended.is_set():
                return
            self._card(name)

    def _card(self, name: str) -> VirtualCard:
        with self._lock:
            if name not in self._made:
                self._made[name] = self._make(name)
            return self._made[name]
