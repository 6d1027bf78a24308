"""What the tests of PKCS#11 modules share: a token with one key."""

from __future__ import annotations

import shutil

import pytest

from tests.card.plastic import CertificateAuthority
from tests.card.softhsm import SoftHsm, Stored


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, ca: CertificateAuthority) -> SoftHsm:
    prepared = SoftHsm(tmp_path_factory.mktemp("prepared"))
    prepared.token("ise", Stored(ca.slot("p256")))
    return prepared


@pytest.fixture
def token(hsm: SoftHsm, prepared: SoftHsm) -> None:
    """A token with one key, each test its own."""
    shutil.copytree(prepared.directory / "tokens", hsm.directory / "tokens", dirs_exist_ok=True)
