"""The bidding systems served, and each one's profile."""

from __future__ import annotations

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.services import Services


class Named(msgspec.Struct, frozen=True):
    """An agency or category."""

    id: str
    name: str


class Summary(msgspec.Struct, frozen=True):
    """One system in the list."""

    id: str
    name: str
    title: str
    agencies: tuple[Named, ...]
    categories: tuple[Named, ...]


@get("/systems", sync_to_thread=False, responses=refuses())
def systems(services: NamedDependency[Services]) -> list[Summary]:
    """Every system served here."""
    return [
        Summary(
            profile.id,
            profile.name,
            profile.title,
            tuple(Named(a.id, a.name) for a in profile.agencies),
            tuple(Named(c.id, c.name) for c in profile.categories),
        )
        for profile in services.profiles.values()
    ]


@get("/systems/{system:str}", sync_to_thread=False, responses=refuses(400, 404))
def system(services: NamedDependency[Services], system: FromPath[str]) -> Profile:
    """The whole profile of one system: fields, limits, titles, rules."""
    return services.profile(system)
