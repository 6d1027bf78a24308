"""The demo's cards, of whichever system. Every PIN is 123456, three tries.

Their dates are of `DemoCard.day`; `DemoCard.on` says what they are on another one. Importing this is cheap: keys are made when a card
is first asked for, and kept in its wallet's directory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from ebid_tui.demo import days
from ebid_tui.domain.profile.demo import REGISTERED, DemoCardState
from ebid_tui.language import joined
from ebid_tui.messages import t

if TYPE_CHECKING:
    from ebid_tui.demo.authorities import Attributes
    from ebid_tui.demo.virtual_card import VirtualCard

DEFAULT_SYSTEM = "ise"
"""Where `ebid-tui demo` goes when nobody says where."""

PIN = "123456"
TRIES = 3
SLOT_AUTHENTICATION = 0x9A
SLOT_SIGNATURE = 0x9C
SECOND_SERIAL_OFFSET = 1_000_000
"""The certificate in slot 9C has the card's serial plus this; the documents' serial is the one in 9A."""


class DemoCard(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a demo card before any key is made."""

    name: str
    systems: tuple[str, ...]
    """Where it is for; empty for a card to try anywhere."""
    state: DemoCardState
    """What it is there for."""
    authority: str = ""
    """Id in `authorities.AUTHORITIES`; empty for a card without readable certificates."""
    serial: int = 0
    vendor: str = ""
    """Vendor number or user ID that the card is meant for; empty for none."""
    company: str = ""
    company_address: tuple[str, str] | None = None
    """Prefecture and the rest; in subjectAltName."""
    holder: str = ""
    company_romaji: str = ""
    holder_romaji: str = ""
    address: tuple[str, str] = ("", "")
    """Prefecture and the rest, romaji; in the subject."""
    key: Literal["RSA-2048", "P-256"] = "P-256"
    key_entry: str = ""
    """What its keys are kept under, where it shares them with other cards; empty: `card-` and its name."""
    day: date | None = days.DOCUMENTED
    """On which its dates are as they stand; on another one they are moved along. None: they never are."""
    not_before: datetime
    not_after: datetime
    tries_left: int = TRIES
    of: tuple[str, ...] = ()
    """What the list of cards says of it besides its state: its system, its vendor, the category."""

    @property
    def description(self) -> str:
        """One line for the list of cards."""
        said = self.of + ((t("demo.registered" if self.registered else "demo.not_registered"),) if self.vendor else ())
        about = t("demo.card_about", facts=joined("、", said[1:])) if said[1:] else ""
        return " ".join([*said[:1], t(f"demo.card.{self.state}") + about])

    @property
    def registered(self) -> bool:
        """Whether the demo's roster has it registered for `vendor` already."""
        return self.state in REGISTERED

    @property
    def kind(self) -> Literal["piv", "jpki"]:
        """Which application it has."""
        return "jpki" if self.state == "mynumber" else "piv"

    @property
    def subject(self) -> Attributes:
        prefecture, rest = self.address
        return (("C", "JP"), ("ST", prefecture), ("L", rest), ("O", self.company_romaji), ("CN", self.holder_romaji))

    @property
    def japanese(self) -> Attributes:
        """subjectAltName's directoryName; empty where the card has nothing Japanese to say."""
        names = tuple((short, value) for short, value in (("O", self.company), ("CN", self.holder)) if value)
        address = () if self.company_address is None else (("ST", self.company_address[0]), ("L", self.company_address[1]))
        return (("C", "JP"), *address, *names) if names or address else ()

    def on(self, day: date) -> DemoCard:
        """The card as it is in a demo of that day."""
        if self.day is None:
            return self
        ends = {"not_before": days.moved(self.not_before, day, self.day), "not_after": days.moved(self.not_after, day, self.day)}
        return msgspec.structs.replace(self, **ends)


def packaged_cards() -> Mapping[str, DemoCard]:
    """Every packaged system's, in the order of the list."""
    from ebid_tui.demo.packaged import DEMO_CARDS

    return DEMO_CARDS


@dataclass(frozen=True, slots=True)
class Wallet:
    """The cards of one demo: where their keys are kept, and the day that they are of. Whoever has the same has the same cards."""

    directory: Path
    """Private (0700) and only the demo's."""
    day: date
    known: Callable[[], Mapping[str, DemoCard]] = packaged_cards
    """By name. Nothing said: those of every packaged system."""

    @property
    def cards(self) -> Mapping[str, DemoCard]:
        """What there is of them."""
        return self.known()


def certificate(wallet: Wallet, name: str) -> bytes:
    """The certificate (DER) with the card's documented serial, from slot 9A; makes that slot's key only.

    Raises KeyError for a name that is no demo card, or one without certificates; EbidError E-DEMO-KEYS.
    """
    if wallet.cards[name].kind != "piv":
        raise KeyError(name)
    return _slot(wallet, name, SLOT_AUTHENTICATION)[1]


def _slot(wallet: Wallet, name: str, slot: int) -> tuple[bytes, bytes]:
    """A slot's key (PKCS#8, DER), made by the first call, and its certificate (DER)."""
    from ebid_tui.demo import ca  # cryptography, 40 ms: not for looking at the list
    from ebid_tui.demo.key_directory import KeyDirectory

    card = wallet.cards[name].on(wallet.day)
    second = slot == SLOT_SIGNATURE
    request = ca.CertificateRequest(
        serial=card.serial + (SECOND_SERIAL_OFFSET if second else 0),
        subject=card.subject,
        japanese=card.japanese,
        not_before=card.not_before,
        not_after=card.not_after,
        non_repudiation=second,
    )
    entry = f"{card.key_entry or f'card-{name}'}-{slot:02x}"
    return ca.certified_key(KeyDirectory(wallet.directory), wallet.day, entry, card.authority, request, card.key)


def trust_anchors(wallet: Wallet) -> dict[str, bytes]:
    """The accepted demo authorities' certificates (DER) by id; `other-ca` is not among them."""
    from ebid_tui.demo import ca
    from ebid_tui.demo.authorities import AUTHORITIES
    from ebid_tui.demo.key_directory import KeyDirectory

    vault = KeyDirectory(wallet.directory)
    return {name: ca.trust_anchor(vault, wallet.day, name) for name, authority in AUTHORITIES.items() if authority.accepted}


def make_virtual(wallet: Wallet, name: str) -> VirtualCard:
    """The card as it goes into the virtual reader; the first call for a card makes its keys.

    Raises KeyError for a name that is no demo card; EbidError E-DEMO-KEYS where the directory cannot be used.
    """
    from ebid_tui.demo import ca
    from ebid_tui.demo.virtual_card import JPKI_AID, PIV_AID, SlotKey, VirtualCard

    card = wallet.cards[name]
    slots: dict[int, SlotKey] = {}
    for slot in (SLOT_AUTHENTICATION, SLOT_SIGNATURE) if card.kind == "piv" else ():
        key, certified = _slot(wallet, name, slot)
        slots[slot] = SlotKey(ca.opened(key), certified)
    return VirtualCard(
        slots,
        PIN.encode("ascii"),
        tries=TRIES,
        tries_left=card.tries_left,
        aids=(PIV_AID,) if slots else (JPKI_AID,),
        serial=card.serial & 0xFFFFFFFF,
    )
