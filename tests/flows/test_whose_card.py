"""R-06, R-32: whose card it is, before the form; the ways on where it is another one; what the card knows for the search."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import RuleError
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import register
from ebid_tui.flows.ui import CardRequest, Form, Nav, PinRequest, Question
from ebid_tui.flows.whose_card import company_fill
from ebid_tui.messages import t
from tests.flows.conftest import Desk, place_of
from tests.flows.office import Office
from tests.flows.script import ScriptUi, outcome
from tests.flows.test_register import PIN, SEARCH, TO_THE_END, visit


def strange(desk: Desk, *then: tuple[str, Any]) -> ScriptUi:
    """Another company's card, its PIN, and the search."""
    return visit(desk, ("search", SEARCH), *then, card="stranger")


async def test_r06_nothing_is_typed_before_it_is_known_whose_card_it_is(desk: Desk, place: Place) -> None:
    ui = strange(desk, ("holder", "no"))
    assert await outcome(register(ui, desk.cards, Office(), place)) is Nav.CANCEL
    (question,) = ui.asked(Question)
    assert [option.id for option in question.options] == ["card", "number", "yes", "no"]
    assert question.careful
    assert not question.preset
    assert t("flow.holder.company_differs") in question.lead
    assert [form.id for form in ui.asked(Form)] == ["search"]


async def test_r06_another_card_with_the_same_search(desk: Desk, place: Place) -> None:
    office = Office()
    ui = strange(desk, ("holder", "card"), ("card", desk.inserting("ise-new")), ("pin", PIN), *TO_THE_END[1:])
    receipt = await register(ui, desk.cards, office, place)
    assert isinstance(receipt, Receipt)
    assert receipt.card is not None
    assert receipt.card.serial == "683"
    assert office.searches == [SEARCH["search"]] * 2, "nobody types it twice"
    assert office.calls.count("sign_in") == 2, "the server has to know the card that signs; and R-05 is asked of each"
    assert not office.statements[0].holder_confirmed
    before, after = ui.asked(CardRequest)
    assert after.first, "a card is in, and it is the wrong one"
    assert not before.first
    assert after.lead == t("flow.holder.other_card")


async def test_r06_another_card_that_is_not_put_in_leads_back_to_the_question(desk: Desk, place: Place) -> None:
    ui, office = strange(desk, ("holder", "card"), ("card", Nav.CANCEL), ("holder", "no")), Office()
    assert await outcome(register(ui, desk.cards, office, place)) is Nav.CANCEL
    assert office.calls[-1] == "sign_out"
    assert office.statements == []
    assert len(office.searches) == 1, "nothing typed is lost"


async def test_r06_who_stays_with_the_card_is_asked_for_it_once_more(desk: Desk, place: Place) -> None:
    office = Office()
    ui = strange(
        desk, ("holder", "card"), ("card", Nav.CANCEL), ("holder", "yes"), *TO_THE_END[1:3], ("card", True), ("pin", PIN), TO_THE_END[3]
    )
    assert isinstance(await register(ui, desk.cards, office, place), Receipt)
    assert office.statements[0].holder_confirmed


async def test_r06_the_same_card_is_no_other_one(desk: Desk, place: Place) -> None:
    office = Office()
    again, other = ("card", desk.inserting("stranger")), ("card", desk.inserting("ise-new"))
    ui = strange(desk, ("holder", "card"), again, other, ("pin", PIN), *TO_THE_END[1:])
    assert isinstance(await register(ui, desk.cards, office, place), Receipt)
    problems = [request.problem.code for request in ui.asked(CardRequest) if request.problem]
    assert problems == ["E-SAME-CARD"]
    assert len(ui.asked(PinRequest)) == 2, "its PIN is not asked again"


async def test_a_search_that_is_refused_with_the_other_card_comes_back(desk: Desk, place: Place) -> None:
    office = Office()
    office.accidents["search"] = [None, RuleError("R-28")]
    ui = strange(desk, ("holder", "card"), ("card", desk.inserting("ise-new")), ("pin", PIN), *TO_THE_END)
    assert isinstance(await register(ui, desk.cards, office, place), Receipt)
    assert [form.id for form in ui.asked(Form)] == ["search", "search", "registration"]


@pytest.mark.parametrize("back", ["number", Nav.BACK])
async def test_another_number_leads_back_to_the_search_which_keeps_what_was_typed(desk: Desk, place: Place, back: Any) -> None:
    ui = strange(desk, ("holder", back), ("search", Nav.BACK))
    assert await outcome(register(ui, desk.cards, Office(), place)) is Nav.BACK
    assert ui.asked(Form)[1].values == SEARCH
    assert ui.asked(Form)[1].begin_at == place.profile.search.key, "where the other number is typed"


async def test_another_companys_form_begins_with_nothing_of_the_one_before(desk: Desk, place: Place) -> None:
    """What the first number's form was filled with would send the second one's mails to the first."""
    office = Office()

    def another(_: Any) -> Any:
        office.qualified(vendor=msgspec.structs.replace(office.found.qualification.vendor, number="1000000009"))
        return {"search": SEARCH["search"] | {"vendor_no": "1000000009"}}

    def the_first(_: Any) -> Any:
        office.qualified(vendor=msgspec.structs.replace(office.found.qualification.vendor, number="1000000001"))
        return SEARCH

    left = ("registration", Nav.BACK)
    back = (left, ("search", SEARCH), left, ("search", another), left, ("search", the_first), left, ("search", Nav.BACK))
    ui = visit(desk, *TO_THE_END[:2], ("review", Nav.BACK), *back)
    assert await outcome(register(ui, desk.cards, office, place)) is Nav.BACK
    names = [form.values["representative_contact"]["email"] for form in ui.asked(Form) if form.id == "registration"]
    mine = TO_THE_END[1][1]["representative_contact"]["email"]
    assert names == ["", mine, mine, "", mine], "the same number's is there again, the other's not"


# --- 商号又は名称 from the card


@pytest.fixture
def certificate(desk: Desk) -> Certificate:
    return certificates.read(desk.der("ise-new"))


@pytest.mark.parametrize(
    ("company", "value"),
    [
        ("テスト工事業者０１", "テスト工事業者０１"),
        ("ﾃｽﾄ工事業者01", "テスト工事業者０１"),
        ("(株)テスト", "株式会社テスト"),
        ("株式会社ﾃｽﾄ髙橋", "株式会社テスト高橋"),
        ("TEST KOJI", ""),
        ("* * *", ""),
        ("", ""),
        (None, ""),
        ("あ" * 61, ""),
    ],
)
def test_the_cards_company_is_offered_where_it_can_be_compared_and_typed(certificate: Certificate, company: str | None, value: str) -> None:
    fills = company_fill(place_of("ise"), dataclasses.replace(certificate, company=company))
    assert [fill.values[fill.fields["trade_name"]] for fill in fills] == ([value] if value else [])
    assert all((fill.source, fill.target) == ("card", "search") for fill in fills)


def test_without_a_card_nothing_is_offered() -> None:
    assert company_fill(place_of("ise"), None) == ()
