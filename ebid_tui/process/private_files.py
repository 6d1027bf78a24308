"""Files that hold personal data, secrets or hashes: 0600 in directories of 0700, whatever the umask is, from the first byte on.

What is replaced is replaced at once, and never written into: a reader sees the old file or the new one, a link is no way elsewhere.
Only a file is replaced: in the place of a device, which everybody uses, root would put a file without a word.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from ebid_tui.errors import EbidError
from ebid_tui.messages import t

FILE, DIRECTORY = 0o600, 0o700


def directory(path: Path, mode: int = DIRECTORY) -> None:
    """Make a directory, and those above it that are missing, for their owner only, or with another mode. Raises OSError."""
    if not path.is_dir():
        directory(path.parent, mode)
        with suppress(FileExistsError):
            path.mkdir(mode=mode & DIRECTORY)
            path.chmod(mode)


def own_directory(path: Path) -> None:
    """Make it, or close it to others. Raises PermissionError for one that is somebody else's, or a link; OSError."""
    directory(path)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(1, "the directory is not this user's own")
    if found.st_mode & 0o077:
        path.chmod(DIRECTORY)


def read_own(path: Path, largest: int) -> bytes:
    """A file's bytes, one more than `largest` at most. Raises PermissionError for a link, or one of somebody else's or that others
    may read; FileNotFoundError; OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise PermissionError(error.errno, error.strerror) from None
    with os.fdopen(descriptor, "rb") as source:
        found = os.fstat(source.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise PermissionError(1, "not this user's own file")
        return source.read(largest + 1)


def new(path: Path, mode: int = FILE) -> int:
    """A descriptor to write and read a file that was not there, not even as a link. Raises FileExistsError, OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE)
    os.fchmod(descriptor, mode)
    return descriptor


def put(path: Path, data: bytes, *, replace: bool = True, at: float | None = None, wait: bool = True, mode: int = FILE) -> None:
    """All of it or nothing, and on the disk unless it may not `wait` for that; for its owner only, or with another mode.

    Raises FileExistsError where something is and may not be replaced, OSError also for what nobody may replace (`replaceable`).

    `at`: when it was written, by the clock that will say whether it is old.
    """
    if replace:
        replaceable(path)
    beside = path.with_name(f".{path.name[:40]}.{os.urandom(4).hex()}.part")
    try:
        with os.fdopen(new(beside, mode), "wb") as target:
            target.write(data)
            target.flush()
            if wait:
                os.fsync(target.fileno())
        if at is not None:
            os.utime(beside, (at, at))
        if replace:
            os.replace(beside, path)
        else:
            _put_first(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def replaceable(path: Path) -> None:
    """Raises OSError, with a reason for people, where there is a device, a pipe, a socket or a directory, or a link to one.

    A link that leads to a file, or nowhere, may be replaced; not one to a process's open file, as `/dev/stdout` is.
    """
    with suppress(FileNotFoundError):
        open_file = path.is_symlink() and os.readlink(path).startswith("/proc/")
        if open_file or not stat.S_ISREG(path.stat().st_mode):
            raise OSError(errno.EINVAL, t("common.no_plain_file"))


def _put_first(beside: Path, path: Path) -> None:
    """Of two programs that put the same file the first one wins."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        os.close(new(path))  # ours from here on
        os.replace(beside, path)


def opened_to_others(path: Path) -> bool:
    """Whether a file was open to others than its owner and group; it is not any more, where it is this user's. Raises OSError."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & stat.S_IRWXO:
        with suppress(PermissionError):
            path.chmod(mode & ~stat.S_IRWXO)
    return bool(mode & stat.S_IRWXO)


def file_trouble(path: Path, error: OSError | ValueError) -> EbidError:
    """A file's trouble as EbidError E-FILE."""
    reason = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
    return EbidError(code="E-FILE", file=str(path), reason=reason)
