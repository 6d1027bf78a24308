"""The administrator's secret: its argon2id hash (RFC 9106) in a file of the kiosk's user, and attempts that get slower.

Wrong attempts are counted in a file: each visitor has a process of its own, and a count in memory would start anew with each.
"""

from __future__ import annotations

import logging
import math
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

from ebid_tui.process import private_files

logger = logging.getLogger(__name__)

SHORTEST = 8
"""Characters that a secret needs."""

LONGEST_WAIT = 300.0
"""Seconds between attempts, at most."""


def write_private(file: Path, text: str) -> None:
    """Put a text in the place of the file at once, readable by its owner only (0600). Raises OSError."""
    private_files.directory(file.parent)
    private_files.put(file, text.encode())


def set_secret(file: Path, secret: bytes) -> None:
    """Keep the hash of a secret. Raises ValueError for one that is too short, OSError."""
    from argon2 import PasswordHasher

    if len(secret.decode("utf-8", "replace")) < SHORTEST:
        raise ValueError(f"shorter than {SHORTEST} characters")
    write_private(file, PasswordHasher().hash(secret) + "\n")


class AdminSecret:
    """`file` holds the hash, `attempts` the count of wrong attempts and when the last was; `now` gives seconds since the epoch."""

    def __init__(self, file: Path, attempts: Path, now: Callable[[], float] = time.time) -> None:
        self._file = file
        self._attempts = attempts
        self._now = now

    def known(self) -> bool:
        """Whether there is a hash that nobody else could have written or read."""
        return self._hash() is not None

    def wait(self) -> float:
        """Seconds until the next attempt counts: 1 after the first wrong one, then twice as many each time."""
        count, last = self._wrong()
        if not count:
            return 0.0
        pause = min(2.0 ** (count - 1), LONGEST_WAIT)
        return min(max(0.0, last + pause - self._now()), pause)  # a clock that was set back does not lock anybody out

    def check(self, secret: bytes) -> bool:
        """Whether it is the secret. An attempt made too early is wrong and does not even look; 50 ms otherwise.

        An attempt is counted before it is checked: who cuts the power in between has used it up.
        """
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        known = self._hash()
        if known is None or self.wait() > 0:
            return False
        try:
            write_private(self._attempts, f"{self._wrong()[0] + 1} {self._now()}\n")
            PasswordHasher().verify(known, secret)
        except (VerificationError, InvalidHashError):
            return False
        except OSError as error:
            logger.warning("attempts cannot be counted, none is taken: %s", error.strerror)
            return False
        self._attempts.unlink(missing_ok=True)
        return True

    def _hash(self) -> str | None:
        try:
            descriptor = os.open(self._file, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            return None
        with os.fdopen(descriptor, encoding="utf-8", errors="replace") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode) or about.st_mode & 0o077 or about.st_uid != os.getuid():
                return None
            return file.read(1024).strip() or None

    def _wrong(self) -> tuple[int, float]:
        try:
            count, last = self._attempts.read_text(encoding="utf-8").split()
            if math.isfinite(float(last)):
                return max(0, min(int(count), 64)), float(last)
        except FileNotFoundError:
            return 0, 0.0
        except (OSError, ValueError):
            logger.warning("the count of attempts cannot be read")
        return 64, self._now()  # as slow as can be
