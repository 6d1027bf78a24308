"""R-33 by script: a locked number is unlocked by its registered card, and what was typed may be tried again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from ebid_tui.domain.records import Receipt
from ebid_tui.errors import RuleError
from ebid_tui.flows.password import log_in
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import register
from ebid_tui.flows.ui import Form, Nav, Row, Trouble
from ebid_tui.flows.unlocking import by_card
from ebid_tui.messages import t
from tests.flows.conftest import Desk
from tests.flows.office import Office
from tests.flows.script import ScriptUi, outcome
from tests.flows.test_register import PIN, TO_THE_END, visit

LOGIN = {"login": {"vendor_no": "1000000001", "password": "Demo-pass1"}}


@pytest.fixture
def allowing(place: Place) -> Place:
    """A place of a system whose file allows it."""
    rules = msgspec.structs.replace(place.profile.rules, unlock_by_card=True)
    profile = msgspec.structs.replace(place.profile, rules=rules)
    changed: Any = replace(place, profile=profile)
    return changed  # type: ignore[no-any-return]


async def test_r33_a_login_is_unlocked_and_tried_again(desk: Desk, allowing: Place) -> None:
    office = Office()
    office.has(desk.der("ise-new"))
    office.account.wrong = 5
    card = (("card", desk.inserting("ise-new")), ("pin", PIN))
    ui = ScriptUi(("login", LOGIN), ("trouble", "unlock"), *card, ("login", LOGIN), ("status", None))
    assert await outcome(log_in(ui, office, allowing, by_card(ui, desk.cards, office, allowing))) is None
    assert office.account.wrong == 0
    (page,) = ui.asked(Trouble)
    assert page.error.code == "R-33"
    assert page.ways == ("back", "unlock")
    number = Row(allowing.profile.number_label, "1000000001")
    assert page.rows == (number, Row(allowing.profile.contact.name, allowing.profile.contact.phone)), "whom to call"
    assert ui.asked(Form)[-1].notice is None


async def test_r33_no_leaves_the_refusal_where_it_was(desk: Desk, allowing: Place) -> None:
    office, ui = Office(), ScriptUi(("login", LOGIN), ("trouble", "back"), ("login", Nav.BACK))
    office.account.wrong = 5
    await outcome(log_in(ui, office, allowing, by_card(ui, desk.cards, office, allowing)))
    assert ui.asked(Form)[-1].notice.code == "R-33"


async def test_r33_the_card_of_another_number_is_told(desk: Desk, allowing: Place) -> None:
    office = Office()
    office.account.wrong = 5
    card = (("card", desk.inserting("ise-new")), ("pin", PIN))
    ui = ScriptUi(("login", LOGIN), ("trouble", "unlock"), *card, ("trouble", "back"), ("login", Nav.BACK))
    await outcome(log_in(ui, office, allowing, by_card(ui, desk.cards, office, allowing)))
    assert ui.asked(Form)[-1].notice.code == "R-33"


async def test_r33_where_the_file_does_not_allow_it_nothing_is_offered(desk: Desk, place: Place) -> None:
    office, ui = Office(), ScriptUi(("login", LOGIN), ("trouble", "back"), ("login", Nav.BACK))
    office.account.wrong = 5
    await outcome(log_in(ui, office, place, by_card(ui, desk.cards, office, place)))
    assert ui.asked(Form)[-1].notice.code == "R-33"
    assert ui.asked(Trouble)[0].ways == ("back",)


async def test_r33_a_registration_goes_on_with_the_card_that_it_began_with(desk: Desk, allowing: Place) -> None:
    office = Office()
    office.has(desk.der("ise-current"))
    office.accidents["search"] = [RuleError("R-33", contact="契約課"), None]
    search = TO_THE_END[0]
    others = (("card", desk.inserting("ise-current")), ("pin", PIN))
    again = (("card", desk.inserting("ise-new")), ("pin", PIN))
    ui = visit(desk, search, ("trouble", "unlock"), *others, *again, *TO_THE_END)
    receipt = await register(ui, desk.cards, office, allowing)
    assert isinstance(receipt, Receipt)
    assert receipt.card is not None
    assert receipt.card.serial == "683"
    assert "unlock" in office.calls
    assert t("flow.unlock.back") in [request.lead for request in ui.requests if hasattr(request, "lead")]
