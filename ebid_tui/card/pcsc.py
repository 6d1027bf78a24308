"""Readers and cards through PC/SC: the only place that imports pyscard, and that late, on the threads that use it.

Facts this rests on (pcsc-lite 1.9.9): a restarted daemon kills every context, so they are made anew; an old handle taken up again
after a removal talks to whatever card is there now, so it never is; the upper 16 bits of a reader's event state count
insertions and removals; a card pulled in the middle of an APDU first looks like a communication error.
"""

from __future__ import annotations

import logging
import threading
import time
from functools import cache
from typing import Any, Final

from ebid_tui.card.transport import Slot
from ebid_tui.errors import CardBusy, CardError, CardGarbled, CardMute, CardRemoved, CardReset, NoCard, NoReader

logger = logging.getLogger(__name__)

_PNP: Final = "\\\\?PnP?\\Notification"
_FOREVER: Final = 0x7FFFFFFF
_SHARED, _ANY_PROTOCOL, _T0 = 2, 3, 1
_LEAVE, _RESET = 0, 1
_CHANGED, _UNKNOWN, _PRESENT, _MUTE = 0x02, 0x04, 0x20, 0x200

_CANCELLED = 0x80100002
_NO_READERS = 0x8010002E
_GONE = frozenset((0x80100003, 0x80100013, 0x8010001D, 0x8010001E))
"""What a context says whose daemon is gone, is not there or was restarted."""

_ERRORS: Final[dict[int, type[CardError]]] = {
    0x80100069: CardRemoved,
    0x8010000C: CardRemoved,
    0x80100068: CardReset,
    0x8010000B: CardBusy,
    0x80100009: NoReader,
    0x80100017: NoReader,
    0x8010000A: CardMute,
    0x8010000F: CardMute,
    0x80100013: CardMute,
    0x80100016: CardMute,
    0x80100065: CardMute,
    0x80100066: CardMute,
    0x80100067: CardMute,
}
_REMOVAL_SHOWS_AFTER: Final = 0.6
"""Seconds; a pulled card is noticed by the driver's next look (up to 400 ms for a virtual reader)."""

_LONGEST_PAUSE: Final = 3.0


@cache
def _scard() -> Any:
    """pyscard's thin layer over libpcsclite (26 ms to import). Raises NoReader where it is not installed."""
    try:
        from smartcard import scard
    except ImportError as error:
        raise NoReader("pyscard cannot be loaded", code="E-NO-PCSCD") from error
    return scard


def _code(result: int) -> int:
    return result & 0xFFFFFFFF


class PcscBackend:
    """`transport.Backend` over the PC/SC daemon that `PCSCLITE_CSOCK_NAME` or the system names."""

    def __init__(self) -> None:
        self._context: Any = None
        self._watching: Any = None
        self._states: dict[str, int] = {}
        self._woken = threading.Event()
        self._retry = threading.Event()

    def watch(self, seen: tuple[Slot, ...] | None) -> tuple[Slot, ...]:
        pause = 0.1
        while not self._woken.is_set():
            try:
                slots = self._wait_once()
            except NoReader:
                self._watching, self._states = None, {}
                if seen != ():
                    return ()
                # Nobody tells when a daemon that is away comes back: ask again, ever more seldom; `look` finding it ends the pause.
                self._retry.wait(pause)
                self._retry.clear()
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = 0.1
            if slots != seen:
                return slots
        self._release_watch()
        return seen or ()

    def _wait_once(self) -> tuple[Slot, ...]:
        """Wait for one change (the first time: none) on the watch thread's own context. Raises NoReader without a daemon."""
        scard = _scard()
        if self._watching is None:
            self._watching = _establish()
        names = _list(self._watching)
        asked = [(name, self._states.get(name, 0)) for name in names] + [(_PNP, 0)]
        fresh = any(name not in self._states for name in names)
        if fresh:
            asked.pop()
        result, answer = scard.SCardGetStatusChange(self._watching, 0 if fresh else _FOREVER, asked)
        code = _code(result)
        if code in _GONE:
            raise NoReader(f"{code:08X}", code="E-NO-PCSCD")
        if code == 0:
            self._states = {name: state & ~_CHANGED for name, state, _ in answer if name != _PNP and not state & _UNKNOWN}
        elif code != _CANCELLED:
            logger.info("SCardGetStatusChange %08X", code)
        return tuple(_slot(name, self._states[name]) for name in names if name in self._states)

    def _release_watch(self) -> None:
        if self._watching is not None:
            _scard().SCardReleaseContext(self._watching)
            self._watching = None

    def wake(self) -> None:
        self._woken.set()
        self._retry.set()
        context = self._watching
        if context is not None:
            _scard().SCardCancel(context)

    def look(self) -> tuple[Slot, ...]:
        scard = _scard()
        for _ in range(2):
            try:
                names = _list(self._connected())
                if not names:
                    return ()
                result, answer = scard.SCardGetStatusChange(self._context, 0, [(name, 0) for name in names])
                if _code(result) in _GONE:
                    raise NoReader(f"{_code(result):08X}", code="E-NO-PCSCD")
                return tuple(_slot(name, state) for name, state, _ in answer if not state & _UNKNOWN)
            except NoReader as error:
                # The daemon was restarted, or is away: a new context tells which.
                self._drop_context()
                gone = error
        raise gone

    def connect(self, reader: str) -> PcscConnection:
        scard = _scard()
        context = self._connected()
        result, card, protocol = scard.SCardConnect(context, reader, _SHARED, _ANY_PROTOCOL)
        code = _code(result)
        if code:
            error = _error(code)
            raise NoCard if isinstance(error, CardRemoved) else error
        _, ((_, state, atr),) = scard.SCardGetStatusChange(context, 0, [(reader, 0)])
        return PcscConnection(context, card, protocol, _slot(reader, state), bytes(atr))

    def close(self) -> None:
        self._drop_context()

    def _connected(self) -> Any:
        if self._context is None:
            self._context = _establish()
            self._retry.set()
        return self._context

    def _drop_context(self) -> None:
        if self._context is not None:
            _scard().SCardReleaseContext(self._context)
            self._context = None


class PcscConnection:
    """`transport.Connection` to a card, shared with other programs."""

    def __init__(self, context: Any, card: Any, protocol: int, slot: Slot, atr: bytes) -> None:
        self.atr = atr
        self.t0 = protocol == _T0
        self._context = context
        self._card = card
        self._slot = slot
        self._protocol = protocol

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        octets = list(apdu)
        try:
            result, answer = _scard().SCardTransmit(self._card, self._protocol, octets)
        finally:
            octets[:] = bytes(len(octets))
        self._check(_code(result))
        if len(answer) < 2:
            self._check_removed()
            raise CardGarbled("answer without a status word")
        return bytes(answer[:-2]), answer[-2] << 8 | answer[-1]

    def begin(self) -> None:
        self._check(_code(_scard().SCardBeginTransaction(self._card)))

    def end(self) -> None:
        # A card that is gone has no transaction to end; the next call tells.
        _scard().SCardEndTransaction(self._card, _LEAVE)

    def reconnect(self) -> None:
        result, self._protocol = _scard().SCardReconnect(self._card, _SHARED, _ANY_PROTOCOL, _LEAVE)
        self._check(_code(result))
        self.t0 = self._protocol == _T0

    def disconnect(self, *, reset: bool = False) -> None:
        _scard().SCardDisconnect(self._card, _RESET if reset else _LEAVE)

    def _check(self, code: int) -> None:
        """Raise what this result code means."""
        if code:
            error = _error(code)
            if isinstance(error, CardMute):
                self._check_removed()
            raise error

    def _check_removed(self) -> None:
        """A card that gave no answer may have been pulled, or the daemon ended: wait until that would have shown.

        Raises CardRemoved, NoReader; returns if the card is still there.
        """
        scard = _scard()
        state, end = 0, time.monotonic() + _REMOVAL_SHOWS_AFTER
        while (left := end - time.monotonic()) > 0:
            result, answer = scard.SCardGetStatusChange(self._context, int(left * 1000), [(self._slot.name, state)])
            code = _code(result)
            if code in _GONE:
                raise NoReader(f"{code:08X}", code="E-NO-PCSCD")
            if code:
                return
            state = answer[0][1] & ~_CHANGED
            if _slot(self._slot.name, state) != self._slot:
                raise CardRemoved


def _establish() -> Any:
    result, context = _scard().SCardEstablishContext(0)
    if _code(result):
        raise NoReader(f"{_code(result):08X}", code="E-NO-PCSCD")
    return context


def _list(context: Any) -> list[str]:
    """The readers' names; none is no error. Raises NoReader (E-NO-PCSCD) where the context is dead."""
    result, names = _scard().SCardListReaders(context, [])
    code = _code(result)
    if code == _NO_READERS:
        return []
    if code:
        raise NoReader(f"{code:08X}", code="E-NO-PCSCD")
    return [str(name) for name in names]


def _slot(name: str, state: int) -> Slot:
    return Slot(name, bool(state & _PRESENT), bool(state & _MUTE), state >> 16 & 0xFFFF)


def _error(code: int) -> CardError:
    if code in _GONE and code != 0x80100013:
        return NoReader(f"{code:08X}", code="E-NO-PCSCD")
    return _ERRORS.get(code, CardError)(f"{code:08X}")
