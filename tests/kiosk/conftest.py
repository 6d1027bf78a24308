"""What the kiosk's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebid_tui.kiosk import door


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is asked again at once."""
    monkeypatch.setattr(door, "SECONDS", dict.fromkeys(door.SECONDS, 0.01))


@pytest.fixture(scope="session")
def card_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo cards' keys of this test run are kept."""
    return tmp_path_factory.mktemp("demo-cards")
