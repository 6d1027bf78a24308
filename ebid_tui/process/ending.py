"""The end of a process that nothing may hold up: a visit that is over, a terminal that is gone."""

from __future__ import annotations

import os
import threading

LAST_SECONDS = 5.0
"""Within which the process is gone, whatever still holds it (a server that does not answer)."""


def gone_soon(code: int) -> None:
    """End this process with this exit code in a moment, if it still runs then."""
    last = threading.Timer(LAST_SECONDS, os._exit, (code,))
    last.daemon = True
    last.start()
