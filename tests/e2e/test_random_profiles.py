"""Any system that the loader accepts goes through every flow in line mode: what a municipality may write cannot end in a wall."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.profile import systems
from ebid_tui.domain.profile.systems import Profile
from tests.clock import STARTED
from tests.e2e.every_flow import goes_through_every_flow
from tests.e2e.random_profiles import profiles
from tests.e2e.town import COMPANY, NUMBER, PASSWORD, enter
from tests.e2e.variations import Raw, written
from tests.server.running_server import Running, running
from tests.server.signing import Authority
from tests.wallets import of_today

BATCH = 10
BATCHES = int(os.environ.get("FUZZ_PROFILES", "200")) // BATCH
drawn = settings(
    max_examples=BATCHES,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.target),
    database=None,
    print_blob=False,
)
"""A batch shares one server; it is not made smaller where it fails, which would start hundreds of them: the file is shown instead."""


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    return of_today(tmp_path_factory.mktemp("keys"))


class Batch(list[Raw]):
    """Some systems; the one that fails is shown as a file."""

    def __repr__(self) -> str:
        return f"{len(self)} systems"


@pytest.mark.timeout(3600)
@given(batch=st.lists(profiles(), min_size=BATCH, max_size=BATCH).map(Batch))
@drawn
def test_what_the_loader_takes_goes_through_every_flow(batch: list[Raw], wallet: Wallet) -> None:
    with tempfile.TemporaryDirectory(prefix="ebid-") as directory:
        files = Path(directory) / "systems"
        files.mkdir()
        for number, raw in enumerate(batch):
            (files / f"drawn{number}.toml").write_text(written({"id": f"drawn{number}"} | raw), "utf-8")
        loaded = [systems.profile_of(file.stem, files) for file in sorted(files.glob("*.toml"))]
        served = {"systems": tuple(p.id for p in loaded), "system_directories": (files,)}
        with running(Path(directory), wallet, Authority(now=STARTED).der, **served) as server:
            with server.database(writing=True) as connection:
                for profile in loaded:
                    enter(connection, profile, NUMBER, PASSWORD, "active", COMPANY)
            for profile in loaded:
                _walk(profile, server, wallet, files)


def _walk(profile: Profile, server: Running, wallet: Wallet, files: Path) -> None:
    try:
        asyncio.run(goes_through_every_flow(profile, server, wallet))
    except BaseException as error:
        error.add_note((files / f"{profile.id}.toml").read_text("utf-8"))
        raise
