"""A system's demo: its vendors and cards, from its file, from a file beside it, or made from its settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ebid_tui.demo import days
from ebid_tui.demo.cards import DemoCard
from ebid_tui.demo.vendors import DemoVendor
from ebid_tui.domain.profile.demo import DemoCardData, DemoTable, DemoVendorData, demo_faults, demo_table
from ebid_tui.domain.profile.systems import available
from ebid_tui.errors import ProfileError

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile

NAMED = "demo"
"""The directory beside the systems' files that has their demos."""


class DemoWorld(msgspec.Struct, frozen=True, kw_only=True):
    """What there is in a system's demo."""

    vendors: tuple[DemoVendor, ...]
    cards: Mapping[str, DemoCard]
    """By name, in the order of the list."""


def world_of(profile: Profile, *directories: Path) -> DemoWorld:
    """The demo of a system. Raises ProfileError where its file, or the one beside it, says what cannot be."""
    named = _named(profile, directories)
    if named is None:
        from ebid_tui.demo.making import made

        return made(profile)
    file, table = named
    try:
        said = demo_table(table)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$")
        raise ProfileError(file, f"demo{where.rstrip('`')}", reason) from None
    for key, reason in demo_faults(profile, said):
        raise ProfileError(file, key, reason)
    return from_table(profile, said)


def _named(profile: Profile, directories: tuple[Path, ...]) -> tuple[str, Mapping[str, Any]] | None:
    """The file's name and the table that names the demo's vendors."""
    if profile.demo:
        return f"{profile.id}.toml", profile.demo
    own = available(*directories).get(profile.id)
    beside = own.parent / NAMED / own.name if own is not None else None
    if beside is None or not beside.is_file():
        return None
    from ebid_tui.domain.profile.agency_file import table_of

    return f"{NAMED}/{beside.name}", table_of(beside)


def from_table(profile: Profile, table: DemoTable) -> DemoWorld:
    """What a table says, of this system, with the cards that every demo has."""
    vendors = tuple(_vendor(profile, data) for data in table.vendors)
    names = {vendor.number: vendor.trade_name for vendor in vendors}
    cards = [_card(profile, data, names, table.day) for data in table.cards]
    return DemoWorld(vendors=vendors, cards={card.name: card for card in (*cards, *ANYWHERE)})


def _vendor(profile: Profile, data: DemoVendorData) -> DemoVendor:
    places = tuple((place.agency, place.category) for place in data.places)
    everywhere = tuple((agency.id, category.id) for agency in profile.agencies for category in profile.categories_of(agency.id))
    return DemoVendor(
        system=profile.id,
        number=data.number,
        places=places or everywhere,
        trade_name=data.trade_name,
        company={"name": data.trade_name} | data.company,
        password=data.password,
        password_state=data.password_state,
        login_id=data.login_id or None,
        department=data.department,
        branch=data.branch,
        contact=data.contact,
        company_id=data.company_id or None,
        state=data.state,
        locked=data.locked,
        search=data.search,
    )


def _card(profile: Profile, data: DemoCardData, names: Mapping[str, str], day: date | None) -> DemoCard:
    said = (profile.name, names.get(data.vendor) or data.company) if data.vendor or data.company else (profile.name,)
    return DemoCard(
        name=data.name,
        systems=(profile.id,),
        state=data.state,
        authority=data.authority,
        serial=int(data.serial),
        vendor=data.vendor,
        company=data.company,
        company_address=data.company_address,
        holder=data.holder,
        company_romaji=data.company_romaji,
        holder_romaji=data.holder_romaji,
        address=data.address,
        key=data.key,
        day=day,
        not_before=datetime.combine(data.not_before, time(), days.JAPAN),
        not_after=last_second(data.not_after),
        tries_left=data.tries_left,
        of=said,
    )


def last_second(day: date) -> datetime:
    """When a card ends that ends on this day."""
    return datetime.combine(day, time(23, 59, 59), days.JAPAN)


ANYWHERE = (
    DemoCard(
        name="mynumber", systems=(), state="mynumber", not_before=last_second(date(2025, 1, 1)), not_after=last_second(date(2030, 12, 31))
    ),
    DemoCard(
        name="other-ca",
        systems=(),
        state="other_ca",
        authority="other-ca",
        serial=900,
        company="テスト工事業者０１",
        holder="個人　十郎",
        company_romaji="Test Koji Gyosha 01",
        holder_romaji="Juro Kojin",
        address=("Tokyo-To", "Minato-ku Shibaura"),
        not_before=datetime(2025, 1, 1, tzinfo=days.JAPAN),
        not_after=last_second(date(2028, 2, 29)),
    ),
)
"""Cards to try in any system."""
