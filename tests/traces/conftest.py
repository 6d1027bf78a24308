"""One server and one token for a module's tests: every way begins in a new process of the program."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.card import pcscd, softhsm
from tests.traces import memory
from tests.traces.place import PivPlace, Place, random_pin
from tests.wallets import of_today


def _may_look() -> None:
    if memory.missing():
        pytest.skip(memory.missing())


@pytest.fixture(scope="module")
def rooms() -> Iterator[Path]:
    """A directory of the module's own, whose path is short enough for sockets."""
    root = Path(tempfile.mkdtemp(prefix="ebid-traces-"))
    yield root
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="module")
def place(rooms: Path) -> Iterator[Place]:
    _may_look()
    if not softhsm.module() or not shutil.which("pkcs11-tool"):
        pytest.skip("softhsm2 or opensc is not installed")
    (directory := rooms / "p").mkdir()
    made = Place(directory, of_today(rooms / "keys"), random_pin())
    yield made
    made.close()


@pytest.fixture(scope="module")
def piv_place(rooms: Path) -> Iterator[PivPlace]:
    _may_look()
    if pcscd.missing():
        pytest.skip(pcscd.missing())
    (directory := rooms / "v").mkdir()
    made = PivPlace(directory, of_today(rooms / "keys"))
    yield made
    made.close()
