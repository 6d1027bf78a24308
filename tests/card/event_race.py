"""Our monitor beside a bare `SCardGetStatusChange` loop, in one process: `python -m tests.card.event_race READER EVENTS`.

For each insertion or removal prints `bare NANOSECONDS` and `ours NANOSECONDS` (monotonic), as each learns of it.
"""

from __future__ import annotations

import sys
import threading
import time

from smartcard import scard

from ebid_tui.card.interface import ReaderState
from ebid_tui.card.pcsc.readers import PcscBackend
from ebid_tui.card.worker import CardWorker
from tests.patience import long


def main(reader: str, events: int) -> None:
    lock = threading.Lock()
    told: list[bool] = []
    done = threading.Event()

    def say(who: str) -> None:
        now = time.monotonic_ns()
        with lock:
            print(who, now, flush=True)

    def ours(readers: tuple[ReaderState, ...]) -> None:
        present = next((r.present for r in readers if r.name == reader), False)
        if told and told[-1] == present:
            return
        told.append(present)
        if len(told) > 1:
            say("ours")
        if len(told) > events:
            done.set()

    def bare() -> None:
        _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        _, [(_, state, _)] = scard.SCardGetStatusChange(context, 0, [(reader, 0)])
        present = bool(state & scard.SCARD_STATE_PRESENT)
        for _ in range(events):
            while bool(state & scard.SCARD_STATE_PRESENT) == present:
                _, [(_, state, _)] = scard.SCardGetStatusChange(context, 10000, [(reader, state & ~2)])
            present = not present
            say("bare")

    worker = CardWorker(PcscBackend())
    worker.watch(ours)
    worker.start()
    thread = threading.Thread(target=bare)
    thread.start()
    while not told:
        time.sleep(0.01)
    time.sleep(0.3)
    print("ready 0", flush=True)
    done.wait(long())
    thread.join(10)
    worker.stop()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
