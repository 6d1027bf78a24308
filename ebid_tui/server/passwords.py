"""Checking passwords with argon2id (RFC 9106), in a pool of its own: nothing else waits behind a check."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from ebid_tui.server.settings import PasswordCost

THREADS = 2


class Passwords:
    """Hashing and checking at one cost."""

    def __init__(self, cost: PasswordCost) -> None:
        self._hasher = PasswordHasher(time_cost=cost.time, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._nobody = self._hasher.hash("")
        """What a password is checked against where there is none: it takes as long, and tells nothing."""

    def stop(self) -> None:
        self._pool.shutdown()

    def hash(self, password: str) -> str:
        """The encoded hash to keep. Takes milliseconds to hundreds of them."""
        return self._hasher.hash(password)

    async def hashed(self, password: str) -> str:
        """The encoded hash to keep, made beside the requests."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hasher.hash, password)

    async def right(self, kept: str | None, password: str) -> bool:
        """Whether this is the password; with `kept` None it is not, and that takes as long to find out."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._check, kept, password)

    def _check(self, kept: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(kept or self._nobody, password) and kept is not None
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError):
            return False
