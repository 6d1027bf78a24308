"""F-4 ICカード更新 by script: the documented order, what is told before a second PIN, and what both cards sign."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.domain.records import Receipt
from ebid_tui.flows.comparing import CardComparison
from ebid_tui.flows.place import Place
from ebid_tui.flows.renew import renew
from ebid_tui.flows.ui import CardRequest, Confirm, Done, Nav, PinRequest, Question
from ebid_tui.messages import t
from tests.flows.conftest import Desk, place_of
from tests.flows.office import CONTACT, Office
from tests.flows.renewing import PIN, office_of, wants_new
from tests.flows.script import ScriptUi, outcome
from tests.flows.test_which_card import whose

CURRENT, NEW = "ise-current", "ise-next"


@pytest.fixture
def office(wide_desk: Desk, place: Place) -> Office:
    return office_of(wide_desk, place)


def visit(desk: Desk, *then: tuple[str, Any], current: str = CURRENT, new: str = NEW) -> ScriptUi:
    """Both cards with their PINs, each in a reader of its own, then the rest of the script."""
    return ScriptUi(("card", desk.inserting(current)), ("pin", PIN), ("card", desk.inserting(new, 1)), ("pin", PIN), *then)


TO_THE_END = (("holder", True), ("review", True), ("done", None))


# --- the documented order


async def test_a_registration_moves_to_the_new_card(wide_desk: Desk, place: Place, office: Office) -> None:
    ui = visit(wide_desk, *TO_THE_END)
    receipt = await renew(ui, wide_desk.cards, office, place)
    assert isinstance(receipt, Receipt)
    assert receipt.operation == "renewal"
    assert receipt.card is not None
    assert receipt.previous is not None
    assert (receipt.previous.serial, receipt.card.serial) == ("659", "673")
    assert office.states() == [("659", "renewed"), ("673", "active")]
    assert [c for c in office.calls if c != "challenge"] == ["sign_in", "registered", "check_new_card", "renew", "sign_out"]
    assert ui.answers == []


async def test_two_readers_each_card_is_asked_for_once_and_no_swap(wide_desk: Desk, place: Place, office: Office) -> None:
    ui = visit(wide_desk, *TO_THE_END)
    await renew(ui, wide_desk.cards, office, place)
    first, second = ui.asked(CardRequest)
    assert not wants_new(place, first)
    assert second.lead == t("flow.card.new_beside")
    assert second.beside == wide_desk.readers[0].name, "the current card stays where it is"
    assert len(ui.asked(PinRequest)) == 2


async def test_one_reader_the_current_card_is_asked_for_again_to_sign(desk: Desk, place: Place) -> None:
    office = office_of(desk, place)
    ui = ScriptUi(
        ("card", desk.inserting(CURRENT)),
        ("pin", PIN),
        ("card", desk.inserting(NEW)),
        ("pin", PIN),
        ("holder", True),
        ("review", True),
        ("card", desk.inserting(CURRENT)),
        ("pin", PIN),
        ("done", None),
    )
    assert isinstance(await renew(ui, desk.cards, office, place), Receipt)
    dialog, swap, again = ui.asked(CardRequest)
    assert dialog.lead == place.profile.renewal.current_dialog
    assert swap.lead == place.profile.renewal.new_dialog
    assert again.lead == t("flow.card.current_again")
    assert again.problem is None, "a card whose turn it is, is no error"
    assert office.states() == [("659", "renewed"), ("673", "active")]
    assert ui.told == []


@pytest.mark.parametrize("readers", ["desk", "wide_desk"])
async def test_the_current_card_signs_first_whoever_does(readers: str, request: pytest.FixtureRequest, place: Place) -> None:
    """The office asserts the order of the roles; here the hands' order is the other one: the new card is in, the current one pulled."""
    desk: Desk = request.getfixturevalue(readers)
    office = office_of(desk, place)
    second = len(desk.readers) - 1
    ui = ScriptUi(
        ("card", desk.inserting(CURRENT)),
        ("pin", PIN),
        ("card", desk.inserting(NEW, second)),
        ("pin", desk.removing(PIN)) if second else ("pin", PIN),
        ("holder", True),
        ("review", True),
        ("card", desk.inserting(CURRENT)),
        ("pin", PIN),
        ("done", None),
    )
    assert isinstance(await renew(ui, desk.cards, office, place), Receipt)
    (content,) = office.statements
    assert (content.current.serial, content.new.serial) == ("659", "673")


async def test_cards_whose_keys_want_the_pin_before_each_signature(wide_desk: Desk, place: Place) -> None:
    """PIV's slot 9C: the sign-in has used up the current card's."""

    def second_slot(name: str) -> VirtualCard:
        return VirtualCard({0x9C: wide_desk.make(name).slots[0x9C]})

    current, new = second_slot(CURRENT), second_slot(NEW)
    office = office_of(wide_desk, place)
    office.has(current.slots[0x9C].certificate)
    ui = ScriptUi(
        ("card", wide_desk.inserting(current)),
        ("pin", PIN),
        ("card", wide_desk.inserting(new, 1)),
        ("pin", PIN),
        ("holder", True),
        ("review", True),
        ("pin", PIN),
        ("done", None),
    )
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    assert ui.asked(PinRequest)[2].problem is None


# --- 電子証明書更新確認


async def test_what_is_signed_is_what_was_shown(wide_desk: Desk, place: Place, office: Office) -> None:
    ui = visit(wide_desk, *TO_THE_END)
    await renew(ui, wide_desk.cards, office, place)
    (shown,) = ui.asked(CardComparison)
    (content,) = office.statements
    signed = [(row.current or t("common.missing"), row.new or t("common.missing"), row.verdict, row.note) for row in content.rows]
    assert [(row.current, row.new, row.verdict, row.note) for row in shown.rows] == signed
    assert content.holder_confirmed


async def test_rows_are_equal_changed_or_notable_and_say_what_that_means(wide_desk: Desk, place: Place, office: Office) -> None:
    ui = visit(wide_desk, *TO_THE_END)
    await renew(ui, wide_desk.cards, office, place)
    rows = {row.label: row for row in ui.asked(CardComparison)[0].rows}
    assert list(rows) == [
        "企業名称", "企業住所", "ICカード企業名称", "ICカード取得者氏名", "ICカード取得者住所",
        "証明書シリアル番号", "証明書発行者", "証明書有効期限",
    ]  # fmt: skip
    assert rows["企業名称"].verdict == "equal"
    assert (rows["証明書シリアル番号"].verdict, rows["証明書シリアル番号"].current) == ("changed", "659 (10進) / 293 (16進)")
    notable = rows["ICカード企業名称"]
    assert (notable.verdict, notable.current, notable.new) == ("notable", "テスト０６株式会社", "テスト２０株式会社")
    assert all(row.note for row in rows.values() if row.verdict == "notable")


async def test_r06_r08_what_differs_is_asked_with_its_details(wide_desk: Desk, place: Place, office: Office) -> None:
    ui = visit(wide_desk, *TO_THE_END)
    await renew(ui, wide_desk.cards, office, place)
    (question,) = ui.asked(Confirm)
    assert question.details == (
        "ICカード企業名称: テスト０６株式会社 → テスト２０株式会社",
        t("flow.renewal.company_differs"),
        "ICカード取得者氏名: テスト　六郎 → テスト　二十郎",
        t("flow.renewal.person_differs"),
    )


async def test_r06_no_ends_it_and_nothing_is_sent(wide_desk: Desk, place: Place, office: Office) -> None:
    assert await outcome(renew(visit(wide_desk, ("holder", False)), wide_desk.cards, office, place)) is Nav.CANCEL
    assert "renew" not in office.calls
    assert office.states() == [("659", "active")]


async def test_cards_that_agree_are_not_asked_about(wide_desk: Desk) -> None:
    place = place_of("nagasaki")
    office = office_of(wide_desk, place)
    ui = visit(wide_desk, ("review", True), ("done", None), current="nagasaki-current", new="nagasaki-next")
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    assert not office.statements[0].holder_confirmed


async def test_r11_that_the_old_card_is_out_is_said_before_and_decided_after(wide_desk: Desk, place: Place, office: Office) -> None:
    ui = visit(wide_desk, *TO_THE_END)
    await renew(ui, wide_desk.cards, office, place)
    assert t("flow.renewal.old_card") in ui.asked(CardComparison)[0].warnings
    again = ScriptUi(
        ("card", wide_desk.inserting(CURRENT)), ("which_card", whose(wide_desk.reader.name)), ("pin", PIN), ("trouble", "cancel")
    )
    assert await outcome(renew(again, wide_desk.cards, office, place)) is Nav.CANCEL
    assert [e.code for e in again.told] == ["R-11"]


@pytest.mark.parametrize("chosen", [True, False])
async def test_r16_propagation_is_asked_where_the_system_propagates(wide_desk: Desk, chosen: bool) -> None:
    place = place_of("saitama")
    office = office_of(wide_desk, place)
    ui = visit(
        wide_desk, ("review", (chosen, True)), ("done", None), current="saitama-current", new="saitama-next"
    )  # fmt: skip
    receipt = await renew(ui, wide_desk.cards, office, place)
    assert isinstance(receipt, Receipt)
    assert (office.statements[0].propagate, receipt.propagate) == (chosen, chosen)
    assert ui.asked(Confirm) == [], "it is a row of the confirmation, and no question before it"
    (shown,) = ui.asked(CardComparison)
    assert not shown.choice.chosen
    assert shown.choice.label == place.profile.propagation.label


async def test_r16_what_was_chosen_is_there_again_after_going_back_to_the_new_card(wide_desk: Desk) -> None:
    place = place_of("saitama")
    office, again = office_of(wide_desk, place), (("card", True), ("pin", PIN))
    left = ("review", (True, Nav.BACK))
    ui = visit(wide_desk, left, *again, ("review", Nav.CANCEL), current="saitama-current", new="saitama-next")
    assert await outcome(renew(ui, wide_desk.cards, office, place)) is Nav.CANCEL
    assert [shown.choice.chosen for shown in ui.asked(CardComparison)] == [False, True]


async def test_r47_the_first_dialog_is_shown_and_each_pin_dialog_says_which_card(wide_desk: Desk, place: Place, office: Office) -> None:
    ui = visit(wide_desk, *TO_THE_END)
    await renew(ui, wide_desk.cards, office, place)
    assert [request.first for request in ui.asked(CardRequest)] == [True, False]
    texts = place.profile.renewal
    for request, which in zip(ui.asked(PinRequest), (texts.current, texts.new), strict=True):
        assert which in request.title
        assert place.profile.pin_dialog.title in request.title
        assert which in request.lead


async def test_its_end_says_whose_card_it_is_and_which_card_is_which(wide_desk: Desk, place: Place, office: Office) -> None:
    ui = visit(wide_desk, *TO_THE_END)
    await renew(ui, wide_desk.cards, office, place)
    (done,) = ui.asked(Done)
    shown = {row.label: row.value for row in done.summary}
    assert (shown["業者番号"], shown["企業名称"]) == ("1000000005", "建設工事００５")
    assert shown[t("flow.renewal.old")].startswith("659 ")
    assert shown[t("flow.renewal.new")].startswith("673 ")
    assert place.profile.renewal.current not in str(done), "the card that is out is not the one in use"
    titles = [section.title for section in done.page]
    assert titles[1:3] == [t("flow.renewal.old"), t("flow.renewal.new")]
    assert CONTACT["email"] in [row.value for section in done.page for row in section.rows]


async def test_of_two_cards_that_are_in_it_is_the_current_one_that_is_asked_for(wide_desk: Desk, place: Place, office: Office) -> None:
    for reader, name in enumerate((NEW, CURRENT)):
        wide_desk.readers[reader].insert(wide_desk.make(name))
    await asyncio.to_thread(wide_desk.wait_for_cards)
    ui = ScriptUi(("card", True), ("which_card", Nav.CANCEL))
    assert await outcome(renew(ui, wide_desk.cards, office, place)) is Nav.CANCEL
    (question,) = ui.asked(Question)
    assert question.lead == t("flow.which_card.current", count=2)
