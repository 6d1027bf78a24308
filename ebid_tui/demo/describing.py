"""What there is in a system's demo, for programs: `ebid-tui demo --describe`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ebid_tui.demo.cards import PIN, DemoCard
from ebid_tui.demo.vendors import DemoVendor
from ebid_tui.demo.world import DemoWorld, world_of

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile


def described(profile: Profile, *directories: Path) -> str:
    """JSON of one line: `system`, `pin`, `agencies` and `categories` (ids), `vendors` (one entry for each place) and `cards`.

    Raises ProfileError as `world_of` does.
    """
    world = world_of(profile, *directories)
    told: dict[str, Any] = {
        "system": profile.id,
        "pin": PIN,
        "agencies": [agency.id for agency in profile.agencies],
        "categories": [category.id for category in profile.categories],
        "vendors": [_vendor(profile, world, vendor, *place) for vendor in world.vendors for place in vendor.places],
        "cards": [_card(card) for card in world.cards.values()],
    }
    return msgspec.json.encode(told).decode("utf-8")


def _vendor(profile: Profile, world: DemoWorld, vendor: DemoVendor, agency: str, category: str) -> dict[str, Any]:
    own = {"search": vendor.search} if vendor.search else {}
    return own | {
        "agency": agency,
        "category": category,
        "number": vendor.number,
        "user_id": vendor.number if profile.search.key == "user_id" else vendor.login_id,
        "name": vendor.trade_name,
        "password": vendor.password or None,
        "state": state_of(vendor),
        "cards": [card.name for card in world.cards.values() if card.vendor == vendor.number],
    }


def state_of(vendor: DemoVendor) -> str:
    """`approved`, or what hinders it: `initial_password`, `locked`, `lapsed`, `under_review`."""
    if vendor.state != "approved":
        return vendor.state
    return "locked" if vendor.locked else "initial_password" if vendor.password_state == "initial" else "approved"


def _card(card: DemoCard) -> dict[str, Any]:
    return {"name": card.name, "serial": str(card.serial), "vendor": card.vendor or None, "state": card.state}
