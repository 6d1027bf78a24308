"""The PIN dialog: whose card it says it is, which tries it asks about first (R-07), and what becomes of copies of a PIN."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import statement
from ebid_tui.errors import PinUnusable, WrongPin
from ebid_tui.flows import card as flow
from ebid_tui.flows.card import HeldCard, Wanted, unlocked_card
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Confirm, Nav, PinRequest
from tests.flows.conftest import Desk
from tests.flows.office import NOW
from tests.flows.script import ScriptUi

PIN, WRONG, UNUSABLE = b"123456", b"999999", b"12"


@pytest.fixture(autouse=True)
def full_counter(desk: Desk) -> Any:
    """A demo card is made once: its tries are put back."""
    yield
    desk.make("ise-new").tries_left = 3


async def unlocked(desk: Desk, place: Place, *answers: tuple[str, Any], tries: int = 3) -> tuple[HeldCard | Nav, ScriptUi]:
    desk.make("ise-new").tries_left = tries
    ui = ScriptUi(("card", desk.inserting("ise-new")), *answers)
    held = await unlocked_card(ui, desk.cards, place, statement.now(), Wanted("lead", "again"))
    assert ui.answers == []
    if isinstance(held, HeldCard):
        await held.session.close()
    return held, ui


async def test_r07_a_pin_that_no_card_takes_spends_no_try_and_answers_no_question(desk: Desk, place: Place) -> None:
    held, ui = await unlocked(desk, place, ("pin", UNUSABLE), ("pin", WRONG), ("last_try", False), tries=2)
    assert held is Nav.CANCEL
    assert [(request.tries_left, request.problem and request.problem.code) for request in ui.asked(PinRequest)] == [
        (2, None),
        (2, "E-PIN-UNUSABLE"),
    ]
    assert ui.asked(Confirm)[0].details != ()


async def test_r07_the_last_try_is_asked_about_once_as_long_as_it_is_not_spent(desk: Desk, place: Place) -> None:
    held, ui = await unlocked(desk, place, ("last_try", True), ("pin", UNUSABLE), ("pin", PIN), tries=1)
    assert isinstance(held, HeldCard)
    assert ui.asked(Confirm)[0].details == ()


async def test_what_the_dialog_shows_of_a_card(desk: Desk, place: Place) -> None:
    _, ui = await unlocked(desk, place, ("pin", PIN))
    (request,) = ui.asked(PinRequest)
    assert [value for _, value in request.card] == ["テスト工事業者０１", "個人　十郎", "2028/02/29"]
    assert (request.tries_left, request.tries_low, request.min_length, request.max_length, request.digits_only) == (3, False, 6, 8, True)


def test_a_name_that_the_card_does_not_say_is_called_missing(desk: Desk, place: Place) -> None:
    certificate = replace(certificates.read(desk.der("ise-new")), company=None, holder=None)
    assert [value for _, value in flow._whose(certificate, place, NOW)][:2] == ["（記載なし）", "（記載なし）"]


@pytest.mark.parametrize(
    ("tries", "hint", "low"), [(None, "low", True), (None, "full", False), (None, "unknown", False), (2, "low", False)]
)
async def test_r07_where_a_card_tells_no_number_it_is_said_that_tries_were_spent(
    desk: Desk, place: Place, tries: int | None, hint: str, low: bool
) -> None:
    """A number says more than a hint."""
    desk.reader.insert(desk.make("ise-new"))
    session = await desk.cards.open()

    class Hinting:
        def __getattr__(self, name: str) -> Any:
            return getattr(session, name)

        async def tries_left(self) -> int | None:
            return tries

        async def tries_hint(self) -> str:
            return hint

    made: Any = Hinting()
    ui = ScriptUi(("pin", Nav.CANCEL))
    held = HeldCard(made, certificates.read(session.certificate), "again")
    assert await flow.unlock(ui, held, place, NOW) is Nav.CANCEL
    await session.close()
    (request,) = ui.asked(PinRequest)
    assert (request.tries_left, request.tries_low) == (tries, low)


async def test_r07_each_last_try_is_asked_about_where_a_card_gives_another(desk: Desk, place: Place) -> None:
    """A PIN that was wrong has spent the try that was asked about; one that no card takes has not."""
    desk.reader.insert(desk.make("ise-new"))
    session = await desk.cards.open()
    answers: list[Exception | None] = [PinUnusable(), WrongPin(1), None]

    class Generous:
        def __getattr__(self, name: str) -> Any:
            return getattr(session, name)

        async def tries_left(self) -> int:
            return 1

        async def verify(self, _: Any) -> None:
            answer = answers.pop(0)
            if answer is not None:
                raise answer

    made: Any = Generous()
    pins = [("pin", PIN)] * 2
    ui = ScriptUi(("last_try", True), *pins, ("last_try", True), ("pin", PIN))
    assert await flow.unlock(ui, HeldCard(made, certificates.read(session.certificate), "again"), place, NOW) is True
    await session.close()
    assert ui.answers == []
