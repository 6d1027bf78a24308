"""What the tests of `admin` share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.vendors import Office, office


@pytest.fixture
def place(tmp_path: Path, database_kind: str) -> Office:
    return office(tmp_path)
