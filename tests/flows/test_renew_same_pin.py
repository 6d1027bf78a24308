"""F-4, Aomori: the new card's PIN is asked only if it differs. The attempt costs nothing unasked, and no PIN outlives the flow."""

from __future__ import annotations

from typing import Any

import pytest

from ebid_tui.card.pin import Pin
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.domain.records import Receipt
from ebid_tui.flows.place import Place
from ebid_tui.flows.renew import renew
from ebid_tui.flows.ui import Confirm, Nav, PinRequest
from tests.flows.conftest import Desk, place_of
from tests.flows.office import Office
from tests.flows.renewing import PIN, office_of
from tests.flows.script import ScriptUi, outcome

SAME = ("same_pin", True)


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> list[Pin]:
    """Every PIN buffer that came to be, copies included."""
    made: list[Pin] = []
    begin = Pin.__init__

    def noted(self: Pin, *args: Any) -> None:
        begin(self, *args)
        made.append(self)

    monkeypatch.setattr(Pin, "__init__", noted)
    return made


def wiped(pins: list[Pin]) -> bool:
    return bool(pins) and not any(any(pin._buffer) or len(pin) for pin in pins)


def at_aomori(desk: Desk, new: VirtualCard | str, *then: tuple[str, Any]) -> tuple[Place, Office, ScriptUi]:
    place = place_of("aomori")
    ui = ScriptUi(("card", desk.inserting("aomori-current")), ("pin", PIN), ("card", desk.inserting(new, 1)), *then)
    return place, office_of(desk, place), ui


async def test_the_same_pin_spares_its_entry(wide_desk: Desk, pins: list[Pin]) -> None:
    place, office, ui = at_aomori(wide_desk, "aomori-next", SAME, ("review", True), ("done", None))
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    assert len(ui.asked(PinRequest)) == 1
    assert ui.asked(Confirm)[0].preset == "no"
    assert wiped(pins)


async def test_a_pin_that_was_wrong_is_not_kept(wide_desk: Desk, pins: list[Pin]) -> None:
    place, office, ui = at_aomori(wide_desk, "aomori-next", SAME, ("review", True), ("done", None))
    ui.answers.insert(1, ("pin", b"999999"))
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    assert len(ui.asked(PinRequest)) == 2
    assert wiped(pins)


async def test_the_same_pin_is_not_tried_unless_wanted(wide_desk: Desk, pins: list[Pin]) -> None:
    place, office, ui = at_aomori(wide_desk, "aomori-next", ("same_pin", False), ("pin", PIN), ("review", True), ("done", None))
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    assert wiped(pins)


async def test_the_same_pin_is_tried_once_and_not_offered_after_a_failure(wide_desk: Desk, pins: list[Pin]) -> None:
    other = VirtualCard(wide_desk.make("aomori-next").slots, b"654321")
    place, office, ui = at_aomori(wide_desk, other, SAME, ("pin", b"654321"), ("review", True), ("done", None))
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    entry = ui.asked(PinRequest)[1]
    assert entry.tries_left == 2, "R-07: told what the attempt has cost"
    assert entry.problem is not None
    assert entry.problem.code == "E-WRONG-PIN"
    assert len(ui.asked(Confirm)) == 1
    assert wiped(pins)


@pytest.mark.parametrize("tries_left", [1, 2])
async def test_the_same_pin_is_offered_on_a_full_counter_only(wide_desk: Desk, pins: list[Pin], tries_left: int) -> None:
    spent = VirtualCard(wide_desk.make("aomori-next").slots, tries_left=tries_left)
    asked = (("last_try", False),) if tries_left == 1 else (("pin", Nav.CANCEL),)
    place, office, ui = at_aomori(wide_desk, spent, *asked)
    assert await outcome(renew(ui, wide_desk.cards, office, place)) is Nav.CANCEL
    assert spent.tries_left == tries_left
    assert wiped(pins)


async def test_the_same_pin_is_not_offered_where_the_card_does_not_tell(wide_desk: Desk) -> None:
    class Silent(VirtualCard):
        """Knows no GET METADATA: how many tries there are is not known."""

        def answer(self, apdu: bytes) -> bytes:
            return b"\x6d\x00" if apdu[1] == 0xF7 else super().answer(apdu)

    place, office, ui = at_aomori(wide_desk, Silent(wide_desk.make("aomori-next").slots), ("pin", Nav.CANCEL))
    assert await outcome(renew(ui, wide_desk.cards, office, place)) is Nav.CANCEL
    assert ui.asked(Confirm) == []


@pytest.mark.parametrize("at", range(16))
async def test_the_same_pin_is_offered_once_at_most_whenever_the_new_card_is_pulled(wide_desk: Desk, pins: list[Pin], at: int) -> None:
    wide_desk.readers[1].accident(at, "remove")
    new = wide_desk.make("aomori-next")

    class Putting(ScriptUi):
        def _answer(self, request_id: str, request: Any) -> Any:
            if request_id == "card" and self.answers[0][0] != "card":
                self.requests.append(request)
                return wide_desk.inserting(new, 1)(request)
            if request_id == "pin" and self.answers[0][0] != "pin":
                self.requests.append(request)
                return PIN
            if request_id != "same_pin" and self.answers[0][0] == "same_pin":
                self.answers.pop(0)  # the removal came first, and then it is not offered
            return super()._answer(request_id, request)

    place, office, plain = at_aomori(wide_desk, new, SAME, ("review", True), ("done", None))
    ui = Putting(*plain.answers)
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    assert len(ui.asked(Confirm)) <= 1
    assert {r.tries_left for r in ui.asked(PinRequest)} == {3}
    assert wiped(pins)


@pytest.mark.parametrize("how", ["cancel", "refused", "no_card", "server"])
async def test_the_kept_pin_is_wiped_however_it_ends(wide_desk: Desk, pins: list[Pin], how: str) -> None:
    then: dict[str, tuple[tuple[str, Any], ...]] = {
        "cancel": (("same_pin", True), ("review", Nav.CANCEL)),
        "refused": (("card", Nav.CANCEL),),
        "no_card": (("trouble", "cancel"),),
        "server": (("same_pin", False), ("pin", Nav.BACK)),
    }
    place, office, ui = at_aomori(wide_desk, "aomori-next", *then[how])
    if how == "refused":
        office.has(wide_desk.der("aomori-next"))
    if how == "no_card":
        office.registrations.clear()
        ui.answers = [ui.answers[0], ui.answers[1], *then[how]]
    assert isinstance(await outcome(renew(ui, wide_desk.cards, office, place)), Nav)
    assert wiped(pins)
    assert ui.answers == []


async def test_elsewhere_the_new_pin_is_always_asked_and_none_is_kept(wide_desk: Desk, place: Place, pins: list[Pin]) -> None:
    ui = ScriptUi(
        ("card", wide_desk.inserting("ise-current")),
        ("pin", PIN),
        ("card", wide_desk.inserting("ise-next", 1)),
        ("pin", PIN),
        ("holder", True),
        ("review", True),
        ("done", None),
    )
    assert isinstance(await renew(ui, wide_desk.cards, office_of(wide_desk, place), place), Receipt)
    assert len(pins) == 2
    assert wiped(pins)
