"""What commands print: whole, on whatever stdout is, and without an error of their own where its reader has gone away.

A reader that goes (`| head`, `| grep -q`) is nobody's error: the rest is dropped, and the exit code is that of the work. Where
nothing can be written (a full disk, a closed descriptor), that is said; it fails only commands whose work is what they print.

And the second lock of the voices that write lines: whatever any `print` says, no control character goes out with it. The first lock is
where text is decoded (domain.text.cleaning); this one stands before standard output and standard error themselves, so that nobody can
forget it: argparse, logs, tracebacks and every later `print` pass it. None of the commands moves a cursor or colours a line, so that
nothing but a line's end is ever meant. The screens have a lock of their own (terminal.screen_updates); files and pipes between our own
processes are not text for people.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final

from ebid_tui.messages import t

if TYPE_CHECKING:
    from typing import TextIO

UNWRITTEN: Final = 1
"""The exit code where what was printed was the work, and could not be written."""

HAND_OVER: Final = 3
"""The exit code where a secret that is shown once was not shown: it has to be made anew."""

_QUIET: Final = (errno.EPIPE, errno.EBADF)
"""A reader that has gone, and a descriptor that was closed on purpose (`>&-`)."""


class SteadyWriter(io.RawIOBase):
    """A descriptor that takes everything: what cannot be written is dropped. `fault` is the errno of the first failure, 0 if none."""

    def __init__(self, descriptor: int, fault: int = 0) -> None:
        self._descriptor = descriptor
        self.fault = fault

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any, /) -> int | None:
        left = memoryview(data).cast("B")
        size = len(left)
        while left and not self.fault:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                return size - len(left) or None
            except OSError as error:
                self.fault = error.errno or errno.EIO
        return size


COMMANDS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal could take for a command, or turns the direction of text (UAX #9), or cannot be sent at all: what writes to a
terminal lets none of it through, whoever forgot to clean a text before (here, and `terminal.screen_updates`)."""

STAND_IN: Final = "?"
"""Where a control character was taken out, in every character set: it should not have come so far."""


class GuardedStream(io.TextIOWrapper):
    """A text stream for people."""

    def write(self, text: str, /) -> int:
        """What a terminal would not show as text becomes `?`; only a line's end is left as it is."""
        if not text.isprintable():  # which U+3000 and a line's end are not either
            text = "\n".join(COMMANDS.sub(STAND_IN, line) for line in text.split("\n"))
        return super().write(text)


_writers: dict[str, SteadyWriter] = {}
_told: list[int] = []
"""The fault that was told already."""


def guard_output() -> None:
    """Called once, where the process is ours: from here on printing never fails, and prints no control character.

    Descriptors 0 to 2 that are closed are opened on nothing, so that no file of ours gets their numbers.
    """
    closed = [number for number in (0, 1, 2) if _closed(number)]
    for name, number in (("stdout", 1), ("stderr", 2)):
        before: TextIO | None = getattr(sys, name)
        raw = _writers[name] = SteadyWriter(number, errno.EBADF if number in closed else 0)
        through = bool(getattr(before, "write_through", False))
        stream = GuardedStream(
            raw if through else io.BufferedWriter(raw),  # type: ignore[arg-type]
            encoding=before.encoding if before else "utf-8",
            errors=before.errors if before else "replace",
            line_buffering=bool(getattr(before, "line_buffering", True)),
            write_through=through,
        )
        setattr(sys, name, stream)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115


def _closed(number: int) -> bool:
    """Whether it was; it is no longer."""
    try:
        os.fstat(number)
    except OSError:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest free number: this one
        return True
    return False


def output_errno() -> int:
    """Whether something that was printed went nowhere: the errno of the first failure, 0 if none. Flushes."""
    if sys.stdout is None or "stdout" not in _writers:
        return 0
    sys.stdout.flush()
    return _writers["stdout"].fault


def exit_code_after_output(code: int, *, told: bool = False) -> int:
    """The exit code of a command that has done `code`: its own. `told`: what it printed was its work."""
    fault = output_errno()
    if not fault or fault == errno.EPIPE or (fault in _QUIET and not told):
        return code
    if not _told:
        _told.append(fault)
        print(t("main.unwritten", reason=os.strerror(fault)), file=sys.stderr)
    return code or UNWRITTEN if told else code


def exit_code_after_secret(code: int) -> int:
    """The exit code of a command that has shown a secret, once: HAND_OVER where nobody can have read it."""
    if not (fault := output_errno()):
        return code
    _told.append(fault)
    print(t("main.secret_lost"), file=sys.stderr)
    return HAND_OVER


def speaks_utf8() -> bool:
    """Whether stdout takes every character."""
    return (sys.stdout.encoding or "").lower() in ("utf-8", "utf8")


def say(text: str) -> None:
    """Print; characters that stdout does not know become `?`."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)
