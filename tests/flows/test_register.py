"""F-2 登録 by script: the chapter as it should go, and every accident on the way."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ebid_tui.card.session import BoundSession
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.domain.records import Receipt, RegisteredCard
from ebid_tui.errors import (
    CardBlocked,
    CardChanged,
    CardRefused,
    CardRemoved,
    ChallengeGone,
    InputError,
    PinUnusable,
    RuleError,
    ServerAway,
    SessionGone,
    WrongPin,
)
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import register
from ebid_tui.flows.ui import CardRequest, Form, Nav, PinRequest, Review
from tests.flows.conftest import Desk
from tests.flows.office import CONTACT, Office
from tests.flows.script import ScriptUi, outcome

PIN = b"123456"
SEARCH = {"search": {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}}
FORM = {"company": {"department": "工事部"}, "representative_contact": CONTACT, "card_contact": CONTACT}


def visit(desk: Desk, *then: tuple[str, Any], card: str = "ise-new") -> ScriptUi:
    """Card in, right PIN, then the rest of the script."""
    return ScriptUi(("card", desk.inserting(card)), ("pin", PIN), *then)


TO_THE_END = (("search", SEARCH), ("registration", FORM), ("review", True), ("done", None))


async def test_a_card_is_registered(desk: Desk, place: Place) -> None:
    ui, office = visit(desk, *TO_THE_END), Office()
    receipt = await register(ui, desk.cards, office, place)
    assert isinstance(receipt, Receipt)
    (content,) = office.statements
    assert content.blocks["card_holder"]["person"] == "個人　十郎"
    assert content.blocks["company"]["department"] == "工事部"
    assert content.card.serial == "683"
    assert content.origin == office.origin
    assert office.searches == [SEARCH["search"]]
    assert desk.cards.trace.count <= 10
    assert office.calls[-1] == "sign_out"
    assert ui.answers == []


async def test_what_is_signed_is_what_was_shown(desk: Desk, place: Place) -> None:
    ui, office = visit(desk, *TO_THE_END), Office()
    await register(ui, desk.cards, office, place)
    (review,) = ui.asked(Review)
    shown = [row.value for section in review.sections for row in section.rows]
    signed = [value for block in office.statements[0].blocks.values() for value in block.values()]
    assert set(signed) - {""} <= set(shown)
    assert "683 (10進) / 2ab (16進)" in shown
    assert "OU=TEST CA,O=TEST CA,C=JP" in shown
    assert "2028/02/29" in shown


async def test_r07_tries_left_are_told_before_the_first_entry_and_after_each_wrong_one(desk: Desk, place: Place) -> None:
    ui = ScriptUi(
        ("card", desk.inserting("ise-new")), ("pin", b"000000"), ("pin", b"111111"), ("last_try", True), ("pin", PIN), ("search", Nav.BACK)
    )
    assert await outcome(register(ui, desk.cards, Office(), place)) is Nav.BACK
    assert [r.tries_left for r in ui.asked(PinRequest)] == [3, 2, 1]
    assert [type(r.problem) for r in ui.asked(PinRequest)] == [type(None), WrongPin, WrongPin]


@pytest.mark.parametrize(
    ("tries", "hint", "low"), [(None, "low", True), (None, "unknown", False), (3, "low", False), (2, "unknown", False)]
)
async def test_r07_a_card_that_counts_unseen_may_still_say_that_few_are_left(
    desk: Desk, place: Place, monkeypatch: pytest.MonkeyPatch, tries: int | None, hint: str, low: bool
) -> None:
    async def left(_: BoundSession) -> int | None:
        return tries

    async def said(_: BoundSession) -> str:
        return hint

    monkeypatch.setattr(BoundSession, "tries_left", left)
    monkeypatch.setattr(BoundSession, "tries_hint", said)
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", Nav.BACK))
    assert await outcome(register(ui, desk.cards, Office(), place)) is Nav.BACK
    (request,) = ui.asked(PinRequest)
    assert (request.tries_left, request.tries_low) == (tries, low)


async def test_r07_the_last_try_is_never_spent_unasked(desk: Desk, place: Place) -> None:
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", b"000000"), ("pin", b"111111"), ("last_try", False))
    assert await outcome(register(ui, desk.cards, Office(), place)) is Nav.CANCEL
    card = desk.reader.card
    assert isinstance(card, VirtualCard)
    assert card.tries_left == 1


async def test_r07_wrong_until_blocked_says_whom_to_ask(desk: Desk, place: Place) -> None:
    ui = ScriptUi(
        ("card", desk.inserting("ise-new")),
        ("pin", b"000000"),
        ("pin", b"111111"),
        ("last_try", True),
        ("pin", b"222222"),
        ("trouble", "cancel"),
    )
    assert await outcome(register(ui, desk.cards, Office(), place)) is Nav.CANCEL
    assert isinstance(ui.told[-1], CardBlocked)
    assert ui.told[-1].code == "R-07"
    assert ui.told[-1].causes


async def test_r07_a_blocked_card_is_told_before_any_pin(desk: Desk, place: Place) -> None:
    ui = ScriptUi(("card", desk.inserting("blocked")), ("trouble", "cancel"))
    assert await outcome(register(ui, desk.cards, Office(), place)) is Nav.CANCEL
    assert ui.told[-1].code == "R-07"


async def test_r07_a_blocked_card_may_be_replaced_by_another_one(desk: Desk, place: Place) -> None:
    ui = ScriptUi(
        ("card", desk.inserting("blocked")), ("trouble", "another_card"), ("card", desk.inserting("ise-new")), ("pin", PIN), *TO_THE_END
    )
    assert isinstance(await register(ui, desk.cards, Office(), place), Receipt)
    problem = ui.asked(CardRequest)[1].problem
    assert problem is not None
    assert problem.code == "R-07", "another one is waited for, and it is said why"


async def test_a_card_that_is_not_put_in_again_before_it_signs_leads_back_to_what_was_typed(desk: Desk, place: Place) -> None:
    office, pulled = Office(), ("review", desk.removing(True))
    again = (("registration", FORM), ("review", True), ("card", desk.inserting("ise-new")), ("pin", PIN), ("done", None))
    ui = visit(desk, *TO_THE_END[:2], pulled, ("card", Nav.CANCEL), *again)
    assert isinstance(await register(ui, desk.cards, office, place), Receipt)
    form = [asked for asked in ui.asked(Form) if asked.id == "registration"][1]
    assert form.values["representative_contact"]["email"] == FORM["representative_contact"]["email"]
    assert len(office.statements) == 1


async def test_a_pin_too_short_is_never_sent(desk: Desk, place: Place) -> None:
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", b"12345"), ("pin", Nav.CANCEL))
    assert await outcome(register(ui, desk.cards, Office(), place)) is Nav.CANCEL
    assert isinstance(ui.asked(PinRequest)[1].problem, PinUnusable)
    assert ui.asked(PinRequest)[1].tries_left == 3


@pytest.mark.parametrize(("name", "code"), [("mynumber", "R-23"), ("other-ca", "R-34")])
async def test_r23_r34_cards_of_other_kinds_are_refused_without_a_pin(desk: Desk, place: Place, name: str, code: str) -> None:
    ui = ScriptUi(("card", desk.inserting(name)), ("card", Nav.CANCEL))
    assert await outcome(register(ui, desk.cards, Office(), place)) is Nav.CANCEL
    assert [e.code for e in ui.told] == [code]
    assert isinstance(ui.told[0], CardRefused | RuleError)


async def test_r05_a_registered_card_is_told_right_after_the_pin(desk: Desk, place: Place) -> None:
    office = Office()
    office.bound = (RegisteredCard(agency="ise", category="construction", realm="construction", trade_name="ほかの業者", state="active"),)
    ui = visit(desk, ("trouble", "cancel"))
    assert await outcome(register(ui, desk.cards, office, place)) is Nav.CANCEL
    assert ui.told[0].code == "R-05"
    assert "ほかの業者" in ui.told[0].remedy
    assert "search" not in office.calls


async def test_r19_a_card_of_another_realm_is_not_registered_here(desk: Desk, place: Place) -> None:
    office = Office()
    office.bound = (RegisteredCard(agency="ise", category="goods", realm="goods", trade_name="物品", state="active"),)
    ui = visit(desk, *TO_THE_END)
    assert isinstance(await register(ui, desk.cards, office, place), Receipt)


async def test_r06_another_companys_card_needs_an_answer_and_no_ends_it(desk: Desk, place: Place) -> None:
    ui, office = visit(desk, ("search", SEARCH), ("holder", "no"), card="stranger"), Office()
    assert await outcome(register(ui, desk.cards, office, place)) is Nav.CANCEL
    assert office.statements == []


async def test_r06_the_answer_is_part_of_what_is_signed(desk: Desk, place: Place) -> None:
    script = (("search", SEARCH), ("holder", "yes"), ("registration", FORM), ("review", True), ("done", None))
    office = Office()
    assert isinstance(await register(visit(desk, *script, card="stranger"), desk.cards, office, place), Receipt)
    assert office.statements[0].holder_confirmed


async def test_back_keeps_what_was_typed(desk: Desk, place: Place) -> None:
    ui = visit(
        desk,
        ("search", SEARCH),
        ("registration", FORM),
        ("review", Nav.BACK),
        ("registration", FORM),
        ("review", Nav.BACK),
        ("registration", Nav.BACK),
        ("search", Nav.BACK),
    )
    assert await outcome(register(ui, desk.cards, Office(), place)) is Nav.BACK
    forms = ui.asked(Form)
    assert forms[2].values["card_contact"]["email"] == CONTACT["email"]
    assert forms[-1].values["search"]["vendor_no"] == "1000000001"


@pytest.mark.parametrize("code", ["R-28", "R-03", "R-15", "R-33", "R-35"])
async def test_a_refused_search_is_told_on_the_form_which_keeps_what_was_typed(desk: Desk, place: Place, code: str) -> None:
    office = Office()
    office.accidents["search"] = [RuleError(code, causes=("原因",))]
    page = [("trouble", "back")] if code in ("R-28", "R-03", "R-33") else []
    ui = visit(desk, ("search", SEARCH), *page, ("search", Nav.BACK))
    await outcome(register(ui, desk.cards, office, place))
    form = ui.asked(Form)[1]
    assert form.notice is not None
    assert form.notice.code == code
    assert form.values["search"]["trade_name"] == "テスト工事業者０１"


async def test_faults_found_by_the_server_stand_beside_their_fields(desk: Desk, place: Place) -> None:
    office = Office()
    office.accidents["register"] = [InputError([("card_contact.email", "E-MAIL", "届かないアドレスです")])]
    ui = visit(desk, ("search", SEARCH), ("registration", FORM), ("review", True), ("registration", Nav.CANCEL))
    assert await outcome(register(ui, desk.cards, office, place)) is Nav.CANCEL
    assert ui.asked(Form)[-1].problems == {"card_contact.email": "届かないアドレスです"}
    assert ui.asked(Form)[-1].values["card_contact"]["name"] == "営業部"


@pytest.mark.parametrize("call", ["challenge", "sign_in", "search", "register"])
async def test_server_away_at_any_request_keeps_everything(desk: Desk, place: Place, call: str) -> None:
    office = Office()
    office.accidents[call] = [ServerAway(), ServerAway()]
    at = {"challenge": 0, "sign_in": 2, "search": 3, "register": 5}[call]
    script: list[tuple[str, Any]] = [("card", desk.inserting("ise-new")), ("pin", PIN), *TO_THE_END]
    script[at:at] = [("trouble", "retry"), ("trouble", "retry")]
    ui = ScriptUi(*script)
    assert isinstance(await register(ui, desk.cards, office, place), Receipt)
    assert len(ui.asked(PinRequest)) == 1


async def test_a_lost_reply_is_asked_again_and_gives_the_same_receipt(desk: Desk, place: Place) -> None:
    office = Office()
    office.lost["register"] = [ServerAway()]
    ui = visit(desk, ("search", SEARCH), ("registration", FORM), ("review", True), ("trouble", "retry"), ("done", None))
    receipt = await register(ui, desk.cards, office, place)
    assert isinstance(receipt, Receipt)
    assert list(office.receipts.values()) == [receipt]
    assert len(office.statements) == 1


async def test_a_lost_reply_then_back_then_the_same_again_counts_once(desk: Desk, place: Place) -> None:
    office = Office()
    office.lost["register"] = [ServerAway()]
    ui = visit(
        desk,
        ("search", SEARCH),
        ("registration", FORM),
        ("review", True),
        ("trouble", "back"),
        ("registration", FORM),
        ("review", True),
        ("done", None),
    )
    assert isinstance(await register(ui, desk.cards, office, place), Receipt)
    assert len(office.receipts) == 1


async def test_an_expired_nonce_is_replaced_unseen(desk: Desk, place: Place) -> None:
    office = Office()
    office.accidents["sign_in"] = [ChallengeGone()]
    office.accidents["register"] = [ChallengeGone()]
    ui = visit(desk, *TO_THE_END)
    assert isinstance(await register(ui, desk.cards, office, place), Receipt)
    assert len(ui.asked(PinRequest)) == 1


async def test_an_ended_session_is_taken_up_again_unseen(desk: Desk, place: Place) -> None:
    office = Office()
    office.accidents["register"] = [SessionGone()]
    ui = visit(desk, *TO_THE_END)
    assert isinstance(await register(ui, desk.cards, office, place), Receipt)
    assert office.calls.count("sign_in") == 2
    assert office.searches[0] == office.searches[1]


async def test_card_pulled_before_the_statement_is_asked_for_again_with_its_pin(desk: Desk, place: Place) -> None:
    def pulled(_: Any) -> bool:
        desk.reader.remove()
        return True

    office = Office()
    ui = visit(
        desk,
        ("search", SEARCH),
        ("registration", FORM),
        ("review", pulled),
        ("card", desk.inserting("ise-new")),
        ("pin", PIN),
        ("done", None),
    )
    assert isinstance(await register(ui, desk.cards, office, place), Receipt)
    assert isinstance(ui.told[0], CardRemoved)
    assert len(office.statements) == 1


async def test_another_card_in_its_place_gets_no_pin(desk: Desk, place: Place) -> None:
    def swapped(_: Any) -> bool:
        desk.reader.insert(desk.make("stranger"))
        return True

    ui = visit(
        desk, ("search", SEARCH), ("registration", FORM), ("review", swapped), ("card", True), ("card", desk.inserting("ise-new")),
        ("pin", PIN), ("done", None),
    )  # fmt: skip
    assert isinstance(await register(ui, desk.cards, Office(), place), Receipt)
    assert isinstance(ui.asked(CardRequest)[-1].problem, CardChanged)


@pytest.mark.parametrize("at", range(7))
@pytest.mark.parametrize("accident", ["remove", "reset"])
async def test_an_accident_at_any_apdu_costs_no_try_and_can_be_mended(desk: Desk, place: Place, at: int, accident: Any) -> None:
    desk.reader.accident(at, accident)

    def again(_: Any) -> bool:
        if desk.reader.card is None:
            desk.reader.insert(desk.make("ise-new"))
        return True

    class Patient(ScriptUi):
        """Puts the card back and types the PIN as often as it is asked."""

        def _answer(self, request_id: str, request: Any) -> Any:
            if request_id in ("card", "pin") and (not self.answers or self.answers[0][0] != request_id):
                self.requests.append(request)
                return again(request) if request_id == "card" else PIN
            return super()._answer(request_id, request)

    ui = Patient(("card", desk.inserting("ise-new")), ("pin", PIN), *TO_THE_END)
    assert isinstance(await register(ui, desk.cards, Office(), place), Receipt)
    assert {r.tries_left for r in ui.asked(PinRequest)} == {3}


@pytest.mark.parametrize("step", ["card", "pin", "search", "registration", "review"])
async def test_cancel_is_safe_everywhere(desk: Desk, place: Place, step: str) -> None:
    full: list[tuple[str, Any]] = [("card", desk.inserting("ise-new")), ("pin", PIN), *TO_THE_END]
    script = full[: [name for name, _ in full].index(step)]
    office = Office()
    assert await outcome(register(ScriptUi(*script, (step, Nav.CANCEL)), desk.cards, office, place)) is Nav.CANCEL
    assert office.statements == []


async def test_r18_later_cards_show_the_representative_contact_read_only_where_the_system_says_so(desk: Desk, place: Place) -> None:
    rules = msgspec.structs.replace(place.profile.rules, representative_contact_of_later_cards="read_only")
    strict = Place(msgspec.structs.replace(place.profile, rules=rules), place.agency, place.category)
    office = Office()
    company = {**office.found.qualification.company, "department": "本社"}
    office.found = msgspec.structs.replace(
        office.found,
        representative_contact=CONTACT,
        later_card=True,
        qualification=msgspec.structs.replace(office.found.qualification, company=company),
    )
    ui = visit(desk, ("search", SEARCH), ("registration", {"card_contact": CONTACT}), ("review", True), ("done", None))
    assert isinstance(await register(ui, desk.cards, office, strict), Receipt)
    read_only = {b.id: b.read_only for b in ui.asked(Form)[1].blocks}
    assert read_only == {"company": True, "representative_contact": True, "card_holder": False, "card_contact": False}
    assert office.statements[0].blocks["representative_contact"] == CONTACT
