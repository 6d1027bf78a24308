"""The demo's server as a child: quick, private, and gone when its parent is."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ebid_tui.client.api import HttpServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.demo import embedded
from ebid_tui.demo.cards import Wallet
from ebid_tui.demo.embedded import EmbeddedServer
from ebid_tui.errors import EbidError
from tests.patience import long, scaled
from tests.wallets import of_today

PARENT = """
import sys, time
from datetime import date
from pathlib import Path
from ebid_tui.demo import embedded
from ebid_tui.demo.cards import Wallet
server = embedded.start(Wallet(Path(sys.argv[1]), date.fromisoformat(sys.argv[2])), ["ise"])
server.wait()
print(server.pid, server.directory, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    """The server under test is a process of its own, which has the machine's clock."""
    return of_today(tmp_path_factory.mktemp("demo-cards"))


@pytest.fixture
def server(wallet: Wallet) -> Iterator[EmbeddedServer]:
    with embedded.start(wallet, ["ise"]) as made:
        yield made


def parent_of_one(wallet: Wallet) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PARENT, str(wallet.directory), wallet.day.isoformat()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment())


def gone(process: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def comes_true(what: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.02)
    return what()


def client(server: EmbeddedServer) -> HttpServer:
    return HttpServer(ServerAddress(server.base_url, server.origin, server.uds, (server.origin,)))


async def test_it_answers_on_a_private_socket(server: EmbeddedServer) -> None:
    await server.ready()
    assert (await client(server).clock()).utcoffset() is not None
    assert server.uds is not None
    assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700


def test_starting_imports_nothing_of_the_server() -> None:
    code = "import sys; from ebid_tui.demo import embedded; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert not {"litestar", "sqlalchemy", "cryptography", "httpx"} & set(done.stdout.split())


def test_stopping_ends_it_and_removes_its_directory(wallet: Wallet) -> None:
    server = embedded.start(wallet, ["ise"])
    server.wait()
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < scaled(2)
    assert gone(server.pid)
    assert not server.directory.exists()
    server.stop()


def test_stopping_before_it_answers(wallet: Wallet) -> None:
    server = embedded.start(wallet, ["ise"])
    server.stop()
    assert gone(server.pid)
    assert not server.directory.exists()


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_parent(wallet: Wallet, way: signal.Signals) -> None:
    with parent_of_one(wallet) as parent:
        assert parent.stdout is not None
        child, directory = parent.stdout.readline().split()
        assert Path(directory).exists()
        parent.send_signal(way)
        parent.wait(long())
    assert comes_true(lambda: gone(int(child)))
    assert comes_true(lambda: not Path(directory).exists())


def test_a_child_that_hangs_is_ended_by_the_parent_dying(wallet: Wallet) -> None:
    """Stopped (SIGSTOP) and let go after its parent died: it finds nobody there and ends."""
    with parent_of_one(wallet) as parent:
        assert parent.stdout is not None
        child, directory = parent.stdout.readline().split()
        os.kill(int(child), signal.SIGSTOP)
        parent.kill()
        parent.wait(long())
    os.kill(int(child), signal.SIGCONT)
    assert comes_true(lambda: gone(int(child)))
    assert not Path(directory).exists()


def test_ctrl_c_in_the_terminal_is_not_its_business(server: EmbeddedServer) -> None:
    server.wait()
    assert os.getsid(server.pid) == server.pid
    os.kill(server.pid, signal.SIGHUP)
    time.sleep(0.1)
    assert server.alive


def test_a_server_that_cannot_start_says_why(wallet: Wallet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "uvicorn.py").write_text("raise OSError('the disk is full')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with embedded.start(wallet, ["ise"]) as server, pytest.raises(EbidError) as caught:
        server.wait()
    assert caught.value.code == "E-DEMO-SERVER"
    assert "OSError: the disk is full" in caught.value.remedy


async def refused(server: EmbeddedServer) -> EbidError:
    """What a request gets that needs more than the clock."""
    await server.ready()
    bidder = client(server)
    assert (await bidder.clock()).utcoffset() is not None, "the clock is there all the same"
    with pytest.raises(EbidError) as caught:
        await bidder.challenge("ise")
    return caught.value


async def test_what_is_made_later_and_fails_is_told_to_whoever_asks(
    wallet: Wallet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "litestar.py").write_text("raise OSError('the disk is full')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with embedded.start(wallet, ["ise"]) as server:
        error = await refused(server)
    assert error.code == "E-DEMO-SERVER"
    assert "OSError: the disk is full" in error.remedy


async def test_a_servers_own_reason_and_remedy_are_told(tmp_path: Path) -> None:
    (tmp_path / "keys" / "lock").mkdir(parents=True)
    with embedded.start(of_today(tmp_path / "keys"), ["ise"]) as server:
        error = await refused(server)
    assert error.code == "E-DEMO-KEYS"
    assert str(tmp_path / "keys") in error.remedy
    with embedded.start(of_today(tmp_path), ["nowhere"]) as server:
        error = await refused(server)
    assert error.code == "E-PROFILE"


async def test_a_path_too_long_for_a_socket_goes_over_loopback(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "LONGEST_SOCKET", 5)
    with embedded.start(wallet, ["ise"]) as server:
        await server.ready()
        assert server.uds is None
        assert client(server).origin == embedded.ORIGIN
        assert await client(server).clock()


def _environment() -> dict[str, str]:
    """The child's parent must find this package, also where it is not installed."""
    here = str(Path(__file__).resolve().parents[2])
    return os.environ | {"PYTHONPATH": os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])}
