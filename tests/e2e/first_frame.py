"""`ebid-tui demo` up to its first painted menu; then the modules that are loaded go to a file: `python -m tests.e2e.first_frame FILE`."""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

from textual.drivers._writer_thread import WriterThread

from ebid_tui.__main__ import main
from ebid_tui.card_and_server import CardAndServer
from ebid_tui.demo import card_and_server
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.settings import Settings

real_parts = card_and_server.demo_parts


def told(settings: Settings, profile: Profile | None = None, accepted_after: float = 0.0) -> CardAndServer:
    return dataclasses.replace(real_parts(settings, profile), begin=tell)


def tell() -> NoReturn:
    """The program calls this when the menu is on the screen, to start its server and cards."""
    Path(sys.argv[1]).write_text("\n".join(sys.modules), encoding="utf-8")
    for thread in threading.enumerate():
        if isinstance(thread, WriterThread):
            thread.stop()  # when all is written
    os._exit(0)


if __name__ == "__main__":
    card_and_server.demo_parts = told
    main(["demo"])
