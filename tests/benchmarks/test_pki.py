"""A card is judged once: with a list of 50,000 entries the second look costs next to nothing, and nobody else waits for the first."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from tests.benchmarks.conftest import Measured
from tests.server.pki.conftest import Desk, ca, desk
from tests.server.pki.local_ca import LocalCa, long_crl
from tests.server.signing import Card

__all__ = ["ca", "desk"]

ENTRIES = 50_000
SECOND = 0.02
"""The second look at a card against the first."""
AWAY = 0.3
"""How long the event loop may be held at a time, against the whole of a first look."""
SHORT = 0.03
"""Seconds that nobody notices, however quick the whole was."""


async def test_the_second_look(ca: LocalCa, desk: Desk, measured: Measured) -> None:
    ca.web.put("/sub.crl", long_crl(ca.sub, ENTRIES, desk.now(), desk.now() + timedelta(days=7)))
    card, other, third = ca.card(), ca.card(), ca.card()
    first = await timed(desk, card)
    another = await timed(desk, other)
    again = min([await timed(desk, card) for _ in range(20)])
    held, whole = await watched(desk, third)
    measured(f"first card, list of {ENTRIES:,} fetched", f"{first * 1000:.0f} ms")
    measured("another card on the same list", f"{another * 1000:.0f} ms")
    measured("the same card again, of another card's time", f"{again / another:.4f}", f"<= {SECOND}", again <= SECOND * another)
    goal = f"<= {AWAY}, or {SHORT * 1000:.0f} ms"
    measured("event loop held meanwhile, of the whole", f"{held / whole:.2f}", goal, held <= max(AWAY * whole, SHORT))


async def timed(desk: Desk, card: Card) -> float:
    begins = time.perf_counter()
    await desk.accept(card)
    return time.perf_counter() - begins


async def watched(desk: Desk, card: Card) -> tuple[float, float]:
    """The longest time for which nothing else ran, and the whole time."""
    longest, ended = 0.0, False

    async def tick() -> None:
        nonlocal longest
        while not ended:
            begins = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - begins - 0.001)

    ticking = asyncio.create_task(tick())
    whole = await timed(desk, card)
    ended = True
    await ticking
    return longest, whole
