"""What commands print that only look at things: whole, on whatever stdout is, also where its reader has gone away."""

from __future__ import annotations

import os
import sys


def speaks_utf8() -> bool:
    """Whether stdout takes every character."""
    return (sys.stdout.encoding or "").lower() in ("utf-8", "utf8")


def say(text: str) -> None:
    """Print; characters that stdout does not know become `?`, and a closed pipe (`| head`) is nobody's error."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "replace").decode(encoding), flush=True)
    except BrokenPipeError:
        # Python flushes once more at its end: into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
