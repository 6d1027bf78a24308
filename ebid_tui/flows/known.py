"""What is known already when one flow leads into another: what its forms start with, and which card will do."""

from __future__ import annotations

from dataclasses import dataclass

from ebid_tui.domain import fields
from ebid_tui.domain.certificate import Certificate
from ebid_tui.errors import EbidError
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Blocks


@dataclass(frozen=True, slots=True)
class Known:
    """For 登録: what its forms start with. For every flow: the card's fingerprint, or why the card that is in will not do (`unwanted`)."""

    search: Blocks
    registration: Blocks
    card: str = ""
    refused: EbidError | None = None
    unwanted: str = ""
    """The fingerprint of the card that was refused: another one is asked for."""


NOTHING = Known({}, {})


def of_the_card(place: Place, certificate: Certificate | None) -> Blocks:
    """What a card says of the vendor, where the search takes it: the company's name, if it is written as names are typed (R-13)."""
    company = (certificate.company if certificate else None) or ""
    asked = tuple(f for f in place.profile.search_fields(place.agency.id) if f.id == "trade_name")
    typed = {"trade_name": company}
    if not company or not asked or fields.block_problems(asked, typed, place.profile.policy_in(place.category.id)):
        return {}
    return {"search": typed}
