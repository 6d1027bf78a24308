"""One server for all accidents of a run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.card import worker
from tests.accidents.counter import Counter
from tests.patience import long
from tests.server.running import running
from tests.server.signing import Authority


@pytest.fixture(scope="session")
def demo_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo cards' keys of this run are kept."""
    return tmp_path_factory.mktemp("demo-cards")


@pytest.fixture(scope="session")
def only_counter(demo_keys: Path) -> Iterator[Counter]:
    with tempfile.TemporaryDirectory(prefix="ebid-") as directory, running(Path(directory), demo_keys, Authority().der) as server:
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
