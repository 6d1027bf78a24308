"""Each page's parts by themselves: what is said only sometimes, and when (R-06, R-12, R-16, R-20, R-25, R-32, R-37)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import statement
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.fields import Field
from ebid_tui.domain.records import Found, Qualification
from ebid_tui.domain.rules import HolderCheck
from ebid_tui.domain.text.names import NameComparison
from ebid_tui.flows import register_pages, renewed_pages, whose_card
from ebid_tui.flows.place import Place
from ebid_tui.flows.propagating import propagation_row
from ebid_tui.flows.ui import FormBlock, Row
from ebid_tui.messages import t
from tests.flows.conftest import Desk, place_of
from tests.flows.office import COMPANY, VENDOR
from tests.flows.script import ScriptUi
from tests.flows.test_register_pages import receipt_of

SHOWN = {"company": {"name": "試験建設"}, "card_contact": {"email": "card@example.jp"}}


@pytest.fixture
def certificate(desk: Desk) -> Certificate:
    return certificates.read(desk.der("ise-new"))


def changed(place: Place, part: str, **changes: Any) -> Place:
    """The place, with one part of its profile otherwise."""
    profile = msgspec.structs.replace(place.profile, **{part: msgspec.structs.replace(getattr(place.profile, part), **changes)})
    return dataclasses.replace(place, profile=profile)


@pytest.mark.parametrize("card", [True, False])
@pytest.mark.parametrize("check", ["自社のものですか", ""])
@pytest.mark.parametrize("holder", [True, False])
@pytest.mark.parametrize("propagation", [True, False])
@pytest.mark.parametrize("days", [60, 61])
def test_what_the_confirmation_warns_of(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, card: bool, check: str, holder: bool, propagation: bool, days: int
) -> None:
    monkeypatch.setattr(statement, "now", lambda: certificate.not_after - timedelta(days=days))
    place = changed(changed(place_of("ise"), "confirmation", company_check=check), "rules", propagation=propagation, expiry_warning_days=60)
    review = register_pages.registration_review(place, SHOWN, certificate if card else None, holder)
    expected = [check] if card and check else []
    expected.append(t("flow.review.mail", mail="card@example.jp"))
    expected += [t("flow.review.ends_soon", days=60), t("notice.ends_soon")] if card and days == 60 else []
    expected += [t("flow.review.holder")] if holder else []
    expected += [t("flow.review.propagated")] if propagation else []
    assert list(review.warnings) == expected
    titles = [place.profile.block(block).title for block in ("company", "card_holder")] + [place.profile.card.title] * card
    assert [section.title for section in review.sections] == titles


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("note", ["", "水道企業団の通知書にあります。"])
def test_whose_search_it_is_is_said_where_the_system_wants_it(shown: bool, note: str) -> None:
    place = changed(place_of("ise"), "search", show_agency=shown)
    place = dataclasses.replace(place, agency=msgspec.structs.replace(place.agency, search_note=note))
    agency = f"{place.profile.agency_title}: {place.agency.name}"
    assert register_pages.search_form(place, {}, {}, None).lead.split("\n") == [agency] * shown + place.profile.search.lead.split("\n") + [
        note
    ] * bool(note)


def test_a_form_starts_with_what_is_known_under_what_was_typed() -> None:
    fields = (Field(id="name", label="名称", source="qualification"), Field(id="phone", label="電話", chars="half_digits", max=9))
    known, typed = {"name": "試験建設", "phone": "1"}, {"name": "別の会社", "phone": "2", "fax": "3"}
    block = FormBlock("company", "", "", fields)
    assert register_pages.start(block, known, typed) == {"name": "試験建設", "phone": "2"}
    assert register_pages.start(block, known, {}) == known
    assert register_pages.start(block, {}, {"phone": ""}) == {"name": "", "phone": ""}
    assert register_pages.start(FormBlock("company", "", "", fields, True), known, typed) == known


def test_without_a_card_there_is_no_block_of_it() -> None:
    known = Found(
        qualification=Qualification(vendor=VENDOR, state="approved", trade_name="試験建設", company=COMPANY),
        representative_contact={},
        later_card=False,
    )
    with_card, without = (register_pages.registration_form(place_of("ise"), known, card, {}, {}) for card in ({"person": "港"}, None))
    assert [block.id for block in without.blocks] == [block.id for block in with_card.blocks if block.id != "card_holder"]
    assert with_card.values["card_holder"]["person"] == "港"
    assert "card_holder" not in without.values


MATCHES = [NameComparison.SAME, NameComparison.DIFFERS, NameComparison.INCOMPARABLE]


@pytest.mark.parametrize("company", MATCHES)
@pytest.mark.parametrize("person", MATCHES)
def test_r_06_r_32_what_differs_is_said_of_each_part(certificate: Certificate, company: NameComparison, person: NameComparison) -> None:
    known = Found(
        qualification=Qualification(vendor=VENDOR, state="approved", trade_name="x", company={"name": "", "representative": "代表　花子"}),
        representative_contact={},
        later_card=False,
    )
    details = whose_card.differences(known, certificate, HolderCheck(company, person))
    endings = {NameComparison.SAME: [], NameComparison.DIFFERS: ["differs"], NameComparison.INCOMPARABLE: ["unknown"]}
    said = [t(f"flow.holder.{part}_{end}") for part, result in (("company", company), ("person", person)) for end in endings[result]]
    assert list(details) == [
        t("flow.holder.qualification", company=t("common.missing"), person="代表　花子"),
        t("flow.holder.card_says", company=certificate.company, person=certificate.holder),
        *said,
    ]


@pytest.mark.parametrize(
    ("typed", "kind", "before", "after", "differs"),
    [
        (True, "text", {"x": "1"}, {"x": "2"}, True),
        (True, "text", {"x": "1"}, {"x": "1"}, False),
        (True, "text", {}, {"x": "1"}, True),
        (True, "text", {}, {}, False),
        (False, "text", {}, {"x": "1"}, False),
        (False, "text", {"x": "1"}, {"x": "2"}, True),
        (True, "email_again", {"x": "1"}, {"x": "2"}, False),
    ],
)
def test_what_an_amendment_changes(typed: bool, kind: Any, before: dict[str, str], after: dict[str, str], differs: bool) -> None:
    field = Field(id="x", label="項目", kind=kind, source="typed" if typed else "qualification", max=9)
    assert register_pages.differs(field, before, after) is differs


def test_rows_say_what_was_there_before_and_where_the_mail_goes() -> None:
    place = place_of("ise")
    values = {"company": {"phone": "2"}, "card_contact": {"email": "new@example.jp"}}

    def row(block: str, label: str, before: Any = None) -> Row:
        (section,) = register_pages.sections(place, "amendment", values, (block,), before)
        (found,) = [row for row in section.rows if row.label == label]
        return found

    phone = place.profile.labels("company")["phone"]
    mail = place.profile.labels("card_contact")["email"]
    assert row("company", phone) == Row(phone, "2")
    assert row("company", phone, {"company": {"phone": "2"}}) == Row(phone, "2")
    assert row("company", phone, {"company": {"phone": "1"}}) == Row(phone, "2", "*", t("flow.amend.before", value="1"))
    assert row("company", phone, {}) == Row(phone, "2", "*", t("flow.amend.before", value=t("common.missing")))
    assert row("card_contact", mail) == Row(mail, "new@example.jp", "!", t("flow.review.mail_note"))
    assert row("card_contact", mail, {"card_contact": values["card_contact"]}) == Row(mail, "new@example.jp")


@pytest.mark.parametrize(
    ("setting", "here", "both"),
    [("decimal", "", False), ("decimal_and_hex", "", True), ("decimal", "decimal_and_hex", True), ("decimal_and_hex", "decimal", False)],
)
def test_a_serial_number_is_shown_as_this_step_has_it(certificate: Certificate, setting: str, here: str, both: bool) -> None:
    section = register_pages.card_section(changed(place_of("ise"), "card", serial=setting), certificate.record, "", here)
    assert ("16進" in section.rows[0].value) is both
    assert section.title == place_of("ise").profile.card.title
    assert register_pages.card_section(place_of("ise"), certificate.record, "いまのカード").title == "いまのカード"


@pytest.mark.parametrize("operation", ["registration", "amendment", "renewal"])
def test_r_20_the_last_page_is_the_operations_own(operation: str, certificate: Certificate) -> None:
    place = place_of("ise")
    page = register_pages.done(place, receipt_of("ise", operation, card=certificate.record))
    confirmation = place.profile.amendment_confirmation if operation == "amendment" else place.profile.confirmation
    assert page.title == confirmation.done_title
    assert page.message == (place.profile.renewal.done if operation == "renewal" else confirmation.done)
    assert (page.print, page.mail_to, page.page_note) == (confirmation.print, "a@example.com", place.profile.print.note)


def test_a_renewal_of_which_no_former_card_is_known_has_no_section_of_one(certificate: Certificate) -> None:
    page = renewed_pages.done(place_of("ise"), receipt_of("ise", "renewal", card=certificate.record)).page
    assert t("flow.renewal.old") not in [section.title for section in page]
    assert t("flow.renewal.new") in [section.title for section in page]


@pytest.mark.parametrize(("wanted", "given", "stands"), [(True, "9", True), (False, "9", False), (True, None, False)])
def test_r_20_the_systems_number_is_printed_where_the_system_prints_one(wanted: bool, given: str | None, stands: bool) -> None:
    place = changed(place_of("aomori"), "print", company_id=wanted)
    page = register_pages.done(place, receipt_of("aomori", company_id=given)).page
    label = place.profile.labels("company")["company_id"]
    assert ([row for section in page for row in section.rows if row.label == label] == [Row(label, "9")]) is stands
    assert (page[0].title == "" and page[0].rows == (Row(label, "9"),)) is stands


def test_r_16_copying_is_off_until_it_is_chosen() -> None:
    place = place_of("saitama")
    row = propagation_row(ScriptUi(), place)
    assert row is not None
    assert (row.chosen, row.about) == (False, f"{place.profile.propagation.agency}: {place.agency.name}")
    assert propagation_row(ScriptUi(), place_of("ise")) is None
