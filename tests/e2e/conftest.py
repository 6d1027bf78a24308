"""Demo keys for all of a run: making them takes longer than most tests. Ctrl+C as programs at a terminal get it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from tests.wallets import of_today


@pytest.fixture(scope="session")
def demo_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache directory that every program of this run shares."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def wallet(demo_cache: Path) -> Wallet:
    """The demo's cards, for servers and readers that are not the demo's: real programs, which have the machine's clock."""
    return of_today(demo_cache / "ebid-tui" / "demo-cards")


@pytest.fixture(autouse=True)
def shared_keys(own_home: Path, demo_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs keep everything but the demo's keys in the test's own home."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(demo_cache))


@pytest.fixture
def own_tmp(short_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where programs make their temporary directories: empty again when they have cleaned up."""
    (path := short_dir / "t").mkdir(mode=0o700)
    monkeypatch.setenv("TMPDIR", str(path))
    return path


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Programs obey Ctrl+C also when the tests were started in the background, where shells have it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
