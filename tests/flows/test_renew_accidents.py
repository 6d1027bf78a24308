"""F-4 ICカード更新 by script: either card pulled anywhere, the server away anywhere, left anywhere: all or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import ChallengeGone, RuleError, ServerAway, ServerError, SessionGone
from ebid_tui.flows.place import Place
from ebid_tui.flows.renew import renew
from ebid_tui.flows.ui import CardRequest, Nav, PinRequest
from tests.flows.conftest import Desk
from tests.flows.office import Office
from tests.flows.renewing import PIN, Patient, office_of, wants_new
from tests.flows.script import ScriptUi, outcome

TO_THE_END = (("holder", True), ("review", True), ("done", None))
DONE = [("659", "renewed"), ("673", "active")]
UNCHANGED = [("659", "active")]
FIRST_READER, SECOND_READER, ONE_READER = 10, 9, 24
"""APDUs that each reader sees in one renewal; a test holds the flow to that."""


def patient(desk: Desk, place: Place, *answers: tuple[str, Any]) -> Patient:
    return Patient(desk, place, desk.make("ise-current"), desk.make("ise-next"), *(answers or TO_THE_END))


async def renewed(desk: Desk, place: Place) -> Patient:
    office, ui = office_of(desk, place), patient(desk, place)
    assert isinstance(await renew(ui, desk.cards, office, place), Receipt)
    assert office.states() == DONE
    assert len(office.statements) == 1
    assert {r.tries_left for r in ui.asked(PinRequest)} == {3}
    assert [card.tries_left for card in (ui.current, ui.new)] == [3, 3]
    return ui


async def test_the_accidents_below_meet_every_apdu(wide_desk: Desk, desk: Desk, place: Place) -> None:
    await renewed(wide_desk, place)
    assert [reader._apdus for reader in wide_desk.readers] == [FIRST_READER, SECOND_READER]
    await renewed(desk, place)
    assert desk.reader._apdus == ONE_READER


@pytest.mark.parametrize("accident", ["remove", "reset"])
@pytest.mark.parametrize(("reader", "at"), [(0, n) for n in range(FIRST_READER)] + [(1, n) for n in range(SECOND_READER)])
async def test_two_readers_an_accident_at_any_apdu_costs_no_try_and_can_be_mended(
    wide_desk: Desk, place: Place, reader: int, at: int, accident: Any
) -> None:
    wide_desk.readers[reader].accident(at, accident)
    await renewed(wide_desk, place)


@pytest.mark.parametrize("at", range(ONE_READER))
async def test_one_reader_a_removal_at_any_apdu_costs_no_try_and_can_be_mended(desk: Desk, place: Place, at: int) -> None:
    desk.reader.accident(at, "remove")
    await renewed(desk, place)


async def test_another_card_where_the_current_one_is_asked_for_again_gets_no_pin(desk: Desk, place: Place) -> None:
    office, stranger = office_of(desk, place), desk.make("stranger")
    ui = ScriptUi(
        ("card", desk.inserting("ise-current")),
        ("pin", PIN),
        ("card", desk.inserting("ise-next")),
        ("pin", PIN),
        ("holder", True),
        ("review", True),
        ("card", desk.inserting(stranger)),
        ("card", desk.inserting("ise-current")),
        ("pin", PIN),
        ("done", None),
    )
    assert isinstance(await renew(ui, desk.cards, office, place), Receipt)
    assert [e.code for e in ui.told] == ["E-CARD-CHANGED"]
    assert stranger.tries_left == 3


async def test_r07_a_current_card_that_gets_blocked_at_the_end_changes_nothing(desk: Desk, place: Place) -> None:
    office = office_of(desk, place)
    current = VirtualCard(desk.make("ise-current").slots)
    ui = ScriptUi(
        ("card", desk.inserting(current)),
        ("pin", PIN),
        ("card", desk.inserting("ise-next")),
        ("pin", PIN),
        ("holder", True),
        ("review", True),
        ("card", desk.inserting(current)),
        ("pin", b"000000"),
        ("pin", b"000000"),
        ("last_try", True),
        ("pin", b"000000"),
        ("trouble", "cancel"),
    )
    assert await outcome(renew(ui, desk.cards, office, place)) is Nav.CANCEL
    assert ui.told[-1].code == "R-07"
    assert office.states() == UNCHANGED


# --- the server

CALLS = [("challenge", 0), ("sign_in", 2), ("registered", 2), ("check_new_card", 3), ("renew", 6)]


def script(desk: Desk) -> list[tuple[str, Any]]:
    cards = (("card", desk.inserting("ise-current")), ("pin", PIN), ("card", desk.inserting("ise-next", 1)), ("pin", PIN))
    return [*cards, *TO_THE_END]


@pytest.mark.parametrize(("call", "at"), CALLS)
async def test_server_away_between_anything_and_back_again(wide_desk: Desk, place: Place, call: str, at: int) -> None:
    office = office_of(wide_desk, place)
    office.accidents[call] = [ServerAway(), ServerAway()]
    answers = script(wide_desk)
    answers[at:at] = [("trouble", "retry"), ("trouble", "retry")]
    ui = ScriptUi(*answers)
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    assert len(ui.asked(PinRequest)) == 2
    assert len(ui.asked(CardRequest)) == 2
    assert office.states() == DONE


@pytest.mark.parametrize(("call", "at"), CALLS)
@pytest.mark.parametrize("accident", [ServerAway(), ServerError("broken")])
async def test_server_away_for_good_changes_nothing(wide_desk: Desk, place: Place, call: str, at: int, accident: ServerError) -> None:
    office = office_of(wide_desk, place)
    office.accidents[call] = [accident]
    ui = ScriptUi(*script(wide_desk)[:at], ("trouble", "cancel"))
    assert await outcome(renew(ui, wide_desk.cards, office, place)) is Nav.CANCEL
    assert office.states() == UNCHANGED


async def test_server_away_between_the_two_signatures(desk: Desk, place: Place) -> None:
    """The challenge has come, the new card has signed; the current card's signature still counts when the server is back."""
    office = office_of(desk, place)
    office.accidents["renew"] = [ServerAway()]
    ui = patient(desk, place, ("holder", True), ("review", True), ("trouble", "retry"), ("done", None))
    assert isinstance(await renew(ui, desk.cards, office, place), Receipt)
    assert [wants_new(place, r) for r in ui.asked(CardRequest)] == [False, True, False], "nobody has to sign again"


async def test_a_lost_reply_gives_the_same_receipt(wide_desk: Desk, place: Place) -> None:
    office = office_of(wide_desk, place)
    office.lost["renew"] = [ServerAway()]
    answers = script(wide_desk)
    answers[6:6] = [("trouble", "retry")]
    receipt = await renew(ScriptUi(*answers), wide_desk.cards, office, place)
    assert list(office.receipts.values()) == [receipt]
    assert office.states() == DONE


async def test_a_lost_reply_then_back_then_the_same_again_counts_once(wide_desk: Desk, place: Place) -> None:
    office = office_of(wide_desk, place)
    office.lost["renew"] = [ServerAway()]
    answers = script(wide_desk)
    answers[6:6] = [("trouble", "back"), ("review", True)]
    assert isinstance(await renew(ScriptUi(*answers), wide_desk.cards, office, place), Receipt)
    assert len(office.statements) == 1


async def test_an_expired_nonce_is_replaced_unseen(wide_desk: Desk, place: Place) -> None:
    office = office_of(wide_desk, place)
    office.accidents["renew"] = [ChallengeGone()]
    ui = ScriptUi(*script(wide_desk))
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    assert len(ui.asked(PinRequest)) == 2


@pytest.mark.parametrize("call", ["registered", "check_new_card", "renew"])
async def test_an_ended_session_is_taken_up_again_by_the_current_card_unseen(wide_desk: Desk, place: Place, call: str) -> None:
    """The office takes a sign-in by any card, and the renewal only from the session of the current one."""
    office = office_of(wide_desk, place)
    office.accidents[call] = [SessionGone()]
    ui = ScriptUi(*script(wide_desk))
    assert isinstance(await renew(ui, wide_desk.cards, office, place), Receipt)
    assert office.calls.count("sign_in") == 2
    assert len(ui.asked(PinRequest)) == 2


@pytest.mark.parametrize("call", ["check_new_card", "renew"])
async def test_one_reader_an_ended_session_asks_for_the_current_card(desk: Desk, place: Place, call: str) -> None:
    office = office_of(desk, place)
    office.accidents[call] = [SessionGone()]
    ui = patient(desk, place)
    assert isinstance(await renew(ui, desk.cards, office, place), Receipt)
    assert office.states() == DONE
    assert {r.tries_left for r in ui.asked(PinRequest)} == {3}


@pytest.mark.parametrize("code", ["R-22", "R-05", "R-08", "R-35", "R-06"])
async def test_a_rule_that_says_no_at_the_end_is_told_and_changes_nothing(wide_desk: Desk, place: Place, code: str) -> None:
    office = office_of(wide_desk, place)
    office.accidents["renew"] = [RuleError(code)]
    ui = ScriptUi(*script(wide_desk)[:6], ("trouble", "cancel"))
    assert await outcome(renew(ui, wide_desk.cards, office, place)) is Nav.CANCEL
    assert [e.code for e in ui.told] == [code]
    assert office.states() == UNCHANGED


# --- the person


@pytest.mark.parametrize("step", range(6))
@pytest.mark.parametrize("nav", [Nav.CANCEL, Nav.BACK])
async def test_leaving_is_safe_everywhere(wide_desk: Desk, place: Place, step: int, nav: Nav) -> None:
    office: Office = office_of(wide_desk, place)
    answers = script(wide_desk)
    left = (answers[step][0], False if answers[step][0] == "holder" else nav)
    then = [("card", Nav.CANCEL)] if left == ("review", Nav.BACK) else []  # 戻る of the confirmation leads to the new card
    assert await outcome(renew(ScriptUi(*answers[:step], left, *then), wide_desk.cards, office, place)) in (nav, Nav.CANCEL)
    assert office.states() == UNCHANGED
    assert "renew" not in office.calls


async def test_leaving_while_the_current_card_is_asked_for_again_changes_nothing(desk: Desk, place: Place) -> None:
    office = office_of(desk, place)
    ui = ScriptUi(
        ("card", desk.inserting("ise-current")), ("pin", PIN), ("card", desk.inserting("ise-next")), ("pin", PIN),
        ("holder", True), ("review", True), ("card", Nav.CANCEL), ("review", Nav.CANCEL),
    )  # fmt: skip
    assert await outcome(renew(ui, desk.cards, office, place)) is Nav.CANCEL
    assert office.states() == UNCHANGED


async def test_both_cards_are_logged_out_and_forgotten_at_the_end(wide_desk: Desk, place: Place) -> None:
    ui = await renewed(wide_desk, place)
    assert wide_desk.cards._sessions == set()
    assert not any(card._verified for card in (ui.current, ui.new))
