"""`ebid-tui` with an output of a kind, as `tests.forked` begins it.

Its output goes to a file, or is `gone` (a pipe whose reader has left), `full`, `closed`. What Python does at a program's end is done
in short, as taking the modules apart costs a second: both streams are flushed, and an error then is what it would call ignored.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ebid_tui.__main__ import main as program


def _put(number: int, path: str, flags: int) -> None:
    descriptor = os.open(path, flags, 0o600)
    os.dup2(descriptor, number)
    os.close(descriptor)


def _become(stdin: str, out: str, err: str, argv: list[str]) -> None:
    """Give this process the descriptors and the arguments that it shall have."""
    _put(0, stdin, os.O_RDONLY)
    _put(2, err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    match out:
        case "gone":
            reader, writer = os.pipe()
            os.dup2(writer, 1)
            os.close(writer)
            os.close(reader)
        case "full":
            _put(1, "/dev/full", os.O_WRONLY)
        case "closed":
            os.close(1)
            sys.stdout = None
        case file:
            _put(1, file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    sys.argv = ["ebid-tui", *argv]


def _ended() -> int:
    """The exit code of `main`, as the interpreter would give it."""
    try:
        code = program()
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else 0
    except Exception as error:  # noqa: BLE001 - as the interpreter does
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    for name in ("stdout", "stderr"):
        try:
            if getattr(sys, name) is not None:
                getattr(sys, name).flush()
        except OSError as error:
            os.write(2, f"Exception ignored: {error!r}".encode())
            code = 120
    return code


def main(arguments: Sequence[str]) -> int:
    """Where its input comes from, where its output and its errors go, and its command line."""
    try:
        stdin, out, err, *argv = arguments
        _become(stdin, out, err, argv)
        os._exit(_ended())
    finally:
        os._exit(99)
