"""F-5 登録状況 and 登録 or ICカード更新? by script."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

import msgspec
import pytest

from ebid_tui.domain import statement
from ebid_tui.domain.certificate import JAPAN
from ebid_tui.errors import NoCard, RuleError, ServerAway, SessionGone
from ebid_tui.flows.mending import Instead
from ebid_tui.flows.place import Place
from ebid_tui.flows.status import ANSWERS, show_status, which_operation
from ebid_tui.flows.ui import CardRequest, Nav, PinRequest, Question, Report, Row, Section
from ebid_tui.messages import t
from tests.flows.conftest import Desk, place_of
from tests.flows.office import CONTACT, Office
from tests.flows.script import ScriptUi, outcome

PIN = b"123456"
CARD, OTHER = "ise-new", "ise-second"


@pytest.fixture
def office(desk: Desk) -> Office:
    office = Office()
    office.has(desk.der(CARD))
    return office


def at_time(monkeypatch: pytest.MonkeyPatch, year: int, month: int, day: int) -> None:
    monkeypatch.setattr(statement, "now", lambda: datetime(year, month, day, 12, tzinfo=JAPAN))


def visit(desk: Desk, *then: tuple[str, Any]) -> ScriptUi:
    return ScriptUi(("card", desk.inserting(CARD)), ("pin", PIN), *then)


async def seen(desk: Desk, place: Place, office: Office) -> Report:
    ui = visit(desk, ("status", None))
    assert await outcome(show_status(ui, desk.cards, office, place)) is None
    assert ui.answers == []
    assert office.calls[-1] == "sign_out"
    (report,) = ui.asked(Report)
    assert isinstance(report, Report)
    return report


def cards(report: Report) -> list[dict[str, Row]]:
    return [{row.label: row for row in section.rows} for section in report.sections if "登録利用者一覧" in section.title]


def section(report: Report, title: str) -> Section:
    return next(s for s in report.sections if s.title == title)


async def test_the_vendor_and_every_card_are_shown(desk: Desk, place: Place, office: Office) -> None:
    office.has(desk.der(OTHER))
    report = await seen(desk, place, office)
    assert report.lead == t("flow.status.lead", count=2)
    assert section(report, "業者概要").rows == (Row("資格の状態", "審査済"),)
    assert ("企業名称", "テスト工事業者０１") in [(r.label, r.value) for r in section(report, "企業情報").rows]
    assert [card["証明書シリアル番号"].value for card in cards(report)] == ["683 (10進) / 2ab (16進)", "684 (10進) / 2ac (16進)"]
    assert [card["ICカード取得者氏名"].value for card in cards(report)] == ["個人　十郎", "テスト　二郎"]


async def test_this_card_is_pointed_out(desk: Desk, place: Place, office: Office) -> None:
    office.has(desk.der(OTHER))
    titles = [s.title for s in (await seen(desk, place, office)).sections if "登録利用者一覧" in s.title]
    assert [t("flow.status.this_card") in title for title in titles] == [True, False]


@pytest.mark.parametrize("state", ["approved", "under_review", "lapsed"])
async def test_r27_r35_the_qualifications_state_is_shown(desk: Desk, place: Place, office: Office, state: str) -> None:
    office.qualified(state=state)
    rows = section(await seen(desk, place, office), "業者概要").rows
    assert rows == (Row("資格の状態", t(f"flow.status.{state}")),)


@pytest.mark.parametrize("state", ["active", "renewed", "cancelled"])
async def test_r11_the_cards_state_is_shown(desk: Desk, place: Place, office: Office, state: Any) -> None:
    office.has(desk.der(OTHER), state=state)
    assert cards(await seen(desk, place, office))[1]["状態"].value == t(f"flow.status.card_{state}")


@pytest.mark.parametrize(
    ("today", "shown", "sign"),
    [
        ((2027, 12, 30), "2028/02/29（あと61日）", ""),
        ((2027, 12, 31), "2028/02/29（あと60日）", "!"),
        ((2028, 2, 29), "2028/02/29（あと0日）", "!"),
    ],
)
async def test_r25_days_left_bear_a_sign_when_they_are_few(
    desk: Desk, place: Place, office: Office, monkeypatch: pytest.MonkeyPatch, today: tuple[int, int, int], shown: str, sign: str
) -> None:
    at_time(monkeypatch, *today)
    row = cards(await seen(desk, place, office))[0]["証明書有効期限"]
    assert (row.value, row.sign) == (shown, sign)


async def test_r25_only_cards_that_can_be_used_are_warned_of(
    desk: Desk, place: Place, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_time(monkeypatch, 2028, 2, 1)
    office.has(desk.der(OTHER), state="renewed")
    assert [card["証明書有効期限"].sign for card in cards(await seen(desk, place, office))] == ["!", ""]


async def test_an_ended_card_in_the_list_is_called_so(desk: Desk) -> None:
    place = place_of("nagasaki")
    office = Office()
    office.has(desk.der("nagasaki-expired"))
    office.has(desk.der("nagasaki-next"))
    ui = ScriptUi(("card", desk.inserting("nagasaki-next")), ("pin", PIN), ("status", None))
    await show_status(ui, desk.cards, office, place)
    row = cards(ui.asked(Report)[0])[0]["証明書有効期限"]
    assert (row.value, row.sign) == ("2025/03/31（期限切れ）", "!")
    assert cards(ui.asked(Report)[0])[0]["状態"].value == t("flow.status.card_expired")
    assert ui.asked(Report)[0].lead == t("flow.status.lead", count=1)


@pytest.mark.parametrize("state", ["renewed", "cancelled"])
async def test_only_cards_that_can_be_used_are_counted(desk: Desk, place: Place, office: Office, state: Any) -> None:
    office.has(desk.der(OTHER), state=state)
    assert (await seen(desk, place, office)).lead == t("flow.status.lead", count=1)


@pytest.mark.parametrize(("setting", "shown"), [("decimal", "683"), ("decimal_and_hex", "683 (10進) / 2ab (16進)")])
async def test_numbers_are_shown_as_the_system_shows_them(desk: Desk, place: Place, office: Office, setting: Any, shown: str) -> None:
    texts = msgspec.structs.replace(place.profile.card, serial=setting)
    place = dataclasses.replace(place, profile=msgspec.structs.replace(place.profile, card=texts))
    assert cards(await seen(desk, place, office))[0]["証明書シリアル番号"].value == shown


async def test_each_cards_own_contact_follows_it(desk: Desk, place: Place, office: Office) -> None:
    report = await seen(desk, place, office)
    at = next(n for n, section in enumerate(report.sections) if "登録利用者一覧" in section.title)
    assert CONTACT["email"] in [row.value for row in report.sections[at + 1].rows]


async def test_r22_closed_is_told_before_any_card(desk: Desk, place: Place, office: Office) -> None:
    office.accidents["challenge"] = [RuleError("R-22")]
    ui = ScriptUi(("trouble", "back"))
    assert await outcome(show_status(ui, desk.cards, office, place)) is Nav.BACK
    assert [e.code for e in ui.told] == ["R-22"]


async def test_a_card_that_is_not_registered_here_is_told(desk: Desk, place: Place, office: Office) -> None:
    office.accidents["status"] = [RuleError("E-NOT-REGISTERED")]
    ui = visit(desk, ("trouble", "cancel"))
    assert await outcome(show_status(ui, desk.cards, office, place)) is Nav.CANCEL
    assert office.calls[-1] == "sign_out"


@pytest.mark.parametrize("call", ["sign_in", "status"])
async def test_server_away_is_tried_again(desk: Desk, place: Place, office: Office, call: str) -> None:
    office.accidents[call] = [ServerAway()]
    ui = visit(desk, ("trouble", "retry"), ("status", None))
    assert await outcome(show_status(ui, desk.cards, office, place)) is None
    assert len(ui.asked(PinRequest)) == 1


async def test_an_ended_session_is_taken_up_again_unseen(desk: Desk, place: Place, office: Office) -> None:
    office.accidents["status"] = [SessionGone()]
    await seen(desk, place, office)


@pytest.mark.parametrize("step", ["card", "pin"])
async def test_cancel_is_safe(desk: Desk, place: Place, office: Office, step: str) -> None:
    script = [("card", desk.inserting(CARD))] if step == "pin" else []
    assert await outcome(show_status(ScriptUi(*script, (step, Nav.CANCEL)), desk.cards, office, place)) is Nav.CANCEL


# --- 登録 or ICカード更新?


def verdict(ui: ScriptUi) -> str:
    lead: str = ui.asked(Question)[-1].lead
    return lead


async def begun(ui: ScriptUi, desk: Desk, place: Place) -> Instead:
    """The flow that the answer leads to."""
    with pytest.raises(Instead) as left:
        await which_operation(ui, desk.cards, place)
    return left.value


@pytest.mark.parametrize("answer", ["first", "both", "number", "unsure"])
async def test_which_answers_with_its_reason_and_needs_no_card(desk: Desk, place: Place, office: Office, answer: str) -> None:
    ui = ScriptUi(("which", answer), ("verdict", "registration"))
    assert (await begun(ui, desk, place)).flow == "registration"
    assert verdict(ui) == t("flow.which.verdict", label="登録", reason=t(f"flow.which.{answer}_reason"))
    question, answered = ui.asked(Question)
    assert [option.label for option in answered.options] == [t("mending.flow", label="登録"), t("mending.menu")]
    assert [option.id for option in question.options] == list(ANSWERS)
    assert all(option.explanation for option in question.options)


async def test_which_looks_at_the_current_card_without_its_pin(
    desk: Desk, place: Place, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_time(monkeypatch, 2028, 2, 19)
    ui = ScriptUi(("which", "only_new"), ("card", desk.inserting(CARD)), ("verdict", "renewal"))
    assert (await begun(ui, desk, place)).flow == "renewal"
    until = t("flow.status.days", date="2028/02/29", days=10)
    assert verdict(ui) == t("flow.which.verdict", label="ICカード更新", reason=t("flow.which.renewal_reason", until=until))
    assert ui.asked(PinRequest) == []


@pytest.mark.parametrize(("card", "code"), [("nagasaki-expired", "R-09"), ("other-ca", "R-34")])
async def test_which_r09_r34_a_card_that_cannot_be_renewed_means_registration(desk: Desk, office: Office, card: str, code: str) -> None:
    place = place_of("nagasaki")
    ui = ScriptUi(("which", "only_new"), ("card", desk.inserting(card)), ("verdict", "registration"))
    instead = await begun(ui, desk, place)
    assert instead.known.refused is not None
    assert instead.known.refused.code == code, "another card is waited for"
    assert verdict(ui).startswith("「登録」を選んでください。いまのカードでは更新できないためです")
    assert RuleError(code, not_after="2025/03/31").title.split("（")[0] in verdict(ui)


async def test_which_a_card_that_was_not_read_is_no_answer(desk: Desk, place: Place, office: Office) -> None:
    """Nothing in the reader, or My Number (R-23): asked for again, instead of an answer about the wrong thing."""
    ui = ScriptUi(
        ("which", "only_new"), ("card", True), ("card", desk.inserting("mynumber")), ("card", desk.inserting(CARD)), ("verdict", "renewal")
    )
    await begun(ui, desk, place)
    _, second, third = ui.asked(CardRequest)
    assert isinstance(second.problem, NoCard)
    assert third.problem.code == "R-23"
    assert "「ICカード更新」" in verdict(ui)


@pytest.mark.parametrize("step", ["which", "card", "verdict"])
@pytest.mark.parametrize("nav", [Nav.BACK, Nav.CANCEL])
async def test_which_may_be_left(desk: Desk, place: Place, office: Office, step: str, nav: Nav) -> None:
    script: list[tuple[str, Any]] = [] if step == "which" else [("which", "only_new")]
    script += [("card", desk.inserting(CARD))] if step == "verdict" else []
    assert await outcome(which_operation(ScriptUi(*script, (step, nav)), desk.cards, place)) is nav
