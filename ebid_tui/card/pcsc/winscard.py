"""The thin layer over libpcsclite: the only place that imports pyscard, and that late, on the threads that use it.

Result codes become this program's errors here, event states become slots.
"""

from __future__ import annotations

import ctypes
import logging
from functools import cache
from typing import Any, Final

from ebid_tui.card.transport import ReaderSlot
from ebid_tui.domain.text.cleaning import command_in
from ebid_tui.errors import CardBusy, CardError, CardMute, CardRemoved, CardReset, NoReader

FOREVER: Final = 0x7FFFFFFF
CHANGED, UNKNOWN, PRESENT, MUTE = 0x02, 0x04, 0x20, 0x200
"""Bits of an event state; its upper 16 bits count insertions and removals."""

CANCELLED: Final = 0x80100002
TIMED_OUT: Final = 0x8010000A
NO_READERS: Final = 0x8010002E
GONE: Final = frozenset((0x80100003, 0x80100013, 0x8010001D, 0x8010001E))
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


logger = logging.getLogger(__name__)


@cache
def library() -> Any:
    """`smartcard.scard` (26 ms to import). Raises NoReader where it is not installed."""
    try:
        from smartcard import scard
    except ImportError as error:
        raise NoReader("pyscard cannot be loaded", code="E-NO-PCSCD") from error
    return scard


def transmit(card: Any, protocol: int, apdu: bytearray) -> tuple[int, bytes]:
    """SCardTransmit straight from this buffer: the result code and the answer. pyscard would leave a copy of the APDU behind, and with it
    of a PIN (it makes a list of it, and of that a block of memory that it gives back as it is).
    """
    function, header = _transmit()
    place = (ctypes.c_ubyte * len(apdu)).from_buffer(apdu)
    size = ctypes.c_ulong(_LONGEST)
    answer = (ctypes.c_ubyte * _LONGEST)()
    sending = header(protocol, ctypes.sizeof(header))
    result = function(card, ctypes.byref(sending), place, len(apdu), None, answer, ctypes.byref(size))
    return code_of(result), bytes(memoryview(answer)[: size.value]) if not result else b""


_LONGEST: Final = 65538


@cache
def _transmit() -> tuple[Any, type[ctypes.Structure]]:
    """The function of the library that pyscard has loaded, and SCARD_IO_REQUEST (all its numbers are `unsigned long`)."""

    class ProtocolHeader(ctypes.Structure):
        _fields_ = (("protocol", ctypes.c_ulong), ("length", ctypes.c_ulong))

    function = ctypes.CDLL("libpcsclite.so.1").SCardTransmit
    pointer, word = ctypes.c_void_p, ctypes.c_ulong
    function.argtypes = (ctypes.c_long, pointer, pointer, word, pointer, pointer, pointer)
    function.restype = ctypes.c_uint32
    return function, ProtocolHeader


def code_of(result: int) -> int:
    """pyscard gives result codes with a sign."""
    return result & 0xFFFFFFFF


def establish() -> Any:
    """A new context. Raises NoReader (E-NO-PCSCD) without a daemon."""
    result, context = library().SCardEstablishContext(0)
    if code_of(result):
        raise daemon_away(code_of(result))
    return context


def list_readers(context: Any) -> list[str]:
    """The readers' names; none is no error. Raises NoReader (E-NO-PCSCD) where the context is dead.

    A reader is reached by its name and chosen by it: one that could not be shown as it is, is left out.
    """
    result, names = library().SCardListReaders(context, [])
    code = code_of(result)
    if code == NO_READERS:
        return []
    if code:
        raise daemon_away(code)
    fit = [name for name in names if command_in(name) is None]
    if len(fit) < len(names):
        logger.warning("readers left out for their names: %a", set(names) - set(fit))
    return fit


def slot_of(name: str, state: int) -> ReaderSlot:
    """A reader as its event state tells."""
    return ReaderSlot(name, bool(state & PRESENT), bool(state & MUTE), state >> 16 & 0xFFFF)


def daemon_away(code: int) -> NoReader:
    return NoReader(f"{code:08X}", code="E-NO-PCSCD")


def error_of(code: int) -> CardError:
    """What a call with a card means by this result code."""
    if code in GONE and code != 0x80100013:
        return daemon_away(code)
    return _ERRORS.get(code, CardError)(f"{code:08X}")
