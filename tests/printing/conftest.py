"""Sheets of paper for the tests."""

from __future__ import annotations

import pytest

from ebid_tui.printing.fonts import Fonts
from ebid_tui.printing.paper import Paper, PaperRow, PaperSection

CODE = "0123456789-abc 0123456789abcdef"


def paper(*values: str, rows: int = 1) -> Paper:
    """A page with these values, `rows` times."""
    section = PaperSection("企業情報", tuple(PaperRow(f"項目{n}", value, "*") for n, value in enumerate(values * rows)), "備考")
    return Paper("利用者情報", "電子入札システム", (section,), (("受付番号", CODE.split()[0]),), CODE, "保管してください。")


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    return Fonts()
