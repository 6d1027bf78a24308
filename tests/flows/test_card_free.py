"""R-36: 登録 with user ID and password, without a card, where the category allows it."""

from __future__ import annotations

from typing import Any

import pytest

from ebid_tui.domain.records import Receipt
from ebid_tui.errors import InputError, RuleError, ServerAway, SessionGone
from ebid_tui.flows.card_free import register_card_free
from ebid_tui.flows.ui import Form, Nav, Review
from tests.flows.conftest import place_of
from tests.flows.office import CONTACT, Office
from tests.flows.script import ScriptUi, outcome

SEARCH = {"search": {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}}
FORM = {"company": {"department": "物品部"}, "representative_contact": CONTACT, "card_contact": CONTACT}
TO_THE_END: tuple[tuple[str, Any], ...] = (("search", SEARCH), ("registration", FORM), ("review", True), ("done", None))
PLACE = place_of("ise", "goods")


async def test_r36_a_vendor_registers_without_a_card() -> None:
    ui, office = ScriptUi(*TO_THE_END), Office()
    receipt = await register_card_free(ui, office, PLACE)
    assert isinstance(receipt, Receipt)
    assert receipt.card is None
    (content,) = office.statements
    assert content.blocks["card_contact"] == CONTACT
    assert "card_holder" not in content.blocks
    assert office.calls == ["challenge", "search_card_free", "register_card_free", "sign_out"]


async def test_r36_nothing_of_a_card_is_shown() -> None:
    ui = ScriptUi(*TO_THE_END)
    await register_card_free(ui, Office(), PLACE)
    assert [block.id for block in ui.asked(Form)[1].blocks] == ["company", "representative_contact", "card_contact"]
    (review,) = ui.asked(Review)
    assert PLACE.profile.card.title not in [section.title for section in review.sections]
    assert PLACE.profile.confirmation.company_check not in review.warnings


async def test_r22_closed_is_told_before_anything_is_typed() -> None:
    office = Office()
    office.accidents["challenge"] = [RuleError("R-22")]
    ui = ScriptUi(("trouble", "back"))
    assert await outcome(register_card_free(ui, office, PLACE)) is Nav.BACK
    assert ui.asked(Form) == []


@pytest.mark.parametrize("code", ["R-28", "R-03", "R-15", "R-33", "R-35", "R-36"])
async def test_a_refused_search_is_told_on_the_form_which_keeps_what_was_typed(code: str) -> None:
    office = Office()
    office.accidents["search_card_free"] = [RuleError(code)]
    page = [("trouble", "back")] if code in ("R-28", "R-03", "R-33", "R-36") else []
    ui = ScriptUi(("search", SEARCH), *page, ("search", Nav.BACK))
    assert await outcome(register_card_free(ui, office, PLACE)) is Nav.BACK
    form = ui.asked(Form)[1]
    assert form.notice is not None
    assert form.notice.code == code
    assert form.values == SEARCH


async def test_faults_found_by_the_server_stand_beside_their_fields_until_they_are_mended() -> None:
    office = Office()
    office.accidents["register_card_free"] = [InputError([("card_contact.email", "E-MAIL", "届かないアドレスです")])]
    ui = ScriptUi(
        *TO_THE_END[:3], ("registration", FORM), ("review", Nav.BACK), ("registration", Nav.BACK), ("search", Nav.CANCEL)
    )  # fmt: skip
    assert await outcome(register_card_free(ui, office, PLACE)) is Nav.CANCEL
    assert [dict(form.problems) for form in ui.asked(Form)[1:4]] == [{}, {"card_contact.email": "届かないアドレスです"}, {}]


@pytest.mark.parametrize(("call", "at"), [("challenge", 0), ("search_card_free", 1), ("register_card_free", 3)])
async def test_server_away_keeps_everything(call: str, at: int) -> None:
    office = Office()
    office.accidents[call] = [ServerAway()]
    script = list(TO_THE_END)
    script.insert(at, ("trouble", "retry"))
    assert isinstance(await register_card_free(ScriptUi(*script), office, PLACE), Receipt)


async def test_a_lost_reply_gives_the_same_receipt() -> None:
    office = Office()
    office.lost["register_card_free"] = [ServerAway()]
    ui = ScriptUi(*TO_THE_END[:3], ("trouble", "back"), ("registration", FORM), ("review", True), ("done", None))
    receipt = await register_card_free(ui, office, PLACE)
    assert list(office.receipts.values()) == [receipt]
    assert len(office.statements) == 1


async def test_an_ended_session_is_taken_up_again_by_the_same_search_unseen() -> None:
    office = Office()
    office.accidents["register_card_free"] = [SessionGone()]
    assert isinstance(await register_card_free(ScriptUi(*TO_THE_END), office, PLACE), Receipt)
    assert office.searches == [SEARCH["search"], SEARCH["search"]]


@pytest.mark.parametrize(("way", "nav"), [("back", "registration"), ("cancel", "")])
async def test_an_ended_session_that_cannot_be_taken_up_again_keeps_what_was_typed(way: str, nav: str) -> None:
    office = Office()
    office.accidents["register_card_free"] = [SessionGone()]
    office.accidents["search_card_free"] = [None, ServerAway()]
    ui = ScriptUi(*TO_THE_END[:3], ("trouble", way), *([(nav, Nav.CANCEL)] if nav else []))
    assert await outcome(register_card_free(ui, office, PLACE)) is Nav.CANCEL
    assert ui.answers == []
    assert office.statements == []


async def test_a_rule_that_says_no_at_the_end_is_told_and_nothing_is_lost() -> None:
    office = Office()
    office.accidents["register_card_free"] = [RuleError("R-22")]
    ui = ScriptUi(*TO_THE_END[:3], ("trouble", "back"), ("registration", Nav.CANCEL))
    assert await outcome(register_card_free(ui, office, PLACE)) is Nav.CANCEL
    assert ui.asked(Form)[-1].values["card_contact"] == CONTACT


@pytest.mark.parametrize("step", ["search", "registration", "review"])
async def test_cancel_is_safe_everywhere(step: str) -> None:
    script = TO_THE_END[: [name for name, _ in TO_THE_END].index(step)]
    office = Office()
    assert await outcome(register_card_free(ScriptUi(*script, (step, Nav.CANCEL)), office, PLACE)) is Nav.CANCEL
    assert office.statements == []
    assert office.calls[-1] == "sign_out"
