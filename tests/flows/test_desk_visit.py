"""An operator at the desk by script: from signing in to signing out, and what is done where a session or an answer is lost."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ebid_tui.domain.desk import Hits
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.errors import ServerAway, ServerError, SessionGone
from ebid_tui.flows.desk import visit
from ebid_tui.flows.desk.session import DeskState, LeftDesk, SignInWay
from ebid_tui.flows.desk.ui import ChosenAction, FindAction, FoundVendor, ListAction, Listing, VendorAction, VendorPage, VendorSearch
from ebid_tui.flows.ui import Form, Nav, Question, Report
from tests.flows.desk_office import (
    SYSTEM,
    VENDOR,
    DeskOffice,
    DeskScript,
    at_desk,
    card,
    hit,
    mail,
    operator,
    qualification,
    request,
    seen,
)
from tests.flows.script import outcome

SIGN_IN = {"operator": {"login_id": "desk", "password": "Secret-pass1", "code": "123456"}}
BY_PASSWORD = (("operator_method", "password"), ("operator", SIGN_IN))
AGAIN = (("trouble", "back"), ("operator", {"operator": {"password": "Secret-pass1", "code": "123456"}}))
NOBODY = (("trouble", "back"), ("operator", Nav.BACK), ("operator_method", Nav.BACK))
LEFT = (("find", ChosenAction(FindAction.SIGN_OUT)), ("desk_leave", True))
OTHER = msgspec.structs.replace(VENDOR, agency="kawagoe")
REFUSED = ServerError("refused", code="E-DESK-STATE")


async def visited(ui: DeskScript, office: DeskOffice, state: DeskState | None = None, cards: Any = None, *, training: bool = True) -> bool:
    desk: Any = office
    return await visit.desk_visit(
        ui, desk, cards, profile_of(SYSTEM), state or DeskState(who=operator(), method=SignInWay.PASSWORD), training=training
    )


def found(ui: DeskScript) -> Any:
    """An answer to the search: what was found stands in the place, and the first row is opened."""

    def answer(asked: VendorSearch) -> ChosenAction[FindAction]:
        asked.place.found, asked.place.reason = [FoundVendor("name", hit("1")), FoundVendor("name", hit())], "mail"
        return ChosenAction(FindAction.OPEN, "1")

    return answer


# --- in and out


async def test_signing_in_and_out() -> None:
    ui, office, state = DeskScript(*BY_PASSWORD, *LEFT), DeskOffice(sign_in=[operator()]), DeskState()
    assert await visited(ui, office, state) is False
    assert office.asked("sign_in") == [[SYSTEM, "desk", "Secret-pass1", "123456"]]
    assert [call for call, *_ in office.calls if call != "clock"] == ["sign_in", "sign_out", "close"]
    assert (state.who, ui.marks, ui.forgotten) == (None, ["職員 desk（担当）操作を記録しています"], True)
    assert ui.works == ["サーバーで処理しています"]


async def test_who_leaves_before_signing_in_has_left() -> None:
    ui, office = DeskScript(("operator_method", "password"), ("operator", Nav.BACK), ("operator_method", Nav.CANCEL)), DeskOffice()
    assert await visited(ui, office, DeskState()) is False
    assert ui.answers == []


async def test_a_session_that_cannot_be_ended_ends_by_its_own_time() -> None:
    ui, office, state = DeskScript(*LEFT), DeskOffice(sign_out=[ServerAway()]), DeskState(who=operator("x", "supervisor"))
    assert await visited(ui, office, state) is False
    assert (state.who, ui.marks) == (None, ["職員 x（承認者）操作を記録しています"])


async def test_not_leaving_goes_on_with_the_search() -> None:
    ui = DeskScript(("find", ChosenAction(FindAction.SIGN_OUT)), ("desk_leave", False), *LEFT)
    assert await visited(ui, DeskOffice()) is False
    assert ui.answers == []


async def test_a_training_keeps_the_session_and_the_search() -> None:
    ui, office, state = DeskScript(("find", ChosenAction(FindAction.TRAINING))), DeskOffice(), DeskState(who=operator())
    state.place.text = "山田"
    assert await visited(ui, office, state) is True
    assert state.who is not None
    (asked,) = ui.asked(VendorSearch)
    assert (asked.place.text, asked.training) == ("山田", True)
    assert office.asked("sign_out") == []
    assert office.asked("close") == [[]]


# --- the search


@pytest.mark.parametrize(
    "answers", [(ChosenAction(FindAction.SIGNED_OUT), AGAIN, [*LEFT]), (ChosenAction(FindAction.SIGNED_OUT), NOBODY, [])]
)
async def test_a_session_that_ended_in_the_search(answers: tuple[ChosenAction[FindAction], Any, Any]) -> None:
    wish, then, last = answers
    ui, state = DeskScript(("find", wish), *then, *last), DeskState(who=operator(), method=SignInWay.PASSWORD)
    assert await visited(ui, DeskOffice(sign_in=[operator()]), state) is False
    assert (ui.answers, state.who) == ([], None)


async def test_another_operator_begins_with_an_empty_search() -> None:
    ui, state = (
        DeskScript(("find", ChosenAction(FindAction.SIGNED_OUT)), *AGAIN, *LEFT),
        DeskState(who=operator(), method=SignInWay.PASSWORD),
    )
    state.place.text = "山田"
    await visited(ui, DeskOffice(sign_in=[operator("other")]), state)
    assert [asked.place.text for asked in ui.asked(VendorSearch)] == ["山田", ""]


async def test_what_was_found_is_opened_for_the_reason_of_the_search() -> None:
    ui = DeskScript(("find", None), ("vendor", ChosenAction(VendorAction.BACK)), *LEFT)
    ui.answers[0] = ("find", found(ui))
    office = DeskOffice(vendor=[seen()])
    await visited(ui, office)
    assert office.asked("vendor") == [[VENDOR, "mail"]]


async def test_the_search_asks_page_by_page() -> None:
    pages: list[Any] = []

    async def look(asked: VendorSearch) -> None:
        pages.append(await asked.look("name", "山田", "inquiry", "mark"))

    class Looking(DeskScript):
        async def find(self, request: VendorSearch) -> ChosenAction[FindAction]:
            await look(request)
            return await super().find(request)

    office = DeskOffice(find=[Hits(hits=())])
    await visited(Looking(*LEFT), office)
    assert pages == [Hits(hits=())]
    assert office.asked("find") == [["name", "山田", "inquiry", "mark"]]


async def test_a_code_is_explained_and_the_search_goes_on() -> None:
    ui = DeskScript(("find", ChosenAction(FindAction.CODE, "R-33")), ("code", None), *LEFT)
    await visited(ui, DeskOffice())
    (report,) = ui.asked(Report)
    assert report.sections[1].rows[0].label == "R-33"


# --- a vendor's page


async def opened(ui: DeskScript, office: DeskOffice) -> Any:
    """How the page was left: nothing where the operator went back."""
    ended = await outcome(visit._vendor(at_desk(ui, office), VENDOR, "inquiry"))
    assert ui.answers == []
    return ended


@pytest.mark.parametrize(
    ("wish", "asks"),
    [
        (VendorAction.RESET, "パスワード初期化"),
        (VendorAction.UNLOCK, "ロック解除"),
        (VendorAction.RESEND, None),
        (VendorAction.REFRESH, None),
    ],
)
async def test_the_page_is_looked_at_anew_after_everything_that_was_done(wish: VendorAction, asks: str | None) -> None:
    step = [("application", Nav.BACK)] if asks else [("desk_mail", Nav.BACK)] if wish is VendorAction.RESEND else []
    ui, office = (
        DeskScript(("vendor", ChosenAction(wish)), *step, ("vendor", ChosenAction(VendorAction.BACK))),
        DeskOffice(vendor=[seen(), seen(mails=(mail(),))]),
    )
    assert await opened(ui, office) is None
    assert office.asked("vendor") == [[VENDOR, "inquiry"]] * 2
    assert [form.title for form in ui.asked(Form)] == ([asks] if asks else [])


async def test_a_card_is_chosen_to_be_cancelled() -> None:
    ui = DeskScript(
        ("vendor", ChosenAction(VendorAction.CANCEL_CARD)), ("desk_card", Nav.BACK), ("vendor", ChosenAction(VendorAction.BACK))
    )
    assert await opened(ui, DeskOffice(vendor=[seen(cards=(card(),)), seen()])) is None


async def test_another_place_of_the_same_number_is_opened_from_its_top() -> None:
    elsewhere = (qualification(OTHER),)

    def scrolled(page: VendorPage) -> ChosenAction[VendorAction]:
        page.place.top = 7
        return ChosenAction(VendorAction.ELSEWHERE)

    ui = DeskScript(
        ("vendor", scrolled),
        ("desk_elsewhere", Nav.BACK),
        ("vendor", ChosenAction(VendorAction.ELSEWHERE)),
        ("desk_elsewhere", "0"),
        ("vendor", ChosenAction(VendorAction.BACK)),
    )
    office = DeskOffice(vendor=[seen(elsewhere=elsewhere), seen()])
    assert await opened(ui, office) is None
    assert office.asked("vendor") == [[VENDOR, "inquiry"], [OTHER, "inquiry"]]
    assert [page.place.top for page in ui.asked(VendorPage)] == [7, 7, 0]
    assert [option.label for option in ui.asked(Question)[0].options] == [at_desk(ui, office).place_name(OTHER)]


async def test_a_page_that_cannot_be_had() -> None:
    assert await opened(DeskScript(("trouble", "back")), DeskOffice(vendor=[REFUSED])) is Nav.BACK
    assert await opened(DeskScript(*NOBODY), DeskOffice(vendor=[SessionGone()])) is LeftDesk


async def test_a_session_that_ends_for_good_while_something_is_done_ends_the_page() -> None:
    step = (("application", {"application": {"application": "R8-1"}}), ("desk_review", True))
    ui = DeskScript(("vendor", ChosenAction(VendorAction.RESET)), *step, *NOBODY)
    assert await opened(ui, DeskOffice(vendor=[seen()], ask=[SessionGone()])) is LeftDesk


# --- the applications


async def test_the_list_shows_what_waits_and_what_is_finished_and_stays_where_it_was() -> None:
    waiting, done = request(state="waiting", application="R8-1"), request(id="Q-2", application="R8-2")
    ui = DeskScript(
        ("desk_requests", ChosenAction(ListAction.REFRESH, "Q-1")), ("desk_requests", ChosenAction(ListAction.FINISHED, "Q-1")),
        ("desk_requests", ChosenAction(ListAction.FINISHED, "Q-2")), ("desk_requests", ChosenAction(ListAction.BACK)),
    )  # fmt: skip
    office = DeskOffice(requests=[[waiting], [waiting], [done], []])
    assert await outcome(visit._requests(at_desk(ui, office))) is None
    assert office.asked("requests") == [[None], [None], ["done"], [None]]
    lists = ui.asked(Listing)
    assert [listing.start for listing in lists] == ["", "Q-1", "Q-1", "Q-2"]
    assert [listing.title for listing in lists] == ["承認・実施を待つ申請"] * 2 + ["完了した申請", "承認・実施を待つ申請"]
    assert [[(row.sign, row.id, row.cells[3]) for row in listing.rows] for listing in lists] == [
        [("!", "Q-1", "R8-1")], [("!", "Q-1", "R8-1")], [("", "Q-2", "R8-2")], []
    ]  # fmt: skip
    assert len(lists[0].columns) == len(lists[0].rows[0].cells)


@pytest.mark.parametrize(("role", "lead"), [("desk", "開いて実施できます。"), ("supervisor", "承認か却下を選んでください")])
async def test_the_list_says_what_its_reader_may_do(role: Any, lead: str) -> None:
    ui = DeskScript(("desk_requests", ChosenAction(ListAction.BACK)))
    await visit._requests(at_desk(ui, DeskOffice(requests=[[]]), operator(role=role)))
    (listing,) = ui.asked(Listing)
    assert lead in listing.lead


async def test_an_applications_vendor_is_opened_and_the_list_is_there_again() -> None:
    ui = DeskScript(
        ("desk_requests", ChosenAction(ListAction.OPEN, "Q-2")),
        ("desk_request", "vendor"),
        ("vendor", ChosenAction(VendorAction.BACK)),
        ("desk_requests", ChosenAction(ListAction.BACK)),
    )
    office = DeskOffice(requests=[[request(), request(id="Q-2", vendor=OTHER)], []], vendor=[seen()])
    assert await outcome(visit._requests(at_desk(ui, office))) is None
    assert office.asked("vendor") == [[OTHER, "application"]]


@pytest.mark.parametrize(
    ("answers", "office"),
    [
        (NOBODY, DeskOffice(requests=[SessionGone()])),
        (
            (("desk_requests", ChosenAction(ListAction.OPEN, "Q-1")), ("desk_request", "vendor"), *NOBODY),
            DeskOffice(requests=[[request()]], vendor=[SessionGone()]),
        ),
    ],
)
async def test_a_session_that_ends_for_good_ends_the_list_and_the_visit(answers: Any, office: DeskOffice) -> None:
    ui = DeskScript(("find", ChosenAction(FindAction.REQUESTS)), *answers)
    assert await visited(ui, office) is False
    assert ui.answers == []
