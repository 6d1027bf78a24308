"""What the rest of the house knows of cards. Nothing here touches a reader."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from ebid_tui.card.pin import Pin
from ebid_tui.errors import PinUnusable

Algorithm = Literal["RS256", "ES256", "ES384"]
"""RFC 7518 names; RSA keys sign RS256, P-256 ES256, P-384 ES384."""


TriesHint = Literal["unknown", "full", "low", "final", "locked"]
"""PIN tries where only a hint is told: `low` some were spent, `final` one is left, `locked` none."""


@dataclass(frozen=True, slots=True)
class ReaderState:
    """One reader as last seen. `name` is the reader's own; `present` says whether a card is in it.

    `count` counts insertions and removals: another one means that the card was taken out, even if one is in.
    """

    name: str
    present: bool
    count: int = field(default=0, compare=False)


RefusedKind = Literal["mynumber", "corporate", "unknown"]
"""Kinds that are refused (R-23, R-34) and have a name of their own: the reason of the refusal."""

Kind = Literal["piv", "pkcs11", RefusedKind, "mute", "busy"]
"""What a look at a card found: an accepted kind, a refused one, or nothing that could be asked."""


@dataclass(frozen=True, slots=True)
class CardLook:
    """A card as seen without any PIN.

    `accepted`: kind and issuer are ones that are taken (validity is not looked at); `reason` is the code that says why not
    (R-23, R-34, E-CERT, E-CARD-MUTE …), "" where it is accepted. `tries_left`: None where asking is not known to be safe, or not
    told. `certificates`: those of the keys that could sign, DER, the one that `Cards.open` would take first.
    """

    reader: str
    kind: Kind
    accepted: bool
    reason: str
    tries_left: int | None
    certificates: tuple[bytes, ...] = field(repr=False)

    @property
    def judged(self) -> bool:
        """Whether this is a verdict on the card, and not only that it could not be asked (mute, busy, garbled, its module failed)."""
        return self.accepted or self.reason.startswith("R-") or self.reason == "E-CERT"


@dataclass(frozen=True, slots=True)
class Survey:
    """What is in, everywhere: every reader by its name and the card in it, None for an empty one.

    `silent` names the readers and modules that gave no answer, and could hold a card all the same: only a survey without any is
    complete.
    """

    looks: tuple[tuple[str, CardLook | None], ...]
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PinRules:
    """What the card's application accepts as a PIN, in bytes; checked before anything is sent (no try spent)."""

    min_length: int
    max_length: int
    digits_only: bool

    def check(self, pin: Pin) -> None:
        """Raises PinUnusable for what no such card can have as PIN."""
        fits = pin.is_digits() if self.digits_only else pin.is_printable()
        if not self.min_length <= len(pin) <= self.max_length or not fits:
            raise PinUnusable("length or characters", min=self.min_length, max=self.max_length)


class CardSession(Protocol):
    """One card, bound to its certificate's fingerprint; it dies with the card (removal, swap).

    Every call runs on the card thread and raises `errors.CardError`s: CardRemoved after a removal, CardChanged where
    another card is found, CardReset where the PIN state was lost (verify again), CardGarbled, CardMute, CardBusy.
    """

    @property
    def reader(self) -> str: ...
    @property
    def kind(self) -> str:
        """`piv` or `pkcs11`."""

    @property
    def certificate(self) -> bytes:
        """X.509, DER."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The authorities' certificates that the card holds above its own, each issued by the next; DER. Often none."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hex."""

    @property
    def algorithm(self) -> Algorithm: ...
    @property
    def pin_rules(self) -> PinRules: ...
    @property
    def pin_before_each_signature(self) -> bool:
        """True for keys that want the PIN right before every signature (PIV 9C)."""

    @property
    def alive(self) -> bool:
        """False once the card was removed or swapped: open a new session."""

    async def tries_left(self) -> int | None:
        """PIN tries left; None where asking could cost a try or the card does not tell. 0 means blocked."""

    async def tries_hint(self) -> TriesHint:
        """What is known of the tries without a number; "unknown" where nothing is."""

    async def tries_full(self) -> bool:
        """Whether not a single try has been spent; False where the card does not tell how many there are."""

    async def verify(self, pin: Pin) -> None:
        """Send the PIN once and wipe it, whatever happens. Raises PinUnusable (not sent), WrongPin, CardBlocked."""

    @property
    def pin_pad(self) -> bool:
        """True where the reader has keys of its own for the PIN, and they are to be used: then `verify_on_pin_pad` is the way."""

    async def verify_on_pin_pad(self) -> None:
        """Let the person enter the PIN on the reader's keys, once; it never enters this machine.

        Waits for the person, about two minutes at most. Raises PinPadCancelled, PinPadTimeout, PinPadBroken, PinUnusable (all
        not sent), WrongPin, CardBlocked. Giving up waiting does not end the entry: the reader does, by its cancel key or in time.
        """

    @property
    def pin_changeable(self) -> bool:
        """False where the card is known not to let its PIN be changed."""

    async def change_pin(self, old: Pin, new: Pin) -> None:
        """Change the PIN, sent once; both are wiped, whatever happens.

        Raises PinUnusable (not sent, or E-NEW-PIN: the card does not take the new one), WrongPin (the old one; a try is spent),
        CardBlocked, CardError E-PIN-FIXED; any card error of code E-PIN-CHANGE-UNSURE where nobody knows what became of it.
        """

    async def sign(self, message: bytes) -> bytes:
        """JWS signature over `message` in `algorithm` (RFC 7518: ECDSA as r||s). Raises CardReset if the PIN is wanted again."""

    async def close(self) -> None:
        """Log out of the card (VERIFY P1=FF where the kind allows it) and forget it."""


class Cards(Protocol):
    """The card worker as the flows see it."""

    def start(self) -> None:
        """Start the card thread; returns at once."""

    def stop(self) -> None:
        """End the thread within 100 ms, leaving no card powered by us."""

    def readers(self) -> tuple[ReaderState, ...]:
        """The readers as last seen, without touching any."""

    def watch(self, listener: Callable[[tuple[ReaderState, ...]], None]) -> Callable[[], None]:
        """Call `listener` at every change, also when a card was swapped for another; returns how to stop.

        It runs on the card thread: cross over with `post_message` or `call_soon_threadsafe`.
        """

    async def open(
        self,
        reader: str | None = None,
        *,
        beside: str = "",
        fingerprint: str = "",
        trusted: Collection[str] = (),
        now: datetime | None = None,
    ) -> CardSession:
        """Recognise the card in `reader` (None: the only one there is), without any PIN.

        Without `reader` and `fingerprint`, every reader and module is looked at anew, each in its own time, before one is taken:
        raises SeveralCards where more than one holds a card, or one did not answer that could. `beside` names a reader to leave
        alone as long as there is a card in another; `fingerprint` is the certificate of the one card that will do.

        Among several certificates of one card those count that are for signatures, by one of the `trusted` authorities (ids of
        the issuers' table; none given: any), and valid at `now` (None: this machine's clock). Raises NoReader, NoCard, CardMute,
        CardBusy, CardChanged, CardRefused (R-23, R-34), ModuleFailed, and SeveralCertificates where more than one will do: open
        again with the `fingerprint` of the one that is wanted.
        """

    async def survey(self, trusted: Collection[str] = ()) -> Survey:
        """`inspect` with what gave no answer. The modules' tokens are as last listed (after SeveralCards: a moment ago)."""

    async def inspect(self, trusted: Collection[str] = ()) -> tuple[tuple[str, CardLook | None], ...]:
        """Every reader by its name and the card in it, None for an empty one. No PIN command, except the counter of accepted
        kinds of card that are known to allow it. Raises NoReader where the readers' service is away.
        """


class CardTray(Protocol):
    """The virtual reader's other side: the hand that inserts and removes cards (demo only)."""

    def cards(self) -> tuple[tuple[str, str], ...]:
        """Every card that can be inserted: name and a Japanese description."""

    def notes(self) -> tuple[tuple[str, str], ...]:
        """What to type when trying these cards, as label and value: their PIN, vendors and passwords. Made-up ones only."""

    @property
    def inserted(self) -> tuple[str, ...]:
        """Names of the cards that are in, in the order of the readers."""

    def insert(self, name: str, beside: str = "") -> None:
        """Insert by name, taking out what is there first. KeyError for an unknown name.

        `beside` names a reader whose card stays in, if there is another reader.
        """

    def remove(self) -> None: ...
