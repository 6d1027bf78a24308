"""Files of this user's alone: 0600 in a directory of 0700, whatever the umask, and read only where they are that."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def make_own_directory(directory: Path) -> None:
    """Make it, or close it to others. PermissionError for one that is somebody else's, or a link."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(1, "the directory is not this user's own")
    if found.st_mode & 0o077:
        directory.chmod(0o700)


def read_own(file: Path, largest: int) -> bytes:
    """A file's bytes, one more than `largest` at most. PermissionError for a link, or one of somebody else's or that others may read."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise PermissionError(error.errno, error.strerror) from None
    with os.fdopen(descriptor, "rb") as source:
        found = os.fstat(source.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise PermissionError(1, "not this user's own file")
        return source.read(largest + 1)


def write_own(file: Path, data: bytes, put: Callable[[Path, Path], None] = os.replace, *, at: float | None = None) -> None:
    """All of it or nothing, in the place of what was there; with `os.link` only where nothing is: of two programs the first one wins.

    `at`: when it was written, by the clock that will say whether it is old.
    """
    beside = file.with_name(f"{file.name}.{os.getpid()}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as target:
            os.fchmod(target.fileno(), 0o600)
            target.write(data)
        if at is not None:
            os.utime(beside, (at, at))
        with suppress(FileExistsError):
            put(beside, file)
    finally:
        beside.unlink(missing_ok=True)
