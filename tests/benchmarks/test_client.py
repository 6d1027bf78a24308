"""What the border costs: the client's own time for a registration, with answers checked and with answers believed.

The client is in this process, its server in another. Its time is what the processor spends on it from the clock to the receipt, the
signatures of a card in software included: the cheapest card there is, so that nothing hides behind it. Both kinds take turns, and what
counts is the difference within a pair: whatever else the machine does, does it to both. The second kind is made here, by putting
httpx's own reading and msgspec's bare decoding in the place of the border's.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ebid_tui.client import http_request, refusals
from ebid_tui.client.api import HttpServer
from tests.benchmarks.conftest import Measured
from tests.benchmarks.test_server import desk, frozen
from tests.clock import STARTED
from tests.server.lives import PASSWORD, vendor
from tests.server.running_server import Bidder
from tests.server.signing import Authority
from tests.wallets import of_today

TURNS = 120
WARM = 5
MOST = 0.02


def believed(body: bytes, kind: Any) -> Any:
    return msgspec.json.decode(body, type=kind) if kind is not type(None) else None


async def read(answer: Any, _largest: int) -> bytes:
    return bytes(await answer.aread())


@contextlib.contextmanager
def without_the_border() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for module in (http_request, refusals):
            patched.setattr(module, "decoded", believed)
        patched.setattr(http_request, "_taken", read)
        yield


KINDS: dict[str, Callable[[], Any]] = {"with": contextlib.nullcontext, "without": without_the_border}


async def registered(bidder: Bidder, turn: int) -> float:
    """Seconds of the processor for all that the client does."""
    number, name = vendor(turn)
    began = time.process_time()
    await bidder.client.clock()
    await bidder.client.challenge(bidder.system, bidder.agency)
    await bidder.sign_in()
    found = await bidder.search(vendor_no=number, trade_name=name, password=PASSWORD)
    signed = bidder.card.signed(await bidder.statement(found, holder_confirmed=True))
    receipt = await bidder.client.register(signed, f"key-of-{number}")
    took = time.process_time() - began
    assert receipt.vendor.number == number
    return took


@pytest.mark.timeout(600)
async def test_what_the_border_costs(short_dir: Path, tmp_path: Path, measured: Measured) -> None:
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with desk("sqlite", short_dir, of_today(tmp_path), Authority(now=STARTED)) as made:
        await made.living.begin()
        await made.living.listens()
        client: HttpServer = made.server.client()
        with frozen():
            for turn in range(2 * (TURNS + WARM)):
                kind = list(KINDS)[(turn + turn // 2) % 2]  # neither is always the first of a pair
                bidder = Bidder(made.server, made.authority.card(vendor(turn)[1], "個人　十郎"))
                bidder.client = client
                with KINDS[kind]():
                    seconds = await registered(bidder, turn)
                if turn >= 2 * WARM:
                    took[kind].append(seconds)
        await client.close()
    bare = statistics.median(took["without"])
    share = statistics.median(ours - theirs for ours, theirs in zip(*took.values(), strict=True)) / bare
    measured("client's own time for a registration, answers believed", f"{bare * 1000:.2f} ms")
    measured("… the border's share of it", f"{share:+.1%}", f"<= {MOST:.0%}", share <= MOST)
