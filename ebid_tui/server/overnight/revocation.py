"""The authorities' lists, fetched anew by `serve` itself before they end (`pki.refresh`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ebid_tui.server.overnight.schedule import Job, begun
from ebid_tui.server.pki.refresh import refresh
from ebid_tui.server.settings import RevocationSettings
from ebid_tui.server.store.transactions import Transactions

LOOKS = 4
"""How often in `every` something due is looked for."""


def job(settings: RevocationSettings, transact: Transactions, now: Callable[[], datetime]) -> Job:
    """The job that `serve` does by itself."""
    seconds = settings.every.total_seconds() / LOOKS

    def run(_slot: datetime, stopping: Callable[[], bool]) -> None:
        for _ in refresh(transact, settings, now, stopping):
            pass

    return Job("revocation", lambda at: begun(seconds, at), run)
