"""Where a flow takes place: the system, the agency and the category chosen at the entrance (F-0)."""

from __future__ import annotations

from dataclasses import dataclass

from ebid_tui.domain.systems import Agency, Category, Profile


@dataclass(frozen=True, slots=True)
class Place:
    """Chosen once at the entrance; every request and every signed statement names it."""

    profile: Profile
    agency: Agency
    category: Category
