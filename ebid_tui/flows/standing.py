"""How a flow says where it stands (R-47): what was chosen at the entrance, whose qualification was found, which card is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebid_tui.domain.whereabouts import NOWHERE, CardRole
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Ui

if TYPE_CHECKING:
    from ebid_tui.domain.certificate import Certificate


def stand_at(ui: Ui, place: Place) -> None:
    """At the beginning of a flow: nothing is known of the vendor, and no card is at hand."""
    ui.stand(NOWHERE.at(place.profile, place.where, place.category.id))


def stand_for(ui: Ui, place: Place, number: str) -> None:
    """From the search on: whose qualification it is; before it (empty) nobody's."""
    ui.stand(ui.where.at(place.profile, place.where, place.category.id).with_vendor(place.profile, number))


def stand_with(ui: Ui, place: Place, certificate: Certificate | None, role: CardRole = "") -> None:
    """The card that is at hand; None where there is none, or not yet."""
    here = ui.where.at(place.profile, place.where, place.category.id)
    ui.stand(here.with_card(certificate.card_holder if certificate else {}, role))
