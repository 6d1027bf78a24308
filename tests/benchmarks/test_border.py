"""What the border costs the server: a whole registration's requests with and without the look at every text, in turns.

Without it is patched in here; the product has no switch.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import msgspec
import pytest

from ebid_tui.server import app
from ebid_tui.server.api import examples, strictness
from ebid_tui.server.decisions import accepting, odd_texts
from tests.benchmarks.conftest import Measured
from tests.hostile.conftest import card, counter, only_counter, wallet
from tests.server.running_server import Bidder, Running
from tests.server.signing import Card

__all__ = ["card", "counter", "only_counter", "wallet"]

GOAL = 0.03
TURNS = 30


def nothing(*_: Any) -> None:
    """No border."""


async def test_the_look_at_every_text(
    counter: Running, card: Callable[[str], Card], monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    spent: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * TURNS):
        bordered = turn % 2 == 0
        with monkeypatch.context() as patched:
            if not bordered:
                patched.setattr(strictness, "might_be_odd", lambda _: False)
                patched.setattr(accepting, "might_be_odd", lambda _: False)
                patched.setattr(app, "refuse_odd_target", nothing)
            counter.restore()
            begun = time.process_time()
            await Bidder(counter, card("ise-new")).register()
            spent[bordered].append(time.process_time() - begun)
    cost = median(spent[True]) / median(spent[False]) - 1
    measured("border at the server, of a registration", f"{cost:+.1%}", f"<= {GOAL:.0%}", cost <= GOAL)
    bodies = [msgspec.json.encode(example) for example in examples.REQUESTS.values()]
    begun = time.process_time()
    for body in bodies * 200:
        odd_texts.might_be_odd(body)
    measured("one look at a request's body", f"{(time.process_time() - begun) / len(bodies) / 200 * 1e6:.0f} µs")
