"""Files that the commands of `admin` read and write: whole, or not there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ebid_tui.process import private_files
from ebid_tui.process.private_files import file_trouble

_WRITING = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
"""What SQLite says where it cannot write (https://sqlite.org/rescode.html, primary codes)."""


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears when everything is in it and on the disk, readable by its owner only.

    Raises EbidError E-FILE where there is one already, or none can be written.
    """
    try:
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
    except ValueError as error:
        raise file_trouble(path, error) from None
    try:
        if path.exists() or path.is_symlink():
            raise FileExistsError(17, "exists", str(path))
        descriptor = private_files.new(part)
        try:
            with open(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.link(part, path)
        finally:
            with suppress(OSError):
                part.unlink()
    except OSError as error:
        raise file_trouble(path, error) from None


@contextmanager
def readable(path: Path) -> Iterator[BinaryIO]:
    """A regular file. Raises EbidError E-FILE."""
    try:
        if not path.is_file():
            path.stat()
            raise ValueError("not a file")
        file = path.open("rb")
    except (OSError, ValueError) as error:
        raise file_trouble(path, error) from None
    with file:
        yield file


@contextmanager
def written_by_sqlite(path: Path) -> Iterator[None]:
    """SQLite's troubles with a file that it writes (full disk, quota, limit), and a file that is not sound, as EbidError E-FILE.

    What it cannot read is left as it is: that is another file's trouble.
    """
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except ValueError as error:
        raise file_trouble(path, error) from None
    except (sqlite3.Error, DBAPIError) as error:
        own = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(own, sqlite3.Error) or getattr(own, "sqlite_errorcode", 0) & 0xFF not in _WRITING:
            raise
        raise file_trouble(path, ValueError(str(own))) from None


def settle(path: Path) -> None:
    """What was written to a file, or which files are in a directory, is on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
