"""A virtual reader with demo cards, and the flow's hands on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ebid_tui.card.worker import CardWorker
from ebid_tui.demo import cards as demo_cards
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.systems import profile_of
from ebid_tui.flows.place import Place


@dataclass
class Desk:
    """Reader, cards and the thread that works them."""

    reader: VirtualReader
    cards: CardWorker
    make: Callable[[str], VirtualCard]

    def inserting(self, name: str) -> Callable[[Any], bool]:
        """An answer to `card`: put this card in."""

        def insert(_: Any) -> bool:
            self.reader.insert(self.make(name))
            return True

        return insert


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo cards' keys are kept during this run."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
async def desk(keys: Path) -> AsyncIterator[Desk]:
    reader = VirtualReader("Virtual Reader 00")
    worker = CardWorker(reader)
    worker.start()
    yield Desk(reader, worker, cache(lambda name: demo_cards.make_virtual(keys, name)))
    worker.stop()


@pytest.fixture
def place() -> Place:
    profile = profile_of("ise")
    return Place(profile, profile.agencies[0], profile.category("construction"))
