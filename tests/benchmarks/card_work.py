"""The card's part of a sign-in, once for each line on stdin: `python -m tests.benchmarks.card_work`.

A line says how many signatures are wanted. Identify, certificate, tries, PIN, signatures, as the flow does it, in a program
that is running already; answers with milliseconds and APDUs up to the last signature, and with the APDUs to the end (log out).
"""

from __future__ import annotations

import asyncio
import sys
import time

from ebid_tui.card import choice
from ebid_tui.card.pcsc.readers import PcscBackend
from ebid_tui.card.pin import Pin
from ebid_tui.card.worker import CardWorker

STATEMENT = b"x" * 2500
"""About as long as what is signed."""


async def work(worker: CardWorker, signatures: int) -> str:
    choice._read.cache_clear()  # every time a card that was never seen before
    counted, begun = worker.trace.count, time.perf_counter()
    session = await worker.open()
    assert session.certificate
    assert await session.tries_left() == 3
    with Pin.from_bytes(bytearray(b"123456")) as pin:
        await session.verify(pin)
    for _ in range(signatures):
        assert await session.sign(STATEMENT)
    milliseconds, apdus = (time.perf_counter() - begun) * 1000, worker.trace.count - counted
    print(milliseconds, apdus, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await session.close()
    return str(worker.trace.count - counted)


async def main() -> None:
    worker = CardWorker(PcscBackend())
    worker.start()
    while not any(reader.present for reader in worker.readers()):  # noqa: ASYNC110 - the reader is seen on another thread
        await asyncio.sleep(0.01)
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(await work(worker, int(line)), flush=True)
    worker.stop()


if __name__ == "__main__":
    asyncio.run(main())
