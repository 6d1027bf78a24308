"""R-47: where one stands at everything that is asked, from the entrance to the receipt, and which card a PIN is for."""

from __future__ import annotations

from typing import Any

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Receipt
from ebid_tui.domain.whereabouts import NOWHERE
from ebid_tui.flows.amend import amend
from ebid_tui.flows.enter import visit
from ebid_tui.flows.place import Place
from ebid_tui.flows.renew import renew
from ebid_tui.flows.ui import CardRequest, Done, Nav, PinRequest
from ebid_tui.messages import t
from tests.flows.conftest import Desk
from tests.flows.office import Office
from tests.flows.script import ScriptUi, outcome
from tests.flows.test_register import FORM, SEARCH

PIN = b"123456"
PROFILE = profile_of("ise")
CATEGORY = NOWHERE.at(PROFILE, "ise", "construction")
VENDOR = CATEGORY.with_vendor(PROFILE, "1000000001")
HOLDER = {"person": "個人　十郎"}


async def test_r47_from_the_entrance_to_the_receipt(desk: Desk) -> None:
    ui = ScriptUi(
        ("category", "construction"), ("entry", "registration"), ("menu", "registration"), ("card", desk.inserting("ise-new")),
        ("pin", PIN), ("search", SEARCH), ("registration", FORM), ("review", True), ("done", None),
    )  # fmt: skip
    receipt = await visit(ui, desk.cards, Office(), PROFILE)
    assert isinstance(receipt, Receipt)
    card, both = CATEGORY.with_card(HOLDER), VENDOR.with_card(HOLDER)
    assert ui.stood == [
        ("category", NOWHERE), ("entry", CATEGORY), ("menu", CATEGORY), ("card", CATEGORY), ("pin", card), ("search", card),
        ("registration", both), ("review", both), ("done", both),
    ]  # fmt: skip
    assert ui.asked(Done)[0].where == both, "and so it stands on the paper"
    assert ui.where == NOWHERE


async def test_back_in_the_menu_the_card_and_the_number_are_gone(desk: Desk) -> None:
    ui = ScriptUi(
        ("category", "construction"), ("entry", "registration"), ("menu", "registration"), ("card", desk.inserting("ise-new")),
        ("pin", PIN), ("search", SEARCH), ("registration", Nav.CANCEL), ("menu", Nav.BACK), ("entry", Nav.BACK), ("category", Nav.CANCEL),
    )  # fmt: skip
    assert await outcome(visit(ui, desk.cards, Office(), PROFILE)) is Nav.CANCEL
    assert ui.stood[-3:] == [("menu", CATEGORY), ("entry", CATEGORY), ("category", NOWHERE)]


async def test_an_amendment_says_whose_registration_it_is(desk: Desk, place: Place) -> None:
    office = Office()
    office.has(desk.der("ise-new"))
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", PIN), ("amendment", Nav.CANCEL))
    assert await outcome(amend(ui, desk.cards, office, place)) is Nav.CANCEL
    assert ui.stood[-1] == ("amendment", VENDOR.with_card(HOLDER))


async def test_r47_each_pin_of_a_renewal_says_which_card_and_the_first_dialog_always_comes(desk: Desk, place: Place) -> None:
    office = Office()
    office.has(desk.der("ise-current"))
    begin: tuple[tuple[str, Any], ...] = (("card", desk.inserting("ise-current")), ("pin", PIN), ("card", desk.inserting("ise-next")))
    ui = ScriptUi(*begin, ("pin", PIN), ("holder", True), ("review", Nav.CANCEL))
    assert await outcome(renew(ui, desk.cards, office, place)) is Nav.CANCEL
    roles = [where.role for _, where in ui.stood]
    assert roles == ["", "current", "current", "new", "new", "new"], "the current one, until the new one is known"
    assert [where.number for _, where in ui.stood] == ["", "", *["1000000001"] * 4]
    texts = place.profile.renewal
    assert [dict(pin.card)[t("flow.pin.which")] for pin in ui.asked(PinRequest)] == [texts.current, texts.new]
    first, second = ui.asked(CardRequest)
    assert first.first, "the card that is in may be the new one"
    assert not second.first


async def test_only_a_renewal_says_which_card(desk: Desk, place: Place) -> None:
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", Nav.CANCEL))
    office = Office()
    assert await outcome(amend(ui, desk.cards, office, place)) is Nav.CANCEL
    assert t("flow.pin.which") not in dict(ui.asked(PinRequest)[0].card)
    assert not ui.asked(CardRequest)[0].first
