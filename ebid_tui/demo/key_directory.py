"""A private directory that keeps the demo's keys: made on first use, never shipped, safe for two processes at once.

Keys only. What is dated is made from them anew for each demo's day, so that nothing here grows old.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ebid_tui.errors import EbidError
from ebid_tui.process import private_files


class KeyDirectory:
    """Keys by name, each one file that only its owner can read."""

    def __init__(self, directory: Path) -> None:
        """Raises EbidError E-DEMO-KEYS where the directory cannot be made, or belongs to somebody else."""
        self.directory = directory
        try:
            private_files.directory(directory)
            if directory.stat().st_uid != os.geteuid():
                raise EbidError("belongs to somebody else", code="E-DEMO-KEYS", directory=str(directory))
            directory.chmod(0o700)
        except OSError as error:
            raise self._failure(error) from error

    def key(self, name: str, kind: str, make: Callable[[], bytes]) -> bytes:
        """The key of this name and kind: the one that is kept, or one made now."""
        with self._lock():
            kept = self._look(name, kind)
            if kept is None:
                self._put(name, kind, kept := make())
            return kept

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One process at a time; released also when it is killed."""
        try:
            descriptor = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise self._failure(error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _look(self, name: str, kind: str) -> bytes | None:
        """The key, if it is there, as it was put there, and of this kind; else None."""
        try:
            stored = json.loads((self.directory / f"{name}.json").read_bytes())
            key = base64.b64decode(stored["key"], validate=True)
            return key if stored["sha256"] == _seal(kind, key) else None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failure(error) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None  # half a file, a damaged one, another program's, or an earlier version's: made anew

    def _put(self, name: str, kind: str, key: bytes) -> None:
        """Replace the file in one step: a reader sees the old one or the new one."""
        text = json.dumps({"key": base64.b64encode(key).decode("ascii"), "sha256": _seal(kind, key)})
        try:
            private_files.put(self.directory / f"{name}.json", text.encode("ascii"))
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> EbidError:
        return EbidError(error.strerror or "", code="E-DEMO-KEYS", directory=str(self.directory))


def _seal(kind: str, key: bytes) -> str:
    """What a damaged file does not have."""
    return hashlib.sha256(kind.encode("ascii") + b":" + key).hexdigest()
