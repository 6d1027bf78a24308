"""Where a flow takes place: the system, the agency and the category chosen at the entrance (F-0)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ebid_tui.domain.profile.systems import Agency, Category, Profile
from ebid_tui.flows.drafts import NONE, Draft, Drafts, DraftSlot


def _nobody(_: Place) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Place:
    """Chosen once at the entrance; every request and every signed statement names it."""

    profile: Profile
    agency: Agency
    category: Category
    drafts: Drafts = field(default=NONE, repr=False, compare=False)
    moved: Callable[[Place], None] = field(default=_nobody, repr=False, compare=False)
    """To be told where the person chooses another place inside a flow: the menu goes on there."""
    agency_open: bool = False
    """Whether the agency is still to be asked, after the PIN; `agency` only stands for it then."""

    @property
    def where(self) -> str:
        """The agency's id, for telling where one stands; empty where nobody has chosen it."""
        return "" if self.agency_open else self.agency.id

    def draft(self, flow: str, vendor: str) -> Draft:
        """The draft of this vendor's flow, here."""
        return Draft(self.drafts, DraftSlot(self.profile.id, self.agency.id, self.category.id, flow, vendor))
