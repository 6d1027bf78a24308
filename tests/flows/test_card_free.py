"""R-36: 登録 with user ID and password, without a card, where the category allows it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ebid_tui.domain.records import Receipt, Registration
from ebid_tui.errors import InputError, RuleError, ServerAway, SessionGone
from ebid_tui.flows.begin import begin
from ebid_tui.flows.card_free import amend_card_free, method_question, register_card_free, status_card_free
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Form, Nav, PinRequest, Report, Review, Trouble
from ebid_tui.messages import t
from tests.flows.conftest import Desk, place_of
from tests.flows.office import COMPANY, CONTACT, NOW, VENDOR, Office
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


# --- 変更 and 登録状況

NEW_MAIL = {"card_contact": {"email": "taro@example.co.jp"}}
AMENDED: tuple[tuple[str, Any], ...] = (("search", SEARCH), ("amendment", NEW_MAIL), ("review", True), ("done", None))


def registered() -> Office:
    """An office where the vendor registered without a card."""
    office = Office()
    blocks = {"company": COMPANY | {"department": "物品部"}, "representative_contact": dict(CONTACT), "card_contact": dict(CONTACT)}
    office.without_card = Registration(id="R-1", vendor=VENDOR, state="active", card=None, blocks=blocks, registered_at=NOW)
    return office


async def test_r36_what_was_registered_without_a_card_is_changed_without_one() -> None:
    ui, office = ScriptUi(*AMENDED), registered()
    receipt = await amend_card_free(ui, office, PLACE)
    assert (receipt.operation, receipt.card, receipt.mail_to) == ("amendment", None, "taro@example.co.jp")
    (content,) = office.statements
    assert (content.operation, content.vendor, content.propagate) == ("amendment", VENDOR.number, False)
    assert content.blocks["card_contact"]["email"] == "taro@example.co.jp"
    assert "card_holder" not in content.blocks
    assert office.calls == ["challenge", "search_card_free", "registered_card_free", "amend_card_free", "sign_out"]
    assert ui.asked(PinRequest) == []


async def test_r36_its_form_and_its_confirmation_have_nothing_of_a_card() -> None:
    ui = ScriptUi(*AMENDED)
    await amend_card_free(ui, registered(), PLACE)
    (review,) = ui.asked(Review)
    blocks, titles = ui.asked(Form)[1].blocks, [section.title for section in review.sections]
    assert [block.id for block in blocks] == ["company", "representative_contact", "card_contact"]
    assert all(block.title in titles for block in blocks), "each under its heading, as in 登録"
    assert PLACE.profile.card.title not in titles
    assert [row.value for section in review.sections for row in section.rows if row.sign] == ["taro@example.co.jp"]


async def test_r36_nothing_registered_without_a_card_is_told_after_the_search() -> None:
    ui, office = ScriptUi(("search", SEARCH), ("trouble", "cancel")), Office()
    assert await outcome(amend_card_free(ui, office, PLACE)) is Nav.CANCEL
    assert [error.code for error in ui.told] == ["E-NOT-REGISTERED"]
    assert ui.asked(Trouble)[0].ways == ("registration", "category", "cancel")
    assert office.calls[-1] == "sign_out"


async def test_r36_nothing_registered_without_a_card_leads_to_its_registration_with_the_same_search(desk: Desk) -> None:
    ui = ScriptUi(("method", "password"), ("search", SEARCH), ("trouble", "registration"), *TO_THE_END)
    assert isinstance(await begin(ui, desk.cards, Office(), PLACE, "menu", "amendment"), Receipt)
    assert ui.asked(Form)[1].values == SEARCH


@pytest.mark.parametrize(("call", "at"), [("challenge", 0), ("search_card_free", 1), ("registered_card_free", 1), ("amend_card_free", 3)])
async def test_server_away_keeps_everything_that_was_changed(call: str, at: int) -> None:
    office, script = registered(), list(AMENDED)
    office.accidents[call] = [ServerAway()]
    script.insert(at, ("trouble", "retry"))
    assert isinstance(await amend_card_free(ScriptUi(*script), office, PLACE), Receipt)
    assert len(office.statements) == 1


async def test_an_amendment_whose_reply_was_lost_counts_once() -> None:
    office = registered()
    office.lost["amend_card_free"] = [ServerAway()]
    script = (*AMENDED[:3], ("trouble", "back"), ("amendment", NEW_MAIL), ("review", True), ("done", None))
    receipt = await amend_card_free(ScriptUi(*script), office, PLACE)
    assert list(office.receipts.values()) == [receipt]


@pytest.mark.parametrize("call", ["registered_card_free", "amend_card_free"])
async def test_a_session_that_ended_meanwhile_is_taken_up_by_the_same_search(call: str) -> None:
    office = registered()
    office.accidents[call] = [SessionGone()]
    assert isinstance(await amend_card_free(ScriptUi(*AMENDED), office, PLACE), Receipt)
    assert office.searches == [SEARCH["search"], SEARCH["search"]]


@pytest.mark.parametrize("step", ["search", "amendment", "review"])
async def test_an_amendment_may_be_left_everywhere(step: str) -> None:
    script, office = AMENDED[: [name for name, _ in AMENDED].index(step)], registered()
    assert await outcome(amend_card_free(ScriptUi(*script, (step, Nav.CANCEL)), office, PLACE)) is Nav.CANCEL
    assert office.statements == []
    assert office.calls[-1] == "sign_out"


async def test_r36_the_status_is_seen_by_login() -> None:
    office = registered()
    ui = ScriptUi(("login", {"login": {"vendor_no": VENDOR.number, "password": "Demo-pass1"}}), ("status", None))
    await status_card_free(ui, office, PLACE)
    assert office.calls == ["login", "status", "sign_out"]
    titles = [section.title for section in ui.asked(Report)[0].sections]
    assert t("flow.status.without_card") in titles


async def test_r36_the_status_is_seen_by_the_search_where_the_password_is_kept_elsewhere() -> None:
    elsewhere = msgspec.structs.replace(PLACE.profile, password=None)
    ui, office = ScriptUi(("search", SEARCH), ("status", None)), registered()
    await status_card_free(ui, office, Place(elsewhere, PLACE.agency, PLACE.category))
    assert office.calls == ["search_card_free", "status", "sign_out"]


@pytest.mark.parametrize("operation", ["registration", "amendment", "status"])
def test_the_question_calls_the_number_what_the_screen_calls_it(operation: str) -> None:
    fields = {field.id: field.label for field in PLACE.profile.search.fields}
    option = method_question(PLACE, operation).options[1]
    assert fields["vendor_no"] in option.label
    assert "ユーザID" not in option.label, "the next screen asks 業者番号"


@pytest.mark.parametrize(
    ("answer", "then", "called"),
    [
        ("registration", TO_THE_END, "register_card_free"),
        ("amendment", AMENDED, "amend_card_free"),
        ("status", (("login", {"login": {"vendor_no": VENDOR.number, "password": "Demo-pass1"}}), ("status", None)), "status"),
    ],
)
async def test_r36_the_menu_leads_there(desk: Desk, answer: str, then: tuple[tuple[str, Any], ...], called: str) -> None:
    ui, office = ScriptUi(("method", "password"), *then), registered()
    await begin(ui, desk.cards, office, PLACE, "menu", answer)
    assert called in office.calls
    assert ui.answers == []
