"""What screens need of Textual and its API does not give: which actions are bound, and when a worker has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from textual.dom import DOMNode
from textual.worker import Worker


def bound_ids(node: DOMNode | type[DOMNode]) -> list[str]:
    """The ids of the bindings of a screen, or of every screen of a class, each once, in their order."""
    bindings = node._merged_bindings if isinstance(node, type) else node._bindings
    return list(dict.fromkeys(binding.id for _, binding in bindings or () if binding.id))


async def ended(workers: Iterable[Worker[Any]]) -> None:
    """Wait for their last lines, whatever comes of them. `Worker.wait` refuses that to whom one of them has started."""
    if tasks := [worker._task for worker in workers if worker._task is not None]:
        await asyncio.wait(tasks)
