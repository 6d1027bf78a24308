"""Visitors with accidents: each ends in the right state, none sees a trace of another, none stays in memory."""

from __future__ import annotations

from pathlib import Path

from ebid_tui.demo.cards import Wallet
from tests.kiosk import visitors

COUNT = 6
"""`make visitors` takes 2,000."""


async def test_every_visitor_ends_in_the_right_state(short_dir: Path, wallet: Wallet) -> None:
    place = await visitors.come(COUNT, short_dir, wallet)
    assert sum(place.ends.values()) == COUNT
