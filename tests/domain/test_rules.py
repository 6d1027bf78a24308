"""Decisions by rule number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ebid_tui.domain import rules
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import CardState, Qualification, QualificationState, RegisteredCard, Vendor
from ebid_tui.domain.text.names import NameComparison
from ebid_tui.errors import RuleError, ServerError

VENDOR = Vendor(system="ise", agency="ise", category="construction", number="1000000001")


def qualification(state: QualificationState) -> Qualification:
    return Qualification(vendor=VENDOR, state=state, trade_name="テスト工事業者０１", company={})


def registered(realm: str, state: CardState = "active") -> RegisteredCard:
    return RegisteredCard(agency="ise", category="construction", realm=realm, trade_name="建設工事００５", state=state)


@pytest.mark.parametrize("state", ["active", "renewed", "cancelled"])
def test_r_05_a_card_registers_to_one_vendor_only(state: CardState) -> None:
    with pytest.raises(RuleError) as caught:
        rules.refuse_registered([registered("goods"), registered("construction", state)], "construction")
    assert caught.value.code == "R-05"
    assert "建設工事００５" in caught.value.remedy


def test_a_card_that_waits_is_told_so() -> None:
    with pytest.raises(ServerError) as caught:
        rules.refuse_registered([registered("construction", "refused"), registered("construction", "waiting")], "construction", "ise")
    assert caught.value.code == "E-WAITING"
    rules.refuse_registered([registered("construction", "waiting")], "construction", "elsewhere")


def test_r_05_a_refused_card_is_free_again() -> None:
    rules.refuse_registered([registered("construction", "refused")], "construction")
    with pytest.raises(RuleError, match="R-05"):
        rules.refuse_registered([registered("construction", "refused"), registered("construction")], "construction")


@pytest.mark.parametrize("earlier", [[], [registered("goods")]])
def test_r_05_another_realm_is_free(earlier: list[RegisteredCard]) -> None:
    rules.refuse_registered(earlier, "construction")


@pytest.mark.parametrize(
    ("company", "card_holder", "expected"),
    [
        (("テスト工事業者０１", "個人　十郎"), ("テスト工事業者０１", "個人　十郎"), (NameComparison.SAME, NameComparison.SAME)),
        (("（株）テスト", "髙橋　一郎"), ("株式会社テスト", "高橋一郎"), (NameComparison.SAME, NameComparison.SAME)),
        (("建設工事００５", "個人　十郎"), ("テスト０６株式会社", "個人　十郎"), (NameComparison.DIFFERS, NameComparison.SAME)),
        (("建設工事００５", "個人　十郎"), ("建設工事００５", "テスト　六郎"), (NameComparison.SAME, NameComparison.DIFFERS)),
        (("建設工事００５", "個人　十郎"), ("Kensetsu Koji", "個人　十郎"), (NameComparison.INCOMPARABLE, NameComparison.SAME)),
        (("建設工事００５", "個人　十郎"), ("建設工事００５", ""), (NameComparison.SAME, NameComparison.INCOMPARABLE)),
    ],
)
def test_r_06_company_and_holder_are_compared_with_the_qualification(
    company: tuple[str, str], card_holder: tuple[str, str], expected: tuple[NameComparison, NameComparison]
) -> None:
    check = rules.compare_holder({"name": company[0], "representative": company[1]}, {"company": card_holder[0], "person": card_holder[1]})
    assert (check.company, check.person) == expected
    assert check.needs_answer == (expected != (NameComparison.SAME, NameComparison.SAME))


def test_r_06_what_is_not_there_needs_an_answer() -> None:
    assert rules.compare_holder({}, {}).needs_answer
    assert rules.compare_holder({}, {}, "must_match").needs_answer
    assert not rules.compare_holder({}, {}, "must_match").refused, "what cannot be compared is asked, not refused"
    assert not rules.compare_holder({}, {}, "any").needs_answer
    assert rules.compare_holder({}, {}).company is NameComparison.INCOMPARABLE


def test_r_09_an_expired_card_leads_to_registration() -> None:
    end = datetime(2028, 2, 29, 14, 59, 59, tzinfo=UTC)
    rules.refuse_expired(end, end)
    with pytest.raises(RuleError) as caught:
        rules.refuse_expired(end, end + timedelta(seconds=1))
    assert caught.value.code == "R-09"
    assert "2028/02/29" in caught.value.title
    assert "登録" in caught.value.remedy


@pytest.mark.parametrize(
    ("issuer", "what"),
    [
        ("O=JPKI,C=JP", "マイナンバーカード"),
        ("OU=JPKI for digital signature,O=JPKI,C=JP", "マイナンバーカード"),
        ("CN=Registrar of Tokyo Legal Affairs Bureau,OU=Ministry of Justice,O=Japanese Government,C=JP", "法人認証カード"),
    ],
)
def test_r_23_cards_of_another_purpose_are_refused_with_the_reason(issuer: str, what: str) -> None:
    with pytest.raises(RuleError) as caught:
        rules.refuse_issuer(issuer, profile_of("ise").trusted)
    assert caught.value.code == "R-23"
    assert what in caught.value.title


def test_r_23_no_system_can_accept_them() -> None:
    with pytest.raises(RuleError) as caught:
        rules.refuse_issuer("O=JPKI,C=JP", ["jpki"])
    assert caught.value.code == "R-23"


@pytest.mark.parametrize("issuer", ["OU=OTHER CA,O=OTHER CA,C=JP", "OU=bidca4,O=pki4,ST=Kanagawa,C=JP", ""])
def test_r_34_only_cards_of_the_accepted_authorities(issuer: str) -> None:
    with pytest.raises(RuleError) as caught:
        rules.refuse_issuer(issuer, profile_of("ise").trusted)
    assert caught.value.code == "R-34"


@pytest.mark.parametrize("issuer", ["OU=TEST CA,O=TEST CA,C=JP", "ou=test ca, o=test ca, c=jp", "OU=e-Probatio PS2,O=NTT,C=JP"])
def test_r_34_accepted_authorities_pass(issuer: str) -> None:
    rules.refuse_issuer(issuer, profile_of("ise").trusted)


def test_r_35_a_lapsed_qualification_allows_nothing() -> None:
    with pytest.raises(RuleError) as caught:
        rules.refuse_lapsed(qualification("lapsed"), "契約課 契約係")
    assert caught.value.code == "R-35"
    assert "契約課 契約係" in caught.value.remedy


@pytest.mark.parametrize("state", ["approved", "under_review"])
def test_r_35_others_go_on(state: QualificationState) -> None:
    rules.refuse_lapsed(qualification(state), "契約課 契約係")
