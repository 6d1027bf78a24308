"""One thread that writes, several that read.

Jobs that wait are committed together (group commit); a job that fails takes nobody
along, and no job is acknowledged before the commit is on the disk. A connection that was lost (PostgreSQL was started anew)
is opened again once; a database that stays away fails what waits, and is asked again by the next job.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from ebid_tui.server.store.engine import is_gone

T = TypeVar("T")

GROUP = 64
"""The most jobs of one commit."""
READERS = 4


@dataclass(slots=True)
class _Job:
    work: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Hand the outcome to the waiting coroutine, if it still waits. In its event loop."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def _answer(group: list[_Job]) -> None:
    """Hand out what came of a group: an event loop is woken once."""
    for loop in {job.loop for job in group}:
        loop.call_soon_threadsafe(_settle, [job for job in group if job.loop is loop])


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()


class Store:
    """The database of one server process."""

    def __init__(self, writing: Engine, reading: Engine) -> None:
        self._writing = writing
        self._reading = reading
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._writer = threading.Thread(target=self._write_all, name="store-write", daemon=True)

    def start(self) -> None:
        self._writer.start()

    def stop(self) -> None:
        """Finish the jobs that wait, then close every connection."""
        self._jobs.put(None)
        self._writer.join()
        self._readers.shutdown()
        self._writing.dispose()
        self._reading.dispose()

    @property
    def waiting(self) -> int:
        """Jobs that wait for the writer."""
        return self._jobs.qsize()

    @property
    def alive(self) -> bool:
        """Whether there is somebody who writes."""
        return self._writer.is_alive()

    def look(self, work: Callable[[Connection], T]) -> T:
        """As `read`, for a thread that is not the event loop's."""
        return self._read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction; returns when it is durable. What it raises undoes it, and is raised here.

        `work` may run a second time, on a fresh transaction, when the first one was lost with its group.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        self._jobs.put(job)
        outcome: T = await job.future
        return outcome

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent view of the database, in a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return self._looked(work)
        except DBAPIError as error:
            # The database was started anew since this connection was used last; looking twice does no harm.
            if not is_gone(error):
                raise
            return self._looked(work)

    def _looked(self, work: Callable[[Connection], T]) -> T:
        with self._reading.connect() as connection, connection.begin():
            return work(connection)

    def _write_all(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, ended = self._group(first)
            self._commit(group)
            _answer(group)
            if ended:
                return

    def _group(self, first: _Job) -> tuple[list[_Job], bool]:
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

    def _commit(self, group: list[_Job], *, apart: bool = False, again: bool = True) -> None:
        """Run a group in one transaction; each job has its result or its error then.

        Savepoints cost as much as what is between them, and nearly every job succeeds: only when one has failed are they set
        (`apart`), and all is done anew.
        """
        stage = "beginning"
        try:
            with self._writing.connect() as connection, connection.begin():
                stage = "working"
                for job in group:
                    job.error = None
                    if apart:
                        self._in_savepoint(connection, job)
                    else:
                        job.result = job.work(connection)
                stage = "committing"
        except Exception as error:  # noqa: BLE001 - a lost group is told to those who wait for it
            if stage != "committing" and is_gone(error) and again:
                self._commit(group, apart=apart, again=False)
            elif len(group) == 1 or stage != "working" or is_gone(error):
                # In the end nobody knows whether it was kept, and in the beginning nobody was the cause: all are told the same.
                # Who asks again under the same key gets what was kept.
                for job in group:
                    job.result, job.error = None, error
            elif not apart:
                self._commit(group, apart=True, again=again)
            else:
                for job in group:
                    self._commit([job])

    @staticmethod
    def _in_savepoint(connection: Connection, job: _Job) -> None:
        """Run one job. A failing database (not a job's own refusal) is raised: the whole transaction is in doubt."""
        try:
            with connection.begin_nested():
                job.result = job.work(connection)
        except IntegrityError as error:
            job.error = error
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to the one who asked
            job.error = error
