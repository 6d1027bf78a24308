"""F-3 変更 by script: the form from the newest qualification, what changed, and every accident on the way."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest

from ebid_tui.domain.records import Receipt, Vendor
from ebid_tui.errors import CardRemoved, ChallengeGone, InputError, RuleError, ServerAway, SessionGone
from ebid_tui.flows.amend import amend
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import CardRequest, Confirm, Form, Nav, PinRequest, Review, Row, Trouble
from ebid_tui.messages import t
from tests.flows.conftest import Desk, place_of
from tests.flows.office import COMPANY, CONTACT, VENDOR, Office
from tests.flows.script import ScriptUi, outcome

PIN = b"123456"
CARD = "ise-new"
NEW_MAIL = {"card_contact": {"email": "taro@example.co.jp"}}
TO_THE_END = (("amendment", NEW_MAIL), ("review", True), ("done", None))


@pytest.fixture
def office(desk: Desk) -> Office:
    office = Office()
    office.has(desk.der(CARD))
    return office


def visit(desk: Desk, *then: tuple[str, Any], card: str = CARD) -> ScriptUi:
    """Card in, right PIN, then the rest of the script."""
    return ScriptUi(("card", desk.inserting(card)), ("pin", PIN), *then)


def rows(review: Review) -> list[Row]:
    return [row for section in review.sections for row in section.rows]


async def test_a_registration_is_changed(desk: Desk, place: Place, office: Office) -> None:
    ui = visit(desk, *TO_THE_END)
    receipt = await amend(ui, desk.cards, office, place)
    assert isinstance(receipt, Receipt)
    assert receipt.operation == "amendment"
    (content,) = office.statements
    assert content.blocks["card_contact"] == {**CONTACT, "email": "taro@example.co.jp"}
    assert content.blocks["representative_contact"] == CONTACT
    assert receipt.mail_to == "taro@example.co.jp"
    assert office.calls[-1] == "sign_out"
    assert ui.answers == []


async def test_the_form_starts_with_what_is_registered(desk: Desk, place: Place, office: Office) -> None:
    ui = visit(desk, ("amendment", Nav.BACK))
    assert await outcome(amend(ui, desk.cards, office, place)) is Nav.BACK
    (form,) = ui.asked(Form)
    assert form.values["card_contact"] == CONTACT
    assert form.values["company"]["department"] == "工事部"
    assert form.values["company"]["vendor_no"] == VENDOR.number


async def test_r37_company_data_comes_from_the_newest_qualification_and_is_marked(desk: Desk, place: Place, office: Office) -> None:
    office.qualified(company={**COMPANY, "name": "新テスト工業株式会社", "phone": "000-9999-999"})
    ui = visit(desk, ("amendment", {}), ("review", True), ("done", None))
    assert isinstance(await amend(ui, desk.cards, office, place), Receipt)
    (form,) = ui.asked(Form)
    assert form.values["company"]["name"] == "新テスト工業株式会社"
    assert form.values["company"]["phone"] == COMPANY["phone"], "an input keeps what the vendor has typed"
    assert form.refreshed == ("company",)
    (review,) = ui.asked(Review)
    assert place.profile.amendment_confirmation.company_remark in review.warnings
    assert office.statements[0].blocks["company"]["name"] == "新テスト工業株式会社"


async def test_r27_under_review_is_said(desk: Desk, place: Place, office: Office) -> None:
    office.qualified(state="under_review")
    ui = visit(desk, ("amendment", Nav.CANCEL))
    await outcome(amend(ui, desk.cards, office, place))
    assert t("flow.form.under_review") in ui.asked(Form)[0].lead


async def test_only_changed_rows_bear_a_sign_and_the_old_value(desk: Desk, place: Place, office: Office) -> None:
    office.qualified(company={**COMPANY, "address": "三重県伊勢市岩渕二丁目"})
    ui = visit(desk, *TO_THE_END)
    await amend(ui, desk.cards, office, place)
    (review,) = ui.asked(Review)
    assert [(row.sign, row.label, row.value, row.note) for row in rows(review) if row.sign] == [
        ("*", "企業住所", "三重県伊勢市岩渕二丁目", t("flow.amend.before", value=COMPANY["address"])),
        ("*", "連絡先メールアドレス", "taro@example.co.jp", t("flow.amend.before", value=CONTACT["email"])),
    ]
    assert t("flow.amend.count", count=2) in review.warnings


async def test_a_value_that_was_not_there_before_is_a_change(desk: Desk, place: Place, office: Office) -> None:
    """What a field that came later, or was left empty, gets now."""
    kept = office.has(desk.der(CARD))
    del kept.blocks["company"]["department"]
    ui = visit(desk, ("amendment", {"company": {"department": "土木部"}}), ("review", True), ("done", None))
    await amend(ui, desk.cards, office, place)
    changed = [row for row in rows(ui.asked(Review)[0]) if row.sign]
    assert [(row.label, row.value, row.note) for row in changed] == [
        ("部署名", "土木部", t("flow.amend.before", value=t("common.missing")))
    ]  # fmt: skip


async def test_what_is_signed_is_what_was_shown(desk: Desk, place: Place, office: Office) -> None:
    ui = visit(desk, *TO_THE_END)
    await amend(ui, desk.cards, office, place)
    shown = {row.value for row in rows(ui.asked(Review)[0])}
    assert {value for block in office.statements[0].blocks.values() for value in block.values()} - {""} <= shown


async def test_r26_contacts_of_submitted_applications_do_not_change_and_that_is_said(desk: Desk, place: Place, office: Office) -> None:
    ui = visit(desk, *TO_THE_END)
    await amend(ui, desk.cards, office, place)
    assert t("flow.amend.applications") in ui.asked(Review)[0].warnings


async def test_r12_the_address_the_mail_goes_to_is_shown(desk: Desk, place: Place, office: Office) -> None:
    ui = visit(desk, *TO_THE_END)
    await amend(ui, desk.cards, office, place)
    assert t("flow.amend.mail", mail="taro@example.co.jp") in ui.asked(Review)[0].warnings


async def test_nothing_changed_is_told_and_sends_nothing(desk: Desk, place: Place, office: Office) -> None:
    ui = visit(desk, ("amendment", {}), ("amendment", Nav.BACK))
    assert await outcome(amend(ui, desk.cards, office, place)) is Nav.BACK
    assert [e.code for e in ui.told] == ["E-UNCHANGED"]
    assert ui.asked(Review) == []
    assert "amend" not in office.calls


# --- where the system propagates

SAITAMA = Vendor(system="saitama", agency="saitama-pref", category="construction", number="4000000001")


@pytest.mark.parametrize("chosen", [True, False])
async def test_r16_propagation_is_asked_where_the_system_propagates(desk: Desk, chosen: bool) -> None:
    office = Office(SAITAMA, {**COMPANY, "name": "株式会社○○建設"})
    office.has(desk.der("saitama-current"))
    ui = visit(desk, ("amendment", NEW_MAIL), ("review", (chosen, True)), ("done", None), card="saitama-current")
    receipt = await amend(ui, desk.cards, office, place_of("saitama"))
    assert isinstance(receipt, Receipt)
    assert (office.statements[0].propagate, receipt.propagate) == (chosen, chosen)
    assert ui.asked(Confirm) == [], "it is a row of the confirmation, and no question before it"
    (review,) = ui.asked(Review)
    assert not review.choice.chosen
    assert review.choice.about.endswith("埼玉県"), "shows the agency at hand"
    assert (review.choice.yes, review.choice.no) == (
        t("flow.propagate.chosen", agency="埼玉県"),
        t("flow.propagate.not_chosen", agency="埼玉県"),
    )


async def test_r16_the_choice_is_kept_when_the_person_goes_back(desk: Desk) -> None:
    office = Office(SAITAMA, {**COMPANY, "name": "株式会社○○建設"})
    office.has(desk.der("saitama-current"))
    script = (("amendment", NEW_MAIL), ("review", (True, Nav.BACK)), ("amendment", NEW_MAIL), ("review", True), ("done", None))
    ui = visit(desk, *script, card="saitama-current")
    assert isinstance(await amend(ui, desk.cards, office, place_of("saitama")), Receipt)
    assert [review.choice.chosen for review in ui.asked(Review)] == [False, True]
    assert office.statements[0].propagate


@pytest.mark.parametrize("preset", ["yes", "no"])
async def test_r16_the_systems_file_says_how_it_begins(desk: Desk, preset: Any) -> None:
    office = Office(SAITAMA, {**COMPANY, "name": "株式会社○○建設"})
    office.has(desk.der("saitama-current"))
    place = place_of("saitama")
    words = msgspec.structs.replace(place.profile.propagation, preset=preset)
    place = dataclasses.replace(place, profile=msgspec.structs.replace(place.profile, propagation=words))
    ui = visit(desk, ("amendment", NEW_MAIL), ("review", True), ("done", None), card="saitama-current")
    await amend(ui, desk.cards, office, place)
    assert office.statements[0].propagate is (preset == "yes")


async def test_r16_another_choice_after_a_lost_reply_is_another_statement(desk: Desk) -> None:
    office = Office(SAITAMA, {**COMPANY, "name": "株式会社○○建設"})
    office.has(desk.der("saitama-current"))
    office.accidents["amend"] = [ServerAway()]
    ui = visit(
        desk,
        ("amendment", NEW_MAIL),
        ("review", (False, True)),
        ("trouble", "back"),
        ("amendment", NEW_MAIL),
        ("review", (True, True)),
        ("done", None),
        card="saitama-current",
    )
    assert isinstance(await amend(ui, desk.cards, office, place_of("saitama")), Receipt)
    assert [s.propagate for s in office.statements] == [True]


# --- cards that have nothing here


async def test_e_not_registered_is_told_right_after_the_pin(desk: Desk, place: Place) -> None:
    ui = visit(desk, ("trouble", "cancel"))
    assert await outcome(amend(ui, desk.cards, Office(), place)) is Nav.CANCEL
    assert [e.code for e in ui.told] == ["E-NOT-REGISTERED"]
    assert ui.told[0].title != RuleError("E-UNKNOWN").title
    assert ui.asked(Form) == []


async def test_r11_a_renewed_card_is_told_right_after_the_pin(desk: Desk, place: Place, office: Office) -> None:
    office.has(desk.der(CARD), state="renewed")
    ui = visit(desk, ("trouble", "cancel"))
    assert await outcome(amend(ui, desk.cards, office, place)) is Nav.CANCEL
    assert [e.code for e in ui.told] == ["R-11"]
    assert ui.asked(Form) == []


async def test_r35_a_lapsed_qualification_is_told(desk: Desk, place: Place, office: Office) -> None:
    office.qualified(state="lapsed")
    ui = visit(desk, ("trouble", "cancel"))
    assert await outcome(amend(ui, desk.cards, office, place)) is Nav.CANCEL
    assert [e.code for e in ui.told] == ["R-35"]


# --- bad luck


async def test_back_keeps_what_was_typed(desk: Desk, place: Place, office: Office) -> None:
    ui = visit(desk, ("amendment", NEW_MAIL), ("review", Nav.BACK), ("amendment", Nav.CANCEL))
    assert await outcome(amend(ui, desk.cards, office, place)) is Nav.CANCEL
    assert ui.asked(Form)[1].values["card_contact"]["email"] == "taro@example.co.jp"


async def test_faults_found_by_the_server_stand_beside_their_fields_until_they_are_mended(desk: Desk, place: Place, office: Office) -> None:
    office.accidents["amend"] = [InputError([("card_contact.email", "E-MAIL", "届かないアドレスです")])]
    ui = visit(
        desk,
        ("amendment", NEW_MAIL),
        ("review", True),
        ("amendment", {"card_contact": {"email": "jiro@example.co.jp"}}),
        ("review", Nav.BACK),
        ("amendment", Nav.CANCEL),
    )
    assert await outcome(amend(ui, desk.cards, office, place)) is Nav.CANCEL
    assert [dict(form.problems) for form in ui.asked(Form)] == [{}, {"card_contact.email": "届かないアドレスです"}, {}]


async def test_r22_closing_while_typing_keeps_what_was_typed(desk: Desk, place: Place, office: Office) -> None:
    office.accidents["amend"] = [RuleError("R-22")]
    ui = visit(desk, ("amendment", NEW_MAIL), ("review", True), ("trouble", "back"), ("amendment", Nav.BACK))
    assert await outcome(amend(ui, desk.cards, office, place)) is Nav.BACK
    assert [e.code for e in ui.told] == ["R-22"]
    assert ui.asked(Form)[1].values["card_contact"]["email"] == "taro@example.co.jp"


@pytest.mark.parametrize(("call", "at"), [("challenge", 0), ("sign_in", 2), ("registered", 2), ("amend", 4)])
async def test_server_away_at_any_request_keeps_everything(desk: Desk, place: Place, office: Office, call: str, at: int) -> None:
    office.accidents[call] = [ServerAway(), ServerAway()]
    script: list[tuple[str, Any]] = [("card", desk.inserting(CARD)), ("pin", PIN), *TO_THE_END]
    script[at:at] = [("trouble", "retry"), ("trouble", "retry")]
    ui = ScriptUi(*script)
    assert isinstance(await amend(ui, desk.cards, office, place), Receipt)
    assert len(ui.asked(PinRequest)) == 1
    assert len(ui.asked(Trouble)) == 2


async def test_a_lost_reply_is_asked_again_and_gives_the_same_receipt(desk: Desk, place: Place, office: Office) -> None:
    office.lost["amend"] = [ServerAway()]
    ui = visit(desk, ("amendment", NEW_MAIL), ("review", True), ("trouble", "retry"), ("done", None))
    receipt = await amend(ui, desk.cards, office, place)
    assert list(office.receipts.values()) == [receipt]
    assert len(office.statements) == 1


@pytest.mark.parametrize(("call", "accident"), [("amend", ChallengeGone()), ("amend", SessionGone()), ("registered", SessionGone())])
async def test_what_ended_meanwhile_is_taken_up_again_unseen(desk: Desk, place: Place, office: Office, call: str, accident: Any) -> None:
    office.accidents[call] = [accident]
    ui = visit(desk, *TO_THE_END)
    assert isinstance(await amend(ui, desk.cards, office, place), Receipt)
    assert len(ui.asked(PinRequest)) == 1
    assert office.calls.count("sign_in") == (2 if isinstance(accident, SessionGone) else 1)


async def test_a_card_pulled_before_signing_is_asked_for_again(desk: Desk, place: Place, office: Office) -> None:
    ui = visit(
        desk, ("amendment", NEW_MAIL), ("review", desk.removing(True)), ("card", desk.inserting(CARD)), ("pin", PIN), ("done", None)
    )  # fmt: skip
    assert isinstance(await amend(ui, desk.cards, office, place), Receipt)
    assert isinstance(ui.asked(CardRequest)[-1].problem, CardRemoved)
    assert [r.tries_left for r in ui.asked(PinRequest)] == [3, 3]


@pytest.mark.parametrize("step", ["card", "pin", "amendment", "review"])
@pytest.mark.parametrize("nav", [Nav.CANCEL, Nav.BACK])
async def test_leaving_is_safe_everywhere(desk: Desk, place: Place, office: Office, step: str, nav: Nav) -> None:
    full: list[tuple[str, Any]] = [("card", desk.inserting(CARD)), ("pin", PIN), *TO_THE_END]
    script = [*full[: [name for name, _ in full].index(step)], (step, nav)]
    if (step, nav) == ("review", Nav.BACK):
        script.append(("amendment", Nav.BACK))
    before = msgspec.json.encode(office.registrations)
    assert await outcome(amend(ScriptUi(*script), desk.cards, office, place)) is nav
    assert office.statements == []
    assert msgspec.json.encode(office.registrations) == before
