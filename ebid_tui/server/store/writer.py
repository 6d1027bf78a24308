"""One thread that writes, one that looks up what nearly every request needs, several for what may take longer.

Jobs that wait are committed together (group commit); a job that fails takes nobody
along, and no job is acknowledged before the commit is on the disk. A connection that was lost (PostgreSQL was started anew)
is opened again once; a database that stays away fails what waits, and is asked again by the next job.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from ebid_tui.language import keeping_language
from ebid_tui.server.store import deferred_inserts
from ebid_tui.server.store.engine import is_gone, is_trouble
from ebid_tui.server.store.group_commit import GroupCommitter, StoreJob

T = TypeVar("T")

READERS = 4


class Store:
    """The database of one server process."""

    def __init__(self, writing: Engine, reading: Engine) -> None:
        self._writing = writing
        self._reading = reading
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._writer = GroupCommitter("store-write", self._commit)
        self._lookups = GroupCommitter("store-glance", self._look_up_all)

    def start(self) -> None:
        self._writer.start()
        self._lookups.start()

    def stop(self) -> None:
        """Finish the jobs that wait, then close every connection."""
        self._writer.stop()
        self._lookups.stop()
        self._readers.shutdown()
        self._writing.dispose()
        self._reading.dispose()

    @property
    def waiting(self) -> int:
        """Jobs that wait for the writer."""
        return self._writer.waiting

    @property
    def alive(self) -> bool:
        """Whether there is somebody who writes."""
        return self._writer.alive

    def look(self, work: Callable[[Connection], T]) -> T:
        """As `read`, for a thread that is not the event loop's."""
        return self._read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction; returns when it is durable. What it raises undoes it, and is raised here.

        `work` may run a second time, on a fresh transaction, when the first one was lost with its group.
        """
        return await self._writer.done(keeping_language(work))

    async def look_up(self, work: Callable[[Connection], T]) -> T:
        """As `read`, for what takes no time: a few rows by their keys. What waits is looked up together, in one view of the database."""
        return await self._lookups.done(keeping_language(work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent view of the database, in a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, keeping_language(work))

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

    def _look_up_all(self, group: list[StoreJob]) -> None:
        def look(connection: Connection) -> None:
            for job in group:
                job.attempt(connection)

        try:
            self._read(look)
        except Exception as error:  # noqa: BLE001 - it is told to those who wait for it
            alone = len(group) == 1 or is_trouble(error)
            for job in group:
                if alone:
                    job.error = error
                else:
                    self._look_up_all([job])

    def _commit(self, group: list[StoreJob], *, apart: bool = False, again: bool = True) -> None:
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
                deferred_inserts.settle(connection)
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
    def _in_savepoint(connection: Connection, job: StoreJob) -> None:
        """Run one job. A failing database (not a job's own refusal) is raised: the whole transaction is in doubt."""
        try:
            with connection.begin_nested():
                job.result = job.work(connection)
                deferred_inserts.settle(connection)
        except IntegrityError as error:
            job.error = error
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to the one who asked
            job.error = error
