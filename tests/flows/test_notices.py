"""The documents' warnings stand where they are needed: R-40 to R-46, in every system that they hold in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import faq, statement
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.profile.systems import Profile, available, profile_of
from ebid_tui.domain.records import Found, Qualification, Receipt, Vendor
from ebid_tui.domain.rules import HolderCheck
from ebid_tui.domain.text.names import NameComparison
from ebid_tui.flows import notices, register_pages, renew_pages, renewed_pages, whose_card
from ebid_tui.flows.enter import entrance_question
from ebid_tui.flows.known import Known
from ebid_tui.flows.locked_cards import last_try
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import Finished, continued
from ebid_tui.flows.ui import Confirm
from ebid_tui.messages import t
from tests.flows.conftest import Desk, place_of
from tests.flows.script import ScriptUi

SYSTEMS = tuple(available())
SHOWN = {"company": {"name": "試験建設"}, "card_contact": {"email": "card@example.jp"}}


@pytest.fixture
def certificate(desk: Desk) -> Certificate:
    return certificates.read(desk.der("ise-new"))


def found_at(place: Place, branch: str = "", state: Any = "approved", further: tuple[str, ...] = ()) -> Found:
    vendor = Vendor(system=place.profile.id, agency=place.agency.id, category=place.category.id, number="4000000001")
    name = f"株式会社試験建設　{branch}".strip()
    company = {"name": name, "representative": "試験　太郎"} | ({"branch": branch} if branch else {})
    qualification = Qualification(vendor=vendor, state=state, trade_name=name, company=company)
    return Found(qualification=qualification, representative_contact={}, later_card=False, further_categories=further)


def receipt_at(place: Place, certificate: Certificate | None, operation: Any = "registration") -> Receipt:
    return Receipt(
        id="T-1",
        operation=operation,
        vendor=found_at(place).qualification.vendor,
        blocks=SHOWN,
        card=certificate.record if certificate else None,
        company_id=None,
        mail_to=None,
        check="0" * 16,
        at=datetime.fromisoformat("2026-11-30T10:00:00+09:00"),
    )


@pytest.fixture(params=SYSTEMS)
def place(request: pytest.FixtureRequest) -> Place:
    return place_of(request.param)


@pytest.fixture
def profile(place: Place) -> Profile:
    return place.profile


def test_r40_the_search_warns_before_a_number_is_typed(place: Place) -> None:
    said = notices.on_search(place, card=True)
    lead = register_pages.search_form(place, {}, {}, None, warnings=said).lead
    assert t("notice.one_card", key=notices.key_label(place.profile)) in lead.split("\n")
    assert all(sentence in lead.split("\n") for sentence in place.profile.notices.search)
    assert t("notice.one_card", key=notices.key_label(place.profile)) not in notices.on_search(place, card=False)


@pytest.mark.parametrize("branch", ["", "さいたま支店"])
def test_r40_the_number_is_what_is_confirmed(place: Place, certificate: Certificate, branch: str) -> None:
    """Two branches bear one company's name: form and confirmation show the number and the branch, before anything is signed."""
    found, key = found_at(place, branch), notices.key_label(place.profile)
    form = register_pages.registration_form(place, found, certificate.card_holder, {}, {})
    assert any("4000000001" in line and branch in line for line in form.lead.split("\n"))
    review = register_pages.registration_review(place, SHOWN, certificate, False, found.qualification)
    first = review.sections[0]
    assert [(row.label, row.value, row.sign) for row in first.rows][:1] == [(key, "4000000001", "!")]
    assert [row.value for row in first.rows[1:]] == ([branch] if branch else [])
    assert t("notice.confirm_number", key=key, number="4000000001") in review.warnings
    assert (t("notice.confirm_branch", key=key, branch=branch) in review.warnings) == bool(branch)


def test_r40_without_a_card_there_is_none_to_spoil(place: Place) -> None:
    review = register_pages.registration_review(place, SHOWN, None, False, found_at(place).qualification)
    assert not any("4000000001" in warning for warning in review.warnings)
    assert review.sections[0].rows[0].value == "4000000001"


def test_r41_the_other_categories_are_named(place: Place, certificate: Certificate) -> None:
    others = [c.name for c in place.profile.categories_of(place.agency.id) if c.id != place.category.id]
    assert others
    assert (
        t("notice.each_category", category=place.profile.category_title)
        in entrance_question("category", place.profile, place.agency.id, first=True).lead
    )
    for operation, key in (("registration", "register_other"), ("amendment", "repeat_other"), ("renewal", "repeat_other")):
        done = register_pages.done(place, receipt_at(place, certificate, operation))
        assert t(f"notice.{key}", names="、".join(others)) in done.notices


@pytest.mark.parametrize(
    ("further", "answer", "registered"), [(("goods",), True, 1), (("goods",), False, 0), ((), None, 0), (("nosuch",), None, 0)]
)
async def test_r41_the_next_category_is_offered_where_the_vendor_is_qualified(
    place: Place, further: tuple[str, ...], answer: bool | None, registered: int
) -> None:
    """With what is known of the vendor; never its password."""
    receipt, begun = receipt_at(place, None), []

    async def again(there: Place, known: Known) -> Receipt:
        begun.append((there.category.id, known))
        return receipt

    ui = ScriptUi(*([("next_category", answer)] if answer is not None else []))
    typed = {"company": {"phone": "1"}, "card_contact": {"email": "a@example.jp"}}
    assert await continued(ui, place, Finished(receipt, found_at(place, further=further), typed), again) == receipt
    assert len(begun) == registered == len([q for q in ui.asked(Confirm) if answer])
    for category, known in begun:
        assert category == "goods"
        assert known.search == {"search": {place.profile.search.key: "4000000001", "trade_name": "株式会社試験建設"}}
        assert known.registration == {"card_contact": {"email": "a@example.jp"}}


def test_r42_who_cannot_wait_chooses_that_agency(place: Place, certificate: Certificate) -> None:
    profile, agency = place.profile, place.profile.agency_title
    menu = entrance_question("menu", profile, place.agency.id, first=False).lead.split("\n")
    done = register_pages.done(place, receipt_at(place, certificate)).notices
    assert (t("notice.at_once", agency=agency) in menu) == profile.rules.propagation
    assert (t("notice.others_tomorrow", agency=agency) in done) == profile.rules.propagation
    for chosen, said in ((True, "others_chosen"), (False, "others_not_chosen")):
        receipt = msgspec.structs.replace(receipt_at(place, certificate, "amendment"), propagate=chosen)
        changed = [notice for notice in register_pages.done(place, receipt).notices if "反映" in notice]
        assert changed == [t(f"notice.{said}", agency=agency)] * profile.rules.propagation
        for page in (register_pages.done(place, receipt), renewed_pages.done(place, msgspec.structs.replace(receipt, operation="renewal"))):
            rows = [row.value for section in page.page for row in section.rows if row.label == profile.propagation.label]
            wanted = t("flow.propagate.chosen" if chosen else "flow.propagate.not_chosen", agency=place.agency.name)
            assert rows == [wanted] * profile.rules.propagation, "on paper too"


def serial_rows(place: Place, certificate: Certificate) -> Iterator[tuple[str, str]]:
    review = register_pages.registration_review(place, SHOWN, certificate, False)
    for section in review.sections:
        yield from ((row.label, row.note) for row in section.rows)


def test_r43_the_serial_number_is_not_the_cards(place: Place, certificate: Certificate) -> None:
    """Said on the screens where it stands; paper has none of it."""
    label = place.profile.card.serial_label
    assert (label, t("notice.serial")) in set(serial_rows(place, certificate))
    comparison = renew_pages.comparison(place, (), certificate, None)
    assert t("notice.serial_row", label=label) in comparison.warnings
    printed = renewed_pages.done(place, receipt_at(place, certificate, "renewal")).page
    assert [row.note for section in printed for row in section.rows if row.label == label] == [""]


def test_r44_a_lost_pin(profile: Profile) -> None:
    said = notices.on_lost_pin(profile)
    assert said[0] == t("notice.issuing")
    assert said[1:] == list(profile.notices.pin)
    assert set(said) <= set(last_try(None, profile).details)
    assert notices.on_lost_pin(None) == [t("notice.issuing")]


def test_r44_ise_takes_no_bid_on_paper_for_it() -> None:
    (sentence,) = profile_of("ise").notices.pin
    assert "紙での入札" in sentence


@pytest.mark.parametrize("days", [60, 61])
def test_r45_a_card_that_ends_soon(place: Place, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setattr(statement, "now", lambda: certificate.not_after - timedelta(days=days))
    review = register_pages.registration_review(place, SHOWN, certificate, False)
    assert (t("notice.ends_soon") in review.warnings) == (days <= 60)
    assert all((sentence in review.warnings) == (days <= 60) for sentence in place.profile.notices.ends_soon)


def test_r46_agencies_that_were_added(profile: Profile) -> None:
    if not profile.single_agency:
        lead = entrance_question("agency", profile, "", first=True).lead.split("\n")
        assert (t("notice.added_agency", agency=profile.agency_title) in lead) == profile.rules.propagation


def test_r27_under_review_it_is_registered_as_it_is(place: Place, certificate: Certificate) -> None:
    found = found_at(place, state="under_review")
    lead = register_pages.registration_form(place, found, certificate.card_holder, {}, {}).lead.split("\n")
    assert {t("flow.form.under_review"), t("notice.under_review"), *place.profile.notices.under_review} <= set(lead)
    differs = HolderCheck(NameComparison.DIFFERS, NameComparison.DIFFERS)
    assert t("notice.under_review_holder") in whose_card.differences(found, certificate, differs)
    assert t("notice.under_review_holder") not in whose_card.differences(found_at(place), certificate, differs)


def test_what_counts_from_now_on_is_said_at_the_end(place: Place, certificate: Certificate) -> None:
    """R-11 once more where it matters, and how to go on."""
    for operation, first in (("registration", "log_in"), ("renewal", "old_card")):
        said = register_pages.done(place, receipt_at(place, certificate, operation)).notices
        assert said[0] == t(f"notice.{first}")
        assert {t("notice.close_windows"), t("notice.check", status=t("flow.menu.status")), *place.profile.notices.done} <= set(said)
    without = register_pages.done(place, receipt_at(place, None)).notices
    assert t("notice.log_in") not in without


def test_what_is_always_registered_anew_depends_on_the_system() -> None:
    """R-08: another authority is only in one document."""
    answers = {
        system: next(topic.text for topic in faq.topics(profile_of(system)) if topic.title == t("faq.which.q")) for system in SYSTEMS
    }
    assert {system for system, answer in answers.items() if t("notice.which_authority") in answer} == {"saitama"}
    assert {system for system, answer in answers.items() if t("notice.which_company") in answer} == {"aomori", "nagasaki", "saitama"}
