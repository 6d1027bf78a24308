"""What the tests of ICカード更新 share: an office that has the current card registered, and a person who follows the leads."""

from __future__ import annotations

from typing import Any

from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.domain.records import Vendor
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import CardRequest
from ebid_tui.messages import t
from tests.flows.conftest import Desk
from tests.flows.office import COMPANY, Office
from tests.flows.script import ScriptUi

PIN = b"123456"
VENDORS = {"ise": "1000000005", "aomori": "990000001", "nagasaki": "3000000001", "saitama": "4000000001"}


def office_of(desk: Desk, place: Place) -> Office:
    """The demo's vendor of this system with its current card registered."""
    system = place.profile.id
    number = VENDORS[system]
    vendor = Vendor(system=system, agency=place.agency.id, category=place.category.id, number=number)
    office = Office(vendor, {**COMPANY, "vendor_no": number, "name": "建設工事００５"})
    office.has(desk.der(f"{system}-current"))
    return office


def wants_new(place: Place, request: CardRequest) -> bool:
    """Whether a request for a card asks for the new one, by what it says."""
    renewal = place.profile.renewal
    new = {renewal.new_dialog, t("flow.card.new_beside"), t("flow.card.new_again")}
    current = {renewal.current_dialog, t("flow.card.current_again")}
    assert request.lead in new | current, "the lead says which card"
    return request.lead in new


class Patient(ScriptUi):
    """Puts in the card that is asked for and types its PIN, as often as it takes; everything else is scripted."""

    def __init__(self, desk: Desk, place: Place, current: VirtualCard, new: VirtualCard, *answers: tuple[str, Any]) -> None:
        super().__init__(*answers)
        self.desk, self.place, self.current, self.new = desk, place, current, new

    def _answer(self, request_id: str, request: Any) -> Any:
        if request_id == "card":
            self.requests.append(request)
            new = wants_new(self.place, request)
            card = self.new if new else self.current
            reader = self.desk.readers[new and len(self.desk.readers) > 1]
            if reader.card is not card:
                reader.insert(card)
            return True
        if request_id == "pin":
            self.requests.append(request)
            return PIN
        return super()._answer(request_id, request)
