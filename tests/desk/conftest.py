"""A server with operators and vendors, and an operator in front of the desk's screens."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from tests.clock import STARTED
from tests.server import operating
from tests.server.running_server import Running, running
from tests.server.signing import Authority, Card, demo_card
from tests.wallets import of_today


@pytest.fixture(scope="session")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    """The demo cards of this run; the server has the machine's clock."""
    return of_today(tmp_path_factory.mktemp("demo-cards"))


@pytest.fixture(scope="session")
def card(wallet: Wallet) -> Callable[[str], Card]:
    return lambda name: demo_card(wallet, name)


@pytest.fixture(scope="session")
def _offices(wallet: Wallet) -> Iterator[Callable[[bool], Running]]:
    """Started when first asked for: without, and with a second operator's approval."""
    made: dict[bool, Running] = {}
    with ExitStack() as stack:

        def start(approval: bool) -> Running:
            if approval not in made:
                directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ebid-")))
                settings = {"secret_keys": (operating.KEY,), "limits": operating.LIMITS, "desk_approval": approval}
                made[approval] = stack.enter_context(running(directory, wallet, Authority(now=STARTED).der, **settings))
                operating.people(made[approval])
                made[approval].remember()
            return made[approval]

        yield start


@pytest.fixture
def office(_offices: Callable[[bool], Running]) -> Iterator[Running]:
    """The server as it was in the beginning."""
    made = _offices(False)
    yield made
    made.ahead = timedelta()
    made.restore()


@pytest.fixture
def strict_office(_offices: Callable[[bool], Running]) -> Iterator[Running]:
    """The same, where another operator has to approve."""
    made = _offices(True)
    yield made
    made.ahead = timedelta()
    made.restore()
