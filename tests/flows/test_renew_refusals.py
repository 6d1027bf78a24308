"""F-4 ICカード更新 by script: everything that ends a renewal is told before the second PIN, and leads to 登録 where that is the way."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import RuleError
from ebid_tui.flows.place import Place
from ebid_tui.flows.renew import renew
from ebid_tui.flows.ui import CardRequest, Confirm, Form, Nav, PinRequest
from tests.flows.conftest import Desk, place_of
from tests.flows.office import CONTACT, Office
from tests.flows.renewing import PIN, office_of, wants_new
from tests.flows.script import ScriptUi, outcome

CURRENT, NEW = "ise-current", "ise-next"
GIVE_UP = ("card", Nav.CANCEL)


@pytest.fixture
def office(wide_desk: Desk, place: Place) -> Office:
    return office_of(wide_desk, place)


def stopping(place: Place, **stops: str) -> Place:
    """The same place in a system with other settings of R-08, which takes other-ca's cards too."""
    renewal = msgspec.structs.replace(place.profile.renewal, **stops)
    profile = msgspec.structs.replace(place.profile, renewal=renewal, trusted=(*place.profile.trusted, "test-ca2"))
    return Place(profile, place.agency, place.category)


def told(ui: ScriptUi) -> list[str]:
    return [error.code for error in ui.told]


# --- the new card


async def test_the_same_card_put_back_in_is_told_and_asked_again(desk: Desk, place: Place) -> None:
    office = office_of(desk, place)
    ui = ScriptUi(("card", desk.inserting(CURRENT)), ("pin", PIN), ("card", True), ("card", desk.inserting(CURRENT)), GIVE_UP)
    assert await outcome(renew(ui, desk.cards, office, place)) is Nav.CANCEL
    assert told(ui) == ["E-SAME-CARD", "E-SAME-CARD"]
    assert len(ui.asked(PinRequest)) == 1
    assert "check_new_card" not in office.calls
    assert desk.make(CURRENT).tries_left == 3


async def test_the_same_card_beside_an_empty_reader_is_told(wide_desk: Desk, place: Place, office: Office) -> None:
    ui = ScriptUi(
        ("card", wide_desk.inserting(CURRENT)), ("pin", PIN), ("card", True), ("card", wide_desk.inserting(NEW, 1)), ("pin", PIN),
        ("holder", True), ("review", True), ("done", None),
    )  # fmt: skip
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    assert told(ui) == ["E-SAME-CARD"]
    assert len(ui.asked(PinRequest)) == 2, "the current card has kept its PIN"


async def test_cards_in_the_wrong_order_are_told_after_the_first_pin(wide_desk: Desk, place: Place, office: Office) -> None:
    ui = ScriptUi(("card", wide_desk.inserting(NEW)), ("pin", PIN), ("trouble", "cancel"))
    assert await outcome(renew(ui, wide_desk.cards, office, place)) is Nav.CANCEL
    assert told(ui) == ["E-NOT-REGISTERED"]
    assert "現在使用しているカード" in ui.told[0].remedy
    assert office.states() == [("659", "active")]


async def test_r05_a_new_card_that_is_registered_already_is_told_before_its_pin(wide_desk: Desk, place: Place, office: Office) -> None:
    office.has(wide_desk.der(NEW))
    ui = ScriptUi(("card", wide_desk.inserting(CURRENT)), ("pin", PIN), ("card", wide_desk.inserting(NEW, 1)), GIVE_UP)
    assert await outcome(renew(ui, wide_desk.cards, office, place)) is Nav.CANCEL
    assert told(ui) == ["R-05"]
    assert len(ui.asked(PinRequest)) == 1


@pytest.mark.parametrize(("card", "code"), [("mynumber", "R-23"), ("other-ca", "R-34")])
async def test_r23_r34_a_card_of_another_kind_is_told_before_its_pin(
    wide_desk: Desk, place: Place, office: Office, card: str, code: str
) -> None:
    ui = ScriptUi(
        ("card", wide_desk.inserting(CURRENT)), ("pin", PIN), ("card", wide_desk.inserting(card, 1)),
        ("card", wide_desk.inserting(NEW, 1)), ("pin", PIN), ("holder", True), ("review", True), ("done", None),
    )  # fmt: skip
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    assert told(ui) == [code]
    assert len(ui.asked(PinRequest)) == 2


async def test_r07_a_blocked_new_card_is_told_before_its_pin(wide_desk: Desk, place: Place, office: Office) -> None:
    ui = ScriptUi(("card", wide_desk.inserting(CURRENT)), ("pin", PIN), ("card", wide_desk.inserting("blocked", 1)), ("trouble", "cancel"))
    assert await outcome(renew(ui, wide_desk.cards, office, place)) is Nav.CANCEL
    assert told(ui) == ["R-07"]
    assert office.states() == [("659", "active")]


async def test_r07_the_new_cards_last_try_is_never_spent_unasked(wide_desk: Desk, place: Place, office: Office) -> None:
    new = VirtualCard(wide_desk.make(NEW).slots, tries_left=1)
    ui = ScriptUi(("card", wide_desk.inserting(CURRENT)), ("pin", PIN), ("card", wide_desk.inserting(new, 1)), ("last_try", False))
    assert await outcome(renew(ui, wide_desk.cards, office, place)) is Nav.CANCEL
    assert new.tries_left == 1


async def test_r22_closed_is_told_before_any_card(desk: Desk, place: Place) -> None:
    office = Office()
    office.accidents["challenge"] = [RuleError("R-22")]
    ui = ScriptUi(("trouble", "back"))
    assert await outcome(renew(ui, desk.cards, office, place)) is Nav.BACK
    assert told(ui) == ["R-22"]
    assert ui.asked(CardRequest) == []


# --- another authority, another company


def another_authority(desk: Desk, answer: bool) -> ScriptUi:
    """nagasaki's card at ise: its authority is another one, and so are company and holder."""
    return ScriptUi(
        ("card", desk.inserting(CURRENT)), ("pin", PIN), ("card", desk.inserting("nagasaki-next", 1)), ("register_instead", answer)
    )  # fmt: skip


@pytest.mark.parametrize("setting", ["different_ca", "different_company"])
async def test_r08_stops_before_the_second_pin_where_the_system_stops(wide_desk: Desk, place: Place, setting: str) -> None:
    settings = {"different_ca": "ask", "different_company": "ask", setting: "stop"}
    strict = stopping(place, **settings)
    office = office_of(wide_desk, strict)
    ui = another_authority(wide_desk, False)
    ui.answers.append(GIVE_UP)
    assert await outcome(renew(ui, wide_desk.cards, office, strict)) is Nav.CANCEL
    assert told(ui) == ["R-08"]
    assert len(ui.asked(PinRequest)) == 1
    assert office.states() == [("659", "active")]


async def test_r08_asks_where_the_system_asks(wide_desk: Desk, place: Place) -> None:
    loose = stopping(place, different_ca="ask", different_company="ask")
    office = office_of(wide_desk, loose)
    office.profile = loose.profile
    ui = ScriptUi(
        ("card", wide_desk.inserting(CURRENT)), ("pin", PIN), ("card", wide_desk.inserting("nagasaki-next", 1)), ("pin", PIN),
        ("holder", True), ("review", True), ("done", None),
    )  # fmt: skip
    assert isinstance(await renew(ui, wide_desk.cards, office, loose), Receipt)
    labels = [line.partition(":")[0] for line in ui.asked(Confirm)[0].details[::2]]
    assert "証明書発行者" in labels


@pytest.mark.parametrize(("system", "setting"), [("ise", "ask"), ("saitama", "stop")])
def test_r08_the_documents_settings(system: str, setting: str) -> None:
    """Ise's own example renews across company names; Saitama's table says 登録 for another authority."""
    renewal = place_of(system).profile.renewal
    assert (renewal.different_ca, renewal.different_company) == (setting, setting)


async def test_r08_leads_to_registration_with_what_is_known_filled_in(wide_desk: Desk, place: Place) -> None:
    strict = stopping(place, different_ca="stop")
    office = office_of(wide_desk, strict)
    ui = another_authority(wide_desk, True)
    ui.answers += [
        ("card", True),
        ("pin", PIN),
        ("search", {"search": {"password": "Demo-pass5"}}),
        ("holder", "yes"),
        ("registration", {}),
        ("review", True),
        ("done", None),
    ]
    receipt = await renew(ui, wide_desk.cards, office, strict)
    assert isinstance(receipt, Receipt)
    assert receipt.operation == "registration"
    assert receipt.card is not None
    assert receipt.card.serial == "1235", "the new card, though the current one is still in the first reader"
    assert office.searches == [{"vendor_no": "1000000005", "trade_name": "建設工事００５", "password": "Demo-pass5"}]
    assert receipt.blocks["card_contact"] == CONTACT
    assert [f.id for f in ui.asked(Form)] == ["search", "registration"]
    assert office.states() == [("659", "active"), ("1235", "active")]


# --- the current card


async def test_r09_an_expired_current_card_leads_to_registration_before_its_pin(desk: Desk) -> None:
    place = place_of("nagasaki")
    office = office_of(desk, place)
    script: tuple[tuple[str, Any], ...] = (
        ("card", desk.inserting("nagasaki-expired")),
        ("register_instead", True),
        ("card", desk.inserting("nagasaki-next")),
        ("pin", PIN),
        ("search", Nav.CANCEL),
    )
    ui = ScriptUi(*script)
    assert await outcome(renew(ui, desk.cards, office, place)) is Nav.CANCEL
    (question,) = ui.asked(Confirm)
    assert question.preset == "no"
    assert question.details[0] == "ICカードの有効期限が切れています（2025/03/31）"
    assert len(ui.asked(PinRequest)) == 1
    assert ui.asked(Form)[0].id == "search"


async def test_r09_another_card_may_be_put_in_instead(desk: Desk) -> None:
    place = place_of("nagasaki")
    office = office_of(desk, place)
    ui = ScriptUi(("card", desk.inserting("nagasaki-expired")), ("register_instead", False), GIVE_UP)
    assert await outcome(renew(ui, desk.cards, office, place)) is Nav.CANCEL
    assert told(ui) == ["R-09"]
    assert not wants_new(place, ui.asked(CardRequest)[1])
    assert ui.asked(PinRequest) == []


async def test_r09_a_revoked_current_card_is_told_before_the_second_card(wide_desk: Desk, place: Place, office: Office) -> None:
    office.accidents["sign_in"] = [RuleError("R-09", not_after="2026/01/01")]
    ui = ScriptUi(("card", wide_desk.inserting(CURRENT)), ("pin", PIN), ("trouble", "cancel"))
    assert await outcome(renew(ui, wide_desk.cards, office, place)) is Nav.CANCEL
    assert told(ui) == ["R-09"]
    assert "登録" in ui.told[0].remedy
