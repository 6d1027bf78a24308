"""Waiting until a worker sees its readers as they are meant to be, and a session with a card that was just put in."""

from __future__ import annotations

from typing import Any

from ebid_tui.card.worker import CardWorker
from tests.card.pcscd import CardProcess
from tests.patience import looking


async def settled(worker: CardWorker, *present: bool) -> None:
    """Wait until the readers are seen like that. Raises TimeoutError."""
    async for _ in looking(0.004):
        if tuple(reader.present for reader in worker.readers()) == present:
            return
    raise TimeoutError(worker.readers())


async def inserted(worker: CardWorker, cards: CardProcess, name: str) -> Any:
    """A session with that card, freshly put in."""
    cards.insert(name)
    await settled(worker, True, False)
    return await worker.open()
