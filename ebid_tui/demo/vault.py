"""A private directory that keeps the demo's keys: made on first use, never shipped, safe for two processes at once."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ebid_tui.errors import EbidError

Entry = Mapping[str, bytes]
"""Parts by name, e.g. `key` and `certificate` (DER)."""


class Vault:
    """Entries by name, each one file that only its owner can read. Take `lock()` around look and put."""

    def __init__(self, directory: Path) -> None:
        """Raises EbidError E-DEMO-KEYS where the directory cannot be made, or belongs to somebody else."""
        self.directory = directory
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if directory.stat().st_uid != os.geteuid():
                raise EbidError("belongs to somebody else", code="E-DEMO-KEYS", directory=str(directory))
            directory.chmod(0o700)
        except OSError as error:
            raise self._failure(error) from error

    @contextmanager
    def lock(self) -> Iterator[None]:
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

    def look(self, name: str, stamp: str) -> Entry | None:
        """The entry, if it is there, whole, and was put in under the same stamp; else None."""
        try:
            stored = json.loads((self.directory / f"{name}.json").read_bytes())
            if stored["stamp"] != stamp:
                return None
            return {part: base64.b64decode(text, validate=True) for part, text in stored["parts"].items()}
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failure(error) from error
        except (ValueError, KeyError, TypeError, AttributeError):
            return None  # half a file or another program's: made anew

    def put(self, name: str, stamp: str, entry: Entry) -> None:
        """Replace the entry in one step: a reader sees the old one or the new one."""
        text = json.dumps({"stamp": stamp, "parts": {part: base64.b64encode(data).decode("ascii") for part, data in entry.items()}})
        try:
            descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=self.directory)  # mode 0600
            try:
                with os.fdopen(descriptor, "w", encoding="ascii") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(self.directory / f"{name}.json")
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> EbidError:
        return EbidError(error.strerror or "", code="E-DEMO-KEYS", directory=str(self.directory))
