"""One PIV card, bound to its certificate's fingerprint: the session that dies with the card.

The coroutines may be awaited from any event loop; everything below them runs on the card thread.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from ebid_tui.card.apdu import Channel
from ebid_tui.card.choice import Choice
from ebid_tui.card.interface import Algorithm, PinRules, TriesHint
from ebid_tui.card.pcsc import pin_pad
from ebid_tui.card.pin import Pin
from ebid_tui.card.piv import commands
from ebid_tui.card.recognising import ANY, begin, connected, recognise, same_card
from ebid_tui.card.recognising import Thread as Thread  # sessions of every kind know it by this module
from ebid_tui.card.trace import Exchange
from ebid_tui.card.transport import Backend, Connection, Slot
from ebid_tui.errors import (
    CardBlocked,
    CardChanged,
    CardError,
    CardGarbled,
    CardMute,
    CardRefused,
    CardRemoved,
    CardReset,
    NoReader,
    SeveralCertificates,
    WrongPin,
)

logger = logging.getLogger(__name__)
T = TypeVar("T")

REMOVED_AT_PIN = "E-CARD-REMOVED-PIN"
"""CardRemoved's code where the card was pulled while it had the PIN in hand."""


CHANGE_UNSURE = "E-PIN-CHANGE-UNSURE"
"""The code of whatever ended a change of PIN between the sending and the answer."""

KEPT_SECONDS = 0.2
"""How long the transaction in which a card was recognised is kept for what follows: other programs wait so long."""


def connect(thread: Thread, backend: Backend, slot: Slot, choice: Choice = ANY) -> PivSession:
    """A session with the card in this slot (card thread). Raises as `recognise` and `Backend.connect` do.

    Its transaction is kept for a moment: what follows at once finds the application selected.
    """
    connection = connected(thread, backend, slot)
    try:
        channel = Channel(connection, thread.trace)
        begin(thread, connection)
        try:
            key = recognise(channel, choice)
        except BaseException:
            connection.end()
            raise
    except BaseException:
        connection.disconnect()
        raise
    session = PivSession(thread, backend, slot, connection, channel, key)
    thread.later(KEPT_SECONDS, session.settle)
    return session


class PivSession:
    """`interface.CardSession` for PIV cards."""

    kind = "piv"
    pin_changeable = True
    chain: tuple[bytes, ...] = ()
    pin_rules: PinRules = commands.PIN_RULES

    def __init__(
        self,
        thread: Thread,
        backend: Backend,
        slot: Slot,
        connection: Connection,
        channel: Channel,
        key: commands.PivKey,
    ) -> None:
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
        self._unlocked = False
        """Whether the card may have accepted a PIN of ours, heard of or not: then it is logged out of at the end."""
        self._doubtful = False
        self._kept = True

    async def tries_left(self) -> int | None:
        return await self._thread.call(self._tries_left)

    async def tries_hint(self) -> TriesHint:
        tries = await self.tries_left()
        if tries is None or tries > 1:
            return "full" if tries is not None and await self.tries_full() else "unknown"
        return "final" if tries else "locked"

    async def tries_full(self) -> bool:
        return await self._thread.call(self._tries_full)

    async def verify(self, pin: Pin) -> None:
        try:
            commands.check_pin(pin)
        except CardError:
            pin.wipe()
            raise
        await self._thread.call(lambda: self._verify(pin), dropped=pin.wipe)

    @property
    def pin_pad(self) -> bool:
        return self._connection.pin_pad

    async def verify_on_pin_pad(self) -> None:
        await self._thread.call(self._verify_on_pin_pad, patience=pin_pad.ANSWER_SECONDS)

    async def change_pin(self, old: Pin, new: Pin) -> None:
        def wipe() -> None:
            old.wipe()
            new.wipe()

        try:
            commands.check_pin(old)
            commands.check_pin(new)
        except CardError:
            wipe()
            raise
        await self._thread.call(lambda: self._change_pin(old, new), dropped=wipe)

    async def sign(self, message: bytes) -> bytes:
        return await self._thread.call(lambda: self._sign(message))

    async def close(self) -> None:
        await self._thread.let_go(self.end)

    # from here on: card thread

    def settle(self) -> None:
        """End the transaction that was kept from recognising, if it still is."""
        if self._kept:
            self._kept = False
            self._connection.end()

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
        logged_out = not self._unlocked
        try:
            if self._unlocked:
                with self._card():
                    # No SELECT first: if another application is selected, it refuses, and a reset does what it could not.
                    logged_out = commands.log_out(self._channel)
        except CardError as error:
            logger.info("card not logged out: %s", error)
        self._die(reset=not logged_out)

    def _tries_left(self) -> int | None:
        kept = self._kept
        with self._card():
            if not kept:
                self._select()
            tries = commands.tries_left(self._channel)
            if tries is None and not self._verified:
                # Somebody else's PIN state hides the counter: end it, as this program's own entry is about to begin.
                commands.log_out(self._channel)
                tries = commands.tries_left(self._channel)
            return tries

    def _tries_full(self) -> bool:
        with self._card():
            self._select()
            return commands.tries_full(self._channel)

    def _verify(self, pin: Pin) -> None:
        try:
            with self._card():
                self._before_the_pin()
                try:
                    with self._pin_under_way():
                        commands.verify(self._channel, pin)
                except CardRemoved:
                    # The card may or may not have counted this one: only its counter knows.
                    raise CardRemoved(code=REMOVED_AT_PIN) from None
        finally:
            pin.wipe()

    def _before_the_pin(self) -> None:
        """The same card, our application, and somebody who still waits: only then may a PIN go to it."""
        self._same_insertion()
        self._select()
        if self._doubtful:
            self._compare()
        self._thread.still_wanted()
        self._verified = False

    @contextmanager
    def _pin_under_way(self) -> Iterator[None]:
        """Around sending a PIN: only a card that says no has certainly not accepted it."""
        self._unlocked = True
        try:
            yield
        except (WrongPin, CardBlocked):
            self._unlocked = False
            raise
        self._verified = True

    def _verify_on_pin_pad(self) -> None:
        """The transaction is held while the person types, as no other: the pad has the reader to itself all the while, and
        between SELECT and the PIN nobody may select another application."""
        with self._card():
            self._before_the_pin()
            with self._pin_under_way():
                try:
                    sw = self._connection.verify_on_pin_pad(pin_pad.verify_structure(commands.VERIFY_HEADER, self.pin_rules))
                except CardRemoved:
                    raise CardRemoved(code=REMOVED_AT_PIN) from None
                if (error := pin_pad.refusal(sw, self.pin_rules)) is not None:
                    raise error
                self._thread.trace.add(Exchange(commands.VERIFY_HEADER, self.pin_rules.max_length, 0, sw))
                commands.judge_verify(sw)
                self._same_insertion()  # it took its time

    def _change_pin(self, old: Pin, new: Pin) -> None:
        try:
            with self._card():
                self._same_insertion()
                self._select()
                if self._doubtful:
                    self._compare()
                self._thread.still_wanted()
                self._thread.silence_means(partial(CardMute, code=CHANGE_UNSURE))
                try:
                    with self._pin_under_way():
                        commands.change_pin(self._channel, old, new)
                except (CardRemoved, CardMute, CardGarbled) as error:
                    # Sent, and no word of what became of it: the one or the other is the card's PIN now.
                    raise type(error)(error.detail, code=CHANGE_UNSURE) from None
        finally:
            old.wipe()
            new.wipe()

    def _sign(self, message: bytes) -> bytes:
        with self._card():
            self._thread.still_wanted()
            return commands.sign(self._channel, self._key, message)

    def _select(self) -> None:
        """Another program may have selected another application, whose PIN must not be touched: select ours first."""
        if not commands.find(self._channel):
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
            if error.code in (REMOVED_AT_PIN, CHANGE_UNSURE):
                raise
            raise self._gone() from None
        except (CardChanged, NoReader):
            self._die()
            raise

    def _begin(self) -> None:
        try:
            begin(self._thread, self._connection)  # inside the one that was kept, where it still is: it tells what happened
        except CardReset:
            self.settle()
            self._take_up_again()
        self.settle()
        self._thread.silence_means(CardMute)

    def _take_up_again(self) -> None:
        """After another program's reset: the same insertion, the same application, the same certificate, or no further."""
        self._verified = self._unlocked = False
        self._connection.reconnect()
        self._connection.begin()
        self._thread.silence_means(CardMute)
        try:
            self._same_insertion()
            if not commands.find(self._channel):
                raise CardChanged
            self._compare()
        except BaseException:
            self._connection.end()
            raise

    def _compare(self) -> None:
        """Raises CardChanged where the certificate is another than the session's."""
        der = commands.read_certificate(self._channel, self._key.slot)
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
            same = same_card(self._thread, self._backend, slot, self.fingerprint)
        except (CardRefused, SeveralCertificates):
            return CardChanged()
        except CardError:
            return CardRemoved()
        return CardRemoved() if same else CardChanged()

    def _die(self, *, reset: bool = False) -> None:
        if self.alive:
            self.alive = False
            self.settle()
            self._connection.disconnect(reset=reset)
            self._thread.forget(self)
