"""The other municipalities of `docs/systems`: each goes through every flow, says where it is from, and what was guessed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from ebid_tui.demo.making import made
from ebid_tui.domain.profile.examining import examined
from ebid_tui.domain.profile.systems import load
from tests.clock import STARTED
from tests.e2e.every_flow import goes_through_every_flow
from tests.e2e.town import COMPANY, PASSWORD, enter
from tests.server.running_server import Running, running
from tests.server.signing import Authority
from tests.wallets import of_today

DIRECTORY = Path(__file__).resolve().parents[2] / "docs" / "systems"
FILES = sorted(DIRECTORY.glob("*.toml"))


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    return of_today(tmp_path_factory.mktemp("keys"))


def number_of(file: Path) -> str:
    """A number that the system's search takes."""
    return made(load(file)).vendors[0].number


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files, with the tests' own authority among those that they trust."""
    directory = tmp_path_factory.mktemp("systems")
    for file in FILES:
        text = file.read_text("utf-8").replace('"aosign"]', '"aosign", "test-ca"]')
        (directory / file.name).write_text(text, "utf-8")
    return directory


@pytest.fixture(scope="module")
def server(systems: Path, wallet: Wallet) -> Iterator[Running]:
    served = {"systems": tuple(file.stem for file in FILES), "system_directories": (systems,)}
    with tempfile.TemporaryDirectory(prefix="ebid-") as short, running(Path(short), wallet, Authority(now=STARTED).der, **served) as made:
        with made.database(writing=True) as connection:
            for file in FILES:
                enter(connection, load(systems / file.name), number_of(file), PASSWORD, "active", COMPANY)
        yield made


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 8
    told = (DIRECTORY / "README.md").read_text("utf-8")
    assert [file.name for file in FILES if f"`{file.name}`" not in told] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_without_fault_or_warning_and_says_where_it_is_from(file: Path) -> None:
    found = examined(file, (DIRECTORY,))
    assert (found.faults, found.warnings) == ([], [])
    text = file.read_text("utf-8")
    assert "出典: " in text
    assert "仮のもの: " in text
    assert len([line for line in text.splitlines() if line.strip() and not line.startswith("#")]) <= 120


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_it_goes_through_every_flow(file: Path, systems: Path, server: Running, wallet: Wallet) -> None:
    await goes_through_every_flow(load(systems / file.name), server, wallet, number_of(file))
