"""The terminal as Textual's driver, with an input of its own: what is typed is taken apart byte by byte, and nothing of it stays.

Textual reads whole chunks into `bytes` and `str`, which nobody can overwrite: a PIN typed fast, or by a machine, would lie there
until its memory is used again. This leans on `LinuxDriver` of the Textual version that is pinned (tests/traces notices a change).
"""

from __future__ import annotations

import errno
import os
import selectors
import stat
from collections.abc import Callable
from typing import Any, TextIO, cast

from textual.app import App, ScreenStackError
from textual.drivers.linux_driver import LinuxDriver

from ebid_tui.process.memory import locked
from ebid_tui.terminal import conversion
from ebid_tui.terminal.input import InputReader, TerminalAnswer

CHUNK = 4096
"""Bytes that are read at once."""

PROBE = "\x1b[2H※\x1b[6n"
"""Draws a character of ambiguous width (UAX #11) in the second row and asks where the cursor is then (DSR, ECMA-48 8.3.35).
Not in the first row: from there the answer could be a key."""

ASKED = ("xterm", "mintty", "vt")
"""How the names of terminals begin that may be asked: an old Linux console would write the question."""

META = "\x1b[?1036$p"
"""Whether Alt sends an escape before the key (DECRQM of xterm's metaSendsEscape): without it xterm types another character."""

META_ON, META_OFF = "\x1b[?1036h", "\x1b[?1036l"

TICK = 0.1
"""Seconds from one look at the time to the next; in a tenth an escape is a key (terminal/input.py)."""


class Terminal(LinuxDriver):
    """Also for a terminal that may go away: the kernel says so by SIGHUP and then SIGCONT, and on the latter Textual would
    take the screen again in the middle of leaving it, and read from nothing for ever.

    Where the signal does not come (`nohup`), reading or writing says so, and the app is told (`hung_up`).
    """

    def __init__(self, app: App[Any], **more: Any) -> None:
        super().__init__(app, **more)
        self._gone = False
        self._meta = False
        """Whether Alt's escape was switched on here."""
        self.conversion = conversion.Conversion(self.write)
        self._file = cast(Any, TerminalWriter(cast(TextIO, self._file), self._lost))

    def _lost(self) -> None:
        """Nobody is there any more; once is enough."""
        if not self._gone:
            self._gone = True
            self._app.call_later(getattr(self._app, "hung_up", self._app.exit))

    def _sigcont_application(self, *_: object) -> None:
        if os.isatty(self.fileno):
            super()._sigcont_application()

    def start_application_mode(self) -> None:
        """Take the screen; the probe is gone with the first frame."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if getattr(self._app, "asks_width", False):
            self.write(PROBE)
        if os.environ.get("TERM", "").startswith(ASKED):
            self.write(META + conversion.ASK)

    def stop_application_mode(self) -> None:
        """Leave the screen, with the style as it was: an update leaves its own behind (terminal/sgr.py)."""
        self.conversion.put_back()
        self.write("\x1b[0m" + (META_OFF if self._meta else ""))
        self._meta = False
        super().stop_application_mode()

    def answered(self, answer: TerminalAnswer) -> None:
        """What the terminal says of itself. To be called by the app, on its own thread."""
        if answer.meta_off:
            self.write(META_ON)
            self._meta = True
        if answer.kind is not None:
            self.conversion.answered(answer.kind)

    def run_input_thread(self) -> None:
        """Read what is typed until the driver ends, on its own thread."""
        typed = InputReader(self._refuses_paste)
        buffer: memoryview | None = None
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                typing = selector.select(TICK)
                if buffer is None:
                    buffer = locked(CHUNK)  # only now: it takes 5 ms of the first frame
                if typing:
                    try:
                        count = os.readv(self.fileno, [buffer])
                    except OSError as error:
                        if error.errno not in (errno.EIO, errno.EBADF):
                            raise
                        self._lost()
                        break
                    if not count:
                        if stat.S_ISCHR(os.fstat(self.fileno).st_mode) and not os.isatty(self.fileno):
                            self._lost()
                            break
                        self.exit_event.wait(TICK)  # the end of a file that stands in for a terminal
                    for at in range(count):
                        code, buffer[at] = buffer[at], 0
                        for message in typed.byte(code):
                            self.process_message(message)
                for message in typed.tick():
                    self.process_message(message)

    def _refuses_paste(self) -> bool:
        """Whether what is pasted now would be thrown away: then it is not even kept until then."""
        try:
            return not getattr(self._app.screen, "takes_paste", True)
        except ScreenStackError:
            return False


class ForegroundTerminal(Terminal):
    """Nobody puts this program into the background, where a kiosk would stand still for ever."""

    def _sigtstp_application(self, *_: object) -> None:
        return


class TerminalWriter:
    """What is written to goes to the terminal, or nowhere once that is gone: a writer that stopped there would stop the app."""

    def __init__(self, file: TextIO, lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost

    def write(self, text: str) -> None:
        try:
            self._file.write(text)
        except OSError:
            self._lost()

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError:
            self._lost()

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()
