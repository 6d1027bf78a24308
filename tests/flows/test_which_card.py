"""Several readers: which cards come into question, and what is asked where it is more than one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ebid_tui.card.interface import CardLook, ReaderState
from ebid_tui.flows.pin_change import change_pin
from ebid_tui.flows.ui import Nav, Question
from ebid_tui.flows.which_card import reader_among
from tests.card.plastic import CertificateAuthority
from tests.clock import NOW
from tests.flows.conftest import Desk
from tests.flows.script import ScriptUi

OLD, NEW = "aomori-current", "aomori-next"


class Readers:
    """`Cards`, as far as a look at them goes: a certificate by reader; None for a card that nobody can look at."""

    def __init__(self, accepted: dict[str, bytes | None], *empty: str, refused: dict[str, bytes] | None = None) -> None:
        self.looks = {name: der and CardLook(name, "piv", True, "", None, (der,)) for name, der in accepted.items()}
        self.looks |= {name: CardLook(name, "mynumber", False, "R-23", None, (der,)) for name, der in (refused or {}).items()}
        self.empty = empty

    def readers(self) -> tuple[ReaderState, ...]:
        return (*(ReaderState(name, True) for name in self.looks), *(ReaderState(name, False) for name in self.empty))

    async def inspect(self, trusted: Any) -> Any:
        return tuple(self.looks.items())


async def meant(ui: ScriptUi, readers: Readers, beside: str = "", *, current: bool = False) -> str | Nav | None:
    cards: Any = readers
    found = await reader_among(ui, cards, "busy", ["test-ca"], beside, current=current)
    assert ui.answers == []
    return found


async def test_nothing_is_asked_or_looked_at_where_one_card_is_in(desk: Desk) -> None:
    ui = ScriptUi()
    assert await meant(ui, Readers({"A": desk.der(NEW)}, "B")) is None
    assert await meant(ui, Readers({"A": desk.der(NEW), "B": desk.der(OLD)}), "A") is None
    assert ui.works == []


async def test_the_only_card_that_could_be_it_is_it(desk: Desk) -> None:
    """Not one that is refused, that cannot be read, that nobody can look at, or that stays beside it."""
    good, bad = desk.der(NEW), desk.der(NEW)[:-40]
    assert await meant(ScriptUi(), Readers({"X": bad, "B": good})) == "B"
    assert await meant(ScriptUi(), Readers({"X": None, "B": good})) == "B"
    assert await meant(ScriptUi(), Readers({"B": good}, refused={"A": desk.der(OLD)})) == "B"
    assert await meant(ScriptUi(), Readers({"A": desk.der(OLD), "B": good, "C": None}), "A") == "B"
    assert await meant(ScriptUi(), Readers({"X": bad, "Y": None})) is None


@pytest.mark.parametrize(("beside", "current", "preset"), [("", False, "A"), ("", True, "B"), ("Z", False, "A")])
async def test_of_two_the_person_says_which(beside: str, current: bool, preset: str) -> None:
    """Of the current card it is the one that ends first that is proposed."""
    ca = CertificateAuthority(now=NOW)
    both = Readers({"A": ca.certificate("p256", not_after=NOW + timedelta(90)), "B": ca.certificate("p256", not_after=NOW + timedelta(9))})
    ui = ScriptUi(("which_card", "B"))
    assert await meant(ui, both, beside, current=current) == "B"
    (question,) = ui.asked(Question)
    assert ([option.id for option in question.options], question.preset) == (["A", "B"], preset)


@pytest.mark.parametrize("nav", [Nav.BACK, Nav.CANCEL])
async def test_leaving_the_question_is_cancel_and_changes_no_pin(wide_desk: Desk, nav: Nav) -> None:
    both = Readers({"A": wide_desk.der(NEW), "B": wide_desk.der(OLD)})
    assert await meant(ScriptUi(("which_card", nav)), both) is Nav.CANCEL
    cards: Any = both
    assert not await change_pin(ScriptUi(("card", True), ("which_card", nav)), cards)
