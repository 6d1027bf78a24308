"""What is put before a person at registration: whose card it is, where the mail goes, what is printed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import rules, statement
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Found, Qualification, Receipt, Vendor
from ebid_tui.flows import register_pages, renewed_pages, whose_card
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import register
from ebid_tui.flows.ui import Done, Form, Nav, PinRequest, Question, Review, Row
from ebid_tui.messages import t
from tests.flows.conftest import Desk, place_of
from tests.flows.office import COMPANY, CONTACT, NOW, VENDOR, Office
from tests.flows.script import ScriptUi, outcome

PIN = b"123456"
SEARCH = {"search": {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}}
TYPED = {"company": {"department": "工事部"}, "representative_contact": CONTACT, "card_contact": CONTACT | {"email": "card@example.co.jp"}}


def found(company: dict[str, str], vendor: Vendor = VENDOR) -> Found:
    qualification = Qualification(vendor=vendor, state="approved", trade_name=company["name"], company=company)
    return Found(qualification=qualification, representative_contact={}, later_card=False)


def rows(page: Review | Done) -> list[Row]:
    sections = page.sections if isinstance(page, Review) else page.page
    return [row for section in sections for row in section.rows]


@pytest.fixture
def certificate(desk: Desk) -> Certificate:
    return certificates.read(desk.der("ise-new"))


def receipt_of(system: str, operation: Any = "registration", **changes: Any) -> Receipt:
    profile = profile_of(system)
    blocks: dict[str, dict[str, str]] = {
        block.id: {f.id: f"{block.id}.{f.id}" for f in profile.every_field(block.id) if operation in f.operations and f.kind != "grades"}
        for block in profile.blocks
    }
    vendor = Vendor(system=system, agency=profile.agencies[0].id, category=profile.categories[0].id, number="1")
    values: dict[str, Any] = {"id": "X-1", "operation": operation, "vendor": vendor, "blocks": blocks, "card": None, "company_id": None}
    return Receipt(**(values | {"mail_to": "a@example.com", "check": "0" * 16, "at": NOW} | changes))


# --- where the mail goes


async def test_r12_the_address_the_mail_goes_to_is_shown_before_it_is_sent(desk: Desk, place: Place) -> None:
    """The card contact's, not the representative contact's (R-39): named by itself, and pointed out in its row."""
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", PIN), ("search", SEARCH), ("registration", TYPED), ("review", Nav.CANCEL))
    await outcome(register(ui, desk.cards, Office(), place))
    (review,) = ui.asked(Review)
    assert t("flow.review.mail", mail="card@example.co.jp") in review.warnings
    assert [row.value for row in rows(review) if row.sign == "!"] == [SEARCH["search"]["vendor_no"], "card@example.co.jp"]


def test_r12_the_address_is_typed_twice_where_the_system_has_it() -> None:
    for system, twice in (("ise", 0), ("aomori", 2), ("nagasaki", 0), ("saitama", 0)):
        profile = profile_of(system)
        fields = [f for block in profile.blocks for f in profile.every_field(block.id) if f.kind == "email_again"]
        assert len(fields) == twice, system
        assert all(f.required for f in fields)


async def test_r12_what_is_copied_is_not_the_address_that_is_typed_twice(desk: Desk) -> None:
    """Shown once, it is registered once: the confirmation and the print have no second line for it."""
    page = register_pages.done(place_of("aomori"), receipt_of("aomori"))
    labels = [row.label for row in rows(page)]
    assert "メールアドレス再入力" not in "".join(labels)


# --- whose name is on the card


def test_r32_a_card_in_the_representatives_name_needs_no_answer(certificate: Certificate) -> None:
    assert not rules.compare_holder(COMPANY, certificate.card_holder).needs_answer


@pytest.mark.parametrize("person", ["社員　一郎", "Ichiro Shain", ""])
def test_r32_a_card_in_anybody_elses_name_needs_an_answer(certificate: Certificate, person: str) -> None:
    """The representative's or the delegate's, as the qualification has it; a name that cannot be compared is asked about as well."""
    holder = certificate.card_holder | {"person": person}
    assert rules.compare_holder(COMPANY, holder).needs_answer


async def test_r32_both_names_stand_in_the_question(desk: Desk, place: Place) -> None:
    office = Office(company=COMPANY | {"representative": "代表　花子"})
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", PIN), ("search", SEARCH), ("holder", "no"))
    assert await outcome(register(ui, desk.cards, office, place)) is Nav.CANCEL
    (question,) = ui.asked(Question)
    assert "代表　花子" in question.lead
    assert "個人　十郎" in question.lead
    assert t("flow.holder.person_differs") in question.lead.splitlines()
    assert office.statements == []


# --- a certificate that ends soon


@pytest.mark.parametrize(("days", "warned"), [(60, True), (61, False)])
async def test_r25_a_certificate_that_ends_soon_is_told_at_sign_in_and_before_the_end(
    desk: Desk, place: Place, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, days: int, warned: bool
) -> None:
    monkeypatch.setattr(statement, "now", lambda: certificate.not_after - timedelta(days=days))
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", PIN), ("search", SEARCH), ("registration", TYPED), ("review", Nav.CANCEL))
    await outcome(register(ui, desk.cards, Office(), place))
    (asked,), (review,) = ui.asked(PinRequest), ui.asked(Review)
    ends = dict(asked.card)[place.profile.card.not_after_label]
    assert (f"{days}日" in ends) == warned
    assert (t("flow.review.ends_soon", days=days) in review.warnings) == warned


# --- the print


@pytest.mark.parametrize("operation", ["registration", "amendment"])
@pytest.mark.parametrize("system", ["ise", "aomori", "nagasaki", "saitama"])
def test_r20_the_result_can_be_printed_with_the_blocks_of_the_system(system: str, operation: str) -> None:
    profile, receipt = profile_of(system), receipt_of(system, operation)
    page = register_pages.done(place_of(system), receipt)
    wanted = getattr(profile.print, operation)
    assert wanted
    printed = {row.value for row in rows(page)}
    for block in profile.blocks:
        values = {value for name, value in receipt.blocks[block.id].items() if name not in ("email_again", "grades")}
        assert (values <= printed) == (block.id in wanted), block.id
    assert page.print


def test_r20_the_number_that_the_system_gives_stands_on_it_once() -> None:
    given = "9992100000000011"
    blocks = receipt_of("aomori", "amendment").blocks
    amended = receipt_of("aomori", "amendment", company_id=given, blocks=blocks | {"company": blocks["company"] | {"company_id": given}})
    for receipt in (receipt_of("aomori", company_id=given), amended):
        printed = [row.value for row in rows(register_pages.done(place_of("aomori"), receipt))]
        assert printed.count(given) == 1


def test_r20_a_renewal_prints_both_cards(certificate: Certificate) -> None:
    old = msgspec.structs.replace(certificate.record, serial="659")
    receipt = receipt_of("ise", "renewal", card=certificate.record, previous=old)
    assert {"683 (10進) / 2ab (16進)", "659 (10進) / 293 (16進)"} <= {
        row.value for row in rows(renewed_pages.done(place_of("ise"), receipt))
    }


# --- what a form starts with


async def test_r14_a_password_can_be_looked_at_and_is_never_filled_in(desk: Desk, place: Place) -> None:
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", PIN), ("search", Nav.CANCEL))
    await outcome(register(ui, desk.cards, Office(), place))
    (form,) = ui.asked(Form)
    (secret,) = [f for block in form.blocks for f in block.fields if f.secret]
    assert form.values.get("search", {}).get(secret.id, "") == ""


def test_the_qualification_fills_what_it_knows(place: Place, certificate: Certificate) -> None:
    form = register_pages.registration_form(place, found(COMPANY), certificate.card_holder, {}, {})
    assert form.values["company"]["phone"] == COMPANY["phone"]
    assert form.values["card_holder"]["company"] == certificate.company


def test_r12_an_address_that_is_known_is_known_twice_where_it_is_typed_twice(certificate: Certificate) -> None:
    known = msgspec.structs.replace(found(COMPANY), representative_contact={"email": "a@example.com"}, later_card=True)
    form = register_pages.registration_form(place_of("aomori"), known, certificate.card_holder, {}, {})
    assert form.values["representative_contact"]["email_again"] == "a@example.com"
    assert form.values["card_contact"]["email_again"] == ""


@pytest.mark.parametrize(
    ("system", "changes", "said"),
    [
        ("ise", {}, []),
        ("ise", {"later_card": True}, ["flow.form.later_card"]),
        ("saitama", {"later_card": True}, ["flow.form.later_card", "flow.form.read_only"]),
        ("ise", {"qualification": "under_review"}, ["flow.form.under_review"]),
    ],
)
def test_r18_r27_the_form_says_what_is_different_this_time(system: str, changes: dict[str, Any], said: list[str]) -> None:
    known = found(COMPANY)
    if state := changes.pop("qualification", None):
        changes = {"qualification": msgspec.structs.replace(known.qualification, state=state)}
    place = place_of(system)
    form = register_pages.registration_form(place, msgspec.structs.replace(known, **changes), {}, {}, {})
    sentences = ("flow.form.later_card", "flow.form.read_only", "flow.form.under_review")
    assert [sentence for sentence in sentences if t(sentence) in form.lead.split("\n")] == said
    read_only = {block.id for block in form.blocks if block.read_only}
    assert read_only == ({"company", "representative_contact"} if "flow.form.read_only" in said else set())


def test_what_the_last_card_has_fills_the_next_ones_contact() -> None:
    contact = {"person": "前の人", "email": "a@example.com"}
    for known, fills in ((found(COMPANY), 1), (msgspec.structs.replace(found(COMPANY), card_contact=contact), 2)):
        form = register_pages.registration_form(place_of("ise"), known, {}, {}, {})
        assert [fill.source for fill in form.fills] == ["company", "last_card"][:fills]
    fill = form.fills[1]
    assert (fill.target, fill.fields, fill.values) == ("card_contact", {"person": "person", "email": "email"}, contact)


def test_r32_a_card_that_is_refused_cannot_be_said_to_be_right(certificate: Certificate) -> None:
    for rule, ways in (("ask", ["card", "number", "yes", "no"]), ("must_match", ["card", "number", "no"])):
        check = rules.compare_holder(COMPANY, certificate.card_holder | {"person": "別人　太郎"}, rule)  # type: ignore[arg-type]
        question = whose_card.holder_question(found(COMPANY), certificate, check)
        assert [option.id for option in question.options] == ways
        assert (t("flow.holder.must_match") in question.lead) == (rule == "must_match")
    assert not rules.compare_holder(COMPANY, {}, "any").needs_answer


def test_r32_what_cannot_be_compared_is_said_by_its_part(certificate: Certificate) -> None:
    for holder, said in (({"company": ""}, "company"), ({"person": "Juro"}, "person")):
        check = rules.compare_holder(COMPANY, certificate.card_holder | holder)
        details = whose_card.differences(found(COMPANY), certificate, check)
        assert [part for part in ("company", "person") if t(f"flow.holder.{part}_unknown") in details] == [said]
        assert len(details) == 3
