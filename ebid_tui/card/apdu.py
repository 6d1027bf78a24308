"""Commands to a card and the layers between them and the wire: encoding, command and response chaining, 6Cxx.

Each layer is a small processor over the next one (ISO/IEC 7816-4: short and extended length fields 5.1, command chaining
5.1.1.1, 61xx and 6Cxx 5.1.3). A command that must not be repeated (`once`) passes no layer that would repeat it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from ebid_tui.card.pin import wipe
from ebid_tui.card.trace import ApduTrace, Exchange
from ebid_tui.card.transport import Connection
from ebid_tui.errors import CardGarbled, CardMute

OK = 0x9000
SHORT = 256
"""The longest answer a short APDU can ask for; one less is the most data it can carry."""

EXTENDED = 65536
_NOT_EXTENDED = frozenset((0x6700, 0x6D00, 0x6E00, 0x6883, 0x6F00))
"""Status words by which cards without extended APDUs refuse the first one."""

_LONGEST_ANSWER = 65536
_MOST_PARTS = 1024
"""Of one answer: a card that hands it out byte by byte would keep the card thread for minutes."""


@dataclass(frozen=True, slots=True)
class Apdu:
    """One command. `le`: the most bytes wanted back, None for none. `once`: never to be sent a second time (VERIFY)."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes | bytearray = field(default=b"", repr=False)
    le: int | None = None
    once: bool = False

    @property
    def header(self) -> bytes:
        return bytes((self.cla, self.ins, self.p1, self.p2))


class Processor(Protocol):
    """One layer: a command in, data and status word out."""

    def send(self, command: Apdu) -> tuple[bytes, int]: ...


class ApduSender:
    """The lowest layer: encodes one APDU, sends it, logs it, wipes the encoded copy."""

    def __init__(self, connection: Connection, trace: ApduTrace, *, extended: bool) -> None:
        self._connection = connection
        self._trace = trace
        self._extended = extended

    def send(self, command: Apdu) -> tuple[bytes, int]:
        encoded = encode(command, extended=self._extended, t0=self._connection.t0)
        answer: tuple[bytes, int] | None = None
        try:
            answer = self._connection.transmit(encoded)
            return answer
        finally:
            wipe(encoded)
            received, sw = (len(answer[0]), answer[1]) if answer else (0, None)
            self._trace.add(Exchange(command.header, len(command.data), received, sw))


class CommandChaining:
    """Splits data that one short APDU cannot carry (CLA bit 0x10 on all but the last)."""

    def __init__(self, below: Processor) -> None:
        self._below = below

    def send(self, command: Apdu) -> tuple[bytes, int]:
        at, size = 0, SHORT - 1
        while len(command.data) - at > size:
            part = command.data[at : at + size]
            data, sw = self._below.send(Apdu(command.cla | 0x10, command.ins, command.p1, command.p2, part))
            if sw != OK:
                return data, sw
            at += size
        last = command.data[at:] if at else command.data
        le = None if command.le is None else min(command.le, SHORT)
        return self._below.send(Apdu(command.cla, command.ins, command.p1, command.p2, last, le, command.once))


class WrongLength:
    """6Cxx: the card names the length it wants to answer with; asked again with it, once."""

    def __init__(self, below: Processor) -> None:
        self._below = below

    def send(self, command: Apdu) -> tuple[bytes, int]:
        data, sw = self._below.send(command)
        if sw >> 8 == 0x6C and not command.once:
            again = Apdu(command.cla, command.ins, command.p1, command.p2, command.data, sw & 0xFF or SHORT)
            return self._below.send(again)
        return data, sw


class ResponseChaining:
    """61xx: more is waiting; fetched by GET RESPONSE until the card is done. Raises CardGarbled for an endless answer.

    Nothing waits behind a command that is sent once (VERIFY): what GET RESPONSE says would pass for what that one said.
    """

    def __init__(self, below: Processor) -> None:
        self._below = below

    def send(self, command: Apdu) -> tuple[bytes, int]:
        data, sw = self._below.send(command)
        answer = bytearray(data)
        parts = 1
        while sw >> 8 == 0x61 and not command.once:
            data, sw = self._below.send(Apdu(0x00, 0xC0, 0, 0, le=sw & 0xFF or SHORT))
            answer += data
            parts += 1
            if len(answer) > _LONGEST_ANSWER or parts > _MOST_PARTS or (not data and sw >> 8 == 0x61):
                raise CardGarbled("endless answer")
        return bytes(answer), sw


class Channel:
    """All layers over one connection: short APDUs for what fits them, extended for the rest where the card knows them.

    Extended APDUs are used unless the ATR says no; the first one tells: refused or unanswered, the card is spoken to in
    short ones with chaining from then on.
    """

    def __init__(self, connection: Connection, trace: ApduTrace) -> None:
        short = WrongLength(ApduSender(connection, trace, extended=False))
        self._short = ResponseChaining(CommandChaining(short))
        self._extended = ResponseChaining(WrongLength(ApduSender(connection, trace, extended=True)))
        self._use_extended = not connection.t0 and says_extended(connection.atr) is not False
        self._proved = False

    def send(self, command: Apdu) -> tuple[bytes, int]:
        """Data and status word, all chaining done. Raises what the connection raises."""
        fits = len(command.data) < SHORT and (command.le or 0) <= SHORT
        if fits or command.once or not self._use_extended:
            return self._short.send(command)
        if self._proved:
            return self._extended.send(command)
        try:
            data, sw = self._extended.send(command)
        except CardMute:
            self._use_extended = False
            return self._short.send(command)
        if sw in _NOT_EXTENDED:
            self._use_extended = False
            return self._short.send(command)
        self._proved = True
        return data, sw


def encode(command: Apdu, *, extended: bool, t0: bool = False) -> bytearray:
    """The command as bytes on the wire; the caller wipes them. ValueError if its data or `le` do not fit."""
    size, le = len(command.data), command.le
    encoded = bytearray(command.header)
    if extended:
        if size:
            encoded += b"\x00" + size.to_bytes(2, "big") + command.data
        if le is not None:
            encoded += (b"" if size else b"\x00") + (le % EXTENDED).to_bytes(2, "big")
        return encoded
    if size >= SHORT or (le or 0) > SHORT:
        raise ValueError("too long for a short APDU")
    if size:
        encoded.append(size)
        encoded += command.data
    if le is not None and not (t0 and size):
        encoded.append(le % SHORT)
    elif t0 and not size and le is None:
        encoded.append(0)
    return encoded


def says_extended(atr: bytes) -> bool | None:
    """What the ATR's historical bytes say about extended APDUs (card capabilities, 7816-4, 12.1.1.9); None: nothing."""
    historical = _historical(atr)
    if not historical or historical[0] not in (0x00, 0x80):
        return None
    at = 1
    end = len(historical) - (3 if historical[0] == 0x00 else 0)
    while at < end:
        tag, size = historical[at] >> 4, historical[at] & 0x0F
        if tag == 7 and size >= 3 and at + 3 < len(historical):
            return bool(historical[at + 3] & 0x40)
        at += 1 + size
    return None


def _historical(atr: bytes) -> bytes:
    """The historical bytes of an ATR (ISO/IEC 7816-3, 8.2); empty where the ATR is cut short."""
    if len(atr) < 2:
        return b""
    at, flags = 1, atr[1] >> 4
    count = atr[1] & 0x0F
    while True:
        has_next = bool(flags & 0x8)
        at += bin(flags).count("1")
        if at >= len(atr):
            return b""
        if not has_next:
            break
        flags = atr[at] >> 4
    return bytes(atr[at + 1 : at + 1 + count])
