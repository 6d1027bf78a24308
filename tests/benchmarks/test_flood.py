"""A server that gets more logins at once than it checks: how much longer the clock takes meanwhile."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import httpx

from ebid_tui.demo.cards import Wallet
from ebid_tui.server.decisions.passwords import THREADS, WAITING
from tests.benchmarks.conftest import Measured
from tests.server.api.test_limits import LOGIN
from tests.server.conftest import card_directory
from tests.server.running_server import ORIGIN
from tests.server.serving import on_socket, serve

__all__ = ["card_directory"]

SLOWER = 15
"""66 checks of 19 ms on two threads are 600 ms: whoever stood in line with them would wait hundreds of times longer."""


async def test_a_flood_of_logins_does_not_starve_the_clock(short_dir: Path, card_directory: Wallet, measured: Measured) -> None:
    """A process of its own, at the real price of a password; more logins at once than it checks."""
    with serve(short_dir, card_directory, "--uds", str(short_dir / "s")) as served:
        await served.answers(on_socket(short_dir).client())
        connections = httpx.AsyncHTTPTransport(uds=str(short_dir / "s"), limits=httpx.Limits(max_connections=200))
        async with httpx.AsyncClient(base_url=ORIGIN, transport=connections, timeout=60) as http:

            async def clock() -> float:
                taken = []
                for _ in range(60):
                    started = time.perf_counter()
                    assert (await http.get("/v1/clock")).status_code == 200
                    taken.append(time.perf_counter() - started)
                    await asyncio.sleep(0.01)
                return statistics.median(taken)

            quiet = await clock()
            statuses: list[int] = []
            stop = asyncio.Event()

            async def attacker(number: int) -> None:
                turn = 0
                while not stop.is_set():
                    turn += 1
                    values = {"vendor_no": f"{16000 + turn:05d}{number:05d}", "password": "Wrong-pass1"}
                    answer = await http.post("/v1/logins", json=LOGIN | {"values": values})
                    statuses.append(answer.status_code)
                    if answer.status_code == 503:
                        assert int(answer.headers["retry-after"]) >= 1
                        await asyncio.sleep(0.5)

            flood = [asyncio.ensure_future(attacker(number)) for number in range(THREADS + WAITING + 24)]
            await asyncio.sleep(1)
            crowded = await clock()
            stop.set()
            await asyncio.gather(*flood)
    assert set(statuses) == {404, 503}
    ratio = crowded / quiet
    measured("clock, ms: quiet, and among a flood of logins", f"{quiet * 1000:.1f} and {crowded * 1000:.1f}")
    measured("… ratio", f"{ratio:.1f}", f"< {SLOWER}", ratio < SLOWER)
