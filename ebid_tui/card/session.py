"""One card, bound to its certificate's fingerprint: the session that dies with the card, the same for every kind of card.

The coroutines may be awaited from any event loop; everything below them runs on the card thread. What a kind does in its own way is
its `OpenCard`; when a PIN may go out, how often, and what ends a session is said here, once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from ebid_tui.card.choice import fingerprint
from ebid_tui.card.interface import Algorithm, PinRules, TriesHint
from ebid_tui.card.pin import Pin
from ebid_tui.card.trace import ApduTrace
from ebid_tui.card.transport import Backend, ReaderSlot
from ebid_tui.errors import CardError, CardRemoved, CardReset, ModuleFailed

logger = logging.getLogger(__name__)
T = TypeVar("T")

REMOVED_AT_PIN = "E-CARD-REMOVED-PIN"
"""CardRemoved's code where the card was pulled while it had the PIN in hand."""

CHANGE_UNSURE = "E-PIN-CHANGE-UNSURE"
"""The code of whatever ended a change of PIN between the sending and the answer."""

Ending = Literal["gone", "logged_out", "still_open"]
"""How a session ends: with its card, or by `end`, which could log out of the card, or could not."""


class CardThread(Protocol):
    """The card thread as a session sees it."""

    trace: ApduTrace

    async def call(self, work: Callable[[], T], *, dropped: Callable[[], None] | None = None, patience: float | None = None) -> T:
        """Run `work` there. `dropped` is called instead where the caller gave up before it began; `patience`: seconds to wait."""

    def still_wanted(self) -> None:
        """Raises CardError where the caller has given up meanwhile: asked before anything that cannot be taken back."""

    def silence_means(self, error: Callable[[str], CardError]) -> None:
        """What the caller is told if the current step never returns."""

    async def let_go(self, end: Callable[[], None]) -> None:
        """Run what ends a session. Never raises: where the card does not answer at once, it is done when the thread is free again."""

    def forget(self, session: BoundSession) -> None:
        """The session is over."""

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Run `work` on the card thread after that long."""

    def settle(self) -> None:
        """End every transaction that a session has kept: something else is about to use the readers."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """A card's stay in a reader, `slot` as it was when it was found: one that was taken out and is back has begun another."""

    backend: Backend
    slot: ReaderSlot

    def now(self) -> ReaderSlot | None:
        """The reader as it is; None where there is no such reader. Raises NoReader."""
        return next((slot for slot in self.backend.look() if slot.name == self.slot.name), None)

    def lasts(self, now: ReaderSlot | None) -> bool:
        return now is not None and now.present and now.count == self.slot.count

    def check(self) -> None:
        """Raises CardRemoved where the card was taken out since, even if it is back; NoReader."""
        if not self.lasts(self.now()):
            raise CardRemoved


class OpenCard(Protocol):
    """A card of one kind that a session has open. Everything with a card is called on the card thread, inside `transaction`
    (but for `log_out`, `gone` and `let_go`).
    """

    kind: str
    certificate: bytes
    chain: tuple[bytes, ...]
    algorithm: Algorithm
    pin_rules: PinRules
    pin_changeable: bool
    pin_before_each_signature: bool
    pin_pad_seconds: float
    """After this long a pad that says nothing is broken."""
    tells_full: bool
    """Whether there are cards of this kind that tell how many tries they have at most."""
    ends_with: tuple[type[CardError], ...]
    """After which the session is over: what is in the reader now is looked at afresh."""
    verified: bool
    """Whether the card takes its PIN for verified, as far as is known; the session says when it does not any more."""

    @property
    def pin_pad(self) -> bool: ...

    def transaction(self) -> AbstractContextManager[None]:
        """A short time with this card and no other. Raises what keeps it from beginning, and CardErrors alone from within."""

    def settle(self) -> None:
        """End the transaction that was kept from recognising, if it still is."""

    def tries(self) -> tuple[int | None, bool]:
        """As `interface.CardSession.tries_left`, and whether it is known that some were spent."""

    def tries_full(self) -> bool: ...

    def before_pin(self) -> None:
        """The same card, and one that may have the PIN: raises what speaks against sending it. No try is spent."""

    def before_change(self) -> None:
        """The same before both PINs of a change."""

    def send_pin(self, pin: Pin | None) -> None:
        """The PIN, exactly once; None: let it be entered on the reader's own keys. Raises as `interface.CardSession.verify`."""

    def send_change(self, old: Pin, new: Pin) -> None:
        """Both PINs, exactly once. Raises as `interface.CardSession.change_pin`."""

    def sign(self, message: bytes) -> bytes: ...

    def log_out(self, transaction: Callable[[], AbstractContextManager[None]]) -> bool:
        """Make the card forget the PIN, where it may have had one; whether it did. `transaction` is the session's."""

    def gone(self, error: CardError) -> CardError:
        """What to say of a session that ends or is over with this error, by what is in the reader now."""

    def let_go(self, ending: Ending) -> None: ...


class BoundSession:
    """`interface.CardSession` for every kind of card."""

    def __init__(self, thread: CardThread, stay: Insertion, card: OpenCard) -> None:
        self.reader = stay.slot.name
        self.kind = card.kind
        self.certificate = card.certificate
        self.chain = card.chain
        self.fingerprint = fingerprint(card.certificate)
        self.algorithm: Algorithm = card.algorithm
        self.pin_rules = card.pin_rules
        self.pin_changeable = card.pin_changeable
        self.alive = True
        self._thread, self._stay, self._card = thread, stay, card

    @property
    def pin_before_each_signature(self) -> bool:
        return self._card.pin_before_each_signature

    @property
    def pin_pad(self) -> bool:
        return self._card.pin_pad

    async def tries_left(self) -> int | None:
        return (await self._ask(self._card.tries))[0]

    async def tries_hint(self) -> TriesHint:
        left, low = await self._ask(self._card.tries)
        if left is None:
            return "low" if low else "unknown"
        if left > 1:
            return "full" if await self.tries_full() else "unknown"
        return "final" if left else "locked"

    async def tries_full(self) -> bool:
        return self._card.tells_full and await self._ask(self._card.tries_full)

    async def verify(self, pin: Pin) -> None:
        self._check_pins(pin)
        await self._thread.call(lambda: self._verify(pin), dropped=pin.wipe)

    async def verify_on_pin_pad(self) -> None:
        await self._thread.call(lambda: self._verify(None), patience=self._card.pin_pad_seconds)

    async def change_pin(self, old: Pin, new: Pin) -> None:
        self._check_pins(old, new)
        await self._thread.call(lambda: self._change_pin(old, new), dropped=lambda: _wipe(old, new))

    async def sign(self, message: bytes) -> bytes:
        return await self._ask(lambda: self._card.sign(message))

    async def close(self) -> None:
        await self._thread.let_go(self.end)

    async def _ask(self, work: Callable[[], T]) -> T:
        def within() -> T:
            with self._transaction():
                return work()

        return await self._thread.call(within)

    def _check_pins(self, *pins: Pin) -> None:
        """Wipes them and raises PinUnusable for what no such card can have as PIN; nothing is sent, no try is spent."""
        try:
            for pin in pins:
                self.pin_rules.check(pin)
        except CardError:
            _wipe(*pins)
            raise

    # from here on: card thread

    def settle(self) -> None:
        self._card.settle()

    def belongs_to(self, backend: Backend) -> bool:
        return self._stay.backend is backend

    def seen(self, slot: ReaderSlot | None) -> None:
        """The reader was looked at: another count, or no such reader, ends the session."""
        if not self._stay.lasts(slot):
            self._die("gone")

    def end(self) -> None:
        """Log out and let go. A card that is gone or does not answer has nothing left to log out of."""
        if not self.alive:
            return
        logged_out = False
        try:
            logged_out = self._card.log_out(self._transaction)
        except CardError as error:
            logger.info("card not logged out: %s", error)
        self._die("logged_out" if logged_out else "still_open")

    def _verify(self, pin: Pin | None) -> None:
        try:
            with self._transaction():
                self._card.before_pin()
                self._thread.still_wanted()
                self._card.verified = False
                self._card.send_pin(pin)
        finally:
            if pin is not None:
                pin.wipe()

    def _change_pin(self, old: Pin, new: Pin) -> None:
        try:
            with self._transaction():
                self._card.before_change()
                self._thread.still_wanted()
                self._card.send_change(old, new)
        finally:
            _wipe(old, new)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """A short time with this card, and no other; what is found out about it on the way is remembered."""
        if not self.alive:
            raise self._card.gone(CardRemoved())
        try:
            with self._card.transaction():
                yield
        except (CardReset, ModuleFailed):
            self._card.verified = False
            raise
        except self._card.ends_with as error:
            self._die("gone")
            if not isinstance(error, CardRemoved) or error.code in (REMOVED_AT_PIN, CHANGE_UNSURE):
                raise
            raise self._card.gone(error) from None

    def _die(self, ending: Ending) -> None:
        if self.alive:
            self.alive = False
            self._thread.forget(self)
            self._card.let_go(ending)


def _wipe(*pins: Pin) -> None:
    for pin in pins:
        pin.wipe()
