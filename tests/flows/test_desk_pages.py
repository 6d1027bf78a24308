"""A vendor's page at the desk: what stands in each part, what wants attention, and what can be done now."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from ebid_tui.domain.codes import explained
from ebid_tui.domain.desk import DeskPassword, Event
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.flows.desk import pages
from ebid_tui.flows.desk.ui import PagePosition, VendorPage
from ebid_tui.flows.ui import Section
from tests.flows.desk_office import NAME, VENDOR, DeskOffice, DeskScript, at_desk, card, certificate, mail, qualification, request, seen
from tests.flows.office import NOW

AT = at_desk(DeskScript(), DeskOffice())
WATER = msgspec.structs.replace(VENDOR, category="goods")


def page(**changes: Any) -> VendorPage:
    return pages.vendor_page(AT, seen(**changes), PagePosition())


def part(name: str, **changes: Any) -> tuple[Section, ...]:
    (found,) = (part.sections for part in page(**changes).parts if part.id == name)
    return found


def lines(section: Section) -> list[tuple[str, str, str]]:
    """Sign, label and value of each row."""
    return [(row.sign, row.label, row.value) for row in section.rows]


def test_the_page_names_the_vendor_and_its_place() -> None:
    made = page()
    assert (made.title, made.lead) == (f"4100000001 {NAME}", "さいたま市 建設工事、設計・調査・測量、土木施設維持管理")
    assert [part.label for part in made.parts] == ["資格", "連絡先", "カード", "パスワード", "メール", "履歴", "申請"]


def test_a_part_with_nothing_in_it_says_so() -> None:
    for name in ("cards", "mails", "history", "requests"):
        (section,) = part(name)
        assert (section.rows, section.remark) == ((), "ありません。")
    assert part("password", password=None)[0].remark == "ありません。"


@pytest.mark.parametrize(
    ("changes", "actions"),
    [
        ({}, ["reset"]),
        ({"password": None}, []),
        ({"password": DeskPassword(state="locked", wrong=5, changed_on=None)}, ["reset", "unlock"]),
        ({"mails": (mail(state="waiting"), mail(state="sending"))}, ["reset"]),
        ({"mails": (mail(state="waiting"), mail(state="sent"))}, ["reset", "resend"]),
        ({"mails": (mail(state="failed"),)}, ["reset", "resend"]),
        ({"mails": (mail(state="uncertain"),)}, ["reset", "resend"]),
        ({"cards": (card(), card(state="renewed"))}, ["reset", "cancel_card"]),
        ({"cards": (card(state="renewed"), card(state="cancelled"))}, ["reset"]),
        ({"cards": (card(card=None),)}, ["reset"]),
        ({"elsewhere": (qualification(WATER),)}, ["reset", "elsewhere"]),
    ],
)
def test_what_can_be_done_now(changes: dict[str, Any], actions: list[str]) -> None:
    assert list(page(**changes).actions) == [*actions, "refresh"]


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("approved", ("", "資格の状態", "審査済")),
        ("under_review", ("!", "資格の状態", "審査中（以前の情報を表示しています）")),
        ("lapsed", ("!", "資格の状態", "失効")),
    ],
)
def test_a_state_that_is_not_approved_wants_attention(state: Any, line: tuple[str, str, str]) -> None:
    assert lines(part("qualification", qualification=qualification(state=state))[0])[0] == line


def test_the_companys_values_stand_under_the_documents_labels_and_nothing_is_left_out() -> None:
    company = {"name": NAME, "vendor_no": VENDOR.number, "company_id": "C-9", "unknown": "見えるはず", "gone": ""}
    (section,) = part("qualification", qualification=qualification(company=company), company_id="C-1")
    told = lines(section)
    assert told[1:3] == [("", "商号又は名称", NAME), ("", "企業ID", "C-1")]
    assert [label for _, label, _ in told].count("企業ID") == 1
    labels = profile_of("saitama").labels("company")
    assert ("", labels["name"], NAME) in told
    assert told[-1] == ("", "unknown", "見えるはず")
    assert VENDOR.number not in [value for _, _, value in told]
    assert "C-9" not in [value for _, _, value in told]


def test_without_a_number_of_the_company_there_is_no_row_for_it() -> None:
    (section,) = part("qualification")
    assert "企業ID" not in [label for _, label, _ in lines(section)]


def test_the_other_places_of_the_same_number_are_named() -> None:
    _, others = part("qualification", elsewhere=(qualification(WATER, state="lapsed", trade_name="山田物品"),))
    assert lines(others) == [("", "さいたま市 物品等", "失効 山田物品")]


def test_an_address_typed_twice_is_shown_once() -> None:
    at = at_desk(DeskScript(), DeskOffice())
    at.profile = profile_of("aomori")
    shown = pages._values(at, "representative_contact", {"email": "a@example.com", "email_again": "a@example.com"}, "construction")
    assert [row.value for row in shown].count("a@example.com") == 1


def test_contacts_are_the_representatives_and_those_of_the_cards_in_use() -> None:
    cards = (card(1, state="cancelled", contact={"person": "前の人"}), card(2, contact={"person": "窓口　花子", "email": "h@example.com"}))
    first, second = part("contacts", cards=cards, representative_contact={"person": "代表　太郎"})
    assert (first.title, second.title) == ("代表窓口情報", "ICカード利用部署情報（2枚目のカード）")
    assert "代表　太郎" in [row.value for row in first.rows]
    assert {"窓口　花子", "h@example.com"} <= {row.value for row in second.rows}


@pytest.mark.parametrize(
    ("days", "state", "line"),
    [
        (-1, "active", ("!", "2026/11/20（期限切れ）")),
        (0, "active", ("!", "2026/11/21（あと0日）")),
        (60, "active", ("!", "2027/01/20（あと60日）")),
        (61, "active", ("", "2027/01/21（あと61日）")),
        (5, "renewed", ("", "2026/11/26（あと5日）")),
    ],
)
def test_r25_a_cards_end_wants_attention_while_it_is_in_use(days: int, state: Any, line: tuple[str, str]) -> None:
    (section,) = part("cards", cards=(card(card=certificate(not_after=NOW + timedelta(days=days)), state=state),))
    assert [(sign, value) for sign, label, value in lines(section) if label == "証明書有効期限"] == [line]


def test_a_card_with_whose_it_is_its_number_and_since_when() -> None:
    first, second = part("cards", cards=(card(), card(2, state="cancelled")))
    assert (first.title, second.title) == ("カード 1枚目 使えます", "カード 2枚目 取消済み")
    values = [value for _, _, value in lines(first)]
    assert values[:4] == [NAME, "川越　三郎", "43969（10進） / abc1（16進）", "O=TEST CA,C=JP"]
    assert lines(first)[-1] == ("", "登録日時", "2026/11/21 18:20")


def test_r36_a_registration_without_a_card_names_its_person() -> None:
    (section,) = part("cards", cards=(card(card=None),))
    assert lines(section) == [("", "カードなしの登録（氏名）", "窓口　花子"), ("", "登録日時", "2026/11/21 18:20")]


@pytest.mark.parametrize(
    ("password", "told"),
    [
        (DeskPassword(state="active", wrong=0, changed_on=None), [("", "使えます"), ("", "0回")]),
        (DeskPassword(state="active", wrong=1, changed_on=date(2026, 4, 1)), [("", "使えます"), ("!", "1回"), ("", "2026/04/01")]),
        (DeskPassword(state="locked", wrong=5, changed_on=None), [("!", "ロックされています"), ("!", "5回")]),
        (DeskPassword(state="initial", wrong=0, changed_on=None), [("", "通知されたパスワード（使えます）"), ("", "0回")]),
    ],
)
def test_r33_the_passwords_state(password: DeskPassword, told: list[tuple[str, str]]) -> None:
    (section,) = part("password", password=password)
    assert [(sign, value) for sign, _, value in lines(section)] == told


def test_r03_an_initial_password_where_it_has_to_be_changed_first() -> None:
    at = at_desk(DeskScript(), DeskOffice())
    at.profile = profile_of("ise")
    (section,) = pages._password(at, seen(password=DeskPassword(state="initial", wrong=0, changed_on=None)))
    assert [(sign, value) for sign, _, value in lines(section)] == [("!", "初期パスワード（未変更）"), ("", "0回")]


@pytest.mark.parametrize(("state", "sign"), [("sent", ""), ("waiting", ""), ("sending", ""), ("failed", "!"), ("uncertain", "!")])
def test_r39_a_mail_that_did_not_arrive_wants_attention(state: Any, sign: str) -> None:
    (section,) = part("mails", mails=(mail(state=state),))
    assert section.title == "2026/11/21 18:20 登録"
    assert section.rows[0].sign == sign
    assert [value for _, _, value in lines(section)[1:]] == ["a@example.com", "X-1", "3回"]


def test_a_mail_that_ended_says_when_and_why() -> None:
    (section,) = part("mails", mails=(mail(finished_at=NOW + timedelta(minutes=1), reason="550 5.1.1"),))
    assert lines(section)[-2:] == [("", "結果の日時", "2026/11/21 18:21"), ("", "理由", "550 5.1.1")]


@pytest.mark.parametrize(
    ("event", "actor", "agency", "receipt", "said"),
    [
        ("desk_view:inquiry", "operator:desk", "saitama-city", None, "閲覧 (問い合わせ) 職員 desk さいたま市"),
        ("desk_ask:unlock", "operator:desk", "", None, "申請の受付 (ロック解除) 職員 desk"),
        ("password_reset", "application:R8-1", "gone", None, "パスワード初期化 申請 R8-1"),
        ("registration", "f" * 64, "saitama-city", "X-1", "登録 業者（ICカード） さいたま市 X-1"),
        ("registration", "number:4100000001", "", "X-1", "登録 業者（パスワード） X-1"),
        ("import", "f" * 63, "", None, "import " + "f" * 63),
        ("import:nightly", "operator", "", None, "import (nightly) operator"),
    ],
)
def test_the_history_is_told_in_sentences(event: str, actor: str, agency: str, receipt: str | None, said: str) -> None:
    (section,) = part("history", history=(Event(at=NOW, event=event, actor=actor, receipt_id=receipt, agency=agency),))
    assert lines(section) == [("", "2026/11/21 18:20", said)]


def test_where_there_is_one_agency_the_history_names_none() -> None:
    at = at_desk(DeskScript(), DeskOffice())
    at.profile = profile_of("ise")
    row = pages._event(at, Event(at=NOW, event="registration", actor="operator:x", receipt_id=None, agency="ise"))
    assert row.value == "登録 職員 x"


@pytest.mark.parametrize(("state", "sign"), [("waiting", "!"), ("approved", "!"), ("refused", ""), ("done", "")])
def test_an_application_wants_attention_until_it_is_finished(state: Any, sign: str) -> None:
    (section,) = part("requests", requests=(request(state=state),))
    assert section.title == "申請 R8-1"
    assert [row.sign for row in section.rows] == ["", "", sign, ""]
    assert section.rows[3].value == "2026/11/21 18:20 desk"


def test_an_application_says_who_decided_and_who_carried_it_out() -> None:
    rows = pages.request_rows(request(decided_by="boss", decided_at=NOW, done_by="desk", done_at=NOW + timedelta(hours=1)))
    assert [row.value for row in rows[4:]] == ["2026/11/21 18:20 boss", "2026/11/21 19:20 desk"]
    assert len(pages.request_rows(request(decided_by="boss", done_at=NOW))) == 4


def test_a_code_is_explained_with_what_to_tell_first() -> None:
    code = explained("E-NO-CARD", profile_of("saitama"))
    tell, meaning, causes, remedy = pages.code_report(code).sections
    assert [section.rows[0].value for section in (tell, meaning, remedy)] == [code.tell, code.meaning, code.remedy]
    assert meaning.rows[0].label == "E-NO-CARD"
    assert [(row.label, row.value) for row in causes.rows] == [(f"{n}.", cause) for n, cause in enumerate(code.causes, start=1)]
