"""What the rest of the house knows of cards. Nothing here touches a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from ebid_tui.card.pin import Pin

Algorithm = Literal["RS256", "ES256", "ES384"]
"""RFC 7518 names; RSA keys sign RS256, P-256 ES256, P-384 ES384."""


@dataclass(frozen=True, slots=True)
class ReaderState:
    """One reader as last seen. `name` is the reader's own; `present` says whether a card is in it."""

    name: str
    present: bool


@dataclass(frozen=True, slots=True)
class PinRules:
    """What the card's application accepts as a PIN, in bytes; checked before anything is sent (no try spent)."""

    min_length: int
    max_length: int
    digits_only: bool


class CardSession(Protocol):
    """One card, bound to its certificate's fingerprint; it dies with the card (removal, swap).

    Every call runs on the card thread and raises `errors.CardError`s: CardRemoved after a removal, CardChanged where
    another card is found, CardReset where the PIN state was lost (verify again), CardGarbled, CardMute, CardBusy.
    """

    @property
    def reader(self) -> str: ...
    @property
    def kind(self) -> str:
        """`piv` (later `pkcs11`)."""
        ...

    @property
    def certificate(self) -> bytes:
        """X.509, DER."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hex."""
        ...

    @property
    def algorithm(self) -> Algorithm: ...
    @property
    def pin_rules(self) -> PinRules: ...
    @property
    def pin_before_each_signature(self) -> bool:
        """True for keys that want the PIN right before every signature (PIV 9C)."""
        ...

    @property
    def alive(self) -> bool:
        """False once the card was removed or swapped: open a new session."""
        ...

    async def tries_left(self) -> int | None:
        """PIN tries left; None where asking could cost a try or the card does not tell. 0 means blocked."""
        ...

    async def tries_full(self) -> bool:
        """Whether not a single try has been spent; False where the card does not tell how many there are."""
        ...

    async def verify(self, pin: Pin) -> None:
        """Send the PIN once and wipe it, whatever happens. Raises PinUnusable (not sent), WrongPin, CardBlocked."""
        ...

    async def sign(self, message: bytes) -> bytes:
        """JWS signature over `message` in `algorithm` (RFC 7518: ECDSA as r||s). Raises CardReset if the PIN is wanted again."""
        ...

    async def close(self) -> None:
        """Log out of the card (VERIFY P1=FF where the kind allows it) and forget it."""
        ...


class Cards(Protocol):
    """The card worker as the flows see it."""

    def start(self) -> None:
        """Start the card thread; returns at once."""
        ...

    def stop(self) -> None:
        """End the thread within 100 ms, leaving no card powered by us."""
        ...

    def readers(self) -> tuple[ReaderState, ...]:
        """The readers as last seen, without touching any."""
        ...

    def watch(self, listener: Callable[[tuple[ReaderState, ...]], None]) -> Callable[[], None]:
        """Call `listener` at every change, also when a card was swapped for another; returns how to stop.

        It runs on the card thread: cross over with `post_message` or `call_soon_threadsafe`.
        """
        ...

    async def open(self, reader: str | None = None, *, beside: str = "", fingerprint: str = "") -> CardSession:
        """Recognise the card in `reader` (None: the only one present, else the first with an accepted kind), without any PIN.

        `beside` names a reader to leave alone as long as there is a card in another; `fingerprint` is the certificate of
        the one card that will do. Raises NoReader, NoCard, CardMute, CardBusy, CardChanged, CardRefused (R-23, R-34).
        """
        ...


class CardTray(Protocol):
    """The virtual reader's other side: the hand that inserts and removes cards (demo only)."""

    def cards(self) -> tuple[tuple[str, str], ...]:
        """Every card that can be inserted: name and a Japanese description."""
        ...

    def notes(self) -> tuple[tuple[str, str], ...]:
        """What to type when trying these cards, as label and value: their PIN, vendors and passwords. Made-up ones only."""
        ...

    @property
    def inserted(self) -> tuple[str, ...]:
        """Names of the cards that are in, in the order of the readers."""
        ...

    def insert(self, name: str, beside: str = "") -> None:
        """Insert by name, taking out what is there first. KeyError for an unknown name.

        `beside` names a reader whose card stays in, if there is another reader.
        """
        ...

    def remove(self) -> None: ...
