"""Checking passwords with argon2id (RFC 9106), in a pool of its own: nothing else waits behind a check."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ebid_tui.errors import ServerError
from ebid_tui.server.settings import PasswordCost

THREADS = 2
WAITING = 64
"""The most checks that wait, about a second's; whoever comes then is told to come again."""
RETRY_AFTER = 2
NICE = 10
"""How far the threads stand back where there is not enough of the processor: clocks and receipts go first."""

T = TypeVar("T")


class Passwords:
    """Hashing and checking at one cost."""

    def __init__(self, cost: PasswordCost) -> None:
        self._hasher = PasswordHasher(time_cost=cost.time, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords", initializer=_stand_back)
        self._under_way = 0
        self._nobody = self._hasher.hash("")
        """What a password is checked against where there is none: it takes as long, and tells nothing."""

    def stop(self) -> None:
        self._pool.shutdown()

    @property
    def waiting(self) -> int:
        """Checks under way or waiting."""
        return self._under_way

    def hash(self, password: str) -> str:
        """The encoded hash to keep. Takes milliseconds to hundreds of them."""
        return self._hasher.hash(password)

    async def hashed(self, password: str) -> str:
        """The encoded hash to keep, made beside the requests. Raises ServerError E-BUSY."""
        return await self._beside(lambda: self._hasher.hash(password))

    def is_right(self, kept: str | None, password: str) -> bool:
        """`right` for who waits himself."""
        try:
            return self._hasher.verify(kept or self._nobody, password) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False

    async def right(self, kept: str | None, password: str) -> bool:
        """Whether this is the password; with `kept` None it is not, and that takes as long to find out. Raises ServerError E-BUSY."""
        return await self._beside(lambda: self.is_right(kept, password))

    async def _beside(self, work: Callable[[], T]) -> T:
        if self._under_way >= THREADS + WAITING:
            raise ServerError(code="E-BUSY", retry_after=RETRY_AFTER)
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._under_way -= 1


def _stand_back() -> None:
    """Linux knows threads as processes of their own, each with its own priority."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
