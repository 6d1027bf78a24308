"""Keeps every test away from the developer's own settings, state, cache, terminal, cards and network."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from pytest_textual_snapshot import SVGImageExtension

from ebid_tui.client import http_request
from ebid_tui.language import SOURCE, speak
from tests import run, stuck
from tests.patience import long

# No deadline: the machine may be busy. In CI the same examples every time: a change is judged by itself, not by luck.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("house")

SVGImageExtension.file_extension = "svg"  # its own way of saying so is no longer heard by syrupy, and `.raw` opens nowhere

PLACES = {
    "HOME": "home",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_CACHE_HOME": "cache",
    "XDG_RUNTIME_DIR": "run",
}
SPOILERS = {
    "COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "TMUX", "TMUX_PANE", "TMUX_TMPDIR",
    "PCSCLITE_CSOCK_NAME", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS",
}  # fmt: skip
"""Variables that change what the program reads or paints; so do all that start with EBID_ or TEXTUAL_ (the snapshots' own excepted)."""

_root = pytest.StashKey[Path]()


def _make_places(root: str) -> dict[str, str]:
    """An empty home under `root`, as environment variables."""
    places = {variable: f"{root}/{place}" for variable, place in PLACES.items()}
    for place in places.values():
        os.mkdir(place, 0o700)  # before each test: a Path takes longer than making it
    return places


def _remove(root: str) -> None:
    """Most tests leave their home as empty as it was: that is gone more quickly than anything is looked for in it."""
    try:
        for place in (*PLACES.values(), ""):
            os.rmdir(f"{root}/{place}")
    except OSError:
        shutil.rmtree(root, ignore_errors=True)


def _stay_here(connect: Any) -> Any:
    """Connections leave this machine in no test."""

    def only_here(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if host not in ("localhost", "::1", "0.0.0.0", "::") and not host.startswith("127."):
                raise AssertionError(f"a test tried to reach {host}")
        return connect(self, address)

    return only_here


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """What lives longer than one test (a shared server) gets a home of its own before anything starts."""
    # pytest rewrites each test module: without its cache every worker does so in every run, half of what collecting takes.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    config.stash[_root] = root = run.begin(config)
    http_request.CONNECT_SECONDS, http_request.ANSWER_SECONDS = long(), long()  # a server of this run that is slow is busy, not away
    for variable in list(os.environ):
        if variable in SPOILERS or (variable.startswith(("EBID_", "TEXTUAL_")) and not variable.startswith("TEXTUAL_SNAPSHOT_")):
            del os.environ[variable]
    (session := root / "session").mkdir(mode=0o700)
    os.environ.update(_make_places(str(session)))
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _stay_here(getattr(socket.socket, name)))
    config.pluginmanager.register(stuck.Watch())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: looking through it for garbage, again and again, is a third of the work."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)  # random order comes before
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of a minute is among the first: as the last it would keep everybody waiting, with all but one worker idle."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    yield
    run.finish(session)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    run.end(config)


@pytest.fixture(autouse=True)
def own_home(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A home directory, and the XDG ones, that only this test has. Whatever a test speaks, the next one begins in Japanese."""
    root = tempfile.mkdtemp(dir=pytestconfig.stash[_root])
    before = {variable: os.environ[variable] for variable in PLACES}
    os.environ.update(_make_places(root))
    speak(SOURCE)
    yield Path(root, PLACES["HOME"])
    speak(SOURCE)
    os.environ.update(before)
    _remove(root)


@pytest.fixture
def short_dir(own_home: Path) -> Path:
    """An empty private directory whose path is short enough for unix sockets."""
    (path := own_home.parent / "s").mkdir(mode=0o700)
    return path
