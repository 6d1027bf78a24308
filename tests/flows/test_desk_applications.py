"""What an application asks for, step by step: what is asked of the server, what is told, and what brings the operator back."""

from __future__ import annotations

from typing import Any

import pytest

from ebid_tui.errors import EbidError, InputError, ServerAway, ServerError, SessionGone
from ebid_tui.flows.desk.applications import apply, one_request, resend, show_outcome
from ebid_tui.flows.desk.session import LeftDesk
from ebid_tui.flows.desk.ui import InitialPassword
from ebid_tui.flows.ui import Confirm, Form, Nav, Question, Report, Review, Trouble
from tests.flows.desk_office import NAME, VENDOR, DeskOffice, DeskScript, at_desk, card, certificate, mail, operator, request, seen
from tests.flows.script import outcome

NUMBER = {"application": {"application": "R8-1"}}
CANCELS = {"application": {"application": "R8-1", "confirmation": "3969"}}
REFUSED = ServerError("refused", code="E-DESK-STATE")


def the(ui: DeskScript, kind: type) -> Any:
    (found,) = ui.asked(kind)
    return found


# --- entering one


async def test_an_application_is_looked_at_once_more_and_carried_out() -> None:
    ui, office = DeskScript(("application", NUMBER), ("desk_review", True), ("desk_told", None)), DeskOffice(ask=[request()])
    assert await outcome(apply(at_desk(ui, office), seen(), "unlock")) is None
    assert office.asked("ask") == [[VENDOR, "unlock", "R8-1", None]]
    form, review = the(ui, Form), the(ui, Review)
    assert [field.id for field in form.blocks[0].fields] == ["application"]
    assert form.blocks[0].fields[0].max == 40
    assert [row.value for row in review.sections[0].rows][1:] == [
        "R8-1",
        f"4100000001 {NAME}",
        at_desk(ui, office).place_name(VENDOR),
        "desk",
    ]
    assert [row.sign for row in review.sections[0].rows] == ["!", "", "", "", ""]
    assert the(ui, Report).lead == "実施しました。"


async def test_a_card_is_cancelled_by_the_end_of_its_serial_number_only() -> None:
    wrong = {"application": {"application": "R8-1", "confirmation": "1111"}}
    ui = DeskScript(("desk_card", "R-2"), ("application", wrong), ("application", CANCELS), ("desk_review", True), ("desk_told", None))
    office = DeskOffice(ask=[request()])
    cards = (card(1, state="renewed"), card(2), card(3, card=None), card(4, person="", card=certificate("12")))
    assert await outcome(apply(at_desk(ui, office), seen(cards=cards), "cancel_card")) is None
    assert office.asked("ask") == [[VENDOR, "cancel_card", "R8-1", "R-2"]]
    question = the(ui, Question)
    assert [option.id for option in question.options] == ["R-2", "R-4"]
    assert "川越　三郎" in question.options[0].label
    assert NAME in question.options[1].label
    first, second = ui.asked(Form)
    assert (first.problems, second.problems) == (
        {},
        {"application.confirmation": "シリアル番号と違います。取り消すカードか確かめてください。"},
    )
    assert second.values["application"]["application"] == "R8-1"
    assert first.blocks[0].fields[1].exact == 4
    assert "川越　三郎" in first.lead
    assert "43969（10進）" in the(ui, Review).sections[0].rows[1].value


async def test_a_serial_number_of_two_digits_is_typed_whole() -> None:
    short = {"application": {"application": "R8-1", "confirmation": "12"}}
    ui = DeskScript(("desk_card", "R-1"), ("application", short), ("desk_review", True), ("desk_told", None))
    cards = (card(card=certificate("12"), person=""),)
    assert await outcome(apply(at_desk(ui, DeskOffice(ask=[request()])), seen(cards=cards), "cancel_card")) is None
    form = the(ui, Form)
    assert form.blocks[0].fields[1].exact == 2
    assert NAME in form.lead


@pytest.mark.parametrize("answers", [[("desk_card", Nav.BACK)], [("desk_card", "R-1"), ("application", Nav.BACK)]])
async def test_leaving_asks_nothing_of_the_server(answers: list[tuple[str, Any]]) -> None:
    ui, office = DeskScript(*answers), DeskOffice()
    assert await outcome(apply(at_desk(ui, office), seen(cards=(card(),)), "cancel_card")) is Nav.BACK
    assert (ui.answers, office.calls) == ([], [])


async def test_what_was_typed_is_there_again_after_the_review_and_after_every_refusal() -> None:
    """A refusal is told where it belongs: beside its field, or above the form; and only once."""
    faulty = InputError([("body.application", "R-29", "使えない文字です。")])
    ui = DeskScript(
        ("application", NUMBER), ("desk_review", Nav.BACK),
        ("application", {}), ("desk_review", True),
        ("application", {}), ("desk_review", True),
        ("application", {}), ("desk_review", Nav.BACK),
        ("application", Nav.BACK),
    )  # fmt: skip
    office = DeskOffice(ask=[faulty, REFUSED])
    assert await outcome(apply(at_desk(ui, office), seen(), "unlock")) is Nav.BACK
    forms = ui.asked(Form)
    assert [form.problems for form in forms] == [{}, {}, {"application.application": "使えない文字です。"}, {}, {}]
    assert [form.notice for form in forms] == [None, None, None, REFUSED, None]
    assert [form.values for form in forms[1:]] == [NUMBER] * 4
    assert len(office.calls) == 2


async def test_a_lost_answer_is_said_and_leads_to_the_page() -> None:
    ui = DeskScript(("application", NUMBER), ("desk_review", True), ("trouble", "back"))
    assert await outcome(apply(at_desk(ui, DeskOffice(ask=[ServerAway("lost")])), seen(), "unlock")) is Nav.BACK
    assert [error.code for error in ui.told] == ["E-DESK-UNSURE"]


async def test_who_does_not_sign_in_again_is_at_the_end() -> None:
    ui = DeskScript(
        ("application", NUMBER), ("desk_review", True), ("trouble", "back"), ("operator", Nav.BACK), ("operator_method", Nav.BACK)
    )
    assert await outcome(apply(at_desk(ui, DeskOffice(ask=[SessionGone()])), seen(), "unlock")) is LeftDesk


# --- what became of it


@pytest.mark.parametrize(("name", "vendor"), [(NAME, f"4100000001 {NAME}"), ("", "4100000001")])
async def test_r33_an_initial_password_is_told_with_whose_it_is(name: str, vendor: str) -> None:
    ui = DeskScript(("initial_password", None))
    await show_outcome(at_desk(ui, DeskOffice()), request(password="Init-pass1"), name)
    shown = the(ui, InitialPassword)
    assert (shown.password, shown.id) == ("Init-pass1", "Q-1")
    assert [value for _, value in shown.rows] == [vendor, "R8-1"]


# --- a mail again


async def test_a_mail_is_chosen_confirmed_and_sent_again() -> None:
    ui, office = DeskScript(("desk_mail", "3"), ("desk_resend", True)), DeskOffice(resend=[mail(3)])
    mails = (
        mail(1, state="waiting"),
        mail(2, state="sending"),
        mail(3, recipient="b@example.com"),
        mail(4, state="sent"),
        mail(5, state="uncertain"),
    )
    assert await outcome(resend(at_desk(ui, office), seen(mails=mails))) is None
    assert office.asked("resend") == [[3]]
    assert [option.id for option in the(ui, Question).options] == ["3", "4", "5"]
    assert "b@example.com" in the(ui, Confirm).details[0]


@pytest.mark.parametrize("answers", [[("desk_mail", Nav.BACK)], [("desk_mail", "1"), ("desk_resend", False)]])
async def test_a_mail_that_was_not_confirmed_is_not_sent(answers: list[tuple[str, Any]]) -> None:
    ui, office = DeskScript(*answers), DeskOffice()
    assert await outcome(resend(at_desk(ui, office), seen(mails=(mail(),)))) in (Nav.BACK, None)
    assert (ui.answers, office.calls) == ([], [])


async def test_a_mail_that_cannot_be_sent_is_told() -> None:
    ui = DeskScript(("desk_mail", "1"), ("desk_resend", True), ("trouble", "back"))
    assert await outcome(resend(at_desk(ui, DeskOffice(resend=[REFUSED])), seen(mails=(mail(),)))) is None
    assert ui.told == [REFUSED]


async def test_a_mail_at_the_end_of_a_session_that_nobody_takes_up() -> None:
    ui = DeskScript(("desk_mail", "1"), ("desk_resend", True), ("trouble", "back"), ("operator", Nav.BACK), ("operator_method", Nav.BACK))
    assert await outcome(resend(at_desk(ui, DeskOffice(resend=[SessionGone()])), seen(mails=(mail(),)))) is LeftDesk


# --- one of the list


@pytest.mark.parametrize(
    ("state", "who", "offered", "why"),
    [
        ("waiting", operator("boss", "supervisor"), ["approve", "refuse", "vendor"], ""),
        ("waiting", operator("other"), ["approve", "refuse", "vendor"], "承認者だけができます。"),
        ("waiting", operator("desk", "supervisor"), ["approve", "refuse", "vendor"], "自分が受け付けた申請です。"),
        ("approved", operator(), ["complete", "vendor"], ""),
        ("done", operator("boss", "supervisor"), ["vendor"], ""),
    ],
)
async def test_what_may_be_done_with_it(state: Any, who: Any, offered: list[str], why: str) -> None:
    ui = DeskScript(("desk_request", Nav.BACK))
    assert await outcome(one_request(at_desk(ui, DeskOffice(), who), request(state=state))) is Nav.BACK
    question = the(ui, Question)
    assert [option.id for option in question.options] == offered
    assert {option.unavailable for option in question.options if option.id in ("approve", "refuse")} <= {why}
    assert {option.unavailable for option in question.options if option.id not in ("approve", "refuse")} == {""}
    assert "パスワード初期化 / R8-1" in question.lead


async def test_its_vendor_can_be_opened() -> None:
    ui = DeskScript(("desk_request", "vendor"))
    assert await one_request(at_desk(ui, DeskOffice()), request()) == VENDOR


@pytest.mark.parametrize(
    ("answer", "state", "call", "asked"),
    [
        ("approve", "waiting", "decide", ["Q-1", True]),
        ("refuse", "waiting", "decide", ["Q-1", False]),
        ("complete", "approved", "complete", ["Q-1"]),
    ],
)
async def test_it_is_carried_out_after_a_question(answer: str, state: Any, call: str, asked: list[Any]) -> None:
    boss = operator("boss", "supervisor")
    ui, office = DeskScript(("desk_request", answer), ("desk_sure", False)), DeskOffice()
    assert await outcome(one_request(at_desk(ui, office, boss), request(state=state))) is None
    assert office.calls == []
    ui, office = DeskScript(("desk_request", answer), ("desk_sure", True), ("desk_told", None)), DeskOffice(**{call: [request()]})
    assert await outcome(one_request(at_desk(ui, office, boss), request(state=state))) is None
    assert office.asked(call) == [asked]
    assert (ui.answers, len(office.calls)) == ([], 1)


@pytest.mark.parametrize(
    ("error", "answers", "ended"),
    [
        (REFUSED, [("trouble", "back")], None),
        (ServerAway("lost"), [("trouble", "back")], Nav.BACK),
        (SessionGone(), [("trouble", "back"), ("operator", Nav.BACK), ("operator_method", Nav.BACK)], LeftDesk),
    ],
)
async def test_what_the_server_refuses_is_told(error: EbidError, answers: list[tuple[str, Any]], ended: Any) -> None:
    ui = DeskScript(("desk_request", "complete"), ("desk_sure", True), *answers)
    assert await outcome(one_request(at_desk(ui, DeskOffice(complete=[error])), request(state="approved"))) is ended
    assert ui.answers == []
    assert the(ui, Trouble).ways == ("back",)
