"""Runs the jobs that wait as one group, in a thread of its own, and wakes the event loop once for all of them (for `writer.py`)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")

GROUP = 64
"""The most jobs of one group."""


@dataclass(slots=True)
class StoreJob:
    """What somebody waits for. Who runs it fills in the result, or the error."""

    work: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def attempt(self, connection: Connection) -> None:
        """Run it, and keep its own refusal. Raises the database's errors (DBAPIError)."""
        self.error = None
        try:
            self.result = self.work(connection)
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to the one who asked
            self.error = error

    def settle(self) -> None:
        """Hand the outcome to the waiting coroutine, if it still waits. In its event loop."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class GroupCommitter:
    """`run` gets what waits, in a thread of its own, and leaves each job with its result or its error. It raises nothing."""

    def __init__(self, name: str, run: Callable[[list[StoreJob]], None]) -> None:
        self._run = run
        self._jobs: SimpleQueue[StoreJob | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run_all, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the jobs that wait."""
        self._jobs.put(None)
        self._thread.join()

    @property
    def waiting(self) -> int:
        """Jobs whose turn has not come."""
        return self._jobs.qsize()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    async def done(self, work: Callable[[Connection], T]) -> T:
        """Wait for `work`; what it raises is raised here."""
        loop = asyncio.get_running_loop()
        job = StoreJob(work, loop, loop.create_future())
        self._jobs.put(job)
        outcome: T = await job.future
        return outcome

    def _run_all(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, ended = self._group(first)
            self._run(group)
            _answer(group)
            if ended:
                return

    def _group(self, first: StoreJob) -> tuple[list[StoreJob], bool]:
        """Everything that waits now, up to the limit; and whether the end was asked for."""
        group = [first]
        while len(group) < GROUP:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return group, False
            if job is None:
                return group, True
            group.append(job)
        return group, False


def _answer(group: list[StoreJob]) -> None:
    """Hand out what came of a group: an event loop is woken once."""
    for loop in {job.loop for job in group}:
        loop.call_soon_threadsafe(_settle, [job for job in group if job.loop is loop])


def _settle(jobs: list[StoreJob]) -> None:
    for job in jobs:
        job.settle()
