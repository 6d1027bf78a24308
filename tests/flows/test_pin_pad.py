"""PIN pads in the flows: the PIN is entered on the reader, tries are told and asked as ever (R-07), and no PIN is made here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, cast

import pytest

from ebid_tui.card.pin import Pin
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo import cards as demo_cards
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import statement
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import EbidError
from ebid_tui.flows.card import HeldCard, WantedCard, unlocked_card
from ebid_tui.flows.pin_change import change_pin
from ebid_tui.flows.place import Place
from ebid_tui.flows.renew import renew
from ebid_tui.flows.ui import Confirm, Nav, PinRequest, Question, Trouble
from tests.card.pad_reader import PadReader
from tests.flows.conftest import Desk, place_of
from tests.flows.renewing import office_of
from tests.flows.script import ScriptUi, outcome
from tests.flows.test_which_card import whose

RIGHT, WRONG = demo_cards.PIN, "999999"


@pytest.fixture(autouse=True)
def no_pin(monkeypatch: pytest.MonkeyPatch) -> None:
    """No PIN comes into being in this process."""

    def never(*_: object) -> None:
        raise AssertionError("a PIN buffer was made")

    monkeypatch.setattr(Pin, "__init__", never)


@pytest.fixture
def at(wallet: demo_cards.Wallet) -> Iterator[Callable[..., Desk]]:
    """A desk whose readers have keys, each with what is pressed there."""
    made: list[Desk] = []

    def desk(*pressed: tuple[str, ...]) -> Desk:
        readers = tuple(PadReader(f"Pad 0{number}", *words) for number, words in enumerate(pressed))
        worker = CardWorker(*readers)
        worker.start()
        made.append(Desk(readers, worker, cache(lambda name: demo_cards.make_virtual(wallet, name))))
        return made[-1]

    yield desk
    for one in made:
        one.cards.stop()


async def unlocked(desk: Desk, place: Place, *answers: tuple[str, Any]) -> tuple[ScriptUi, HeldCard | Nav]:
    ui = ScriptUi(("card", desk.inserting("ise-new")), *answers)
    return ui, await outcome(unlocked_card(ui, desk.cards, place, statement.now(), WantedCard("card", "again")))


async def test_the_pin_is_entered_on_the_reader(at: Callable[..., Desk], place: Place) -> None:
    desk = at((RIGHT,))
    ui, held = await unlocked(desk, place, ("pin", True))
    assert isinstance(held, HeldCard)
    assert await held.session.sign(b"x")
    (request,) = ui.asked(PinRequest)
    assert (request.pin_pad, request.tries_left, request.reader) == (True, 3, "Pad 00")


async def test_r07_wrong_pins_are_told_and_the_last_try_asked_for(at: Callable[..., Desk], place: Place) -> None:
    desk = at((WRONG, WRONG))
    ui, held = await unlocked(desk, place, ("pin", True), ("pin", True), ("last_try", False))
    assert held is Nav.CANCEL
    assert [r.tries_left for r in ui.asked(PinRequest)] == [3, 2]
    assert [getattr(r.problem, "code", None) for r in ui.asked(PinRequest)] == [None, "E-WRONG-PIN"]
    assert len(ui.asked(Confirm)) == 1
    assert desk.make("ise-new").tries_left == 1


async def test_r07_the_third_wrong_one_locks_and_says_whom_to_ask(at: Callable[..., Desk], place: Place) -> None:
    desk = at((WRONG, WRONG, WRONG))
    ui, held = await unlocked(desk, place, ("pin", True), ("pin", True), ("last_try", True), ("pin", True), ("trouble", "cancel"))
    assert held is Nav.CANCEL
    assert [error.code for error in ui.told] == ["R-07"]
    assert ui.told[0].causes


async def test_the_cancel_key_is_cancel(at: Callable[..., Desk], place: Place) -> None:
    _, held = await unlocked(desk := at(("cancel",)), place, ("pin", True))
    assert held is Nav.CANCEL
    assert desk.make("ise-new").tries_left == 3


async def test_giving_up_here_wins_over_a_pin_that_was_right(at: Callable[..., Desk], place: Place) -> None:
    desk = at((RIGHT,))
    _, held = await unlocked(desk, place, ("pin", Nav.CANCEL))
    assert held is Nav.CANCEL
    assert not desk.make("ise-new")._verified, "the card is left logged out"


@pytest.mark.parametrize("again", ["retry", "cancel"])
async def test_when_nobody_came_the_person_is_asked_before_it_waits_again(at: Callable[..., Desk], place: Place, again: str) -> None:
    desk = at(("timeout", RIGHT))
    more = [("pin", True)] if again == "retry" else []
    ui, held = await unlocked(desk, place, ("pin", True), ("trouble", again), *more)
    assert [trouble.error.code for trouble in ui.asked(Trouble)] == ["E-PIN-PAD-TIMEOUT"]
    assert isinstance(held, HeldCard) if again == "retry" else held is Nav.CANCEL


async def test_a_broken_pad_is_told_with_the_setting_that_goes_round_it(at: Callable[..., Desk], place: Place) -> None:
    desk = at(("broken",))
    ui, held = await unlocked(desk, place, ("pin", True), ("card", Nav.CANCEL))
    assert held is Nav.CANCEL
    (problem,) = ui.told
    assert isinstance(problem, EbidError)
    assert problem.code == "E-PIN-PAD"
    assert "pin_pad" in problem.remedy


async def test_no_pin_is_changed_at_a_pad(at: Callable[..., Desk]) -> None:
    desk = at((RIGHT,))
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("card", Nav.CANCEL))
    assert not await change_pin(ui, desk.cards)
    assert [error.code for error in ui.told] == ["E-PIN-PAD-CHANGE"]


async def test_the_other_cards_pin_is_not_sent_through_this_machine_to_a_pad(at: Callable[..., Desk], place: Place) -> None:
    class Other:
        """Stands for the PIN that was right for the current card."""

        wiped = False

        def __enter__(self) -> Other:
            return self

        def __exit__(self, *_: object) -> None:
            self.wiped = True

    desk, other = at((RIGHT,)), Other()
    wanted = WantedCard("card", "again", same_pin=cast(Any, other))
    ui = ScriptUi(("card", desk.inserting("ise-new")), ("pin", True))
    held = await unlocked_card(ui, desk.cards, place, statement.now(), wanted)
    assert isinstance(held, HeldCard)
    assert other.wiped
    assert wanted.same_pin is None
    await held.session.close()


async def test_a_renewal_on_two_pads_without_a_swap_and_without_the_same_pin_shortcut(at: Callable[..., Desk]) -> None:
    place = place_of("aomori")
    desk = at((RIGHT,), (RIGHT,))
    ui = ScriptUi(
        ("card", desk.inserting("aomori-current")), ("pin", True), ("card", desk.inserting("aomori-next", 1)), ("pin", True),
        ("review", True), ("done", None),
    )  # fmt: skip
    assert isinstance(await renew(ui, desk.cards, office_of(desk, place), place), Receipt)
    assert [r.reader for r in ui.asked(PinRequest)] == ["Pad 00", "Pad 01"]
    assert ui.asked(Confirm) == []


async def test_two_cards_that_are_in_from_the_start_are_told_apart_by_asking(at: Callable[..., Desk]) -> None:
    place = place_of("aomori")
    desk = at((RIGHT,), (RIGHT,))

    def both(request: Any) -> bool:
        desk.inserting("aomori-next", 0)(request)
        desk.inserting("aomori-current", 1)(request)
        desk.wait_for_cards()
        return True

    ui = ScriptUi(
        ("card", both), ("which_card", whose("Pad 01")), ("pin", True), ("card", True), ("pin", True), ("review", True), ("done", None)
    )
    assert isinstance(await renew(ui, desk.cards, office_of(desk, place), place), Receipt)
    (question,) = ui.asked(Question)
    for option, card in zip(question.options, ("aomori-next", "aomori-current"), strict=True):
        certificate = certificates.read(desk.der(card))
        assert all(part and part in option.label for part in (certificate.company, certificate.holder, certificate.not_after_text))
    assert [r.reader for r in ui.asked(PinRequest)] == ["Pad 01", "Pad 00"]
    assert [("リーダー", r.reader) in r.card for r in ui.asked(PinRequest)] == [True, True]
