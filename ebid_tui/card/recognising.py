"""Which card is this? Asked in the order in which nothing can go wrong: My Number first, and never a PIN command."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from ebid_tui.card.apdu import Channel
from ebid_tui.card.choice import Choice
from ebid_tui.card.piv import commands
from ebid_tui.card.refused import refuse_first, refuse_unknown
from ebid_tui.card.trace import ApduTrace
from ebid_tui.card.transport import Backend, Connection, Slot
from ebid_tui.errors import CardBusy, CardError, CardMute

T = TypeVar("T")

ANY = Choice()
"""Whatever certificate of a card is for signatures."""


class Thread(Protocol):
    """The card thread as a session sees it."""

    trace: ApduTrace

    async def call(self, work: Callable[[], T], *, dropped: Callable[[], None] | None = None, patience: float | None = None) -> T:
        """Run `work` there. `dropped` is called instead where the caller gave up before it began; `patience`: seconds to wait."""
        ...

    def still_wanted(self) -> None:
        """Raises CardError where the caller has given up meanwhile: asked before anything that cannot be taken back."""
        ...

    def silence_means(self, error: Callable[[str], CardError]) -> None:
        """What the caller is told if the current step never returns."""
        ...

    async def let_go(self, end: Callable[[], None]) -> None:
        """Run what ends a session. Never raises: where the card does not answer at once, it is done when the thread is free again."""
        ...

    def forget(self, session: Any) -> None:
        """The session is over."""
        ...

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Run `work` on the card thread after that long."""
        ...

    def settle(self) -> None:
        """End every transaction that a session has kept: something else is about to use the readers."""
        ...


def recognise(channel: Channel, choice: Choice = ANY) -> commands.PivKey:
    """Which card is this? SELECT and GET DATA only, no PIN command of any kind; My Number before anything else.

    Raises CardRefused (R-23, R-34), SeveralCertificates, CardGarbled, and what the connection raises.
    """
    refuse_first(channel)
    if not commands.find(channel):
        refuse_unknown(channel)
    return choice.of(commands.signing_keys(channel, choice.fingerprint))


def same_card(thread: Thread, backend: Backend, slot: Slot, fingerprint: str) -> bool:
    """Whether the card in this slot has this certificate; nothing else is asked of it. Raises as `recognise` does."""
    connection = connected(thread, backend, slot)
    try:
        begin(thread, connection)
        try:
            key = recognise(Channel(connection, thread.trace), Choice(fingerprint=fingerprint))
        finally:
            connection.end()
        return hashlib.sha256(key.der).hexdigest() == fingerprint
    finally:
        connection.disconnect()


def connected(thread: Thread, backend: Backend, slot: Slot) -> Connection:
    """A connection to the card in this slot, with no transaction of ours in its way. Raises as `Backend.connect` does."""
    if slot.mute:
        raise CardMute("no answer to reset")
    thread.settle()
    return backend.connect(slot.name)


def begin(thread: Thread, connection: Connection) -> None:
    """Start a transaction; silence means that another program has one, and from then on that the card does not answer."""
    thread.silence_means(CardBusy)
    connection.begin()
    thread.silence_means(CardMute)
