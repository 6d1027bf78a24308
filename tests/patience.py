"""How long tests wait: generously for what should happen (it costs nothing where things are quick), scaled where generosity is dear.

How slow this machine is at the moment is measured once a run; workers and programs that a test starts find it in the environment.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable

VARIABLE = "TEST_RUN_SLOWNESS"
REFERENCE_SECONDS = 0.08
"""What `_work` takes on the two cores of a small machine that has nothing else to do."""

MOST = 20.0

LONGEST_PAUSE = 0.1
"""Seconds from one look to the next."""


def _work() -> int:
    return sum(i * i for i in range(1_000_000))


def measure() -> None:
    """For this process and those it starts. Wall-clock time: what others take of the processor makes it slow too."""
    began = time.perf_counter()
    _work()
    took = time.perf_counter() - began
    os.environ[VARIABLE] = f"{min(max(took / REFERENCE_SECONDS, 1.0), MOST):.1f}"


def slowness() -> float:
    """1 on a quick machine that is idle, more elsewhere."""
    return float(os.environ.get(VARIABLE, "1"))


def long() -> float:
    """Seconds after which something that should happen has not. Waiting ends as soon as it has."""
    return 180.0 * slowness()


def scaled(seconds: float) -> float:
    """For what costs time whenever it is waited for: silence, and a deadline that is meant to be missed."""
    return seconds * slowness()


def _pause(waited: float, least: float) -> float:
    """How long to leave alone what has been waited for so long: looking costs the processor what the thing itself may need."""
    return min(max(waited / 10, least), LONGEST_PAUSE)


async def looking(every: float | None = None) -> AsyncIterator[None]:
    """Look again and again, as `async for`, until there is no point in waiting any longer; the loop around it runs on meanwhile.

    `every`: so often all the time, for what may pass by.
    """
    began = time.monotonic()
    while True:
        yield
        if (waited := time.monotonic() - began) > long():
            return
        await asyncio.sleep(every or _pause(waited, 0.005))


def wait_until(true: Callable[[], object], what: str = "it did not come", seconds: float | None = None) -> None:
    """The same for what is no coroutine. Raises TimeoutError naming `what`."""
    began = time.monotonic()
    while not true():
        if (waited := time.monotonic() - began) > (seconds or long()):
            raise TimeoutError(what)
        time.sleep(_pause(waited, 0.01))
