"""What the kiosk's tests share."""

from __future__ import annotations

import pytest

from ebid_tui.demo.cards import Wallet
from ebid_tui.kiosk import opening
from tests.wallets import of_today


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is asked again at once."""
    monkeypatch.setattr(opening, "SECONDS", dict.fromkeys(opening.SECONDS, 0.01))


@pytest.fixture(scope="session")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    """The demo cards of this run; the server has the machine's clock."""
    return of_today(tmp_path_factory.mktemp("demo-cards"))
