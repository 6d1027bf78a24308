"""F-0 by script: from the entrance into every flow, and out again with nothing left behind."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Receipt, Vendor
from ebid_tui.errors import RuleError, ServerAway
from ebid_tui.flows.begin import begin
from ebid_tui.flows.desk.training import ENTRANCE, training
from ebid_tui.flows.enter import keep_clock, visit
from ebid_tui.flows.ui import Back, CardRequest, Confirm, Form, Nav, Question, Report
from ebid_tui.messages import t
from tests.flows.conftest import Desk, place_of
from tests.flows.office import COMPANY, CONTACT, NOW, Office
from tests.flows.script import ScriptUi, outcome

PIN = b"123456"
ISE = (("category", "construction"), ("entry", "registration"))
ISE_GOODS = (("category", "goods"), *ISE[1:])
SAITAMA = (("agency", "saitama-pref"), *ISE)
OUT_OF_ISE = (("menu", Nav.BACK), ("entry", Nav.BACK), ("category", Nav.BACK))
SEARCH = {"search": {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}}
FORM = {"company": {"department": "工事部"}, "representative_contact": CONTACT, "card_contact": CONTACT}


async def enter(ui: ScriptUi, desk: Desk, office: Office | None = None, system: str = "ise") -> Receipt | Nav:
    result = await visit(ui, desk.cards, office or Office(), profile_of(system))
    assert ui.answers == []
    return result


def remembered(ui: ScriptUi) -> list[str]:
    """Forms of which anything typed is still there."""
    return [form for form in ("search", "registration", "amendment", "login", "password_change") if ui.typed(form)]


def questions(ui: ScriptUi, question_id: str) -> list[Question]:
    return [q for q in ui.asked(Question) if q.id == question_id]


async def test_the_way_in_and_back_out(desk: Desk) -> None:
    ui = ScriptUi(*ISE, *OUT_OF_ISE)
    assert await outcome(enter(ui, desk)) is Nav.BACK


@pytest.mark.parametrize(
    ("operations", "asks"),
    [
        (("registration", "amendment", "renewal"), True), (("registration", "renewal"), True),
        (("registration", "amendment"), False), (("amendment", "renewal"), False), (("amendment",), False),
    ],
)  # fmt: skip
async def test_which_of_the_two_is_asked_only_where_there_are_both(desk: Desk, operations: tuple[str, ...], asks: bool) -> None:
    profile = profile_of("ise")
    items = tuple(item for item in profile.menu.items if item.id in operations)
    profile = msgspec.structs.replace(profile, menu=msgspec.structs.replace(profile.menu, items=items))
    ui = ScriptUi(*ISE, *OUT_OF_ISE)
    assert await visit(ui, desk.cards, Office(), profile) is Nav.BACK
    (menu,) = questions(ui, "menu")
    assert tuple(option.id for option in menu.options)[: len(items)] == operations
    assert ("which" in [option.id for option in menu.options]) is asks


async def test_r01_the_menus_wait_for_the_servers_clock(desk: Desk) -> None:
    ui, office = ScriptUi(*ISE, *OUT_OF_ISE), Office()
    office.accidents["clock"] = [ServerAway()]
    await enter(ui, desk, office)
    assert {q.id: q.needs_clock for q in ui.asked(Question)} == {
        "category": False, "entry": False, "menu": True
    }  # fmt: skip


async def test_r01_the_time_told_is_the_servers(desk: Desk) -> None:
    ui = SlowUi(("category", Nav.BACK))
    await enter(ui, desk)
    assert ui.times == [NOW]


async def test_r01_a_clock_that_is_away_is_told_and_asked_for_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr("ebid_tui.flows.enter.asyncio.sleep", sleep)
    ui, office, away = ScriptUi(), Office(), ServerAway()
    office.accidents["clock"] = [away]
    with pytest.raises(asyncio.CancelledError):
        await keep_clock(ui, office)
    assert (ui.told, ui.times, waited) == ([away], [NOW, NOW], [2.0, 600.0, 600.0])


class SlowUi(ScriptUi):
    """A person takes longer than the server's answer."""

    async def choose(self, question: Question) -> str | Back:
        await asyncio.sleep(0.01)
        return await super().choose(question)


FLOWS: dict[str, tuple[tuple[str, Any], ...]] = {
    "registration": (("search", SEARCH), ("registration", FORM), ("review", True), ("done", None)),
    "amendment": (("amendment", {"company": {"department": "土木部"}}), ("review", True), ("done", None)),
}


@pytest.mark.parametrize("item", FLOWS)
async def test_a_completed_flow_ends_the_visit_with_its_receipt(desk: Desk, item: str) -> None:
    office = Office()
    if item == "amendment":
        office.has(desk.der("ise-new"))
    ui = ScriptUi(*ISE, ("menu", item), ("card", desk.inserting("ise-new")), ("pin", PIN), *FLOWS[item])
    receipt = await enter(ui, desk, office)
    assert isinstance(receipt, Receipt)
    assert receipt.operation == item
    assert remembered(ui) == [], "R-21"


@pytest.mark.parametrize("item", ["registration", "amendment", "renewal", "status"])
async def test_a_cancelled_flow_leads_back_to_the_menu(desk: Desk, item: str) -> None:
    ui = ScriptUi(*ISE, ("menu", item), ("card", Nav.CANCEL), *OUT_OF_ISE)
    assert await outcome(enter(ui, desk)) is Nav.BACK
    assert len(questions(ui, "menu")) == 2


async def test_r21_what_was_typed_is_gone_when_the_flow_was_left(desk: Desk) -> None:
    ui = ScriptUi(
        *ISE, ("menu", "registration"), ("card", desk.inserting("ise-new")), ("pin", PIN), ("search", SEARCH),
        ("registration", FORM), ("review", Nav.CANCEL),
    )  # fmt: skip
    seen: list[list[str]] = []

    def remembering(_: Question) -> Nav:
        seen.append(remembered(ui))
        return Nav.CANCEL

    ui.answers.append(("menu", remembering))
    assert await outcome(enter(ui, desk)) is Nav.CANCEL
    assert seen == [[]]


async def test_r21_what_was_typed_is_gone_when_the_visit_is_broken_off(desk: Desk) -> None:
    def broken_off(_: Form) -> Nav:
        assert remembered(ui) == ["search"]
        raise asyncio.CancelledError

    ui = ScriptUi(
        *ISE, ("menu", "registration"), ("card", desk.inserting("ise-new")), ("pin", PIN), ("search", SEARCH), ("registration", broken_off)
    )  # fmt: skip
    with pytest.raises(asyncio.CancelledError):
        await enter(ui, desk)
    assert remembered(ui) == []


@pytest.mark.parametrize("item", ["registration", "amendment", "renewal", "status"])
async def test_r22_outside_the_hours_is_told_before_any_card_is_asked(desk: Desk, item: str) -> None:
    office = Office()
    office.accidents["challenge"] = [RuleError("R-22", causes=("次の受付は 11月24日 8時30分",))]
    ui = ScriptUi(*ISE, ("menu", item), ("trouble", "back"), *OUT_OF_ISE)
    await enter(ui, desk, office)
    assert [e.causes for e in ui.told] == [("次の受付は 11月24日 8時30分",)]
    assert ui.asked(CardRequest) == []


async def test_which_and_the_bidding_system_lead_back(desk: Desk) -> None:
    ui = ScriptUi(
        ISE[0], ("entry", "bidding"), ("trouble", "back"), *ISE[1:],
        ("menu", "which"), ("which", "first"), ("verdict", Nav.BACK), *OUT_OF_ISE,
    )  # fmt: skip
    assert await outcome(enter(ui, desk)) is Nav.BACK
    assert [e.code for e in ui.told] == ["E-OUTSIDE"]


# ---


async def test_r36_the_choice_without_a_card_is_there_only_where_the_category_allows_it(desk: Desk) -> None:
    ui = ScriptUi(*ISE_GOODS, ("menu", "registration"), ("method", Nav.BACK), *OUT_OF_ISE)
    await enter(ui, desk)
    (method,) = questions(ui, "method")
    assert ([o.id for o in method.options], method.preset) == (["card", "password"], "card")
    for system in ("aomori", "nagasaki", "saitama"):
        assert not any(category.card_free for category in profile_of(system).categories)


async def test_r36_without_a_card(desk: Desk) -> None:
    ui = ScriptUi(*ISE_GOODS, ("menu", "registration"), ("method", "password"), *FLOWS["registration"])
    receipt = await enter(ui, desk)
    assert isinstance(receipt, Receipt)
    assert receipt.card is None
    assert ui.asked(CardRequest) == []


async def test_r36_a_card_may_be_chosen_or_added_later(desk: Desk) -> None:
    ui = ScriptUi(
        *ISE_GOODS, ("menu", "registration"), ("method", "card"), ("card", desk.inserting("ise-new")), ("pin", PIN), *FLOWS["registration"]
    )  # fmt: skip
    receipt = await enter(ui, desk)
    assert isinstance(receipt, Receipt)
    assert receipt.card is not None


# --- F-1


async def test_f1_the_password_is_changed_here_where_the_system_does_so(desk: Desk) -> None:
    ui = ScriptUi(ISE[0], ("entry", "password"), ("password_change", Nav.BACK), ("entry", Nav.BACK), ("category", Nav.BACK))
    assert await outcome(enter(ui, desk)) is Nav.BACK


@pytest.mark.parametrize(("system", "where"), [("aomori", "青森市 契約課"), ("saitama", "競争入札参加資格申請受付システム")])
async def test_f1_elsewhere_it_is_said_where(desk: Desk, system: str, where: str) -> None:
    ui = ScriptUi(("trouble", "back"))
    assert await outcome(begin(ui, desk.cards, Office(), place_of(system), "entry", "password")) is None
    assert ui.told[0].code == "E-ELSEWHERE"
    assert where in ui.told[0].title + ui.told[0].remedy


@pytest.mark.parametrize("system", ["aomori", "nagasaki", "saitama"])
def test_f1_elsewhere_it_is_not_offered(system: str) -> None:
    assert "password" not in [entry.id for entry in profile_of(system).menu.entries]


# ---


def at_saitama() -> Office:
    vendor = Vendor(system="saitama", agency="saitama-pref", category="construction", number="4000000001")
    return Office(vendor, {**COMPANY, "name": "株式会社○○建設"})


async def test_r38_logout_asks_first_then_ends_on_an_end_screen(desk: Desk) -> None:
    ui = ScriptUi(*SAITAMA, ("menu", "logout"), ("logout", True), ("end", None))
    assert await outcome(enter(ui, desk, at_saitama(), "saitama")) is Nav.CANCEL
    (question,) = ui.asked(Confirm)
    assert question.preset == "no"
    assert ui.asked(Report)[0].lead == t("flow.logout.ended")
    assert remembered(ui) == []
    assert ui.forgotten


async def test_r38_no_stays_in_the_menu(desk: Desk) -> None:
    ui = ScriptUi(*SAITAMA, ("menu", "logout"), ("logout", False), ("menu", Nav.CANCEL))
    assert await outcome(enter(ui, desk, at_saitama(), "saitama")) is Nav.CANCEL


@pytest.mark.parametrize(("system", "offered"), [("ise", False), ("aomori", False), ("nagasaki", False), ("saitama", True)])
async def test_r38_only_where_the_system_asks(desk: Desk, system: str, offered: bool) -> None:
    profile = profile_of(system)
    first = () if profile.single_agency else (("agency", profile.agencies[0].id),)
    ui = ScriptUi(*first, *ISE, ("menu", Nav.CANCEL))
    await enter(ui, desk, system=system)
    (menu,) = questions(ui, "menu")
    assert ("logout" in [option.id for option in menu.options]) is offered


async def test_agencies_are_chosen_first_where_there_are_several(desk: Desk) -> None:
    ui = ScriptUi(("agency", "kawagoe"), *ISE, ("menu", Nav.CANCEL))
    await enter(ui, desk, at_saitama(), "saitama")
    agency = questions(ui, "agency")[0]
    assert [option.label for option in agency.options] == ["埼玉県", "さいたま市", "川越市"]
    assert not agency.back


# --- the desk's training


@pytest.mark.parametrize(
    ("system", "where"), [("ise", (("category", "construction"),)), ("saitama", (("agency", "saitama-city"), ("category", "construction")))]
)
async def test_a_training_asks_where_shows_a_flow_and_asks_again(desk: Desk, system: str, where: tuple[tuple[str, str], ...]) -> None:
    ui = ScriptUi(("training", "amendment"), *where, ("card", Nav.CANCEL), ("training", Nav.BACK))
    await training(ui, desk.cards, Office(), profile_of(system), ())
    assert ui.answers == []
    assert [question.preset for question in questions(ui, "training")] == ["", "amendment"]
    assert ui.forgotten


@pytest.mark.parametrize("way", [(("agency", Nav.BACK),), (("agency", "saitama-city"), ("category", Nav.BACK))])
async def test_a_training_that_is_left_before_its_flow_asks_again(desk: Desk, way: tuple[tuple[str, Any], ...]) -> None:
    ui = ScriptUi(("training", "amendment"), *way, ("training", Nav.BACK))
    await training(ui, desk.cards, Office(), profile_of("saitama"), ())
    assert ui.answers == []


async def test_a_training_tells_the_demos_numbers_and_begins_at_the_entrance(desk: Desk) -> None:
    ui = ScriptUi(
        ("training", "notes"), ("training_notes", None), ("training", ENTRANCE), ("category", Nav.BACK), ("training", Nav.CANCEL)
    )  # fmt: skip
    await training(ui, desk.cards, Office(), profile_of("ise"), (("PIN番号", "123456"),))
    assert ui.answers == []
    (report,) = ui.asked(Report)
    assert [(row.label, row.value) for row in report.sections[0].rows] == [("PIN番号", "123456")]
    assert questions(ui, "category")[0].back


@pytest.mark.parametrize(("system", "password"), [("ise", True), ("saitama", False), ("aomori", False)])
async def test_a_training_offers_what_the_callers_menu_has(desk: Desk, system: str, password: bool) -> None:
    profile = profile_of(system)
    ui = ScriptUi(("training", Nav.BACK))
    await training(ui, desk.cards, Office(), profile, ())
    (question,) = questions(ui, "training")
    items = [(item.id, item.label) for item in profile.menu.items]
    offered = [(option.id, option.label) for option in question.options]
    assert [id_ for id_, _ in offered[:2]] == ["notes", ENTRANCE]
    assert offered[2:] == [*items, ("status", t("flow.menu.status")), *([("password", "パスワード変更")] if password else [])]


async def test_a_training_asks_nothing_where_there_is_one_agency_with_one_category(desk: Desk) -> None:
    saitama = profile_of("saitama")
    alone = msgspec.structs.replace(saitama, agencies=saitama.agencies[:1], categories=saitama.categories[:1])
    ui = ScriptUi(("training", "amendment"), ("card", Nav.CANCEL), ("training", Nav.BACK))
    await training(ui, desk.cards, Office(), alone, ())
    assert ui.answers == []
