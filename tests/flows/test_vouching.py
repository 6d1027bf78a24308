"""A registered card stands in for the password: asked for first where the person wants it, then the card that is registered."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Receipt, RegisteredCard
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.flows.known import NOTHING
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import register
from ebid_tui.flows.ui import CardRequest, Form, Nav, Question
from ebid_tui.messages import t
from tests.flows.conftest import Desk
from tests.flows.office import Office
from tests.flows.script import ScriptUi, outcome
from tests.flows.test_enter import FORM, PIN, SEARCH

ISE = profile_of("ise")
assert ISE.password is not None
ALLOWED = msgspec.structs.replace(ISE, password=msgspec.structs.replace(ISE.password, card_sign_in=True))
TO_THE_END = (("registration", FORM), ("review", True), ("done", None))


def place(allowed: bool = True) -> Place:
    profile = ALLOWED if allowed else ISE
    return Place(profile, profile.agencies[0], profile.category("construction"))


async def registering(desk: Desk, office: Office, *answers: tuple[str, Any], allowed: bool = True) -> tuple[Receipt | Nav, ScriptUi]:
    ui = ScriptUi(*answers)
    receipt = await outcome(register(ui, desk.cards, office, place(allowed), NOTHING))
    assert ui.answers == []
    return receipt, ui


def swapped(desk: Desk, first: str = "ise-current", then: str = "ise-new") -> tuple[tuple[str, Any], ...]:
    return (("vouch", "card"), ("card", desk.inserting(first)), ("pin", PIN), ("card", desk.inserting(then)), ("pin", PIN))


async def test_a_registered_card_first_and_then_the_new_one_without_any_search(desk: Desk) -> None:
    office = Office()
    earlier = office.has(desk.der("ise-current"))
    receipt, ui = await registering(desk, office, *swapped(desk), *TO_THE_END)
    assert isinstance(receipt, Receipt)
    assert earlier.card is not None
    assert office.vouchers == [f"voucher of {earlier.card.fingerprint}"]
    assert office.searches == []
    assert [asked.lead for asked in ui.asked(CardRequest)] == [t("password.vouch_insert"), t("password.vouch_new_card")]
    assert office.statements[-1].card.fingerprint != earlier.card.fingerprint


async def test_who_chooses_the_password_searches(desk: Desk) -> None:
    office = Office()
    chosen = (("vouch", "search"), ("card", desk.inserting("ise-new")), ("pin", PIN), ("search", SEARCH), *TO_THE_END)
    receipt, _ = await registering(desk, office, *chosen)
    assert isinstance(receipt, Receipt)
    assert (office.vouchers, len(office.searches)) == ([], 1)


async def test_where_the_file_does_not_allow_it_nothing_is_asked(desk: Desk) -> None:
    _, ui = await registering(desk, Office(), ("card", Nav.CANCEL), allowed=False)
    assert ui.asked(Question) == []


async def test_a_card_that_is_registered_nowhere_is_told_so(desk: Desk) -> None:
    answers = (("vouch", "card"), ("card", desk.inserting("ise-new")), ("pin", PIN), ("trouble", "cancel"))
    receipt, ui = await registering(desk, Office(), *answers)
    assert receipt is Nav.CANCEL
    assert [error.code for error in ui.told] == ["E-NOT-REGISTERED"]


@pytest.mark.parametrize("error", [RuleError("R-28"), RuleError("R-35"), ServerError(code="E-NOT-REGISTERED")])
async def test_a_no_leads_to_the_search(desk: Desk, error: Any) -> None:
    office = Office()
    office.has(desk.der("ise-current"))
    office.accidents["search_by_card"] = [error]
    receipt, ui = await registering(desk, office, *swapped(desk), ("trouble", "back"), ("search", SEARCH), *TO_THE_END)
    assert isinstance(receipt, Receipt)
    assert [told.code for told in ui.told] == [error.code]


async def test_back_from_the_form_leaves_the_flow(desk: Desk) -> None:
    office = Office()
    office.has(desk.der("ise-current"))
    receipt, ui = await registering(desk, office, *swapped(desk), ("registration", Nav.BACK))
    assert receipt is Nav.BACK
    assert [form.id for form in ui.asked(Form)] == ["registration"]


async def test_a_card_that_is_in_use_elsewhere_vouches_for_itself(desk: Desk) -> None:
    office = Office()
    office.bound = (RegisteredCard(agency="other", category="goods", realm="goods", trade_name="建設", state="active"),)
    receipt, _ = await registering(desk, office, ("vouch", "search"), ("card", desk.inserting("ise-new")), ("pin", PIN), *TO_THE_END)
    assert isinstance(receipt, Receipt)
    assert (office.vouchers, office.searches) == ([""], [])
