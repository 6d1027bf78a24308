"""`ebid-tui` in a pty, and what stands on its screen: typed at as at a keyboard, key by key or all at once."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Self

import pyte

from tests.benchmarks.pty_bytes import HEIGHT, WIDTH, Terminal
from tests.patience import long

PATIENCE = long()


class Glass:
    """The program's terminal."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.terminal = Terminal(command, env=dict(env))
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0

    @property
    def pid(self) -> int:
        return self.terminal.pid

    @property
    def text(self) -> str:
        """The screen's lines; wide characters take one place."""
        return "\n".join("".join(self._screen.buffer[y][x].data for x in range(WIDTH)).rstrip() for y in range(HEIGHT))

    @property
    def background(self) -> str:
        """The colour behind the first cell."""
        return str(self._screen.buffer[0][0].bg)

    def look(self, quiet: float = 0.05) -> str:
        """The screen, once nothing has come for `quiet` seconds."""
        self.terminal.read(quiet, 1.0)
        self._stream.feed(self.terminal.raw[self._fed :])
        self._fed = len(self.terminal.raw)
        return self.text

    def wait(self, *texts: str, gone: str = "") -> str:
        """The screen, as soon as all these texts are on it and `gone` is not. Raises TimeoutError with what is there instead."""
        end = time.monotonic() + PATIENCE
        while True:
            seen = self.look()
            if all(text in seen for text in texts) and not (gone and gone in seen):
                return seen
            if time.monotonic() > end:
                raise TimeoutError(f"{texts} did not appear:\n{seen}")

    def keys(self, *keys: str, pause: float = 0.02) -> None:
        """One after the other, as a person types."""
        for key in keys:
            self.at_once(key)
            self.look(pause)

    def at_once(self, keys: str) -> None:
        """In one write, as a fast typist or a machine at the keyboard."""
        os.write(self.terminal.descriptor, keys.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.terminal.close()
