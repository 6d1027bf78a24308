"""A real server with the demo's vendors, and their cards; on SQLite, and again on PostgreSQL."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from tests.clock import STARTED
from tests.server import databases, operating, postgres
from tests.server.postgres import Cluster
from tests.server.running_server import Bidder, Running, running
from tests.server.signing import Authority, Card, demo_card
from tests.wallets import of_today


@pytest.fixture(scope="session")
def card_directory(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    """The demo cards of this test run."""
    return of_today(tmp_path_factory.mktemp("demo-cards"))


@pytest.fixture(scope="session")
def card(card_directory: Wallet) -> Callable[[str], Card]:
    """A demo card by name."""
    return cache(lambda name: demo_card(card_directory, name))


@pytest.fixture(scope="session")
def authority() -> Authority:
    """An authority that the servers under test trust, to make bad cards with."""
    return Authority(now=STARTED)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[], Cluster]]:
    """The PostgreSQL of this test run, started when it is asked for first."""
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(postgres.cluster()))


@pytest.fixture(params=databases.KINDS)
def database_kind(request: pytest.FixtureRequest, postgresql: Callable[[], Cluster]) -> Iterator[str]:
    """Runs a test on SQLite and on PostgreSQL: `databases.url` gives the one or the other."""
    if request.param == "postgresql":
        if postgres.programs() is None:
            pytest.skip("no PostgreSQL here (Debian: postgresql)")
        databases.on_postgresql(postgresql, lasting=True)
    yield request.param
    databases.forget()
    databases.on_postgresql(None)


@pytest.fixture
def url(database_kind: str, tmp_path: Path) -> str:
    """An empty database."""
    return databases.url(tmp_path)


@pytest.fixture(scope="session")
def only_servers(card_directory: Wallet, authority: Authority, postgresql: Callable[[], Cluster]) -> Iterator[Callable[[str], Running]]:
    """The server of this test run on each kind of database."""
    with ExitStack() as stack:

        def start(_kind: str) -> Running:
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="ebid-"))
            return stack.enter_context(running(databases.keep(Path(directory)), card_directory, authority.der))

        yield cache(start)


@pytest.fixture
def server(database_kind: str, only_servers: Callable[[str], Running]) -> Iterator[Running]:
    """A server as it was in the beginning."""
    made = only_servers(database_kind)
    yield made
    made.ahead = timedelta()
    made.restore()


@pytest.fixture
def bidder(server: Running, card: Callable[[str], Card]) -> Bidder:
    """The plain case: the card `ise-new`, for the vendor it is meant for."""
    return Bidder(server, card("ise-new"))


@pytest.fixture(scope="session")
def only_offices(card_directory: Wallet, authority: Authority, postgresql: Callable[[], Cluster]) -> Iterator[Callable[[str], Running]]:
    """The server of this test run that has operators, on each kind of database."""
    with ExitStack() as stack:

        def start(_kind: str) -> Running:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ebid-")))
            settings = {"secret_keys": (operating.KEY,), "trusted_proxies": ("unix",), "limits": operating.LIMITS}
            settings |= {"kiosk_addresses": ("203.0.113.0/24",)}
            made = stack.enter_context(running(databases.keep(directory), card_directory, authority.der, **settings))
            operating.people(made)
            made.remember()
            return made

        yield cache(start)


@pytest.fixture
def stands_still(office: Running) -> Iterator[None]:
    """The office's clock: tries are counted by the second, and a busy machine takes seconds for one."""
    office.stands = office.settings.now()
    yield
    office.stands = None


@pytest.fixture
def office(database_kind: str, only_offices: Callable[[str], Running]) -> Iterator[Running]:
    """A server with operators, as it was in the beginning."""
    made = only_offices(database_kind)
    yield made
    made.ahead = timedelta()
    made.restore()
