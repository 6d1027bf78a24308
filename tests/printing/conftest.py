"""Sheets of paper for the tests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ebid_tui.printing.fonts import PLACES, REGULAR, Fonts
from ebid_tui.printing.paper import Paper, PaperRow, PaperSection

CODE = "0123456789-abc 0123456789abcdef"


def paper(*values: str, rows: int = 1) -> Paper:
    """A page with these values, `rows` times."""
    section = PaperSection("企業情報", tuple(PaperRow(f"項目{n}", value, "*") for n, value in enumerate(values * rows)), "備考")
    return Paper("利用者情報", "電子入札システム", (section,), (("受付番号", CODE.split()[0]),), CODE, "保管してください。")


def without_font() -> str:
    """What is said where no page can be made; empty where it can. Only looked for: reading it takes each worker half a second."""
    return "" if any(REGULAR[0] in files for place in PLACES for _, _, files in os.walk(place.expanduser())) else NO_FONT


NO_FONT = "fonts-morisawa-bizud-gothic is not installed"
needs_font = pytest.mark.skipif(bool(without_font()), reason=NO_FONT)


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    if not_here := without_font():
        pytest.skip(not_here)
    if not Path("/usr/share/fonts/truetype/hanazono").exists():
        pytest.skip("fonts-hanazono is not installed")
    return Fonts()


def need(program: str, package: str) -> str:
    """The program; the test is skipped where it is not installed."""
    if shutil.which(program) is None:
        pytest.skip(f"{package} is not installed")
    return program
