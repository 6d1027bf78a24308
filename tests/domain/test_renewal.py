"""R-08: two cards side by side: what is equal, changed and notable, and what stops a renewal."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
import pytest

from ebid_tui.domain import renewal
from ebid_tui.domain.certificate import JAPAN, Certificate
from ebid_tui.domain.profile.systems import Profile, profile_of
from ebid_tui.domain.statement import ComparedRow
from ebid_tui.errors import RuleError
from ebid_tui.messages import t

NOW = datetime(2026, 11, 21, tzinfo=JAPAN)
COMPANY = {"name": "テスト工事業者０１", "address": "三重県伊勢市", "phone": "000-0000-001"}
OTHER_CA = "OU=TEST CA2,O=TEST CA2,C=JP"


def certificate(fingerprint: str, **parts: Any) -> Certificate:
    start: dict[str, Any] = {
        "der": b"",
        "fingerprint": fingerprint,
        "serial": 659,
        "issuer": "OU=TEST CA,O=TEST CA,C=JP",
        "subject": "C=JP",
        "not_before": datetime(2025, 1, 1, tzinfo=JAPAN),
        "not_after": datetime(2028, 2, 29, 23, 59, 59, tzinfo=JAPAN),
        "company": "テスト０６株式会社",
        "company_address": None,
        "holder": "テスト　六郎",
        "holder_address": "Tokyo-To Minato-ku",
        "key": "P-256",
        "key_usage": frozenset({"digitalSignature"}),
        "signature_hash": "sha256",
    }
    return Certificate(**(start | parts))


CURRENT = certificate("a")


def profile(system: str = "ise", **settings: str) -> Profile:
    """Of this system, accepting every authority of these tests."""
    made = profile_of(system)
    renewed = msgspec.structs.replace(made.renewal, **settings)
    return msgspec.structs.replace(made, renewal=renewed, trusted=(*made.trusted, "test-ca", "test-ca2"))


def rows(**parts: Any) -> dict[str, ComparedRow]:
    compared = renewal.rows(profile(), COMPANY, CURRENT, certificate("b", **parts))
    return {row.field: row for row in compared}


@pytest.mark.parametrize("system", ["ise", "aomori", "nagasaki", "saitama"])
def test_the_rows_are_the_documents_in_their_order(system: str) -> None:
    made = profile_of(system)
    assert tuple(row.field for row in renewal.rows(made, COMPANY, CURRENT, CURRENT)) == made.renewal.rows


def test_company_data_is_the_registrations_on_both_sides() -> None:
    compared = rows(company="別の会社")
    assert compared["company.name"] == ComparedRow("company.name", "テスト工事業者０１", "テスト工事業者０１", "equal")


@pytest.mark.parametrize(
    ("system", "shown"), [("ise", "659 (10進) / 293 (16進)"), ("aomori", "659"), ("saitama", "659 (10進) / 293 (16進)")]
)
def test_the_serial_number_as_the_system_shows_it(system: str, shown: str) -> None:
    assert renewal.serial(profile_of(system), CURRENT) == shown


def test_a_new_cards_own_serial_and_expiry_are_no_more_than_changed() -> None:
    compared = rows(serial=673, not_after=datetime(2030, 2, 28, tzinfo=JAPAN))
    assert (compared["card_certificate.serial"].verdict, compared["card_certificate.not_after"].verdict) == ("changed", "changed")
    assert compared["card_certificate.not_after"].new == "2030/02/28"
    assert not renewal.needs_answer(tuple(compared.values()))


@pytest.mark.parametrize(
    ("part", "value", "verdict", "note"),
    [
        ("company", "テスト０６株式会社", "equal", ""),
        ("company", "テスト06（株）", "changed", "other_spelling"),
        ("company", "テスト２０株式会社", "notable", "company_differs"),
        ("company", "Test 06", "notable", "company_unknown"),
        ("company", None, "notable", "company_unknown"),
        ("holder", "テスト六郎", "changed", "other_spelling"),
        ("holder", "テスト　二十郎", "notable", "person_differs"),
        ("holder_address", "Tokyo-To Chuo-ku", "notable", "address_differs"),
        ("holder_address", "三重県伊勢市", "notable", "address_unknown"),
    ],
)
def test_r06_names_and_places_are_compared_by_meaning(
    part: str, value: str | None, verdict: Literal["equal", "changed", "notable"], note: str
) -> None:
    field = {"company": "card_holder.company", "holder": "card_holder.person", "holder_address": "card_holder.address"}[part]
    row = rows(**{part: value})[field]
    assert (row.verdict, row.note) == (verdict, t(f"flow.renewal.{note}") if note else "")


def test_what_neither_card_says_is_equal() -> None:
    compared = renewal.rows(profile_of("aomori"), COMPANY, CURRENT, certificate("b"))
    row = next(row for row in compared if row.field == "card_holder.company_address")
    assert (row.current, row.new, row.verdict) == ("", "", "equal")


def test_r08_another_authority_is_notable() -> None:
    row = rows(issuer=OTHER_CA)["card_certificate.issuer"]
    assert (row.verdict, row.note) == ("notable", t("flow.renewal.other_ca"))


def test_r08_an_answer_is_needed_where_a_row_is_notable() -> None:
    assert renewal.needs_answer(tuple(rows(company="別の会社").values()))
    assert not renewal.needs_answer(tuple(rows().values()))


def refusal(new: Certificate, current: Certificate = CURRENT, system: str = "ise", **settings: str) -> tuple[str, tuple[str, ...]] | None:
    """Code and causes of what stops it; None where nothing does."""
    try:
        renewal.refuse(profile(system, **settings), current, new, NOW)
    except RuleError as error:
        return error.code, error.causes
    return None


def test_nothing_speaks_against_a_new_card_of_the_same_company() -> None:
    assert refusal(certificate("b"), different_ca="stop", different_company="stop") is None


def test_r08_the_same_card_is_no_new_one() -> None:
    assert refusal(CURRENT) == ("R-08", (t("flow.renewal.same_card"),))


@pytest.mark.parametrize("which", ["current", "new"])
def test_r09_an_ended_card_cannot_be_renewed_or_renewed_to(which: str) -> None:
    ended = {"not_after": datetime(2026, 11, 20, tzinfo=JAPAN)}
    current, new = (certificate("a", **ended), certificate("b")) if which == "current" else (CURRENT, certificate("b", **ended))
    found = refusal(new, current)
    assert found is not None
    assert found[0] == "R-09"


def test_r34_only_cards_of_the_accepted_authorities() -> None:
    found = refusal(certificate("b", issuer="O=Nobody,C=JP"))
    assert found is not None
    assert found[0] == "R-34"


@pytest.mark.parametrize(("setting", "stopped"), [("stop", True), ("ask", False)])
def test_r08_another_authority_stops_by_the_systems_setting(setting: str, stopped: bool) -> None:
    found = refusal(certificate("b", issuer=OTHER_CA), different_ca=setting, different_company="ask")
    assert found == (("R-08", (t("flow.renewal.other_ca"),)) if stopped else None)


@pytest.mark.parametrize(
    ("part", "value", "note"),
    [
        ("company", "別の会社", "company_differs"),
        ("company_address", "東京都", "company_address_differs"),
        ("holder", "別　人", "person_differs"),
        ("holder_address", "Osaka-Fu", "address_differs"),
    ],
)
def test_r08_another_company_holder_or_address_stops_by_the_systems_setting(part: str, value: str, note: str) -> None:
    current = certificate("a", company_address="三重県")
    new = certificate("b", **({"company_address": "三重県"} | {part: value}))
    assert refusal(new, current, different_company="stop") == ("R-08", (t(f"flow.renewal.{note}"),))
    assert refusal(new, current, different_company="ask") is None


@pytest.mark.parametrize("parts", [{"company": "テスト06（株）"}, {"company": "Test 06"}, {"company": None}, {"holder_address": None}])
def test_r08_spelling_and_what_cannot_be_compared_never_stop(parts: dict[str, Any]) -> None:
    assert refusal(certificate("b", **parts), different_company="stop") is None
