"""The monitor: waits for readers and cards to come and go, through `SCardGetStatusChange` on a context of its own.

Facts this rests on (pcsc-lite 1.9.9): a restarted daemon kills every context, so they are made anew; the upper 16 bits of a
reader's event state count insertions and removals; a reader that is plugged in before the call that waits for it is missed by that
call, so the list is read once more when things have settled. (pcsc-lite 2 counts readers' comings and goings like cards'; the
count is handed back, and nothing can be missed.)
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

from ebid_tui.card.pcsc.daemon_socket import DaemonSocket
from ebid_tui.card.pcsc.winscard import (
    CANCELLED,
    CHANGED,
    FOREVER,
    GONE,
    TIMED_OUT,
    UNKNOWN,
    code_of,
    daemon_away,
    establish,
    library,
    list_readers,
    slot_of,
)
from ebid_tui.card.transport import ReaderSlot
from ebid_tui.errors import NoReader

logger = logging.getLogger(__name__)

_PNP: Final = "\\\\?PnP?\\Notification"
_SETTLED_AFTER: Final = 250
"""Milliseconds after a change until the list of readers is read once more: several slots of one reader come one by one."""

_AFTER_AN_UNKNOWN_ERROR: Final = 1.0
"""Seconds; whatever it was, it must not be met a thousand times a second."""


class ReaderWatch:
    """One thread waits; any thread wakes it."""

    def __init__(self) -> None:
        self._context: Any = None
        self._states: dict[str, int] = {}
        self._plugged = 0
        self._settled = False
        self._woken = threading.Event()
        self._daemon = DaemonSocket()

    def wait(self, seen: tuple[ReaderSlot, ...] | None) -> tuple[ReaderSlot, ...]:
        """`transport.Backend.watch`."""
        while not self._woken.is_set():
            try:
                slots = self._wait_once()
            except NoReader:
                self._context = None
                if seen != ():
                    return ()
                if not self._daemon.arm():
                    self._daemon.wait()
                continue
            if slots != seen:
                return slots
        self._release()
        return seen or ()

    def wake(self) -> None:
        """`transport.Backend.wake`."""
        self._woken.set()
        self._daemon.nudge()
        context = self._context
        if context is not None:
            library().SCardCancel(context)

    def daemon_is_there(self) -> None:
        """Somebody else has reached it: if it is waited for, look. From any thread."""
        if self._context is None:
            self._daemon.nudge()

    def _wait_once(self) -> tuple[ReaderSlot, ...]:
        """Wait for one change (for readers not known yet: none). Raises NoReader without a daemon."""
        if self._context is None:
            self._context = establish()
            self._states, self._plugged, self._settled = {}, 0, False
        elif self._settled:
            self._daemon.rest()  # 15 ms where it was armed: not while somebody waits to hear that the daemon is back
        names = list_readers(self._context)
        self._states = {name: self._states[name] for name in names if name in self._states}
        fresh = len(self._states) < len(names)
        asked = [(name, self._states.get(name, 0)) for name in names]
        if not fresh:
            asked.append((_PNP, self._plugged))
        timeout = 0 if fresh else FOREVER if self._settled else _SETTLED_AFTER
        result, answer = library().SCardGetStatusChange(self._context, timeout, asked)
        code = code_of(result)
        if code in GONE:
            raise daemon_away(code)
        self._settled = code == TIMED_OUT
        if code == 0:
            self._plugged = next((state & ~0xFFFF for name, state, _ in answer if name == _PNP), self._plugged)
            self._states = {name: state & ~CHANGED for name, state, _ in answer if name != _PNP and not state & UNKNOWN}
        elif code not in (CANCELLED, TIMED_OUT):
            logger.warning("SCardGetStatusChange %08X", code)
            self._woken.wait(_AFTER_AN_UNKNOWN_ERROR)
        return tuple(slot_of(name, self._states[name]) for name in names if name in self._states)

    def _release(self) -> None:
        context, self._context = self._context, None
        if context is not None:
            library().SCardReleaseContext(context)
        self._daemon.close()
