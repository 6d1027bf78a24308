"""The terminal as Textual's driver, with an input of its own: what is typed is taken apart byte by byte, and nothing of it stays.

Textual reads whole chunks into `bytes` and `str`, which nobody can overwrite: a PIN typed fast, or by a machine, would lie there
until its memory is used again. This leans on `LinuxDriver` and `XTermParser` of the Textual version that is pinned
(tests/traces notices a change).
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator

from textual._parser import ParseError
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.app import ScreenStackError
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from ebid_tui.sealed import locked

CHUNK = 4096
"""Bytes that are read at once."""

TICK = 0.1
"""Seconds after which an escape key is known not to be the beginning of a sequence."""


class Terminal(LinuxDriver):
    """Also for a terminal that may go away: the kernel says so by SIGHUP and then SIGCONT, and on the latter Textual would
    take the screen again in the middle of leaving it, and read from nothing for ever."""

    def _sigcont_application(self, *_: object) -> None:
        if os.isatty(self.fileno):
            super()._sigcont_application()

    def run_input_thread(self) -> None:
        """Read what is typed until the driver ends, on its own thread."""
        typed = Typed(self._refuses_paste)
        buffer = locked(CHUNK)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(TICK):
                    count = os.readv(self.fileno, [buffer])
                    if not count:
                        self.exit_event.wait(TICK)  # the end of a file that stands in for a terminal
                    for at in range(count):
                        code, buffer[at] = buffer[at], 0
                        for message in typed.byte(code):
                            self.process_message(message)
                for message in typed.tick():
                    self.process_message(message)
        for message in typed.end():
            self.process_message(message)

    def _refuses_paste(self) -> bool:
        """Whether what is pasted now would be thrown away: then it is not even kept until then."""
        try:
            return not getattr(self._app.screen, "takes_paste", True)
        except ScreenStackError:
            return False


class Typed:
    """Bytes in, Textual's messages out, one at a time. `refuses_paste` is asked when a paste begins."""

    def __init__(self, refuses_paste: Callable[[], bool]) -> None:
        # Never in debug mode: Textual's parser would write every key into a file.
        self._parser = XTermParser(False)
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._refuses_paste = refuses_paste
        self._started = 0
        """How many characters of BRACKETED_PASTE_START came last."""
        self._ended = 0
        self._dropping = False

    def byte(self, code: int) -> Iterator[Message]:
        """The next byte."""
        for char in self._decode(bytes((code,))):
            yield from self._dropped(char) if self._dropping else self._fed(char)

    def tick(self) -> Iterator[Message]:
        """Some time has passed: an escape that nothing followed is the key."""
        yield from self._parser.tick()

    def end(self) -> Iterator[Message]:
        """Nothing more comes: what an unfinished sequence comes to."""
        try:
            yield from self._parser.feed("")
        except (EOFError, ParseError):
            return

    def _fed(self, char: str) -> Iterator[Message]:
        self._started = _matched(BRACKETED_PASTE_START, self._started, char)
        if self._started == len(BRACKETED_PASTE_START):
            self._started = 0
            self._dropping = self._refuses_paste()
        yield from self._parser.feed(char)

    def _dropped(self, char: str) -> Iterator[Message]:
        """Of a paste that nobody takes only its end goes on: the screen hears that there was one."""
        self._ended = _matched(BRACKETED_PASTE_END, self._ended, char)
        if self._ended == len(BRACKETED_PASTE_END):
            self._ended, self._dropping = 0, False
            yield from self._parser.feed(BRACKETED_PASTE_END)


def _matched(sequence: str, so_far: int, char: str) -> int:
    """How much of a sequence has come, with one more character (the sequences begin with the one escape in them)."""
    return so_far + 1 if sequence[so_far] == char else int(sequence[0] == char)
