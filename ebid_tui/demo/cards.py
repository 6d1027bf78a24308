"""The demo's cards: the documents' own test data, as fixed in "Demo constants". Every PIN is 123456, three tries.

Dates are the documented ones; `DemoCard.on` says what they are on another day. Importing this is cheap: keys are made when a card is
first asked for, and kept in its wallet's directory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ebid_tui.demo import days
from ebid_tui.messages import t

if TYPE_CHECKING:
    from ebid_tui.demo.ca import Attributes
    from ebid_tui.demo.virtual_card import VirtualCard

DEFAULT_SYSTEM = "ise"
"""Where `ebid-tui demo` goes when nobody says where."""

PIN = "123456"
TRIES = 3
SLOT_AUTHENTICATION = 0x9A
SLOT_SIGNATURE = 0x9C
SECOND_SERIAL_OFFSET = 1_000_000
"""The certificate in slot 9C has the card's serial plus this; the documents' serial is the one in 9A."""

_FROM = datetime(2025, 1, 1, tzinfo=days.JAPAN)


def _last_second(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 59, 59, tzinfo=days.JAPAN)


class DemoCard(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a demo card before any key is made."""

    name: str
    systems: tuple[str, ...]
    """Where it is for; empty for a card to try anywhere."""
    authority: str = ""
    """Id in `ca.AUTHORITIES`; empty for a card without readable certificates."""
    serial: int = 0
    registered: bool = False
    """Whether the demo's roster has it registered for `vendor` already."""
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
    not_before: datetime = _FROM
    not_after: datetime
    kind: Literal["piv", "jpki"] = "piv"
    tries_left: int = TRIES

    @property
    def description(self) -> str:
        """One Japanese line for the list of cards."""
        return t(f"demo.card.{self.name}")

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
        ends = {"not_before": days.moved(self.not_before, day), "not_after": days.moved(self.not_after, day)}
        return msgspec.structs.replace(self, **ends)


_ISE = DemoCard(
    name="",
    systems=("ise",),
    authority="test-ca",
    address=("Tokyo-To", "Minato-ku Shibaura"),
    key="RSA-2048",
    not_after=_last_second(2028, 2, 29),
)
_AOMORI = DemoCard(
    name="",
    systems=("aomori",),
    authority="bidca4",
    vendor="990000001",
    company_address=("Minato", "Akasaka"),
    company_romaji="bidca4",
    holder_romaji="ARServer4",
    address=("Kanagawa", "Kawasaki"),
    not_after=_last_second(2029, 12, 13),
)
_NAGASAKI = DemoCard(
    name="",
    systems=("nagasaki",),
    authority="test-ca2",
    vendor="3000000001",
    company="長崎テスト建設株式会社",
    holder="長崎　太郎",
    company_romaji="Nagasaki Test Kensetsu",
    holder_romaji="Taro Nagasaki",
    address=("Nagasaki", "Nagasaki-shi Onoue-machi"),
    not_after=_last_second(2029, 3, 31),
)
_SAITAMA = DemoCard(
    name="",
    systems=("saitama",),
    authority="organization-ca-u8",
    vendor="4000000001",
    company="株式会社○○建設",
    holder="△△　太郎",
    company_romaji="Maru Maru Kensetsu",
    holder_romaji="Taro Sankaku",
    address=("Saitama", "Saitama-shi, Urawa-ku, Takasago"),
    key="RSA-2048",
    not_after=_last_second(2028, 9, 9),
)


def _card(like: DemoCard, name: str, serial: int, *of: str, **facts: Any) -> DemoCard:
    """`of`: whose it is, and the vendor it is for, where it is not as on the others."""
    whose = zip(("company", "holder", "company_romaji", "holder_romaji", "vendor"), of, strict=False)
    return msgspec.structs.replace(like, name=name, serial=serial, **dict(whose), **facts)


_SOON = {"registered": True, "not_after": _last_second(2026, 12, 11)}
_PAST = {"registered": True, "not_before": datetime(2022, 4, 1, tzinfo=days.JAPAN), "not_after": _last_second(2025, 3, 31)}
_TEN = ("テスト工事業者０１", "個人　十郎", "Test Koji Gyosha 01", "Juro Kojin")
_CARDS = (
    _card(_ISE, "ise-new", 683, *_TEN, "1000000001"),
    _card(_ISE, "ise-second", 684, "テスト工事業者０２", "テスト　二郎", "Test Koji Gyosha 02", "Jiro Test", "1000000002"),
    _card(_ISE, "ise-current", 659, "テスト０６株式会社", "テスト　六郎", "Test 06", "Rokuro Test", "1000000005", registered=True),
    _card(_ISE, "ise-soon", 660, "テスト０６株式会社", "テスト　七郎", "Test 06", "Shichiro Test", "1000000005", **_SOON),
    _card(_ISE, "ise-next", 673, "テスト２０株式会社", "テスト　二十郎", "Test 20", "Nijuro Test", "1000000005"),
    _card(_AOMORI, "aomori-current", 246187065731116185158328469941009070494604893755, registered=True),
    _card(_AOMORI, "aomori-next", 246187065731116185158328469941009070494604893767),
    _card(_NAGASAKI, "nagasaki-current", 1234, registered=True, not_after=_last_second(2027, 3, 31)),
    _card(_NAGASAKI, "nagasaki-next", 1235),
    _card(_NAGASAKI, "nagasaki-expired", 1230, **_PAST),
    _card(_SAITAMA, "saitama-current", 224231109942, registered=True, not_after=_last_second(2028, 3, 27)),
    _card(_SAITAMA, "saitama-next", 224248018996),
    _card(_SAITAMA, "saitama-new", 224248018997),
    DemoCard(name="mynumber", systems=(), not_after=_last_second(2030, 12, 31), kind="jpki"),
    _card(_ISE, "blocked", 690, "テスト工事業者０１", "個人　三郎", "Test Koji Gyosha 01", "Saburo Kojin", "1000000001", tries_left=0),
    _card(_ISE, "other-ca", 900, *_TEN, systems=(), authority="other-ca", key="P-256"),
    _card(_ISE, "stranger", 691, "他社テスト株式会社", "他社　太郎", "Tasha Test", "Taro Tasha"),
)

DEMO_CARDS: Mapping[str, DemoCard] = {card.name: card for card in _CARDS}
"""By name, in the order of the list."""


@dataclass(frozen=True, slots=True)
class Wallet:
    """The cards of one demo: where their keys are kept, and the day that they are of. Whoever has the same has the same cards."""

    directory: Path
    """Private (0700) and only the demo's."""
    day: date


def certificate(wallet: Wallet, name: str) -> bytes:
    """The certificate (DER) with the card's documented serial, from slot 9A; makes that slot's key only.

    Raises KeyError for a name that is no demo card, or one without certificates; EbidError E-DEMO-KEYS.
    """
    if DEMO_CARDS[name].kind != "piv":
        raise KeyError(name)
    return _slot(wallet, name, SLOT_AUTHENTICATION)[1]


def _slot(wallet: Wallet, name: str, slot: int) -> tuple[bytes, bytes]:
    """A slot's key (PKCS#8, DER), made by the first call, and its certificate (DER)."""
    from ebid_tui.demo import ca  # cryptography, 40 ms: not for looking at the list
    from ebid_tui.demo.key_directory import KeyDirectory

    card = DEMO_CARDS[name].on(wallet.day)
    second = slot == SLOT_SIGNATURE
    request = ca.CertificateRequest(
        serial=card.serial + (SECOND_SERIAL_OFFSET if second else 0),
        subject=card.subject,
        japanese=card.japanese,
        not_before=card.not_before,
        not_after=card.not_after,
        non_repudiation=second,
    )
    entry = f"card-{name}-{slot:02x}"
    return ca.certified_key(KeyDirectory(wallet.directory), wallet.day, entry, card.authority, request, card.key)


def trust_anchors(wallet: Wallet) -> dict[str, bytes]:
    """The accepted demo authorities' certificates (DER) by id; `other-ca` is not among them."""
    from ebid_tui.demo import ca
    from ebid_tui.demo.key_directory import KeyDirectory

    vault = KeyDirectory(wallet.directory)
    return {name: ca.trust_anchor(vault, wallet.day, name) for name, authority in ca.AUTHORITIES.items() if authority.accepted}


def make_virtual(wallet: Wallet, name: str) -> VirtualCard:
    """The card as it goes into the virtual reader; the first call for a card makes its keys.

    Raises KeyError for a name that is no demo card; EbidError E-DEMO-KEYS where the directory cannot be used.
    """
    from ebid_tui.demo import ca
    from ebid_tui.demo.virtual_card import JPKI_AID, PIV_AID, SlotKey, VirtualCard

    card = DEMO_CARDS[name]
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
