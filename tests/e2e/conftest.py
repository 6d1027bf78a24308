"""Demo keys for all of a run, and the demo's server for a module: they take longer than most tests. Ctrl+C as programs get it."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.demo import embedded
from ebid_tui.demo.cards import DEFAULT_SYSTEM, Wallet
from ebid_tui.demo.embedded import EmbeddedServer
from ebid_tui.server.settings import ServerSettings
from tests.patience import long
from tests.server.running_server import Running
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


class Kept(EmbeddedServer):
    """The server of several demos, one after the other."""

    def stop(self) -> None:
        """A demo has ended; the server goes on."""

    def end(self) -> None:
        super().stop()


def _whole(server: EmbeddedServer) -> None:
    """Wait until its data is made too: what is not the clock is answered only then."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(long())
        line.connect(server.uds or "")
        line.sendall(b"GET /v1/none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert line.recv(9) == b"HTTP/1.1 "


@pytest.fixture(scope="module")
def kept(demo_cache: Path) -> Iterator[tuple[Kept, Running]]:
    """With what puts its database back to where it began."""
    server = Kept(of_today(demo_cache / "ebid-tui" / "demo-cards"), [DEFAULT_SYSTEM], [], embedded.ACCEPTED_AFTER)
    try:
        server.wait()
        _whole(server)
        database = f"sqlite:///{server.directory / 'ebid.db'}"
        rows = Running(ServerSettings(database=database, origins=(embedded.ORIGIN,), anchors={}), server.uds or "")
        rows.remember()
        yield server, rows
    finally:
        server.end()


@pytest.fixture
def server_runs(kept: tuple[Kept, Running], monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo in this process finds its server started, where a test is not about that: it takes longer than most of what follows."""
    server, rows = kept
    rows.restore()
    monkeypatch.setattr(embedded, "start", lambda *_: server)


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
