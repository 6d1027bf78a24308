"""Show a system's file again whenever it changes, or one that it may extend; what is wrong is told in its place."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ebid_tui.errors import ProfileError
from ebid_tui.messages import t
from ebid_tui.process.output import say

EVERY = 0.5
"""Seconds between two looks at the files."""

Versions = dict[Path, tuple[int, int, int]]


def watch(file: Path, directories: Sequence[Path], text: Callable[[], str], wait: Callable[[], None] = lambda: time.sleep(EVERY)) -> None:
    """Say `text()` now and after each change, until `wait` raises: KeyboardInterrupt, when Ctrl+C is pressed.

    A ProfileError of `text` is told, and the watch goes on; what would be said a second time is not said.
    """
    seen: Versions | None = None
    said = ""
    while True:
        # Looked at before reading: what changes while it is read is read again.
        there = versions(file, directories)
        if there != seen:
            seen = there
            now = _text(text)
            if now != said:
                said = now
                say(now)
        wait()


def versions(file: Path, directories: Sequence[Path]) -> Versions:
    """What tells that a file has changed, of every file that this one may be made of: a base may also come, or go."""
    found: Versions = {}
    for directory in dict.fromkeys((file.parent, *directories)):
        for path in (*directory.glob("*.toml"), file):
            try:
                state = path.stat()
            except OSError:  # an editor is just putting a new one in its place
                continue
            found[path] = (state.st_ino, state.st_mtime_ns, state.st_size)
    return found


def _text(text: Callable[[], str]) -> str:
    try:
        return text()
    except ProfileError as error:
        return "\n".join((t("plain.error", title=error.title), t("plain.remedy", remedy=error.remedy), t("plain.code", code=error.code)))
