"""Visitors with accidents: each ends in the right state, none sees a trace of another, none stays in memory."""

from __future__ import annotations

from pathlib import Path

from tests.kiosk import visitors

COUNT = 6
"""`make visitors` takes 2,000."""


async def test_every_visitor_ends_in_the_right_state(short_dir: Path, card_directory: Path) -> None:
    place = await visitors.come(COUNT, short_dir, card_directory)
    assert sum(place.ends.values()) == COUNT
