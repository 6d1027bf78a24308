"""The second lock of the voices that write lines: whatever any `print` says, no control character goes out with it.

The first lock is where text is decoded (domain.cleaning). This one stands before standard output and standard error themselves, as
of the command line's first step, so that nobody can forget it: argparse, logs, tracebacks and every later `print` pass it. None of
the commands moves a cursor or colours a line, so that nothing but a line's end is ever meant. What goes elsewhere is not text for
people and passes by: the screens (widgets.wire, which has its own), files, and what is piped between our own processes.
"""

from __future__ import annotations

import io
import sys

from ebid_tui.domain.cleaning import COMMANDS

STAND_IN = "?"
"""Where something was taken out, in every character set: it should not have come so far."""


class GuardedStream(io.TextIOWrapper):
    """A text stream on the same bytes as another one, which is not to be used any more."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        stream.flush()
        super().__init__(
            stream.buffer, stream.encoding, stream.errors, line_buffering=stream.line_buffering, write_through=stream.write_through
        )

    def write(self, text: str, /) -> int:
        """What a terminal would not show as text becomes `?`; only a line's end is left as it is."""
        if not text.isprintable():  # which U+3000 and a line's end are not either
            text = "\n".join(COMMANDS.sub(STAND_IN, line) for line in text.split("\n"))
        return super().write(text)


def guard() -> None:
    """From now on nothing that is printed holds a control character. Streams that are not open stay so."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = GuardedStream(sys.stdout)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = GuardedStream(sys.stderr)
