"""A vendor of the demo. Data only, so that the app can tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ebid_tui.domain.records import QualificationState, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoVendor:
    """A vendor at every `places` (agency, category) of its system. `contact` is what its registered cards have typed."""

    system: str
    number: str
    places: tuple[tuple[str, str], ...]
    trade_name: str
    company: Values
    password: str = field(default="", repr=False)
    password_state: Literal["initial", "active"] = "active"
    login_id: str | None = None
    department: str = ""
    branch: str = ""
    """Behind the company's name wherever documents print it; the search is asked without."""
    contact: Values = field(default_factory=dict)
    company_id: str | None = None
    state: QualificationState = "approved"
    locked: bool = False
    """R-33: whether its password was wrong too often already."""
    search: Values = field(default_factory=dict)
    """What the search's own fields (`x-…`) ask of it."""
    registered_everywhere: bool = False
    """Whether its registered cards are so at all of its places, and not at its first agency alone."""
