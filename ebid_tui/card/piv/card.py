"""What a session does with a PIV card (`session.OpenCard`): its application selected, its PIN sent, its certificate compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial

from ebid_tui.card.apdu import Channel
from ebid_tui.card.choice import Choice
from ebid_tui.card.interface import Algorithm
from ebid_tui.card.pcsc import pin_pad
from ebid_tui.card.pin import Pin
from ebid_tui.card.piv import commands
from ebid_tui.card.recognising import ANY, begin, connected, recognise, same_card
from ebid_tui.card.session import CHANGE_UNSURE, REMOVED_AT_PIN, BoundSession, CardThread, Ending, Insertion
from ebid_tui.card.trace import Exchange
from ebid_tui.card.transport import Backend, Connection, ReaderSlot
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

KEPT_SECONDS = 0.2
"""How long the transaction in which a card was recognised is kept for what follows: other programs wait so long."""


def connect(thread: CardThread, backend: Backend, slot: ReaderSlot, choice: Choice = ANY) -> BoundSession:
    """A session with the card in this slot (card thread). Raises as `recognise` and `Backend.connect` do.

    Its transaction is kept for a moment: what follows at once finds the application selected.
    """
    with ExitStack() as where_it_fails:
        connection = connected(thread, backend, slot)
        where_it_fails.callback(connection.disconnect)
        channel = Channel(connection, thread.trace)
        begin(thread, connection)
        where_it_fails.callback(connection.end)
        key = recognise(channel, choice)
        where_it_fails.pop_all()
    stay = Insertion(backend, slot)
    session = BoundSession(thread, stay, PivCard(thread, stay, connection, channel, key))
    thread.later(KEPT_SECONDS, session.settle)
    return session


class PivCard:
    """`session.OpenCard` for PIV cards."""

    kind = "piv"
    chain: tuple[bytes, ...] = ()
    pin_rules = commands.PIN_RULES
    pin_changeable = True
    pin_pad_seconds = pin_pad.ANSWER_SECONDS
    tells_full = True
    ends_with: tuple[type[CardError], ...] = (CardRemoved, CardChanged, NoReader)

    def __init__(self, thread: CardThread, stay: Insertion, connection: Connection, channel: Channel, key: commands.PivKey) -> None:
        self.certificate = key.der
        self.algorithm: Algorithm = key.algorithm
        self.pin_before_each_signature = key.pin_before_each_signature
        self.verified = False
        self._thread, self._stay = thread, stay
        self._connection, self._channel, self._key = connection, channel, key
        self._unlocked = False
        """Whether the card may have accepted a PIN of ours, heard of or not: then it is logged out of at the end."""
        self._doubtful = False
        """Whether it may have been swapped too fast for the reader to notice: no PIN before the certificate was compared."""
        self._kept = True
        self._selected = False
        """Whether this transaction began inside the one that was kept, with our application selected."""

    @property
    def pin_pad(self) -> bool:
        return self._connection.pin_pad

    @contextmanager
    def transaction(self) -> Iterator[None]:
        try:
            self._begin()
            try:
                yield
            finally:
                self._connection.end()
        except (CardMute, CardGarbled):
            self._doubtful = True
            raise

    def settle(self) -> None:
        if self._kept:
            self._kept = False
            self._connection.end()

    def tries(self) -> tuple[int | None, bool]:
        if not self._selected:
            self._select()
        left = commands.tries_left(self._channel)
        if left is None and not self.verified:
            # Somebody else's PIN state hides the counter: end it, as this program's own entry is about to begin.
            commands.log_out(self._channel)
            left = commands.tries_left(self._channel)
        return left, False

    def tries_full(self) -> bool:
        self._select()
        return commands.tries_full(self._channel)

    def before_pin(self) -> None:
        self._stay.check()
        self._select()
        if self._doubtful:
            self._compare()

    before_change = before_pin

    def send_pin(self, pin: Pin | None) -> None:
        with self._pin_under_way():
            if pin is None:
                self._send_by_pin_pad()
            else:
                with _pin_in_hand():
                    commands.verify(self._channel, pin)

    def _send_by_pin_pad(self) -> None:
        """The transaction is held while the person types, as no other: the pad has the reader to itself all the while, and
        between SELECT and the PIN nobody may select another application."""
        with _pin_in_hand():
            sw = self._connection.verify_on_pin_pad(pin_pad.verify_structure(commands.VERIFY_HEADER, self.pin_rules))
        if (error := pin_pad.refusal(sw, self.pin_rules)) is not None:
            raise error
        self._thread.trace.add(Exchange(commands.VERIFY_HEADER, self.pin_rules.max_length, 0, sw))
        commands.judge_verify(sw)
        self._stay.check()  # it took its time

    def send_change(self, old: Pin, new: Pin) -> None:
        self._thread.silence_means(partial(CardMute, code=CHANGE_UNSURE))
        try:
            with self._pin_under_way():
                commands.change_pin(self._channel, old, new)
        except (CardRemoved, CardMute, CardGarbled) as error:
            # Sent, and no word of what became of it: the one or the other is the card's PIN now.
            raise type(error)(error.detail, code=CHANGE_UNSURE) from None

    def sign(self, message: bytes) -> bytes:
        self._thread.still_wanted()
        return commands.sign(self._channel, self._key, message)

    def log_out(self, transaction: Callable[[], AbstractContextManager[None]]) -> bool:
        if not self._unlocked:
            return True
        with transaction():
            # No SELECT first: if another application is selected, it refuses, and a reset does what it could not.
            return commands.log_out(self._channel)

    def gone(self, error: CardError) -> CardError:
        """Another card is there now (CardChanged), or this one was taken out."""
        try:
            now = self._stay.now()
            if now is None or not now.present:
                return CardRemoved()
            same = same_card(self._thread, self._stay.backend, now, self.certificate)
        except (CardRefused, SeveralCertificates):
            return CardChanged()
        except CardError:
            return CardRemoved()
        return CardRemoved() if same else CardChanged()

    def let_go(self, ending: Ending) -> None:
        self.settle()
        self._connection.disconnect(reset=ending == "still_open")

    @contextmanager
    def _pin_under_way(self) -> Iterator[None]:
        """Around sending a PIN: only a card that says no has certainly not accepted it."""
        self._unlocked = True
        try:
            yield
        except (WrongPin, CardBlocked):
            self._unlocked = False
            raise
        self.verified = True

    def _select(self) -> None:
        """Another program may have selected another application, whose PIN must not be touched: select ours first."""
        if not commands.find(self._channel):
            raise CardGarbled("the card's application is gone")

    def _begin(self) -> None:
        self._selected = self._kept
        try:
            begin(self._thread, self._connection)  # inside the one that was kept, where it still is: it tells what happened
        except CardReset:
            self.settle()
            self._take_up_again()
        self.settle()
        self._thread.silence_means(CardMute)

    def _take_up_again(self) -> None:
        """After another program's reset: the same insertion, the same application, the same certificate, or no further."""
        self.verified = self._unlocked = False
        self._connection.reconnect()
        self._connection.begin()
        self._thread.silence_means(CardMute)
        try:
            self._stay.check()
            if not commands.find(self._channel):
                raise CardChanged
            self._compare()
        except BaseException:
            self._connection.end()
            raise

    def _compare(self) -> None:
        """Raises CardChanged where the certificate is another than the session's."""
        if commands.read_certificate(self._channel, self._key.slot) != self.certificate:
            raise CardChanged
        self._doubtful = False


@contextmanager
def _pin_in_hand() -> Iterator[None]:
    """Whether a card that was pulled with the PIN in hand has counted it, only its counter knows."""
    try:
        yield
    except CardRemoved:
        raise CardRemoved(code=REMOVED_AT_PIN) from None
