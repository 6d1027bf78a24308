"""A process that has everything imported and made, and forks a server as often as it is told to: a life costs no start.

    python -m tests.server.nursery DATABASE SOCKET TRUST

Each line on its standard input is a new life; the answer is its process id, and a second line once that listens. What lives
still when the input ends is killed.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from ebid_tui.server.app import create_app
from ebid_tui.server.pki import anchor_files
from ebid_tui.server.running.serving import Where, run
from ebid_tui.server.settings import PasswordCost, Settings

CHEAP = PasswordCost(time=1, memory_kib=64)
SYSTEM = "ise"
_DIE_WITH_PARENT = 1


def main(database: str, socket: str, trust: str) -> None:
    settings = Settings(
        database=database,
        origins=("http://localhost",),
        anchors=anchor_files.load(Path(trust)),
        systems=(SYSTEM,),
        password_cost=CHEAP,
        enforce_hours=False,
    )
    app = create_app(settings)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
    child = 0
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
            os.close(0)
            served = run(app, Where(uds=Path(socket)), lambda _: print("listening", flush=True))
            os._exit(0 if served else 1)
        print(child, flush=True)
    if child:
        with suppress(ProcessLookupError):  # killed before, and gone meanwhile
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
