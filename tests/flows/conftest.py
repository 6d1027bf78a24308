"""Virtual readers with demo cards, and the hands of the person at the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from ebid_tui.card.worker import CardWorker
from ebid_tui.demo import cards as demo_cards
from ebid_tui.demo.cards import Wallet
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain import statement
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.flows.place import Place
from tests.flows.office import NOW
from tests.patience import wait_until
from tests.wallets import documented


@dataclass
class Desk:
    """Readers, cards and the thread that works them."""

    readers: tuple[VirtualReader, ...]
    cards: CardWorker
    make: Callable[[str], VirtualCard]

    @property
    def reader(self) -> VirtualReader:
        """The first one, on most desks the only one."""
        return self.readers[0]

    def wait_for_cards(self) -> None:
        """Until the card thread has seen a card in every reader; before its first look it knows of no reader at all."""
        wait_until(lambda: [reader.present for reader in self.cards.readers()] == [True] * len(self.readers))

    def der(self, name: str) -> bytes:
        """A card's certificate, as the flows read it."""
        return self.make(name).slots[demo_cards.SLOT_AUTHENTICATION].certificate

    def inserting(self, card: str | VirtualCard, reader: int = 0) -> Callable[[Any], bool]:
        """An answer to `card`: put this card in (by its demo name, or a card of the test's own)."""

        def insert(_: Any) -> bool:
            self.readers[reader].insert(self.make(card) if isinstance(card, str) else card)
            return True

        return insert

    def removing(self, answer: Any, reader: int = 0) -> Callable[[Any], Any]:
        """An answer given with the card pulled out."""

        def remove(_: Any) -> Any:
            self.readers[reader].remove()
            return answer

        return remove


@pytest.fixture(autouse=True)
def stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's clock shows the office's time, which is the documents' day."""
    monkeypatch.setattr(statement, "now", lambda: NOW)


@pytest.fixture(scope="session")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    """The demo cards of this run."""
    return documented(tmp_path_factory.mktemp("keys"))


@contextmanager
def _desk(wallet: Wallet, *names: str) -> Iterator[Desk]:
    """However a flow ends, it lets go of its cards: another program may want them."""
    readers = tuple(VirtualReader(name) for name in names)
    worker = CardWorker(*readers)
    worker.start()
    yield Desk(readers, worker, cache(lambda name: demo_cards.make_virtual(wallet, name)))
    kept = list(worker._sessions)
    worker.stop()
    assert not kept, "a card was not let go of"


@pytest.fixture
def desk(wallet: Wallet) -> Iterator[Desk]:
    """A desk with one reader."""
    with _desk(wallet, "Virtual Reader 00") as made:
        yield made


@pytest.fixture
def wide_desk(wallet: Wallet) -> Iterator[Desk]:
    """A desk with two readers."""
    with _desk(wallet, "Virtual Reader 00", "Virtual Reader 01") as made:
        yield made


def place_of(system: str, category: str = "construction") -> Place:
    """The first agency of a system."""
    profile = profile_of(system)
    return Place(profile, profile.agencies[0], profile.category(category))


@pytest.fixture
def place() -> Place:
    return place_of("ise")
