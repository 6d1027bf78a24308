"""The card's part of a registration, once for each line on stdin: `python -m tests.benchmarks.card_work`.

Answers with milliseconds and APDUs: from looking for the card to the second signature (sign-in, then the statement), as the
flow does it, in a program that is running already.
"""

from __future__ import annotations

import asyncio
import sys
import time

from ebid_tui.card.pcsc import PcscBackend
from ebid_tui.card.pin import Pin
from ebid_tui.card.worker import CardWorker

STATEMENT = b"x" * 2500
"""About as long as what is signed."""


async def register(worker: CardWorker) -> None:
    session = await worker.open()
    assert session.certificate
    assert await session.tries_left() == 3
    with Pin.from_bytes(bytearray(b"123456")) as pin:
        await session.verify(pin)
    for _ in ("sign-in", "statement"):
        assert await session.sign(STATEMENT)
    await session.close()


async def main() -> None:
    worker = CardWorker(PcscBackend())
    worker.start()
    while not any(reader.present for reader in worker.readers()):  # noqa: ASYNC110 - the reader is seen on another thread
        await asyncio.sleep(0.01)
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        counted, begun = worker.trace.count, time.perf_counter()
        await register(worker)
        print((time.perf_counter() - begun) * 1000, worker.trace.count - counted, flush=True)
    worker.stop()


if __name__ == "__main__":
    asyncio.run(main())
