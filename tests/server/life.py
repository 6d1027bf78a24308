"""A server as `tests.forked` begins it: one life, which says `listening` once it does."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from ebid_tui.server.app import create_app
from ebid_tui.server.pki import anchor_files
from ebid_tui.server.running.serving import ListenAddress, run
from ebid_tui.server.settings import PasswordCost, ServerSettings

CHEAP = PasswordCost(time=1, memory_kib=64)
SYSTEM = "ise"


def main(arguments: Sequence[str]) -> int:
    """Database, socket and the directory of trusted authorities."""
    database, socket, trust = arguments
    settings = ServerSettings(
        database=database,
        origins=("http://localhost",),
        anchors=anchor_files.load(Path(trust)),
        systems=(SYSTEM,),
        password_cost=CHEAP,
        enforce_hours=False,
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
    return 0 if run(create_app(settings), ListenAddress(uds=Path(socket)), lambda _: print("listening", flush=True)) else 1
