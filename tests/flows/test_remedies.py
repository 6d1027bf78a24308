"""Every refusal leads on: what an action of this program mends is offered where it is told, works, and comes back.

The first tests go through every code of `mending.REMEDIES`; the others take each action to its end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any, get_args

import msgspec
import pytest

from ebid_tui.domain.profile.systems import Password, profile_of
from ebid_tui.domain.records import Receipt, RegisteredCard
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.flows import mending
from ebid_tui.flows.begin import begin
from ebid_tui.flows.enter import visit
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import CardRequest, Confirm, Form, Nav, PinRequest, Question, Trouble
from ebid_tui.messages import has, t
from tests.flows.conftest import Desk, place_of
from tests.flows.office import CONTACT, Office
from tests.flows.script import ScriptUi
from tests.flows.test_enter import FORM, ISE_GOODS, PIN, SEARCH

TO_RECEIPT: tuple[tuple[str, Any], ...] = (("registration", FORM), ("review", True), ("done", None))
BUSINESS = {"registration", "amendment", "renewal"}

NAMED: Mapping[str, str] = {
    "R-03": "パスワード",
    "R-05": "「変更」",
    "R-08": "「登録」",
    "R-09": "「登録」",
    "R-10": "「登録」",
    "R-18": "「変更」",
    "R-36": "「登録」",
    "E-NOT-REGISTERED": "「登録」",
}
"""What each remedy of the catalogue names that this program can do: nothing else in `messages/error.py` names one of its actions."""

ELSEWHERE = {
    "R-08": "a renewal asks whether to register instead (WantedCard.leads_to_registration)",
    "R-18": "of a request that no form here sends: the contact is not to be typed there",
    "E-ELSEWHERE": "the service is another one, and is named",
}


def card(desk: Desk, name: str = "ise-new") -> tuple[tuple[str, Any], ...]:
    return ("card", desk.inserting(name)), ("pin", PIN)


async def began(ui: ScriptUi, desk: Desk, office: Office, place: Place, item: str = "registration") -> Any:
    ended = await begin(ui, desk.cards, office, place, "menu", item)
    assert ui.answers == []
    return ended


def page(ui: ScriptUi) -> Trouble:
    found: Trouble = ui.asked(Trouble)[0]
    return found


# --- the table


def test_every_remedy_that_names_an_action_of_ours_has_it_in_the_table() -> None:
    """Found by the buttons' names in the catalogue's sentences: a new one has to be put into the table, or named above."""
    texts = import_module("ebid_tui.messages.error").TEXTS
    actions = re.compile("「(登録|変更|ICカード更新|パスワード変更)」|パスワードを変更")
    named = {key.removesuffix(".remedy") for key, text in texts.items() if key.endswith(".remedy") and actions.search(text)}
    assert named - set(mending.REMEDIES) - set(ELSEWHERE) == set()
    assert set(NAMED) <= named | set(mending.REMEDIES)


def test_the_table_holds_codes_and_actions_that_there_are() -> None:
    for code, actions in mending.REMEDIES.items():
        assert has(f"error.{code}.title"), code
        assert actions
        assert set(actions) <= set(get_args(mending.Action)), code


@pytest.mark.parametrize("system", ["ise", "saitama", "nagasaki", "aomori"])
@pytest.mark.parametrize("code", mending.REMEDIES)
def test_every_action_that_the_system_has_is_offered_by_a_name(system: str, code: str) -> None:
    place = place_of(system)
    offered = mending.offers(code, place, mending.REMEDIES[code])
    assert all(label.strip() for label in offered.values())
    assert len(set(offered.values())) == len(offered)
    missing = set(mending.REMEDIES[code]) - set(offered)
    lacks = {"password": not place.profile.password_changed_here, "agency": place.profile.single_agency, "unlock": True}
    lacks["category"] = len(place.profile.categories_of(place.agency.id)) == 1
    assert all(lacks.get(action) for action in missing), missing


# ---


async def test_r03_the_password_is_changed_here_and_stands_in_the_search_that_was_typed(desk: Desk, place: Place) -> None:
    office = Office()
    office.account.password, office.account.initial = "Demo-pass1", True
    office.accidents["search"] = [RuleError("R-03"), None]
    change = {"password_change": {"new_password": "Neu-pass99", "new_password_again": "Neu-pass99"}}
    ui = ScriptUi(
        *card(desk), ("search", SEARCH), ("trouble", "password"), ("password_change", change), ("password_changed", None),
        ("search", {}), *TO_RECEIPT,
    )  # fmt: skip
    assert isinstance(await began(ui, desk, office, place), Receipt)
    assert page(ui).ways == ("password", "back")
    assert office.account.password == "Neu-pass99"
    assert len(ui.asked(PinRequest)) == 1, "the same card session"
    form = next(form for form in ui.asked(Form) if form.id == "password_change")
    assert form.values["password_change"] == SEARCH["search"], "what is known is filled in"
    assert office.searches == [{**SEARCH["search"], "password": "Neu-pass99"}]
    again = [form for form in ui.asked(Form) if form.id == "search"][-1]
    assert (again.notice, again.values["search"]) == (None, {**SEARCH["search"], "password": "Neu-pass99"})


@pytest.mark.parametrize("nav", [Nav.BACK, Nav.CANCEL])
async def test_r03_left_there_the_search_is_as_it_was(desk: Desk, place: Place, nav: Nav) -> None:
    office = Office()
    office.accidents["search"] = [RuleError("R-03")]
    ui = ScriptUi(*card(desk), ("search", SEARCH), ("trouble", "password"), ("password_change", nav), ("search", Nav.CANCEL))
    assert await began(ui, desk, office, place) is None
    form = ui.asked(Form)[-1]
    assert form.notice is not None
    assert (form.notice.code, form.values) == ("R-03", SEARCH)


async def test_r03_where_another_service_changes_it_that_one_is_named_and_nothing_offered(desk: Desk, place: Place) -> None:
    elsewhere = Password(elsewhere="資格申請受付システム")
    there = replace(place, profile=msgspec.structs.replace(place.profile, password=elsewhere))
    office = Office()
    office.accidents["search"] = [RuleError("R-03", service=elsewhere.elsewhere)]
    ui = ScriptUi(*card(desk), ("search", SEARCH), ("search", Nav.CANCEL))
    await began(ui, desk, office, there)
    assert ui.asked(Trouble) == []
    assert elsewhere.elsewhere in ui.asked(Form)[-1].notice.remedy


# --- a card that will not do


async def test_r05_leads_to_the_amendment_with_the_card_at_hand(desk: Desk, place: Place) -> None:
    office = Office()
    office.has(desk.der("ise-new"))
    office.bound = (RegisteredCard(agency="ise", category="construction", realm="construction", trade_name="甲", state="active"),)
    ui = ScriptUi(
        *card(desk), ("trouble", "amendment"), ("amendment", {"company": {"department": "土木部"}}), ("review", True), ("done", None)
    )
    receipt = await began(ui, desk, office, place)
    assert isinstance(receipt, Receipt)
    assert receipt.operation == "amendment"
    assert page(ui).ways == ("amendment", "another_card", "cancel")
    assert len(ui.asked(PinRequest)) == 1
    assert office.calls.count("sign_in") == 1


async def test_r05_leads_to_another_card_which_is_waited_for(desk: Desk, place: Place) -> None:
    office = Office()
    office.bound = (RegisteredCard(agency="ise", category="construction", realm="construction", trade_name="甲", state="active"),)

    def another(_: Any) -> bool:
        office.bound = ()
        return desk.inserting("ise-second")(_)

    ui = ScriptUi(
        *card(desk), ("trouble", "another_card"), ("card", True), ("card", another), ("pin", PIN), ("search", SEARCH), ("holder", "yes"),
        ("registration", Nav.CANCEL),
    )  # fmt: skip
    await began(ui, desk, office, place)
    told = [request.problem and request.problem.code for request in ui.asked(CardRequest)]
    assert told == [None, "R-05", "E-SAME-CARD"], "the same one again is asked for no PIN"


@pytest.mark.parametrize("item", ["amendment", "status", "renewal"])
async def test_a_card_that_has_nothing_here_is_registered_with_what_is_in_the_reader(desk: Desk, place: Place, item: str) -> None:
    office = Office()
    if item == "status":
        office.accidents["status"] = [ServerError(code="E-NOT-REGISTERED")]
    ui = ScriptUi(*card(desk), ("trouble", "registration"), ("search", SEARCH), *TO_RECEIPT)
    receipt = await began(ui, desk, office, place, item)
    assert isinstance(receipt, Receipt)
    assert receipt.operation == "registration"
    assert len(ui.asked(PinRequest)) == 1
    assert {where.role for asked, where in ui.stood if asked in ("search", "registration")} == {""}, "no renewal's card any more (R-47)"


@pytest.mark.parametrize("code", ["R-10", "R-11", "R-35"])
@pytest.mark.parametrize("item", ["amendment", "status"])
async def test_a_card_that_counts_no_more_leads_to_registering_another_one(desk: Desk, place: Place, item: str, code: str) -> None:
    office = Office()
    office.has(desk.der("ise-current"))
    office.accidents["registered" if item == "amendment" else "status"] = [RuleError(code)]
    ui = ScriptUi(*card(desk, "ise-current"), ("trouble", "registration"), *card(desk), ("search", SEARCH), *TO_RECEIPT)
    receipt = await began(ui, desk, office, place, item)
    assert isinstance(receipt, Receipt)
    assert receipt.card is not None
    assert receipt.card.serial == "683"
    assert ui.asked(CardRequest)[-1].problem.code == code


@pytest.mark.parametrize("item", ["amendment", "status", "renewal"])
async def test_r09_a_card_that_has_ended_leads_to_registration_with_the_companys_name_in_the_search(desk: Desk, item: str) -> None:
    place, office = place_of("nagasaki"), Office()
    ui = ScriptUi(
        ("card", desk.inserting("nagasaki-expired")), ("register_instead", True), *card(desk, "nagasaki-next"), ("search", Nav.CANCEL)
    )
    await began(ui, desk, office, place, item)
    (question,) = ui.asked(Confirm)
    assert t("mending.known") in question.question
    assert ui.asked(CardRequest)[-1].problem.code == "R-09", "another card is waited for"
    assert ui.asked(Form)[0].values["search"]["trade_name"], "as was promised"


async def test_which_of_the_two_leads_there_with_what_the_card_says(desk: Desk) -> None:
    place, office = place_of("nagasaki"), Office()
    ui = ScriptUi(
        ("which", "only_new"), ("card", desk.inserting("nagasaki-expired")), ("verdict", "registration"),
        *card(desk, "nagasaki-next"), ("search", Nav.CANCEL),
    )  # fmt: skip
    await began(ui, desk, office, place, "which")
    assert t("mending.known") in ui.asked(Question)[-1].lead
    assert ui.asked(Form)[0].values["search"]["trade_name"]


# ---


async def test_r28_names_what_was_asked_for_and_the_category_is_chosen_again_with_the_same_card(desk: Desk, place: Place) -> None:
    office = Office()
    office.accidents["search"] = [RuleError("R-28"), None]
    ui = ScriptUi(*card(desk), ("search", SEARCH), ("trouble", "category"), ("category", "goods"), ("search", {}), *TO_RECEIPT)
    assert isinstance(await began(ui, desk, office, place), Receipt)
    profile = place.profile
    assert page(ui).ways == ("back", "category")
    assert [(row.label, row.value) for row in page(ui).rows] == [
        (profile.agency_title, place.agency.name), (profile.category_title, place.category.name), ("業者番号", "1000000001"),
    ]  # fmt: skip
    assert len(ui.asked(PinRequest)) == 1
    assert office.searches == [SEARCH["search"]], "what was typed is kept"
    assert office.statements[0].category == "goods"


async def test_r28_another_agency_that_does_not_have_the_category_asks_for_it_too(desk: Desk) -> None:
    place = place_of("nagasaki")
    other = place.profile.agencies[1]
    categories = tuple(msgspec.structs.replace(c, agencies=(other.id,)) if c.id == "goods" else c for c in place.profile.categories)
    categories = tuple(msgspec.structs.replace(c, agencies=(place.agency.id,)) if c.id == "construction" else c for c in categories)
    place = replace(place, profile=msgspec.structs.replace(place.profile, categories=categories))
    office = Office()
    office.accidents["search"] = [RuleError("R-28"), None]
    typed = {"search": {"vendor_no": "3000000001", "trade_name": "テスト工事業者０１"}}
    rest = place.profile.categories_of(other.id)
    chosen = (("category", rest[0].id),) if len(rest) > 1 else ()
    ui = ScriptUi(
        *card(desk, "nagasaki-next"), ("search", typed), ("trouble", "agency"), ("agency", other.id), *chosen, ("search", Nav.CANCEL)
    )
    await began(ui, desk, office, place)
    assert ui.asked(Form)[-1].values["search"] == typed["search"]


async def test_r28_back_from_choosing_leads_to_the_search_with_its_notice(desk: Desk, place: Place) -> None:
    office = Office()
    office.accidents["search"] = [RuleError("R-28")]
    ui = ScriptUi(*card(desk), ("search", SEARCH), ("trouble", "category"), ("category", Nav.BACK), ("search", Nav.CANCEL))
    await began(ui, desk, office, place)
    form = ui.asked(Form)[-1]
    assert form.notice is not None
    assert (form.notice.code, form.values) == ("R-28", SEARCH)


async def test_the_menu_goes_on_where_the_person_moved_to(desk: Desk) -> None:
    office = Office()
    office.accidents["search"] = [RuleError("R-28")]
    ui = ScriptUi(
        ("category", "goods"), ("entry", "registration"), ("menu", "registration"), ("method", "card"),
        *card(desk), ("search", SEARCH), ("trouble", "category"), ("category", "construction"), ("search", Nav.CANCEL),
        ("menu", "registration"), *card(desk), ("search", SEARCH), *TO_RECEIPT,
    )  # fmt: skip
    assert isinstance(await visit(ui, desk.cards, office, profile_of("ise")), Receipt)
    assert office.statements[0].category == "construction"


# --- without a card


async def test_r28_without_a_card_a_category_that_wants_one_asks_for_it(desk: Desk) -> None:
    office = Office()
    office.accidents["search_card_free"] = [RuleError("R-28")]
    ui = ScriptUi(
        ("method", "password"),
        ("search", SEARCH),
        ("trouble", "category"),
        ("category", "construction"),
        *card(desk),
        ("search", Nav.CANCEL),
    )
    await began(ui, desk, office, place_of("ise", ISE_GOODS[0][1]))
    assert ui.asked(Form)[-1].values == SEARCH


async def test_r36_registered_without_a_card_already_one_is_added(desk: Desk) -> None:
    office = Office()
    office.accidents["register_card_free"] = [RuleError("R-36")]
    ui = ScriptUi(
        ("method", "password"), ("search", SEARCH), ("registration", {**FORM, "card_contact": CONTACT}), ("review", True),
        ("trouble", "registration"), *card(desk), ("search", {}), ("registration", {}), ("review", True), ("done", None),
    )  # fmt: skip
    receipt = await began(ui, desk, office, place_of("ise", ISE_GOODS[0][1]))
    assert isinstance(receipt, Receipt)
    assert receipt.card is not None


# --- what was confirmed is refused


@pytest.mark.parametrize("code", ["E-STATEMENT", "E-KEY-REUSED"])
async def test_what_has_to_begin_again_does_with_the_card_and_what_was_typed(desk: Desk, place: Place, code: str) -> None:
    office = Office()
    office.accidents["register"] = [ServerError(code=code), None]
    again: tuple[tuple[str, Any], ...] = ("trouble", "again"), ("search", {}), ("registration", {}), ("review", True), ("done", None)
    ui = ScriptUi(*card(desk), ("search", SEARCH), *TO_RECEIPT[:2], *again)
    assert isinstance(await began(ui, desk, office, place), Receipt)
    assert len(ui.asked(PinRequest)) == 1


@pytest.mark.parametrize("code", ["R-05", "R-24", "R-30"])
async def test_a_card_that_is_refused_at_the_end_is_changed_for_another_one(desk: Desk, place: Place, code: str) -> None:
    office = Office()
    office.accidents["register"] = [RuleError(code, trade_name="甲"), None]
    ui = ScriptUi(
        *card(desk), ("search", SEARCH), *TO_RECEIPT[:2], ("trouble", "another_card"),
        *card(desk, "ise-second"), ("search", {}), *holder(), ("registration", {}), ("review", True), ("done", None),
    )  # fmt: skip
    receipt = await began(ui, desk, office, place)
    assert isinstance(receipt, Receipt)
    assert receipt.card is not None
    assert receipt.card.serial == "684"


def holder() -> tuple[tuple[str, Any], ...]:
    """The second card's holder is another person (R-06): asked before its form opens."""
    return (("holder", "yes"),)
