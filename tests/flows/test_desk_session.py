"""An operator signs in by password or card, and again where a session had ended."""

from __future__ import annotations

from typing import Any

import pytest

from ebid_tui.errors import EbidError, ServerAway, ServerError, SessionGone
from ebid_tui.flows.desk import session
from ebid_tui.flows.desk.session import LeftDesk, OtherOperator, SignInWay
from ebid_tui.flows.desk.ui import SearchState
from ebid_tui.flows.ui import Form, Nav, Question
from tests.flows.conftest import Desk
from tests.flows.desk_office import CHALLENGE, SYSTEM, DeskOffice, DeskScript, at_desk, operator
from tests.flows.script import outcome

SIGN_IN = {"operator": {"login_id": "desk", "password": "Secret-pass1", "code": "123456"}}
BY_PASSWORD = (("operator_method", "password"), ("operator", SIGN_IN))
AGAIN = (("trouble", "back"), ("operator", {"operator": {"password": "Secret-pass1", "code": "123456"}}))
NOBODY = (("trouble", "back"), ("operator", Nav.BACK), ("operator_method", Nav.BACK))
REFUSED = ServerError("refused", code="E-DESK-STATE")


# --- signing in


async def test_a_wrong_password_is_told_the_name_stays_and_the_secrets_do_not() -> None:
    ui = DeskScript(*BY_PASSWORD, ("operator", {"operator": {"login_id": "desk", "password": "Other-pass2", "code": "654321"}}))
    office = DeskOffice(sign_in=[REFUSED, operator()])
    at = at_desk(ui, office)
    at.state.who, at.state.method = None, None
    await session.sign_in(at)
    first, second = ui.asked(Form)
    assert (first.values, first.notice) == ({}, None)
    assert (second.values, second.notice) == ({"operator": {"login_id": "desk"}}, REFUSED)
    assert ui.typed("operator") == {}
    lengths = {field.id: (field.max, field.exact) for field in first.blocks[0].fields}
    assert lengths == {"login_id": (40, 0), "password": (256, 0), "code": (0, 6)}
    assert [field.id for field in first.blocks[0].fields if field.secret] == ["password"]


@pytest.mark.parametrize("error", [None, REFUSED])
async def test_nothing_typed_is_left_once_it_was_sent(error: Exception | None) -> None:
    typed: list[dict[str, str]] = []

    class Keeping(DeskScript):
        async def fill(self, form: Form) -> Any:
            values = await super().fill(form)
            if not isinstance(values, Nav):
                typed.append(values["operator"])
            return values

    ui = Keeping(("operator", SIGN_IN), *([("operator", Nav.BACK)] if error else []))
    await outcome(session._by_password(at_desk(ui, DeskOffice(sign_in=[error or operator()])), ""))
    assert typed == [{}]


async def test_the_question_how_offers_the_password_first() -> None:
    ui = DeskScript(("operator_method", Nav.BACK))
    at = at_desk(ui, DeskOffice())
    at.state.method = None
    assert await outcome(session.sign_in(at)) is LeftDesk
    (question,) = ui.asked(Question)
    assert ([option.id for option in question.options], question.preset) == (["password", "card"], "password")


def by_card(desk: Desk, ui: DeskScript, office: DeskOffice) -> Any:
    at = at_desk(ui, office, cards=desk.cards)
    at.state.who, at.state.method = None, SignInWay.CARD
    return at


async def test_a_card_signs_in_and_is_let_go(desk: Desk) -> None:
    ui = DeskScript(("card", desk.inserting("saitama-new")), ("pin", b"123456"))
    office = DeskOffice(challenge=[CHALLENGE], sign_in_by_card=[operator()])
    at = by_card(desk, ui, office)
    await session.sign_in(at)
    assert office.asked("challenge") == [[SYSTEM]]
    assert at.who == operator()
    again = await desk.cards.open()  # nobody has it
    await again.close()


@pytest.mark.parametrize(
    ("answers", "office"),
    [
        ([("card", Nav.BACK)], DeskOffice()),
        ([("pin", b"123456"), ("trouble", "back")], DeskOffice(challenge=[CHALLENGE], sign_in_by_card=[SessionGone()])),
        ([("pin", b"123456"), ("trouble", "back")], DeskOffice(challenge=[CHALLENGE], sign_in_by_card=[REFUSED])),
        ([("pin", b"123456"), ("trouble", "cancel")], DeskOffice(challenge=[ServerAway()])),
    ],
)  # fmt: skip
async def test_a_card_that_does_not_sign_in_leads_to_the_other_ways(desk: Desk, answers: list[tuple[str, Any]], office: DeskOffice) -> None:
    first = [] if answers[0][0] == "card" else [("card", desk.inserting("saitama-new"))]
    ui = DeskScript(*first, *answers, ("operator_method", Nav.BACK))
    assert await outcome(session.sign_in(by_card(desk, ui, office))) is LeftDesk
    assert ui.answers == []


# --- a session that ended


async def test_the_same_operator_goes_on_where_they_were() -> None:
    ui, office = DeskScript(*AGAIN), DeskOffice(sign_in=[operator()], look=[SessionGone(), "found"])
    at = at_desk(ui, office)
    at.state.place.text = "山田"
    assert await session.asked(at, office.look) == "found"
    assert at.state.place.text == "山田"
    assert [error.code for error in ui.told] == ["E-DESK-SESSION"]
    (form,) = ui.asked(Form)
    assert form.values == {"operator": {"login_id": "desk"}}


async def test_another_operator_finds_nothing_of_the_one_before() -> None:
    ui, office = DeskScript(*AGAIN), DeskOffice(sign_in=[operator("other")], look=[SessionGone()])
    at = at_desk(ui, office)
    at.state.place.text = "山田"
    with pytest.raises(OtherOperator):
        await session.asked(at, office.look)
    assert (at.state.place, at.who.login_id) == (SearchState(), "other")


async def test_what_cannot_be_looked_at_is_told() -> None:
    office = DeskOffice(look=[ServerAway(), SessionGone()])
    ui = DeskScript(("trouble", "retry"), *NOBODY)
    assert await outcome(session.asked(at_desk(ui, office), office.look)) is LeftDesk
    refused = EbidError(code="E-FILE")
    ui = DeskScript(("trouble", "back"))
    assert await outcome(session.asked(at_desk(ui, DeskOffice()), DeskOffice(look=[refused]).look)) is Nav.BACK
    assert ui.told == [refused]


async def test_what_was_not_carried_out_for_want_of_a_session_is_carried_out_then() -> None:
    ui, office = DeskScript(*AGAIN), DeskOffice(sign_in=[operator()], write=[SessionGone(), "done"])
    assert await session.carried_out(at_desk(ui, office), office.write) == "done"
