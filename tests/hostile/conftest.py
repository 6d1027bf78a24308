"""A server with bidders and operators that counts nobody: an attacker's many requests are not what is looked at here."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from ebid_tui.server.settings import Limits, Rate
from tests.clock import STARTED
from tests.server import operating
from tests.server.running_server import Running, running
from tests.server.signing import Authority, Card, demo_card
from tests.wallets import of_today

NO_LIMIT = Rate(1_000_000, timedelta(seconds=1))
LIMITS = Limits(sign_ins=NO_LIMIT, wrong_passwords=NO_LIMIT, account=NO_LIMIT, operator=NO_LIMIT)


@pytest.fixture(scope="session")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    return of_today(tmp_path_factory.mktemp("demo-cards"))


@pytest.fixture(scope="session")
def card(wallet: Wallet) -> Callable[[str], Card]:
    """A demo card by name."""
    return cache(lambda name: demo_card(wallet, name))


@pytest.fixture(scope="session")
def only_counter(wallet: Wallet) -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="ebid-") as directory:
        authority = Authority(now=STARTED)
        with running(
            Path(directory), wallet, authority.der, limits=LIMITS, secret_keys=(operating.KEY,), trusted_proxies=("unix",)
        ) as made:
            operating.people(made)
            made.remember()
            yield made


@pytest.fixture
def counter(only_counter: Running) -> Iterator[Running]:
    """The server as it was in the beginning."""
    yield only_counter
    only_counter.ahead = timedelta()
    only_counter.restore()
