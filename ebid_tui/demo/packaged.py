"""The demos of every packaged system together: the documents' own test data."""

from __future__ import annotations

from collections.abc import Mapping

from ebid_tui.demo.cards import DemoCard
from ebid_tui.demo.vendors import DemoVendor
from ebid_tui.demo.world import DemoWorld, world_of
from ebid_tui.domain.profile.systems import available, profile_of

WORLDS: Mapping[str, DemoWorld] = {system: world_of(profile_of(system)) for system in available()}
"""By system."""
DEMO_CARDS: Mapping[str, DemoCard] = {name: card for world in WORLDS.values() for name, card in world.cards.items()}
"""By name."""
VENDORS: tuple[DemoVendor, ...] = tuple(vendor for world in WORLDS.values() for vendor in world.vendors)
