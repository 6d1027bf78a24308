"""The card thread with nothing to do, in a process of its own: `python -m tests.card.idle_monitor SETTLE SECONDS`.

Prints for that span: milliseconds of CPU, how often any thread was woken, and the readers it saw last.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from ebid_tui.card.pcsc.readers import PcscBackend
from ebid_tui.card.worker import CardWorker


def woken() -> int:
    """How often the threads of this process gave the CPU up to wait: once for each time they were woken."""
    total = 0
    for task in Path("/proc/self/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


def main(settle: float, seconds: float) -> None:
    worker = CardWorker(PcscBackend())
    worker.start()
    time.sleep(settle)
    switches, before = woken(), time.process_time()
    time.sleep(seconds)
    cpu, wakings = time.process_time() - before, woken() - switches - 1  # the sleep just before is one
    print(f"{cpu * 1000:.3f}", wakings, len(worker.readers()), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]))
