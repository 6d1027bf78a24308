"""F-1 パスワード再設定 by script, and the login it leads to."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ebid_tui.errors import InputError, RuleError, ServerAway, SessionGone
from ebid_tui.flows.password import change_password
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Form, Nav, Report, Row, Trouble
from ebid_tui.messages import t
from tests.flows.office import NOW, Office
from tests.flows.script import ScriptUi, outcome

INITIAL, NEW = "Init-pass1", "Neu-pass99"
CHANGE = {
    "vendor_no": "1000000001",
    "trade_name": "テスト工事業者０１",
    "password": INITIAL,
    "new_password": NEW,
    "new_password_again": NEW,
}
LOGIN = {"vendor_no": "1000000001", "password": NEW}
CHANGED = (("password_change", {"password_change": CHANGE}), ("password_changed", None))
LEAVE_LOGIN = ("login", Nav.BACK)


@pytest.fixture
def office() -> Office:
    office = Office()
    office.account.password, office.account.initial = INITIAL, True
    return office


def changing(**values: str) -> tuple[str, Any]:
    return "password_change", {"password_change": {**CHANGE, **values}}


async def test_success_leads_to_the_login_which_shows_the_status(office: Office, place: Place) -> None:
    ui = ScriptUi(*CHANGED, ("login", {"login": LOGIN}), ("status", None))
    assert await outcome(change_password(ui, office, place)) is None
    assert office.account.password == NEW
    assert [c for c in office.calls if c != "sign_out"] == ["change_password", "login", "status"]
    assert office.calls[-1] == "sign_out"
    assert ui.asked(Report)[1].title == t("flow.status.title")


async def test_r04_the_forms_policy_is_shown_while_typing(office: Office, place: Place) -> None:
    ui = ScriptUi(("password_change", Nav.BACK))
    await outcome(change_password(ui, office, place))
    (form,) = ui.asked(Form)
    assert form.password == place.profile.password
    assert [f.id for f in form.blocks[0].fields] == list(CHANGE)
    assert all(f.secret for f in form.blocks[0].fields if "password" in f.id)


@pytest.mark.parametrize(
    ("faulty", "field"),
    [
        ({"new_password": "Ab-1", "new_password_again": "Ab-1"}, "new_password"),
        ({"new_password": "abcdefgh1", "new_password_again": "abcdefgh1"}, "new_password"),
        ({"new_password": "abcdefg-!", "new_password_again": "abcdefg-!"}, "new_password"),
        ({"new_password": "12345678-", "new_password_again": "12345678-"}, "new_password"),
        ({"new_password": INITIAL, "new_password_again": INITIAL}, "new_password"),
        ({"new_password_again": "Neu-pass98"}, "new_password_again"),
    ],
)
async def test_r04_the_policy_is_told_before_sending(office: Office, place: Place, faulty: dict[str, str], field: str) -> None:
    ui = ScriptUi(changing(**faulty), ("password_change", Nav.BACK))
    assert await outcome(change_password(ui, office, place)) is Nav.BACK
    assert "change_password" not in office.calls
    again = ui.asked(Form)[1]
    assert list(again.problems) == [f"password_change.{field}"]
    assert again.values["password_change"]["vendor_no"] == "1000000001", "what was typed is kept"


async def test_r04_mended_problems_are_gone(office: Office, place: Place) -> None:
    ui = ScriptUi(changing(new_password_again="x"), *CHANGED, LEAVE_LOGIN)
    assert await outcome(change_password(ui, office, place)) is Nav.BACK
    assert office.account.password == NEW


async def test_r04_the_server_decides(office: Office, place: Place) -> None:
    office.accidents["change_password"] = [InputError([("password_change.new_password", "R-04", "前に使ったパスワードです")])]
    ui = ScriptUi(changing(), ("password_change", Nav.CANCEL))
    assert await outcome(change_password(ui, office, place)) is Nav.CANCEL
    assert ui.asked(Form)[1].problems == {"password_change.new_password": "前に使ったパスワードです"}


@pytest.mark.parametrize("code", ["R-03", "R-28", "R-33"])
async def test_refusals_are_told_on_the_form_which_keeps_what_was_typed(office: Office, place: Place, code: str) -> None:
    office.accidents["change_password"] = [RuleError(code, causes=("0 と O",))]
    page = [("trouble", "back")] if code == "R-33" else []
    ui = ScriptUi(changing(), *page, ("password_change", Nav.BACK))
    assert await outcome(change_password(ui, office, place)) is Nav.BACK
    form = ui.asked(Form)[1]
    assert form.notice is not None
    assert (form.notice.code, form.notice.causes) == (code, ("0 と O",))
    assert form.values["password_change"]["trade_name"] == CHANGE["trade_name"]


async def test_r33_five_wrong_passwords_lock_and_r14_the_causes_are_named(office: Office, place: Place) -> None:
    wrong = [changing(password="Wrong-pass1")] * 5
    page = ("trouble", "back")
    ui = ScriptUi(*wrong, page, changing(), page, ("password_change", Nav.BACK))
    await outcome(change_password(ui, office, place))
    assert [e.code for e in ui.told] == ["R-28"] * 4 + ["R-33"] * 4, "on its own page, and on the form"
    key = place.profile.number_label
    assert ui.asked(Trouble)[0].rows == (Row(key, "1000000001"), Row(place.profile.contact.name, place.profile.contact.phone)), (
        "whom to call"
    )
    assert ui.told[0].causes == ("0 と O の間違い",)
    assert "契約課" in ui.told[-1].remedy, "whom to ask for the reset"
    assert office.account.password == INITIAL


@pytest.mark.parametrize(("delays", "said"), [(True, "2026年11月21日"), (False, "すぐに使えます")])
async def test_r15_from_when_it_counts_is_said(office: Office, place: Place, delays: bool, said: str) -> None:
    search = msgspec.structs.replace(place.profile.search, password_change_delays=delays)
    there = Place(msgspec.structs.replace(place.profile, search=search), place.agency, place.category)
    office.account.usable_from = NOW
    ui = ScriptUi(*CHANGED, LEAVE_LOGIN)
    await outcome(change_password(ui, office, there))
    assert said in ui.asked(Report)[0].lead


async def test_r03_a_login_with_the_initial_password_is_refused_naming_the_way(office: Office, place: Place) -> None:
    ui = ScriptUi(*CHANGED, ("login", {"login": LOGIN}), ("trouble", "back"), LEAVE_LOGIN)
    office.accidents["login"] = [RuleError("R-03", service=place.profile.information_service)]
    assert await outcome(change_password(ui, office, place)) is Nav.BACK
    form = ui.asked(Form)[-1]
    assert form.notice is not None
    assert form.notice.code == "R-03"
    assert "入札情報サービス" in form.notice.remedy
    assert form.values["login"]["vendor_no"] == "1000000001"


async def test_a_session_that_ends_at_login_asks_to_log_in_again(office: Office, place: Place) -> None:
    office.accidents["status"] = [SessionGone()]
    ui = ScriptUi(*CHANGED, ("login", {"login": LOGIN}), ("login", {}), ("status", None))
    assert await outcome(change_password(ui, office, place)) is None
    assert [e.code for e in ui.told] == ["E-SESSION"]


async def test_faults_found_at_login_stand_beside_their_fields(office: Office, place: Place) -> None:
    office.accidents["login"] = [InputError([("login.vendor_no", "E-EXACT", "10文字です")])]
    ui = ScriptUi(*CHANGED, ("login", {"login": LOGIN}), LEAVE_LOGIN)
    await outcome(change_password(ui, office, place))
    assert ui.asked(Form)[-1].problems == {"login.vendor_no": "10文字です"}


@pytest.mark.parametrize("call", ["change_password", "login", "status"])
async def test_server_away_keeps_everything(office: Office, place: Place, call: str) -> None:
    office.accidents[call] = [ServerAway()]
    script: list[tuple[str, Any]] = [*CHANGED, ("login", {"login": LOGIN}), ("status", None)]
    at = 1 if call == "change_password" else 3
    script[at:at] = [("trouble", "retry")]
    assert await outcome(change_password(ScriptUi(*script), office, place)) is None
    assert office.account.password == NEW


async def test_server_away_then_back_to_the_form(office: Office, place: Place) -> None:
    office.accidents["change_password"] = [ServerAway()]
    ui = ScriptUi(changing(), ("trouble", "back"), ("password_change", Nav.BACK))
    assert await outcome(change_password(ui, office, place)) is Nav.BACK
    assert ui.asked(Form)[1].values["password_change"]["password"] == INITIAL
    assert office.account.password == INITIAL


@pytest.mark.parametrize("call", ["change_password", "login"])
async def test_giving_up_while_the_server_is_away_ends_it(office: Office, place: Place, call: str) -> None:
    office.accidents[call] = [ServerAway()]
    before = [changing()] if call == "change_password" else [*CHANGED, ("login", {"login": LOGIN})]
    assert await outcome(change_password(ScriptUi(*before, ("trouble", "cancel")), office, place)) is Nav.CANCEL


async def test_back_from_a_login_that_the_server_did_not_answer_leads_to_its_form(office: Office, place: Place) -> None:
    office.accidents["login"] = [ServerAway()]
    ui = ScriptUi(*CHANGED, ("login", {"login": LOGIN}), ("trouble", "back"), LEAVE_LOGIN)
    assert await outcome(change_password(ui, office, place)) is Nav.BACK
    assert ui.asked(Form)[-1].values == {"login": LOGIN}


@pytest.mark.parametrize("nav", [Nav.BACK, Nav.CANCEL])
@pytest.mark.parametrize("step", ["password_change", "login"])
async def test_leaving_is_safe_everywhere(office: Office, place: Place, step: str, nav: Nav) -> None:
    before = () if step == "password_change" else CHANGED
    assert await outcome(change_password(ScriptUi(*before, (step, nav)), office, place)) is nav
    assert office.account.password == (INITIAL if step == "password_change" else NEW)
