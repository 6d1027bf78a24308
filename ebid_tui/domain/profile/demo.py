"""What a file may say of its demo: the vendors and the cards that a training shows. Read by the demo alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from ebid_tui.domain.profile.rows import unique
from ebid_tui.domain.profile.texts import Fault
from ebid_tui.domain.records import QualificationState, Values

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile

DemoCardState = Literal["new", "second", "initial", "current", "next", "soon", "expired", "blocked", "other_ca", "stranger", "mynumber"]
"""What a demo card is there for. `current`, `soon` and `expired` ones are registered from the start."""

NamePart = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""An attribute of a certificate's name (RFC 5280, appendix A.1)."""

REGISTERED: frozenset[DemoCardState] = frozenset({"current", "soon", "expired"})


class DemoPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a demo's vendor is qualified."""

    agency: str
    category: str


class DemoVendorData(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A vendor of the demo, by its number."""

    number: str
    trade_name: str
    places: tuple[DemoPlace, ...] = ()
    """None: everywhere."""
    state: QualificationState = "approved"
    password: str = ""
    password_state: Literal["initial", "active"] = "active"
    locked: bool = False
    """R-33: whether its password was wrong too often already."""
    login_id: str = ""
    department: str = ""
    branch: str = ""
    company_id: str = ""
    company: Values = {}
    """企業情報 by field id."""
    contact: Values = {}
    """What its registered cards have typed as contacts, by field id."""
    search: Values = {}
    """What the search's own fields (`x-…`) ask of it."""


class DemoCardData(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A card of the demo."""

    name: str
    state: DemoCardState
    vendor: str = ""
    """The number of the vendor that it is meant for."""
    authority: str = "test-ca"
    serial: str = "1"
    """Decimal; longer than the file's numbers may be."""
    company: Annotated[str, msgspec.Meta(max_length=64)] = ""
    holder: Annotated[str, msgspec.Meta(max_length=64)] = ""
    company_romaji: NamePart = "Demo Shokai"
    holder_romaji: NamePart = "Demo Mihon"
    company_address: tuple[NamePart, NamePart] | None = None
    address: tuple[NamePart, NamePart] = ("Tokyo-To", "Minato-ku Shibaura")
    key: Literal["RSA-2048", "P-256"] = "P-256"
    not_before: date = date(2025, 1, 1)
    not_after: date
    tries_left: int = 3


class DemoTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[demo]`, or a file of `demo/` beside the system's."""

    day: date | None = None
    """The day on which the cards' dates are as they stand; on another one they are moved along. None: they stand as they are."""
    vendors: tuple[DemoVendorData, ...]
    cards: tuple[DemoCardData, ...] = ()


def demo_faults(profile: Profile, table: DemoTable) -> Iterator[Fault]:
    """What contradicts the profile: places that it does not have, cards of nobody."""
    yield from unique("demo.vendors", (vendor.number for vendor in table.vendors))
    yield from unique("demo.cards", (card.name for card in table.cards))
    agencies = {agency.id for agency in profile.agencies}
    for vendor in table.vendors:
        for place in vendor.places:
            if place.agency not in agencies:
                yield f"demo.vendors.{vendor.number}.places", f"no agency {place.agency!r}"
            elif place.category not in {c.id for c in profile.categories_of(place.agency)}:
                yield f"demo.vendors.{vendor.number}.places", f"no category {place.category!r} at {place.agency!r}"
    numbers = {vendor.number for vendor in table.vendors}
    for card in table.cards:
        if card.vendor and card.vendor not in numbers:
            yield f"demo.cards.{card.name}.vendor", f"no vendor {card.vendor!r} in the demo"
        if not card.serial.isascii() or not card.serial.isdigit() or not int(card.serial[:60]) > 0 or len(card.serial) > 49:
            yield f"demo.cards.{card.name}.serial", "decimal digits, at most 49 (RFC 5280, 4.1.2.2)"
        if card.not_after <= card.not_before:
            yield f"demo.cards.{card.name}.not_after", "must be after not_before"


def demo_table(table: Mapping[str, Any]) -> DemoTable:
    """Raises msgspec.ValidationError."""
    return msgspec.convert(table, DemoTable)
