"""Drafts by script: kept from the form, offered to the same vendor only, gone with the receipt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import ServerAway
from ebid_tui.flows.amend import amend
from ebid_tui.flows.card_free import register_card_free
from ebid_tui.flows.drafts import Draft, DraftSlot, DraftUnreadable, KeptDraft
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import register
from ebid_tui.flows.ui import Blocks, Form, FormBlock, Nav, Question
from tests.flows.conftest import Desk, place_of
from tests.flows.office import CONTACT, Office
from tests.flows.script import ScriptUi, outcome

PIN = b"123456"
SEARCH = {"search": {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}}
FORM = {"company": {"department": "工事部"}, "representative_contact": CONTACT, "card_contact": CONTACT}
HALF = {"company": {"department": "工事部"}, "representative_contact": {**CONTACT, "person": "途中　次郎"}, "card_contact": CONTACT}
WHEN = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)


class Memory:
    """`Drafts` in memory. `broken` slots cannot be read."""

    def __init__(self) -> None:
        self.kept: dict[DraftSlot, Blocks] = {}
        self.broken: set[DraftSlot] = set()
        self.writes = 0

    def read(self, slot: DraftSlot) -> KeptDraft | None:
        if slot in self.broken:
            self.broken.remove(slot)
            raise DraftUnreadable
        return KeptDraft(WHEN, self.kept[slot]) if slot in self.kept else None

    def write(self, slot: DraftSlot, values: Blocks) -> bool:
        self.writes += 1
        self.kept[slot] = {block: dict(row) for block, row in values.items()}
        return True

    def drop(self, slot: DraftSlot) -> None:
        self.kept.pop(slot, None)


@pytest.fixture
def drafts() -> Memory:
    return Memory()


@pytest.fixture
def at(place: Place, drafts: Memory) -> Place:
    return replace(place, drafts=drafts)


def slot(place: Place, flow: str = "registration", vendor: str = "1000000001") -> DraftSlot:
    return DraftSlot(place.profile.id, place.agency.id, place.category.id, flow, vendor)


def to_the_form(desk: Desk, *then: tuple[str, object]) -> ScriptUi:
    return ScriptUi(("card", desk.inserting("ise-new")), ("pin", PIN), ("search", SEARCH), *then)


async def test_what_was_typed_before_the_connection_was_lost_is_offered_and_gone_on_with(desk: Desk, at: Place, drafts: Memory) -> None:
    office = Office()
    ui = to_the_form(desk, ("registration", HALF), ("review", lambda _: (_ for _ in ()).throw(ConnectionResetError)))
    with pytest.raises(ConnectionResetError):
        await register(ui, desk.cards, office, at)
    assert drafts.kept[slot(at)]["representative_contact"]["person"] == "途中　次郎"
    gone: list[bool] = []
    ui = to_the_form(desk, ("draft", "resume"), ("registration", {}), ("review", True), ("done", lambda _: gone.append(drafts.kept == {})))
    receipt = await register(ui, desk.cards, office, at)
    assert isinstance(receipt, Receipt)
    (question,) = [q for q in ui.asked(Question) if q.id == "draft"]
    assert "11月21日 18時05分" in question.lead
    assert office.statements[0].blocks["representative_contact"]["person"] == "途中　次郎"
    assert gone == [True], "as soon as the receipt is there, also where the connection is lost before it is closed"


async def test_a_draft_that_is_declined_is_deleted(desk: Desk, at: Place, drafts: Memory) -> None:
    drafts.write(slot(at), {"company": {"department": "古い部"}})
    ui = to_the_form(desk, ("draft", "anew"), ("registration", Nav.CANCEL))
    assert await outcome(register(ui, desk.cards, Office(), at)) is Nav.CANCEL
    assert drafts.kept == {}
    (form,) = ui.asked(Form)[1:]
    assert form.values["company"]["department"] == ""


@pytest.mark.parametrize("other", ["vendor", "flow", "category", "agency", "system"])
async def test_nobody_else_is_offered_it(desk: Desk, at: Place, drafts: Memory, other: str) -> None:
    drafts.write(
        DraftSlot(**{**{f: getattr(slot(at), f) for f in DraftSlot.__struct_fields__}, other: "another"}),
        {"company": {"department": "他社"}},
    )
    ui = to_the_form(desk, ("registration", Nav.CANCEL))
    assert await outcome(register(ui, desk.cards, Office(), at)) is Nav.CANCEL
    assert "他社" not in repr(ui.requests)


async def test_it_is_asked_once_and_back_leads_to_the_search(desk: Desk, at: Place, drafts: Memory) -> None:
    drafts.write(slot(at), {"company": {"department": "古い部"}})
    ui = to_the_form(desk, ("draft", Nav.BACK), ("search", SEARCH), ("draft", "resume"), ("registration", Nav.BACK), ("search", Nav.BACK))
    assert await outcome(register(ui, desk.cards, Office(), at)) is Nav.BACK
    assert drafts.kept[slot(at)] == {"company": {"department": "古い部"}}


async def test_one_that_cannot_be_read_is_told_once(desk: Desk, at: Place, drafts: Memory) -> None:
    drafts.broken.add(slot(at))
    ui = to_the_form(desk, ("draft_unreadable", None), ("registration", Nav.CANCEL))
    assert await outcome(register(ui, desk.cards, Office(), at)) is Nav.CANCEL


async def test_a_change_that_was_not_sent_is_kept_until_it_is(desk: Desk, at: Place, drafts: Memory) -> None:
    office = Office()
    office.has(desk.der("ise-new"))
    office.accidents["amend"] = [ServerAway("gone")]
    change = {"card_contact": {"email": "taro@example.co.jp"}}
    begin = (("card", desk.inserting("ise-new")), ("pin", PIN))
    ui = ScriptUi(*begin, ("amendment", change), ("review", True), ("trouble", "cancel"))
    assert await outcome(amend(ui, desk.cards, office, at)) is Nav.CANCEL
    assert drafts.kept[slot(at, "amendment")]["card_contact"]["email"] == "taro@example.co.jp"
    ui = ScriptUi(*begin, ("draft", "resume"), ("amendment", {}), ("review", True), ("done", None))
    assert isinstance(await amend(ui, desk.cards, office, at), Receipt)
    assert drafts.kept == {}


def test_passwords_are_never_part_of_it_and_nothing_is_kept_before_anything_was_typed(drafts: Memory) -> None:
    """By the field's kind, whatever its name: every secret of every system."""
    secrets = 0
    for system in ("ise", "aomori", "nagasaki", "saitama"):
        profile = profile_of(system)
        fields = [*profile.search.fields, *(f for block in profile.blocks for f in block.fields)]
        block = FormBlock("b", "", "", tuple({f.id: f for f in fields}.values()))
        start = {"b": {f.id: "" for f in block.fields}}
        form = Form("registration", "", "", (block,), start, "", "", profile.policy)
        keep = Draft(drafts, DraftSlot(system, "", "", "", "")).kept_from(form).keep
        assert keep is not None
        before = drafts.writes
        keep(start)
        keep({"b": {f.id: "only-secrets" if f.secret else "" for f in block.fields}})
        assert drafts.writes == before
        keep({"b": {f.id: "typed" for f in block.fields}})
        keep({"b": {f.id: "typed" for f in block.fields}})
        assert drafts.writes == before + 1, "the same again is not written again"
        kept = drafts.kept[DraftSlot(system, "", "", "", "")]["b"]
        assert set(kept) == {f.id for f in block.fields if f.input and not f.secret}
        secrets += sum(f.secret for f in block.fields)
    assert secrets >= 3


async def test_without_a_card_too(drafts: Memory) -> None:
    at = replace(place_of("ise", "goods"), drafts=drafts)
    ui = ScriptUi(("search", SEARCH), ("registration", HALF), ("review", Nav.CANCEL))
    assert await outcome(register_card_free(ui, Office(), at)) is Nav.CANCEL
    assert list(drafts.kept) == [slot(at, "card_free")]
    ui = ScriptUi(("search", SEARCH), ("draft", "resume"), ("registration", {}), ("review", True), ("done", None))
    assert isinstance(await register_card_free(ui, Office(), at), Receipt)
    assert drafts.kept == {}


@pytest.mark.parametrize("nav", [Nav.BACK, Nav.CANCEL])
async def test_leaving_the_question_keeps_it(desk: Desk, drafts: Memory, nav: Nav) -> None:
    """Without a card, as with one: BACK asks for the vendor again, CANCEL ends the flow. 変更 has no search to go back to."""
    at = replace(place_of("ise", "goods"), drafts=drafts)
    drafts.write(slot(at, "card_free"), {"company": {"department": "古い部"}})
    drafts.write(slot(at, "amendment"), {"company": {"department": "古い部"}})
    drafts.write(slot(at), {"company": {"department": "古い部"}})
    back = [("search", SEARCH), ("draft", "resume"), ("registration", Nav.CANCEL)] if nav is Nav.BACK else []
    assert await outcome(register_card_free(ScriptUi(("search", SEARCH), ("draft", nav), *back), Office(), at)) is Nav.CANCEL
    if nav is Nav.CANCEL:
        assert await outcome(register(to_the_form(desk, ("draft", nav)), desk.cards, Office(), at)) is nav
    office = Office()
    office.has(desk.der("ise-new"))
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", PIN), ("draft", nav))
    assert await outcome(amend(ui, desk.cards, office, at)) is nav
    assert len(drafts.kept) == 3


async def test_it_is_asked_once_in_a_flow(drafts: Memory) -> None:
    where = DraftSlot("ise", "ise", "goods", "registration", "1")
    draft = Draft(drafts, where)
    assert await draft.offered(ScriptUi()) == {}
    drafts.write(where, {"company": {"department": "部"}})
    assert await draft.offered(ScriptUi()) == {}
    draft = Draft(drafts, where)
    assert await draft.offered(ScriptUi(("draft", "resume"))) == {"company": {"department": "部"}}
    assert await draft.offered(ScriptUi()) == {}
