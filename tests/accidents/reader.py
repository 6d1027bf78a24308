"""A virtual reader with one accident ordered for one APDU, and a count of every PIN that went through it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.demo.virtual_reader import VirtualConnection, VirtualReader
from ebid_tui.errors import CardMute, CardRemoved, CardReset

Happening = Callable[["TroubledReader", Any, bytes], bytes]
"""What happens in the place of the exchange: called with the reader, the card and the APDU; answers, or raises."""


def carries_a_pin(apdu: bytes) -> bool:
    """VERIFY or CHANGE REFERENCE DATA with data."""
    return apdu[1] in (0x20, 0x24) and len(apdu) > 5


class TroubledReader(VirtualReader):
    """`order` one accident; `hit` is the APDU that it met, `seen` counts APDUs, `pins` those that carried a PIN, by card."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.when_stalled: Callable[[], None] = lambda: None
        self.when_over: Callable[[], None] = lambda: None
        self._stalls = False
        self.clear()

    def clear(self) -> None:
        """An empty reader without accidents, with nothing counted."""
        with self._changed:
            self.let_go()
            self.remove()
            self._order: tuple[int, Happening] | None = None
            self._lasting: Happening | None = None
            self._free = False
            self.hit = b""
            self.seen = 0
            self.pins: dict[int, int] = {}
            self.other: Any = None

    def order(self, at: int, happening: Happening, other: Any = None) -> None:
        """At the `at`-th APDU from now. `other`: the card that comes in where one is swapped."""
        with self._changed:
            self._order = (self.seen + at, happening)
            self.other = other

    def from_now_on(self, happening: Happening) -> None:
        """At every APDU, until the card is pulled."""
        self._lasting = happening

    def let_go(self) -> None:
        """A stalled card answers after all."""
        with self._changed:
            self._free = True
            self._no_longer_stalls()
            self._changed.notify_all()

    def _no_longer_stalls(self) -> None:
        """Told by whoever ends it: the next call must not find the impatience of the one before."""
        if self._stalls:
            self._stalls = False
            self.when_over()

    def stall(self, card: Any, apdu: bytes) -> bytes:
        """No answer before the card is pulled (which is then told) or let go."""
        count = self._count
        self._free, self._stalls = False, True
        self.when_stalled()
        self._changed.wait_for(lambda: self._free or self._count != count)
        if self._count != count:
            raise CardRemoved
        return self._given(card, apdu)

    def exchange(self, connection: VirtualConnection, apdu: bytes) -> bytes:
        with self._changed:
            card = self.check(connection)
            at, self.seen = self.seen, self.seen + 1
            if carries_a_pin(apdu):
                self.pins[id(card)] = self.pins.get(id(card), 0) + 1
            if self._order is not None and self._order[0] == at:
                self.hit = apdu
                return self._order[1](self, card, apdu)
            if self._lasting is not None:
                return self._lasting(self, card, apdu)
            return self._given(card, apdu)

    def _pull(self) -> None:
        self._lasting = None
        self._no_longer_stalls()
        super()._pull()

    def _given(self, card: Any, apdu: bytes) -> bytes:
        answer: bytes = card.answer(apdu)
        return answer


# --- what can happen


def pulled(reader: TroubledReader, card: VirtualCard, apdu: bytes) -> bytes:
    reader.remove()
    raise CardRemoved


def pulled_after_the_work(reader: TroubledReader, card: VirtualCard, apdu: bytes) -> bytes:
    """The card has done what it was told; nobody hears of it."""
    card.answer(apdu)
    reader.remove()
    raise CardRemoved


def pulled_and_put_back(reader: TroubledReader, card: VirtualCard, apdu: bytes) -> bytes:
    reader.insert(card)
    raise CardRemoved


def swapped(reader: TroubledReader, card: VirtualCard, apdu: bytes) -> bytes:
    reader.insert(reader.other)
    raise CardRemoved


def reset(reader: TroubledReader, card: VirtualCard, apdu: bytes) -> bytes:
    reader.reset_by_another()
    raise CardReset


def mute(reader: TroubledReader, card: VirtualCard, apdu: bytes) -> bytes:
    raise CardMute


def mute_after_the_work(reader: TroubledReader, card: VirtualCard, apdu: bytes) -> bytes:
    card.answer(apdu)
    raise CardMute


def dead(reader: TroubledReader, card: VirtualCard, apdu: bytes) -> bytes:
    reader.from_now_on(mute)
    raise CardMute


def stalled(reader: TroubledReader, card: VirtualCard, apdu: bytes) -> bytes:
    return reader.stall(card, apdu)


def answers(garbage: bytes) -> Happening:
    """These bytes, without asking the card."""
    return lambda reader, card, apdu: garbage


def mangled(mangle: Callable[[bytes], bytes]) -> Happening:
    """What the card answers, spoilt on the way."""
    return lambda reader, card, apdu: mangle(card.answer(apdu))
