"""The PIN: a wipeable buffer filled key by key, silent wherever it could be printed."""

from __future__ import annotations

from types import TracebackType
from typing import NoReturn, Self

from ebid_tui.process.memory import locked

CAPACITY = 64
"""Bytes; more than any card takes, so that a PIN typed too long is refused and never quietly cut to another one."""

_UNUSABLE = 0x1A
"""Stands for a key that no card accepts: it counts as typed, and makes the PIN unusable instead of shorter."""


def wipe(buffer: bytearray) -> None:
    """Overwrite every byte in place, then empty the buffer."""
    for index in range(len(buffer)):
        buffer[index] = 0
    buffer.clear()


class Pin:
    """What was typed as a PIN: one buffer of fixed capacity, overwritten by `wipe`, by leaving `with` and when collected.

    The buffer is memory of its own that is not swapped out and in no memory image (`process.memory.locked`). It never becomes a
    `str`; it has no value to print, compare, iterate, copy or pickle. Its length is known (the screen draws as many dots) but
    never part of its repr.
    """

    __slots__ = ("_buffer", "_length")

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._buffer = locked(capacity)
        self._length = 0

    @classmethod
    def from_bytes(cls, source: bytearray) -> Self:
        """A PIN read at once (plain mode); `source` is wiped."""
        pin = cls(max(CAPACITY, len(source)))
        for code in source:
            pin.append(code)
        wipe(source)
        return pin

    def append(self, code: int) -> bool:
        """Add one key's character code. False if the buffer is full.

        A code outside printable ASCII is kept as unusable: the PIN is then refused before it is sent (no try spent).
        """
        if self._length == len(self._buffer):
            return False
        self._buffer[self._length] = code if 0x20 <= code <= 0x7E else _UNUSABLE
        self._length += 1
        return True

    def backspace(self) -> None:
        """Take the last key back, if there is one."""
        if self._length:
            self._length -= 1
            self._buffer[self._length] = 0

    def wipe(self) -> None:
        """Overwrite everything; the PIN is empty afterwards and may be filled again."""
        for index in range(len(self._buffer)):
            self._buffer[index] = 0
        self._length = 0

    clear = wipe

    def is_digits(self) -> bool:
        """Whether only ASCII digits were typed."""
        return all(0x30 <= self._buffer[index] <= 0x39 for index in range(self._length))

    def is_printable(self) -> bool:
        """Whether only printable ASCII was typed."""
        return all(0x20 <= self._buffer[index] <= 0x7E for index in range(self._length))

    def write_into(self, target: bytearray, offset: int = 0) -> None:
        """Copy the PIN's bytes into `target`, which the caller wipes. IndexError if they do not fit."""
        if offset + self._length > len(target):
            raise IndexError("PIN does not fit")
        for index in range(self._length):
            target[offset + index] = self._buffer[index]

    def padded(self, length: int, filler: int = 0xFF) -> bytearray:
        """The PIN padded to `length` bytes as VERIFY sends it; the caller wipes it. IndexError if it is longer."""
        block = bytearray([filler]) * length
        self.write_into(block)
        return block

    def duplicate(self) -> Pin:
        """Another buffer with the same PIN; each is wiped by whoever holds it."""
        other = Pin(len(self._buffer))
        for index in range(self._length):
            other.append(self._buffer[index])
        return other

    def same_as(self, other: Pin) -> bool:
        """Whether both hold the same keys; takes as long wherever they differ."""
        if len(self) != len(other):
            return False
        difference = 0
        for index in range(self._length):
            difference |= self._buffer[index] ^ other._buffer[index]
        return difference == 0

    def __len__(self) -> int:
        return self._length

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.wipe()

    def __del__(self) -> None:
        if hasattr(self, "_buffer"):
            self.wipe()

    def __repr__(self) -> str:
        return "Pin(•••)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a PIN cannot be copied or pickled")
