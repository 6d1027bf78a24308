"""Lines as bytes that can be overwritten: a PIN among them is in one buffer at a time, and in none when it has been taken.

`bytes` and `str` are not used on the way: nobody can wipe them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from ebid_tui.card.pin import wipe

CHUNK = 4096
_BLANK = b" \t\r\n\v\f"
PASTE, PASTED = b"\x1b[200~", b"\x1b[201~"
"""A terminal's marks around what was pasted (bracketed paste); a line end between them ends no line."""
_BOM = b"\xef\xbb\xbf"


class LineBuffer:
    """What has been read from a descriptor and not been taken yet."""

    def __init__(self, *, pastes: bool = False) -> None:
        """`pastes`: a terminal marks pastes, which stay in one line."""
        self._buffer = bytearray(CHUNK)
        self._start = self._end = 0
        self._pastes = pastes
        self._looked = 0
        """So far no paste is open and no line ends: not looked at again."""

    def __len__(self) -> int:
        return self._end - self._start

    def read(self, descriptor: int) -> bool:
        """Read once more; False at the end."""
        if self._end == len(self._buffer):
            self._make_room()
        with memoryview(self._buffer) as view, view[self._end :] as room:
            count = os.readv(descriptor, [room])
        self._end += count
        return count > 0

    def whole(self) -> bool:
        """Whether a line has come to its end."""
        return self._line_end() >= 0

    def _line_end(self) -> int:
        """Where the next line ends, -1 where it has not come; a paste that was begun is waited for."""
        at = max(self._start, self._looked)
        while True:
            stop = self._buffer.find(b"\n", at, self._end)
            pasted = self._buffer.find(PASTE, at, self._end if stop < 0 else stop) if self._pastes else -1
            if pasted < 0:
                return stop
            closed = self._buffer.find(PASTED, pasted, self._end)
            if closed < 0:
                self._looked = pasted
                return -1
            at = closed + len(PASTED)

    def take(self) -> bytearray:
        """The next line without its end (or what there is of it); the caller wipes it."""
        stop = self._line_end()
        after = self._end if stop < 0 else stop + 1
        stop = self._end if stop < 0 else stop
        while stop > self._start and self._buffer[stop - 1] == 0x0D:
            stop -= 1
        with memoryview(self._buffer) as view, view[self._start : stop] as part:
            line = bytearray(part)
        self._clear(self._start, after)
        self._start = after
        self._looked = 0
        if self._pastes:
            _take_out(line)
        if not len(self):
            self._start = self._end = 0
        return line

    def wipe(self) -> None:
        """Forget what nobody took."""
        self._clear(0, len(self._buffer))
        self._start = self._end = self._looked = 0

    def _make_room(self) -> None:
        """A new buffer with what is left of this one, which is overwritten."""
        size = len(self)
        fresh = bytearray(max(CHUNK, 2 * size))
        with memoryview(self._buffer) as view, view[self._start : self._end] as part:
            fresh[:size] = part
        self.wipe()
        self._buffer, self._end = fresh, size

    def _clear(self, start: int, stop: int) -> None:
        for at in range(start, stop):
            self._buffer[at] = 0


def _take_out(line: bytearray) -> None:
    """The line without the marks, and without line ends at its end; moved in place, and what is left over is overwritten."""
    for mark in (PASTE, PASTED):
        while (at := line.find(mark)) >= 0:
            for index in range(at, len(line) - len(mark)):
                line[index] = line[index + len(mark)]
            _shorten(line, len(line) - len(mark))
    while line and line[-1] in b"\r\n":
        _shorten(line, len(line) - 1)


def _shorten(line: bytearray, length: int) -> None:
    for index in range(length, len(line)):
        line[index] = 0
    del line[length:]


@dataclass(slots=True)
class NamedLine:
    """A line `name: value` of a file. `colon` is False where there is none: then all of it is the name."""

    number: int
    name: str
    value: bytearray = field(repr=False)
    colon: bool


def answers_in(descriptor: int) -> Iterator[NamedLine]:
    """The lines of a file, but blank ones and those starting with `#`; whoever takes a line wipes its value."""
    lines, number = LineBuffer(), 0
    try:
        more = True
        while more or len(lines):
            if more and not lines.whole():
                more = lines.read(descriptor)
                continue
            number += 1
            line = lines.take()
            answer = _parsed(number, line, len(_BOM) if number == 1 and line.startswith(_BOM) else 0)
            if answer is not None:
                yield answer
    finally:
        lines.wipe()


def _parsed(number: int, line: bytearray, start: int) -> NamedLine | None:
    try:
        start, stop = _trimmed(line, start, len(line))
        if start == stop or line[start] == 0x23:
            return None
        colon = line.find(b":", start, stop)
        with memoryview(line) as view:
            first, last = _trimmed(line, start, stop if colon < 0 else colon)
            with view[first:last] as name:
                text = str(name, "utf-8", "replace")
            first, last = (stop, stop) if colon < 0 else _trimmed(line, colon + 1, stop)
            with view[first:last] as value:
                return NamedLine(number, text, bytearray(value), colon >= 0)
    finally:
        wipe(line)


def _trimmed(line: bytearray, start: int, stop: int) -> tuple[int, int]:
    """The same without blanks at either side."""
    while start < stop and line[start] in _BLANK:
        start += 1
    while stop > start and line[stop - 1] in _BLANK:
        stop -= 1
    return start, stop
