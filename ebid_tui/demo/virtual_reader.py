"""A virtual reader for the demo and the tests: cards are put in and pulled out from any thread.

To the card thread it is a source of readers like PC/SC: `CardWorker(VirtualReader("…"))`; several readers are several sources.
"""

from __future__ import annotations

import threading
from typing import Literal, Protocol

from ebid_tui.card.transport import ReaderSlot
from ebid_tui.errors import CardBusy, CardError, CardGarbled, CardMute, CardRemoved, CardReset, NoCard, PinPadBroken

Accident = Literal["remove", "reset", "mute"] | bytes
"""What happens instead of an answer: the card is pulled, another program resets it, it keeps silent, or it answers these bytes."""


class InsertableCard(Protocol):
    """What can be put in."""

    @property
    def atr(self) -> bytes: ...
    def reset(self) -> None: ...
    def answer(self, apdu: bytes) -> bytes: ...


class VirtualReader:
    """One reader; a `transport.Backend` of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._changed = threading.Condition()
        self._card: InsertableCard | None = None
        self._count = 0
        self._resets = 0
        self._mute = False
        self._held = False
        self._woken = False
        self._apdus = 0
        self._accidents: dict[int, Accident] = {}

    # what a person does with it

    @property
    def card(self) -> InsertableCard | None:
        """The card in it."""
        return self._card

    def insert(self, card: InsertableCard, *, upside_down: bool = False) -> None:
        """Put a card in; one that is in already is pulled out first. `upside_down`: it will not answer."""
        with self._changed:
            self._pull()
            card.reset()
            self._card, self._mute = card, upside_down
            self._count += 1
            self._changed.notify_all()

    def remove(self) -> None:
        """Pull the card out, if there is one; every connection to it is dead."""
        with self._changed:
            self._pull()
            self._changed.notify_all()

    def reset_by_another(self) -> None:
        """Another program resets the card."""
        with self._changed:
            if self._card:
                self._card.reset()
            self._resets += 1

    def hold_by_another(self, held: bool = True) -> None:
        """Another program takes the card exclusively, or gives it back."""
        with self._changed:
            self._held = held

    def accident(self, at: int, what: Accident) -> None:
        """At the `at`-th APDU from now (0: the next one), `what` happens instead of an answer. Once."""
        with self._changed:
            self._accidents[self._apdus + at] = what

    def _pull(self) -> None:
        if self._card is not None:
            self._card.reset()
            self._card = None
            self._mute = False
            self._count += 1

    # transport.Backend

    def watch(self, seen: tuple[ReaderSlot, ...] | None) -> tuple[ReaderSlot, ...]:
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._slots() != seen)
            return self._slots()

    def wake(self) -> None:
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def look(self) -> tuple[ReaderSlot, ...]:
        with self._changed:
            return self._slots()

    def connect(self, reader: str) -> VirtualConnection:
        with self._changed:
            if self._card is None:
                raise NoCard
            if self._held:
                raise CardBusy
            if self._mute:
                raise CardMute
            return VirtualConnection(self, self._card.atr, self._count, self._resets)

    def close(self) -> None:
        """Nothing is held."""

    def _slots(self) -> tuple[ReaderSlot, ...]:
        return (ReaderSlot(self.name, self._card is not None, self._mute, self._count & 0xFFFF),)

    def check(self, connection: VirtualConnection) -> InsertableCard:
        """The card a connection belongs to. Raises CardRemoved, CardReset, CardBusy."""
        with self._changed:
            if self._card is None or self._count != connection.count:
                raise CardRemoved
            if self._resets != connection.resets:
                raise CardReset
            if self._held:
                raise CardBusy
            return self._card

    def exchange(self, connection: VirtualConnection, apdu: bytes) -> bytes:
        """One APDU to the card and its answer, or the accident that was ordered."""
        with self._changed:
            card = self.check(connection)
            accident = self._accidents.pop(self._apdus, None)
            self._apdus += 1
            match accident:
                case None:
                    return card.answer(apdu)
                case "remove":
                    self.remove()
                    raise CardRemoved
                case "reset":
                    self.reset_by_another()
                    raise CardReset
                case "mute":
                    raise CardMute
                case bytes():
                    return accident

    def resets(self) -> int:
        """How often another program reset the card."""
        with self._changed:
            return self._resets


class VirtualConnection:
    """`transport.Connection` to the card in a virtual reader."""

    t0 = False
    pin_pad = False

    def __init__(self, reader: VirtualReader, atr: bytes, count: int, resets: int) -> None:
        self.atr = atr
        self.count = count
        self.resets = resets
        self._reader = reader

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        answer = self._reader.exchange(self, bytes(apdu))
        if len(answer) < 2:
            raise CardGarbled("answer without a status word")
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def verify_on_pin_pad(self, structure: bytes) -> int:
        raise PinPadBroken("this reader has no keys")

    def begin(self) -> None:
        self._reader.check(self)

    def end(self) -> None:
        """Nothing is held."""

    def reconnect(self) -> None:
        self.resets = self._reader.resets()
        self._reader.check(self)

    def disconnect(self, *, reset: bool = False) -> None:
        if not reset:
            return
        try:
            self._reader.check(self).reset()
        except CardError:
            return
