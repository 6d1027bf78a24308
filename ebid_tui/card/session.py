"""One PIV card, bound to its certificate's fingerprint: the session that dies with the card.

The coroutines may be awaited from any event loop; everything below them runs on the card thread.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from ebid_tui.card import piv
from ebid_tui.card.apdu import ApduTrace, Channel
from ebid_tui.card.interface import Algorithm, PinRules
from ebid_tui.card.pin import Pin
from ebid_tui.card.refused import refuse_first, refuse_issuer, refuse_unknown
from ebid_tui.card.transport import Backend, Connection, Slot
from ebid_tui.errors import CardBusy, CardChanged, CardError, CardGarbled, CardMute, CardRefused, CardRemoved, CardReset, NoReader

logger = logging.getLogger(__name__)
T = TypeVar("T")

REMOVED_AT_PIN = "E-CARD-REMOVED-PIN"
"""CardRemoved's code where the card was pulled while it had the PIN in hand."""


class Thread(Protocol):
    """The card thread as a session sees it."""

    trace: ApduTrace

    async def call(self, work: Callable[[], T], *, dropped: Callable[[], None] | None = None) -> T:
        """Run `work` there. `dropped` is called instead where the caller gave up before it began."""
        ...

    def still_wanted(self) -> None:
        """Raises CardError where the caller has given up meanwhile: asked before anything that cannot be taken back."""
        ...

    def silence_means(self, error: type[CardError]) -> None:
        """What the caller is told if the current step never returns."""
        ...

    def forget(self, session: PivSession) -> None:
        """The session is over."""
        ...


def recognise(channel: Channel) -> piv.PivKey:
    """Which card is this? SELECT and GET DATA only, no PIN command of any kind; My Number before anything else.

    Raises CardRefused (R-23, R-34), CardGarbled, and what the connection raises.
    """
    refuse_first(channel)
    if not piv.find(channel):
        refuse_unknown(channel)
    key = piv.signing_key(channel)
    refuse_issuer(key.certificate)
    return key


def connect(thread: Thread, backend: Backend, slot: Slot) -> PivSession:
    """A session with the card in this slot (card thread). Raises as `recognise` and `Backend.connect` do."""
    if slot.mute:
        raise CardMute("no answer to reset")
    connection = backend.connect(slot.name)
    try:
        channel = Channel(connection, thread.trace)
        thread.silence_means(CardBusy)
        connection.begin()
        thread.silence_means(CardMute)
        try:
            key = recognise(channel)
        finally:
            connection.end()
    except BaseException:
        connection.disconnect()
        raise
    return PivSession(thread, backend, slot, connection, channel, key)


class PivSession:
    """`interface.CardSession` for PIV cards."""

    kind = "piv"
    pin_rules: PinRules = piv.PIN_RULES

    def __init__(self, thread: Thread, backend: Backend, slot: Slot, connection: Connection, channel: Channel, key: piv.PivKey) -> None:
        self.reader = slot.name
        self.certificate: bytes = key.der
        self.fingerprint: str = hashlib.sha256(key.der).hexdigest()
        self.algorithm: Algorithm = key.algorithm
        self.pin_before_each_signature: bool = key.pin_before_each_signature
        self.alive = True
        self._thread = thread
        self._backend = backend
        self._count = slot.count
        self._connection = connection
        self._channel = channel
        self._key = key
        self._verified = False
        self._doubtful = False

    async def tries_left(self) -> int | None:
        return await self._thread.call(self._tries_left)

    async def tries_full(self) -> bool:
        return await self._thread.call(self._tries_full)

    async def verify(self, pin: Pin) -> None:
        try:
            piv.check_pin(pin)
        except CardError:
            pin.wipe()
            raise
        await self._thread.call(lambda: self._verify(pin), dropped=pin.wipe)

    async def sign(self, message: bytes) -> bytes:
        return await self._thread.call(lambda: self._sign(message))

    async def close(self) -> None:
        await self._thread.call(self.end)

    # from here on: card thread

    def belongs_to(self, backend: Backend) -> bool:
        return self._backend is backend

    def seen(self, slot: Slot | None) -> None:
        """The reader was looked at: another count, or no such reader, ends the session."""
        if self.alive and (slot is None or slot.count != self._count or not slot.present):
            self._die()

    def end(self) -> None:
        """Log out and let go. A card that is gone or does not answer has nothing left to log out of."""
        if not self.alive:
            return
        logged_out = not self._verified
        try:
            if self._verified:
                with self._card():
                    # No SELECT first: if another application is selected, it refuses, and a reset does what it could not.
                    logged_out = piv.log_out(self._channel)
        except CardError as error:
            logger.info("card not logged out: %s", error)
        self._die(reset=not logged_out)

    def _tries_left(self) -> int | None:
        with self._card():
            self._select()
            tries = piv.tries_left(self._channel)
            if tries is None and not self._verified:
                # Somebody else's PIN state hides the counter: end it, as this program's own entry is about to begin.
                piv.log_out(self._channel)
                tries = piv.tries_left(self._channel)
            return tries

    def _tries_full(self) -> bool:
        with self._card():
            self._select()
            return piv.tries_full(self._channel)

    def _verify(self, pin: Pin) -> None:
        try:
            with self._card():
                self._same_insertion()
                self._select()
                if self._doubtful:
                    self._compare()
                self._thread.still_wanted()
                self._verified = False
                try:
                    piv.verify(self._channel, pin)
                except CardRemoved:
                    # The card may or may not have counted this one: only its counter knows.
                    raise CardRemoved(code=REMOVED_AT_PIN) from None
                self._verified = True
        finally:
            pin.wipe()

    def _sign(self, message: bytes) -> bytes:
        with self._card():
            self._thread.still_wanted()
            return piv.sign(self._channel, self._key, message)

    def _select(self) -> None:
        """Another program may have selected another application, whose PIN must not be touched: select ours first."""
        if not piv.find(self._channel):
            raise CardGarbled("the card's application is gone")

    @contextmanager
    def _card(self) -> Iterator[None]:
        """A short transaction with this card, and no other; what is found out about it on the way is remembered."""
        if not self.alive:
            raise self._gone()
        try:
            self._begin()
            try:
                yield
            finally:
                self._connection.end()
        except CardReset:
            self._verified = False
            raise
        except (CardMute, CardGarbled):
            # Perhaps it was swapped too fast for the reader to notice: no PIN before the certificate was compared.
            self._doubtful = True
            raise
        except CardRemoved as error:
            self._die()
            if error.code == REMOVED_AT_PIN:
                raise
            raise self._gone() from None
        except (CardChanged, NoReader):
            self._die()
            raise

    def _begin(self) -> None:
        self._thread.silence_means(CardBusy)
        try:
            self._connection.begin()
        except CardReset:
            self._take_up_again()
        self._thread.silence_means(CardMute)

    def _take_up_again(self) -> None:
        """After another program's reset: the same insertion, the same application, the same certificate, or no further."""
        self._verified = False
        self._connection.reconnect()
        self._connection.begin()
        self._thread.silence_means(CardMute)
        try:
            self._same_insertion()
            if not piv.find(self._channel):
                raise CardChanged
            self._compare()
        except BaseException:
            self._connection.end()
            raise

    def _compare(self) -> None:
        """Raises CardChanged where the certificate is another than the session's."""
        der = piv.read_certificate(self._channel, self._key.slot)
        if der is None or hashlib.sha256(der).hexdigest() != self.fingerprint:
            raise CardChanged
        self._doubtful = False

    def _same_insertion(self) -> None:
        """Raises CardRemoved where the card was taken out since the session began, even if it is back."""
        slot = self._slot()
        if slot is None or not slot.present or slot.count != self._count:
            raise CardRemoved

    def _slot(self) -> Slot | None:
        return next((slot for slot in self._backend.look() if slot.name == self.reader), None)

    def _gone(self) -> CardError:
        """What to say of a session that is over: another card is there now (CardChanged), or this one was taken out."""
        try:
            slot = self._slot()
            if slot is None or not slot.present:
                return CardRemoved()
            other = connect(self._thread, self._backend, slot)
        except CardRefused:
            return CardChanged()
        except CardError:
            return CardRemoved()
        other.end()
        return CardRemoved() if other.fingerprint == self.fingerprint else CardChanged()

    def _die(self, *, reset: bool = False) -> None:
        if self.alive:
            self.alive = False
            self._connection.disconnect(reset=reset)
            self._thread.forget(self)
