"""Several readers: which cards come into question, and what is asked where it is more than one."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest

from ebid_tui.card.interface import CardLook, Survey
from ebid_tui.errors import CardChanged, NoCard, SeveralCards
from ebid_tui.flows.leaving import LeftFlow
from ebid_tui.flows.pin_change import change_pin
from ebid_tui.flows.ui import Nav, Question
from ebid_tui.flows.which_card import choose_card
from tests.card.plastic import CertificateAuthority
from tests.clock import NOW
from tests.flows.conftest import Desk
from tests.flows.script import ScriptUi

OLD, NEW = "aomori-current", "aomori-next"


class Readers:
    """`Cards` where several are in: a certificate by reader; None for a card that nobody can look at, or that came out meanwhile."""

    def __init__(self, accepted: dict[str, bytes | None], *silent: str, refused: dict[str, bytes] | None = None) -> None:
        self.looks: dict[str, CardLook | None] = dict.fromkeys(accepted)
        self.looks |= {name: CardLook(name, "piv", True, "", None, (der,)) for name, der in accepted.items() if der}
        self.looks |= {name: CardLook(name, "mynumber", False, "R-23", None, (der,)) for name, der in (refused or {}).items()}
        self.silent = silent
        self.closed = False

    async def open(self, reader: str | None = None, **_: Any) -> Any:
        if reader is None:
            raise SeveralCards
        (look,) = [look for name, look in self.looks.items() if name == reader and look]
        return SimpleNamespace(reader=reader, fingerprint=sha256(look.certificates[0]).hexdigest(), close=self.close)

    async def close(self) -> None:
        self.closed = True

    async def survey(self, trusted: Any) -> Survey:
        return Survey(tuple(self.looks.items()), self.silent)


def whose(reader: str) -> Any:
    """The answer that names the card in this reader."""
    return lambda question: next(option.id for option in question.options if f"リーダー: {reader}　" in option.explanation)


async def meant(ui: ScriptUi, readers: Readers, beside: str = "", *, current: bool = False) -> str:
    cards: Any = readers
    found = await choose_card(ui, cards, "busy", ["test-ca"], beside=beside, current=current)
    assert ui.answers == []
    return found.reader


async def test_the_only_card_that_could_be_it_is_it(desk: Desk) -> None:
    """Not one that is refused, that cannot be read, that nobody can look at, or that stays beside it."""
    good, bad = desk.der(NEW), desk.der(NEW)[:-40]
    assert await meant(ScriptUi(), Readers({"X": bad, "B": good})) == "B"
    assert await meant(ScriptUi(), Readers({"X": None, "B": good})) == "B"
    assert await meant(ScriptUi(), Readers({"B": good}, refused={"A": desk.der(OLD)})) == "B"
    assert await meant(ScriptUi(), Readers({"A": desk.der(OLD), "B": good, "C": None}), "A") == "B"
    assert await meant(ScriptUi(), Readers({"B": good, "C": good})) == "B"  # one card, which a module shows as well


async def test_where_no_card_would_do_the_first_says_why(desk: Desk) -> None:
    assert await meant(ScriptUi(), Readers({"X": None}, refused={"A": desk.der(OLD), "B": desk.der(NEW)})) == "A"
    assert await meant(ScriptUi(), Readers({}, refused={"A": desk.der(OLD)}), "A") == "A"
    with pytest.raises(NoCard):
        await meant(ScriptUi(), Readers({"X": None}))


@pytest.mark.parametrize(("beside", "current", "preset"), [("", False, "A"), ("", True, "B"), ("Z", False, "A")])
async def test_of_two_the_person_says_which(beside: str, current: bool, preset: str) -> None:
    """Of the current card it is the one that ends first that is proposed."""
    ca = CertificateAuthority(now=NOW)
    both = Readers({"A": ca.certificate("p256", not_after=NOW + timedelta(90)), "B": ca.certificate("p256", not_after=NOW + timedelta(9))})
    ui = ScriptUi(("which_card", whose("B")))
    assert await meant(ui, both, beside, current=current) == "B"
    (question,) = ui.asked(Question)
    assert whose(preset)(question) == question.preset


async def test_of_one_card_beside_what_gave_no_answer_the_person_says_that_it_is_the_one(desk: Desk) -> None:
    ui = ScriptUi(("which_card", whose("A")))
    assert await meant(ui, Readers({"A": desk.der(NEW)}, "libcard.so", "Reader 01")) == "A"
    (question,) = ui.asked(Question)
    assert (question.preset, "libcard.so、Reader 01" in question.lead) == ("", True)


async def test_another_card_than_the_one_that_was_looked_at_is_closed(desk: Desk) -> None:
    both = Readers({"A": desk.der(NEW), "B": desk.der(OLD)})

    def swapped(question: Question) -> str:
        both.looks["B"] = both.looks["A"]
        return str(whose("B")(question))

    with pytest.raises(CardChanged):
        await meant(ScriptUi(("which_card", swapped)), both)
    assert both.closed


@pytest.mark.parametrize("nav", [Nav.BACK, Nav.CANCEL])
async def test_leaving_the_question_leaves_the_flow_and_changes_no_pin(wide_desk: Desk, nav: Nav) -> None:
    both = Readers({"A": wide_desk.der(NEW), "B": wide_desk.der(OLD)})
    with pytest.raises(LeftFlow):
        await meant(ScriptUi(("which_card", nav)), both)
    cards: Any = both
    assert not await change_pin(ScriptUi(("card", True), ("which_card", nav)), cards)
