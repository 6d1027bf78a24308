"""Waiting for a readers' service that is away, without asking for it again and again: its socket's directory tells (inotify).

pcsc-lite says nothing to programs that have no connection to it; but a daemon that starts makes its socket.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SYSTEM_SOCKET: Final = "/run/pcscd/pcscd.comm"
_CREATED, _MOVED_HERE, _ATTRIBUTES, _SELF_GONE = 0x100, 0x80, 0x04, 0x400 | 0x800
_MASK: Final = _CREATED | _MOVED_HERE | _ATTRIBUTES | _SELF_GONE
_EVENT: Final = struct.Struct("iIII")
_ANSWERS_WITHIN: Final = 1.0
"""Seconds; a socket is made a moment before its daemon listens on it."""

_SILENT_SOCKET_PAUSE: Final = 5.0
"""Seconds; a socket that is there without answering (a forwarded one, a daemon that fails) tells nobody when it does."""

_BLIND_PAUSE: Final = 3.0
"""Seconds between two looks where the system has no inotify."""


class DaemonSocket:
    """The daemon's socket as seen from outside. One thread waits; any thread wakes it."""

    def __init__(self) -> None:
        self.path = Path(os.environ.get("PCSCLITE_CSOCK_NAME") or SYSTEM_SOCKET)
        self._lock = threading.Lock()
        self._bell = self._hand = -1
        self._watch = -1
        self._watched: Path | None = None
        self._pause = 0.0

    def arm(self) -> bool:
        """Look out from now on, after a try that failed. True where it does so only now: try once more before `wait`."""
        with self._lock:
            if self._bell < 0:
                self._bell, self._hand = os.pipe()
                os.set_blocking(self._bell, False)
                os.set_blocking(self._hand, False)
        there = next(p for p in self.path.parents if p.is_dir())
        if there == self._watched:
            return False
        self._close_watch()
        self._watch = _inotify(there)
        self._watched = there if self._watch >= 0 else None
        return self._watch >= 0

    def wait(self) -> None:
        """After a try that failed: return when the next one is worth making, or when `nudge` was called."""
        if self._pause < _ANSWERS_WITHIN:
            self._pause = max(0.005, self._pause * 2)
            seconds: float | None = self._pause
        elif self._watch < 0:
            seconds = _BLIND_PAUSE
        else:
            seconds = _SILENT_SOCKET_PAUSE if self.path.exists() else None
        poll = select.poll()
        poll.register(self._bell, select.POLLIN)
        if self._watch >= 0:
            poll.register(self._watch, select.POLLIN)
        while True:
            ready = [descriptor for descriptor, _ in poll.poll(None if seconds is None else seconds * 1000)]
            if self._bell in ready:
                os.read(self._bell, 4096)
                self._pause = 0.0
                return
            if not ready:
                return
            if self._concerns_us():
                self._pause = 0.0
                return

    def nudge(self) -> None:
        """Try again now. From any thread."""
        with self._lock:
            if self._hand < 0:
                return  # nobody waits
            try:
                os.write(self._hand, b"!")
            except BlockingIOError:
                return  # it rings already

    def rest(self) -> None:
        """The daemon is there: nothing is looked out for until `arm`."""
        self._close_watch()
        self._pause = 0.0

    def close(self) -> None:
        """The waiting thread's last call."""
        self.rest()
        with self._lock:
            if self._bell >= 0:
                os.close(self._bell)
                os.close(self._hand)
            self._bell = self._hand = -1

    def _concerns_us(self) -> bool:
        """Whether an event is about the socket or a directory on the way to it; other files come and go beside it."""
        assert self._watched is not None
        awaited = os.fsencode(self.path.relative_to(self._watched).parts[0])
        seen = list(_events(self._watch))
        if gone := any(mask & _SELF_GONE for mask, _ in seen):
            self._close_watch()
        return gone or any(name == awaited for _, name in seen)

    def _close_watch(self) -> None:
        if self._watch >= 0:
            os.close(self._watch)
        self._watch, self._watched = -1, None


def _inotify(directory: Path) -> int:
    """A descriptor that tells what happens in this directory; -1 where the system cannot."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "inotify_init1"):
        return -1
    descriptor = int(library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
    if descriptor >= 0 and library.inotify_add_watch(descriptor, os.fsencode(directory), ctypes.c_uint32(_MASK)) < 0:
        os.close(descriptor)
        return -1
    return descriptor


def _events(descriptor: int) -> Iterator[tuple[int, bytes]]:
    """Every waiting event: its mask and the name it is about."""
    try:
        data = os.read(descriptor, 65536)
    except OSError as error:
        if error.errno == errno.EAGAIN:
            return
        raise
    at = 0
    while at < len(data):
        _, mask, _, size = _EVENT.unpack_from(data, at)
        at += _EVENT.size
        yield mask, data[at : at + size].rstrip(b"\0")
        at += size
