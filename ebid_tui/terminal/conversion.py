"""Switches an input method's conversion off and on as what is typed wants it, where the terminal offers a way, and puts it back.

Two ways are known: uim-fep names two files, one that holds its mode and one that takes another (its README), 0 is direct input; and
Tera Term and mintty have `CSI < s` (save), `CSI < r` (restore), `CSI < 0 t` (off), `CSI < 1 t` (on), which others take for something
else: those are sent only to a terminal that says by its secondary device attributes (DA2) which of the two it is.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

ASK = "\x1b[>c"
"""DA2 (DEC): what kind of terminal is it?"""

KNOWING = (32, 77)
"""The kinds that switch: Tera Term, mintty."""

SAVE, RESTORE = "\x1b[<s", "\x1b[<r"

MODE = 16
"""Bytes of uim-fep's mode that are read."""


class Conversion:
    """Of one terminal. `write` sends to it; `environment` is where uim-fep's files are named."""

    def __init__(self, write: Callable[[str], object], environment: Mapping[str, str] = os.environ) -> None:
        self._write = write
        self._mode_file = environment.get("UIM_FEP_GETMODE", "")
        self._wish_file = environment.get("UIM_FEP_SETMODE", "")
        self._switches = False
        self._saved = False
        self._before: int | None = None
        self._converting = 1
        """The mode that converted last."""
        self._place: object = None

    @property
    def readable(self) -> bool:
        """Whether somebody says which mode is on: it may change at any time."""
        return bool(self._mode_file)

    @property
    def on(self) -> bool | None:
        """Whether what is typed is converted; None where nobody says."""
        mode = self._mode()
        return None if mode is None else mode > 0

    @property
    def must_be_told(self) -> bool:
        """Whether the person has to be asked to switch it off: it is not known to be off, and nothing here can do it."""
        mode = self._mode()
        return not (self._switches or mode == 0 or (mode is not None and self._wish_file))

    def answered(self, kind: int) -> None:
        """The terminal has said of which kind it is."""
        if kind in KNOWING:
            self._switches, self._place = True, None

    def want(self, place: object, wanted: bool | None) -> None:
        """What is typed from now on, at this place, is to be converted or not; None leaves it as it is.

        Once a place: who switches it by hand there has it so until they go on to another.
        """
        if place == self._place:
            return
        self._place = place
        if wanted is None:
            return
        if self._wish_file:
            mode = self._mode()
            if mode is not None and self._before is None:
                self._before = mode
            self._converting = mode or self._converting
            if mode is None or wanted != (mode > 0):
                self._put(self._converting if wanted else 0)
        elif self._switches:
            if not self._saved:
                self._write(SAVE)
                self._saved = True
            self._write(f"\x1b[<{int(wanted)}t")

    def put_back(self) -> None:
        """As it was before the first wish: the program leaves the terminal, for now or for good."""
        if self._before is not None:
            self._put(self._before)
        if self._saved:
            self._write(RESTORE)
        self._before, self._saved, self._place = None, False, None

    def _mode(self) -> int | None:
        """uim-fep's; None where there is none, or nothing that can be read."""
        if not self._mode_file:
            return None
        try:
            with Path(self._mode_file).open("rb", buffering=0) as file:
                return int(file.read(MODE))
        except (OSError, ValueError):
            return None

    def _put(self, mode: int) -> None:
        """Nothing where uim-fep has gone: opening its pipe would wait for ever."""
        try:
            pipe = os.open(self._wish_file, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return
        try:
            if stat.S_ISFIFO(os.fstat(pipe).st_mode):
                os.write(pipe, f"{mode}\n".encode())
        except OSError:
            pass
        finally:
            os.close(pipe)


NOBODY = Conversion(lambda _: None, {})
"""Where there is no terminal."""
