"""What the card thread needs of a source of readers: PC/SC (`pcsc/readers.py`) and the demo's virtual reader speak it alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ReaderSlot:
    """One reader as its source sees it.

    `count` counts insertions and removals: two looks with different counts had a removal or a swap in between.
    `mute`: a card is in it that does not answer.
    """

    name: str
    present: bool
    mute: bool
    count: int


class Connection(Protocol):
    """A card in a reader, connected shared. Used on the card thread only; dead after the card's removal, for good.

    Every call raises CardRemoved after a removal, CardReset after another program's reset (until `reconnect`), CardBusy
    where another program holds the card, CardMute where it does not answer, NoReader where the reader's service is gone.
    """

    @property
    def atr(self) -> bytes:
        """Answer to reset; its historical bytes may tell whether extended APDUs are known."""

    @property
    def t0(self) -> bool:
        """True under protocol T=0, which has no extended APDUs and wants Le left out beside data."""

    @property
    def pin_pad(self) -> bool:
        """True where the reader takes the PIN on keys of its own, and nobody said not to use them."""

    def verify_on_pin_pad(self, structure: bytes) -> int:
        """Let the person enter the PIN on the reader's keys (PIN_VERIFY_STRUCTURE, `pcsc/pin_pad.py`): the card's status word or the pad's.

        Raises PinPadCancelled, PinPadTimeout, PinPadBroken as far as the reader says so by a result code.
        """

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        """One APDU out; the answer's data and status word. Raises CardGarbled for an answer shorter than a status word."""

    def begin(self) -> None:
        """Start a transaction: no other program's APDU comes between. May wait for another program's."""

    def end(self) -> None:
        """End the transaction, leaving the card as it is."""

    def reconnect(self) -> None:
        """Take up the card again after CardReset. Never to be called after a removal: it would find whatever card is there now."""

    def disconnect(self, *, reset: bool = False) -> None:
        """Let go of the card; `reset` makes it forget a PIN that it could not be told to forget. Never raises a CardError."""


class Backend(Protocol):
    """A source of readers."""

    def watch(self, seen: tuple[ReaderSlot, ...] | None) -> tuple[ReaderSlot, ...]:
        """Block until the readers differ from `seen` (None: at once), or until `wake`; the readers as they are.

        Runs on a thread of its own, holds no card, and survives its service's restart (no readers meanwhile).
        """

    def wake(self) -> None:
        """End `watch` for good: it returns soon, and every later call at once. From any thread."""

    def look(self) -> tuple[ReaderSlot, ...]:
        """The readers now (card thread). Raises NoReader (E-NO-PCSCD) where the readers' service is away."""

    def connect(self, reader: str) -> Connection:
        """The card in `reader`, shared (card thread). Raises NoReader, NoCard, CardMute, CardBusy."""

    def close(self) -> None:
        """Give everything back (card thread, last call)."""
