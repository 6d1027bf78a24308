"""A real server with the demo's vendors, and their cards."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from tests.server.running import Bidder, Running, running
from tests.server.signing import Authority, Card, demo_card


@pytest.fixture(scope="session")
def card_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo cards' keys of this test run are kept."""
    return tmp_path_factory.mktemp("demo-cards")


@pytest.fixture(scope="session")
def card(card_directory: Path) -> Callable[[str], Card]:
    """A demo card by name."""
    return cache(lambda name: demo_card(card_directory, name))


@pytest.fixture(scope="session")
def authority() -> Authority:
    """An authority that the servers under test trust, to make bad cards with."""
    return Authority()


@pytest.fixture(scope="session")
def only_server(card_directory: Path, authority: Authority) -> Iterator[Running]:
    """The server of this test run."""
    with tempfile.TemporaryDirectory(prefix="ebid-") as directory, running(Path(directory), card_directory, authority.der) as made:
        yield made


@pytest.fixture
def server(only_server: Running) -> Iterator[Running]:
    """A server as it was in the beginning."""
    yield only_server
    only_server.ahead = timedelta()
    only_server.restore()


@pytest.fixture
def bidder(server: Running, card: Callable[[str], Card]) -> Bidder:
    """The plain case: the card `ise-new`, for the vendor it is meant for."""
    return Bidder(server, card("ise-new"))
