"""調達機関選択 behind the PIN: what is told before it, what comes after it, and the ways back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ebid_tui.domain.profile.systems import Agency, profile_of
from ebid_tui.domain.records import Receipt, RegisteredCard
from ebid_tui.errors import RuleError
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import CardRequest, Form, Nav, Question
from tests.flows.conftest import Desk
from tests.flows.office import Office
from tests.flows.script import ScriptUi, outcome
from tests.flows.test_enter import FORM, PIN, SEARCH

ISE = profile_of("ise")
THREE = msgspec.structs.replace(
    ISE,
    agencies=(Agency(id="toba", name="鳥羽市", closed_days=("01-05",)), *ISE.agencies, Agency(id="shima", name="志摩市")),
    menu=msgspec.structs.replace(ISE.menu, agency_asked="after_pin"),
)
IN = (("category", "construction"), ("entry", "registration"))
OUT = (("menu", Nav.BACK), ("entry", Nav.BACK), ("category", Nav.BACK))
FLOWS: dict[str, tuple[tuple[str, Any], ...]] = {
    "registration": (("search", SEARCH), ("registration", FORM), ("review", True), ("done", None)),
    "amendment": (("amendment", {"company": {"department": "土木部"}}), ("review", True), ("done", None)),
}


async def enter(ui: ScriptUi, desk: Desk, office: Office) -> Receipt | Nav:
    result = await visit(ui, desk.cards, office, THREE)
    assert ui.answers == []
    return result


def with_pin(desk: Desk, item: str) -> tuple[tuple[str, Any], ...]:
    return (*IN, ("menu", item), ("card", desk.inserting("ise-new")), ("pin", PIN))


def registered(*agencies: str) -> tuple[RegisteredCard, ...]:
    return tuple(
        RegisteredCard(agency=a, category="construction", realm="construction", trade_name="建設", state="active") for a in agencies
    )


def agency(ui: ScriptUi) -> Question:
    asked: Question
    (asked,) = (q for q in ui.asked(Question) if q.id == "agency")
    return asked


@pytest.mark.parametrize("item", FLOWS)
async def test_the_agency_is_asked_once_the_pin_was_right(desk: Desk, item: str) -> None:
    office = Office()
    if item == "amendment":
        office.has(desk.der("ise-new"))
        office.bound = registered("shima")
    ui = ScriptUi(*with_pin(desk, item), ("agency", "shima"), *FLOWS[item])
    receipt = await enter(ui, desk, office)
    assert isinstance(receipt, Receipt)
    assert office.statements[-1].agency == "shima", "what the card signs"
    kinds = [type(asked) for asked in ui.asked(object)]
    assert kinds.index(CardRequest) < [getattr(asked, "id", "") for asked in ui.asked(object)].index("agency")
    assert agency(ui).preset == ("shima" if item == "amendment" else "")


async def test_until_then_no_agency_is_said(desk: Desk) -> None:
    said: list[str] = []

    def asked(_: Question) -> str:
        said.append(ui.where.agency)
        return "shima"

    def searched(_: Form) -> Nav:
        said.append(ui.where.agency)
        return Nav.CANCEL

    ui = ScriptUi(*with_pin(desk, "registration"))
    ui.answers += [("agency", asked), ("search", searched), *OUT]
    assert await outcome(enter(ui, desk, Office())) is Nav.BACK
    assert said == ["", "志摩市"]


async def test_back_from_the_agency_leads_to_the_menu_and_lets_go_of_the_card(desk: Desk) -> None:
    office = Office()
    ui = ScriptUi(*with_pin(desk, "registration"), ("agency", Nav.BACK), *OUT)
    assert await outcome(enter(ui, desk, office)) is Nav.BACK
    assert "sign_out" in office.calls


async def test_r05_registered_everywhere_is_told_right_after_the_pin(desk: Desk) -> None:
    office = Office()
    office.bound = registered("toba", "ise", "shima")
    ui = ScriptUi(*with_pin(desk, "registration"), ("trouble", "cancel"), *OUT)
    await outcome(enter(ui, desk, office))
    assert [error.code for error in ui.told] == ["R-05"]
    assert not [q for q in ui.asked(Question) if q.id == "agency"]


async def test_r05_registered_at_the_agency_that_is_chosen(desk: Desk) -> None:
    office = Office()
    office.bound = registered("shima")
    ui = ScriptUi(*with_pin(desk, "registration"), ("agency", "shima"), ("trouble", "cancel"), *OUT)
    await outcome(enter(ui, desk, office))
    assert [error.code for error in ui.told] == ["R-05"]


async def test_r22_an_agency_that_is_closed_is_told_and_another_one_may_be_chosen(desk: Desk) -> None:
    office = Office()
    office.accidents["challenge"] = [None, None, RuleError("R-22")]
    ui = ScriptUi(*with_pin(desk, "registration"), ("agency", "toba"), ("trouble", "back"), ("agency", "ise"), ("search", Nav.CANCEL), *OUT)
    await outcome(enter(ui, desk, office))
    assert [error.code for error in ui.told] == ["R-22"]


async def test_r36_without_a_card_the_agency_is_asked_before_the_search(desk: Desk) -> None:
    ui = ScriptUi(
        ("category", "goods"), IN[1], ("menu", "registration"), ("method", "password"), ("agency", "ise"), ("search", Nav.CANCEL), *OUT
    )  # fmt: skip
    await outcome(enter(ui, desk, Office()))
