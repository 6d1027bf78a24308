"""The demo's cards: the documents' own test data, as fixed in "Demo constants". Every PIN is 123456, three tries.

Importing this is cheap; keys and certificates are made when a card is first asked for, and kept in the given directory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

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

_JAPAN = timezone(timedelta(hours=9))
_FROM = datetime(2025, 1, 1, tzinfo=_JAPAN)


def _last_second(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 59, 59, tzinfo=_JAPAN)


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
    company_romaji: str
    holder_romaji: str
    address: tuple[str, str]
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


def _ise(
    name: str,
    serial: int,
    company: str,
    holder: str,
    company_romaji: str,
    holder_romaji: str,
    vendor: str = "",
    *,
    registered: bool = False,
    tries_left: int = TRIES,
) -> DemoCard:
    return DemoCard(
        name=name,
        systems=("ise",),
        authority="test-ca",
        serial=serial,
        registered=registered,
        vendor=vendor,
        company=company,
        holder=holder,
        company_romaji=company_romaji,
        holder_romaji=holder_romaji,
        address=("Tokyo-To", "Minato-ku Shibaura"),
        key="RSA-2048",
        not_after=_last_second(2028, 2, 29),
        tries_left=tries_left,
    )


def _aomori(name: str, serial: int, *, registered: bool = False) -> DemoCard:
    return DemoCard(
        name=name,
        systems=("aomori",),
        authority="bidca4",
        serial=serial,
        registered=registered,
        vendor="990000001",
        company_address=("Minato", "Akasaka"),
        company_romaji="bidca4",
        holder_romaji="ARServer4",
        address=("Kanagawa", "Kawasaki"),
        not_after=_last_second(2029, 12, 13),
    )


def _nagasaki(name: str, serial: int, not_after: datetime, *, registered: bool = False, not_before: datetime = _FROM) -> DemoCard:
    return DemoCard(
        name=name,
        systems=("nagasaki",),
        authority="test-ca2",
        serial=serial,
        registered=registered,
        vendor="3000000001",
        company="長崎テスト建設株式会社",
        holder="長崎　太郎",
        company_romaji="Nagasaki Test Kensetsu",
        holder_romaji="Taro Nagasaki",
        address=("Nagasaki", "Nagasaki-shi Onoue-machi"),
        not_before=not_before,
        not_after=not_after,
    )


def _saitama(name: str, serial: int, not_after: datetime, *, registered: bool = False) -> DemoCard:
    return DemoCard(
        name=name,
        systems=("saitama",),
        authority="organization-ca-u8",
        serial=serial,
        registered=registered,
        vendor="4000000001",
        company="株式会社○○建設",
        holder="△△　太郎",
        company_romaji="Maru Maru Kensetsu",
        holder_romaji="Taro Sankaku",
        address=("Saitama", "Saitama-shi, Urawa-ku, Takasago"),
        key="RSA-2048",
        not_after=not_after,
    )


_CARDS = (
    _ise("ise-new", 683, "テスト工事業者０１", "個人　十郎", "Test Koji Gyosha 01", "Juro Kojin", "1000000001"),
    _ise("ise-second", 684, "テスト工事業者０２", "テスト　二郎", "Test Koji Gyosha 02", "Jiro Test", "1000000002"),
    _ise("ise-current", 659, "テスト０６株式会社", "テスト　六郎", "Test 06", "Rokuro Test", "1000000005", registered=True),
    _ise("ise-next", 673, "テスト２０株式会社", "テスト　二十郎", "Test 20", "Nijuro Test", "1000000005"),
    _aomori("aomori-current", 246187065731116185158328469941009070494604893755, registered=True),
    _aomori("aomori-next", 246187065731116185158328469941009070494604893767),
    _nagasaki("nagasaki-current", 1234, _last_second(2027, 3, 31), registered=True),
    _nagasaki("nagasaki-next", 1235, _last_second(2029, 3, 31)),
    _nagasaki("nagasaki-expired", 1230, _last_second(2025, 3, 31), registered=True, not_before=datetime(2022, 4, 1, tzinfo=_JAPAN)),
    _saitama("saitama-current", 224231109942, _last_second(2028, 3, 27), registered=True),
    _saitama("saitama-next", 224248018996, _last_second(2028, 9, 9)),
    _saitama("saitama-new", 224248018997, _last_second(2028, 9, 9)),
    DemoCard(
        name="mynumber",
        systems=(),
        company_romaji="",
        holder_romaji="",
        address=("", ""),
        not_after=_last_second(2030, 12, 31),
        kind="jpki",
    ),
    _ise("blocked", 690, "テスト工事業者０１", "個人　三郎", "Test Koji Gyosha 01", "Saburo Kojin", "1000000001", tries_left=0),
    DemoCard(
        name="other-ca",
        systems=(),
        authority="other-ca",
        serial=900,
        company="テスト工事業者０１",
        holder="個人　十郎",
        company_romaji="Test Koji Gyosha 01",
        holder_romaji="Juro Kojin",
        address=("Tokyo-To", "Minato-ku Shibaura"),
        not_after=_last_second(2028, 2, 29),
    ),
    _ise("stranger", 691, "他社テスト株式会社", "他社　太郎", "Tasha Test", "Taro Tasha"),
)

DEMO_CARDS: Mapping[str, DemoCard] = {card.name: card for card in _CARDS}
"""By name, in the order of the list."""


@dataclass(frozen=True, slots=True)
class SlotMaterial:
    """A slot's key (PKCS#8, DER) and certificate (DER)."""

    private_key: bytes = field(repr=False)
    certificate: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardMaterial:
    """All that a virtual card is made of. `slots` is empty for a card of kind `jpki`."""

    kind: Literal["piv", "jpki"]
    slots: Mapping[int, SlotMaterial]
    tries: int
    tries_left: int


def certificate(directory: Path, name: str) -> bytes:
    """The certificate (DER) with the card's documented serial, from slot 9A; makes that slot's key only.

    Raises KeyError for a name that is no demo card, or one without certificates; EbidError E-DEMO-KEYS.
    """
    if DEMO_CARDS[name].kind != "piv":
        raise KeyError(name)
    return _slot(directory, name, SLOT_AUTHENTICATION).certificate


def load(directory: Path, name: str) -> CardMaterial:
    """A card's keys and certificates; the first call for a card makes them. `directory` is private (0700) and only the demo's.

    Raises KeyError for a name that is no demo card; EbidError E-DEMO-KEYS where the directory cannot be used.
    """
    card = DEMO_CARDS[name]
    wanted = (SLOT_AUTHENTICATION, SLOT_SIGNATURE) if card.kind == "piv" else ()
    return CardMaterial(card.kind, {slot: _slot(directory, name, slot) for slot in wanted}, TRIES, card.tries_left)


def _slot(directory: Path, name: str, slot: int) -> SlotMaterial:
    from ebid_tui.demo import ca  # cryptography, 40 ms: not for looking at the list
    from ebid_tui.demo.vault import Vault

    card = DEMO_CARDS[name]
    second = slot == SLOT_SIGNATURE
    request = ca.Request(
        serial=card.serial + (SECOND_SERIAL_OFFSET if second else 0),
        subject=card.subject,
        japanese=card.japanese,
        not_before=card.not_before,
        not_after=card.not_after,
        non_repudiation=second,
    )
    return SlotMaterial(*ca.certified_key(Vault(directory), f"card-{name}-{slot:02x}", card.authority, request, card.key))


def trust_anchors(directory: Path) -> dict[str, bytes]:
    """The accepted demo authorities' certificates (DER) by id; `other-ca` is not among them."""
    from ebid_tui.demo import ca
    from ebid_tui.demo.vault import Vault

    vault = Vault(directory)
    return {authority.id: ca.trust_anchor(vault, authority.id) for authority in ca.AUTHORITIES.values() if authority.accepted}


def make_virtual(directory: Path, name: str) -> VirtualCard:
    """The card as it goes into the virtual reader. Raises as `load` does."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    from ebid_tui.demo.virtual_card import JPKI_AID, PIV_AID, SlotKey, VirtualCard

    material = load(directory, name)
    slots: dict[int, SlotKey] = {}
    for slot, kept in material.slots.items():
        # The demo made it: looking anew whether its primes are prime costs more than all the rest (50 ms, 130 for 3072 bits).
        key = load_der_private_key(kept.private_key, None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        slots[slot] = SlotKey(key, kept.certificate)
    return VirtualCard(
        slots,
        PIN.encode("ascii"),
        tries=material.tries,
        tries_left=material.tries_left,
        aids=(PIV_AID,) if material.kind == "piv" else (JPKI_AID,),
        serial=DEMO_CARDS[name].serial & 0xFFFFFFFF,
    )
