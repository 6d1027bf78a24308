"""One server for all accidents of a run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.card import worker
from ebid_tui.demo.cards import Wallet
from tests.accidents.counter import Counter
from tests.clock import STARTED
from tests.patience import long
from tests.server.running_server import running
from tests.server.signing import Authority
from tests.wallets import of_today


@pytest.fixture(scope="session")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    """The demo cards of this run; the server has the machine's clock."""
    return of_today(tmp_path_factory.mktemp("demo-cards"))


@pytest.fixture(scope="session")
def only_counter(wallet: Wallet) -> Iterator[Counter]:
    with (
        tempfile.TemporaryDirectory(prefix="ebid-") as directory,
        running(Path(directory), wallet, Authority(now=STARTED).der) as server,
    ):
        counter = Counter(server)
        yield counter
        counter.close()


@pytest.fixture(autouse=True)
def patient_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flow goes on without its card having been logged out only where the card stalls, never because the machine is busy."""
    monkeypatch.setattr(worker, "LET_GO_SECONDS", long())


@pytest.fixture
def counter(only_counter: Counter) -> Iterator[Counter]:
    """The office's counter: a real server, as it was in the beginning."""
    yield only_counter
    only_counter.restore()
