"""Readers and cards through PC/SC, on the card thread; `monitor.py` waits for them to come and go.

Facts this rests on (pcsc-lite 1.9.9): a restarted daemon kills every context, so they are made anew; an old handle taken up again
after a removal talks to whatever card is there now, so it never is; a card pulled in the middle of an APDU first looks like a
communication error.
"""

from __future__ import annotations

import time
from typing import Any, Final

from ebid_tui.card.pcsc import pin_pad
from ebid_tui.card.pcsc.monitor import ReaderWatch
from ebid_tui.card.pcsc.winscard import (
    CHANGED,
    GONE,
    UNKNOWN,
    code_of,
    daemon_away,
    error_of,
    establish,
    library,
    list_readers,
    slot_of,
    transmit,
)
from ebid_tui.card.transport import ReaderSlot
from ebid_tui.errors import CardGarbled, CardMute, CardRemoved, NoCard, NoReader, PinPadBroken

_SHARED, _ANY_PROTOCOL, _T0 = 2, 3, 1
_LEAVE, _RESET = 0, 1
_REMOVAL_SHOWS_AFTER: Final = 0.6
"""Seconds; a pulled card is noticed by the driver's next look (up to 400 ms for a virtual reader)."""


class PcscBackend:
    """`transport.Backend` over the PC/SC daemon that `PCSCLITE_CSOCK_NAME` or the system names."""

    def __init__(self, *, pin_pads: bool = True) -> None:
        """`pin_pads`: use the keys of readers that have some."""
        self._pin_pads = pin_pads
        self._context: Any = None
        self._watch = ReaderWatch()

    def watch(self, seen: tuple[ReaderSlot, ...] | None) -> tuple[ReaderSlot, ...]:
        return self._watch.wait(seen)

    def wake(self) -> None:
        self._watch.wake()

    def look(self) -> tuple[ReaderSlot, ...]:
        scard = library()
        for _ in range(2):
            try:
                names = list_readers(self._connected())
                if not names:
                    return ()
                result, answer = scard.SCardGetStatusChange(self._context, 0, [(name, 0) for name in names])
                if code_of(result) in GONE:
                    raise daemon_away(code_of(result))
                return tuple(slot_of(name, state) for name, state, _ in answer if not state & UNKNOWN)
            except NoReader as error:
                # The daemon was restarted, or is away: a new context tells which.
                self._drop_context()
                gone = error
        raise gone

    def connect(self, reader: str) -> PcscConnection:
        scard = library()
        context = self._connected()
        result, card, protocol = scard.SCardConnect(context, reader, _SHARED, _ANY_PROTOCOL)
        code = code_of(result)
        if code:
            error = error_of(code)
            raise NoCard if isinstance(error, CardRemoved) else error
        _, ((_, state, atr),) = scard.SCardGetStatusChange(context, 0, [(reader, 0)])
        pad = _pin_pad(card) if self._pin_pads else None
        return PcscConnection(context, card, protocol, slot_of(reader, state), bytes(atr), pad)

    def close(self) -> None:
        self._drop_context()

    def _connected(self) -> Any:
        if self._context is None:
            self._context = establish()
            self._watch.daemon_is_there()
        return self._context

    def _drop_context(self) -> None:
        if self._context is not None:
            library().SCardReleaseContext(self._context)
            self._context = None


class PcscConnection:
    """`transport.Connection` to a card, shared with other programs."""

    def __init__(self, context: Any, card: Any, protocol: int, slot: ReaderSlot, atr: bytes, pad: int | None) -> None:
        """`pad`: the control code by which the reader takes a PIN on its own keys, None where it does not."""
        self.atr = atr
        self.t0 = protocol == _T0
        self._context = context
        self._card = card
        self._slot = slot
        self._protocol = protocol
        self._pad = pad

    @property
    def pin_pad(self) -> bool:
        return self._pad is not None

    def verify_on_pin_pad(self, structure: bytes) -> int:
        if self._pad is None:
            raise PinPadBroken("this reader has no keys")
        result, answer = library().SCardControl(self._card, self._pad, list(structure))
        code = code_of(result)
        if code and (error := pin_pad.failure(code)) is not None:
            raise error
        self._check(code)
        if len(answer) != 2:
            self._check_removed()
            raise CardGarbled("the pad answered without a status word")
        return int(answer[0] << 8 | answer[1])

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        code, answer = transmit(self._card, self._protocol, bytearray(apdu) if isinstance(apdu, bytes) else apdu)
        self._check(code)
        if len(answer) < 2:
            self._check_removed()
            raise CardGarbled("answer without a status word")
        return answer[:-2], answer[-2] << 8 | answer[-1]

    def begin(self) -> None:
        self._check(code_of(library().SCardBeginTransaction(self._card)))

    def end(self) -> None:
        # A card that is gone has no transaction to end; the next call tells.
        library().SCardEndTransaction(self._card, _LEAVE)

    def reconnect(self) -> None:
        result, self._protocol = library().SCardReconnect(self._card, _SHARED, _ANY_PROTOCOL, _LEAVE)
        self._check(code_of(result))
        self.t0 = self._protocol == _T0

    def disconnect(self, *, reset: bool = False) -> None:
        library().SCardDisconnect(self._card, _RESET if reset else _LEAVE)

    def _check(self, code: int) -> None:
        """Raise what this result code means."""
        if code:
            error = error_of(code)
            if isinstance(error, CardMute):
                self._check_removed()
            raise error

    def _check_removed(self) -> None:
        """A card that gave no answer may have been pulled, or the daemon ended: wait until that would have shown.

        Raises CardRemoved, NoReader; returns if the card is still there.
        """
        scard = library()
        state, end = 0, time.monotonic() + _REMOVAL_SHOWS_AFTER
        while (left := end - time.monotonic()) > 0:
            result, answer = scard.SCardGetStatusChange(self._context, int(left * 1000), [(self._slot.name, state)])
            code = code_of(result)
            if code in GONE:
                raise daemon_away(code)
            if code:
                return
            state = answer[0][1] & ~CHANGED
            if slot_of(self._slot.name, state) != self._slot:
                raise CardRemoved


def _pin_pad(card: Any) -> int | None:
    """The control code of FEATURE_VERIFY_PIN_DIRECT, if the reader has it. A driver that knows no features has no pad."""
    result, answer = library().SCardControl(card, pin_pad.GET_FEATURES, [])
    return None if code_of(result) else pin_pad.features(bytes(answer)).get(pin_pad.VERIFY_PIN_DIRECT)
