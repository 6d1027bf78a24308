"""Somebody at the desk who does what the program says: puts in the card that is asked for, types its PIN, says yes."""

from __future__ import annotations

from typing import Any

from ebid_tui.card.pin import Pin
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.errors import EbidError
from ebid_tui.flows.comparing import CardComparison
from ebid_tui.flows.ui import CardRequest, Form, Nav, PinRequest, Question, Review, Trouble
from ebid_tui.messages import t
from tests.accidents.kinds import Kind
from tests.accidents.reader import TroubledReader
from tests.accidents.ways import Way
from tests.flows.script import ScriptUi

PIN, NEXT, LAST, WRONG = b"123456", b"87654321", b"24682468", b"999999"
MOST_STEPS = 120


class Person(ScriptUi):
    """`own`: the cards of this person, the current one first. `entered` counts PINs by card, `wrong` those typed wrong on purpose."""

    def __init__(self, way: Way, kind: Kind | None, readers: tuple[TroubledReader, ...], own: list[VirtualCard], other: Any) -> None:
        super().__init__()
        self.way, self.kind, self.readers, self.own = way, kind, readers, own
        self.first = other if kind and kind.first else None
        self.entered: dict[int, int] = {}
        self.wrong = 0
        self.given: list[Pin] = []
        self.gives_up = False
        """Whether this person leaves at the first thing that is asked after the accident."""
        self.leaves = False
        """Whether that has been done: every page is left then."""
        self.unsure = False
        self.moved = False
        """Whether a card was put in again after the accident."""

    def _answer(self, request_id: str, request: Any) -> Any:
        assert self.busy_now == 0, f"{request_id} was asked while work was going on (R-02)"
        self.requests.append(request)
        assert len(self.requests) < MOST_STEPS, "the flow does not end"
        if self.gives_up and any(reader.hit for reader in self.readers) and isinstance(request, CardRequest | PinRequest | Trouble):
            self.leaves = True
            return request.ways[-1] if isinstance(request, Trouble) else Nav.CANCEL
        if self.leaves and isinstance(request, Form | Review | CardComparison | Question):
            return Nav.BACK  # nothing is lost by giving up at a card: it leads to the page before
        match request:
            case CardRequest():
                return self._card(request)
            case PinRequest():
                return self._pin(request)
            case Trouble():
                return "retry" if "retry" in request.ways else request.ways[-1]
            case Question():
                return self._choice(request)
            case CardComparison():
                return True
        if request_id == "same_pin":
            self._count(self.own[-1])
        # Everything else is said yes to, but not that the one thing is to be done in the other's place.
        return self.way.forms.get(request_id, request_id != "register_instead")

    def _wanted(self, request: CardRequest) -> int:
        """Which of the own cards is asked for, by what the request says."""
        if len(self.own) == 1:
            return 0
        renewal = self.way.place.profile.renewal
        new = request.lead in {renewal.new_dialog, t("flow.card.new_beside"), t("flow.card.new_again")}
        assert new or request.lead in {renewal.current_dialog, t("flow.card.current_again")}, "the lead says which card"
        return int(new)

    def _card(self, request: CardRequest) -> bool:
        which = self._wanted(request)
        reader = self.readers[min(which, len(self.readers) - 1)]
        after = any(r.hit for r in self.readers)
        if after and self.first is not None:
            other, self.first = self.first, None
            reader.insert(other)
            return True
        for stalled in self.readers:
            if self.kind and not self.kind.reinserts:
                stalled.let_go()
        again = after and not self.moved and self.kind is not None and self.kind.reinserts
        self.moved = self.moved or after
        if reader.card is not self.own[which] or again:
            reader.insert(self.own[which])
        return True

    def _pin(self, request: PinRequest) -> bytes | Nav:
        if request.problem is not None:
            self.told.append(request.problem)
            self.unsure = self.unsure or request.problem.code == "E-PIN-CHANGE-UNSURE"
        there = next(reader.card for reader in self.readers if reader.name == request.reader)
        card = next((own for own in self.own if own is there), None)
        if card is None:
            return Nav.CANCEL  # the dialog shows whose card it is: not this one's PIN
        unsure = self.unsure or any(e.code == "E-PIN-CHANGE-UNSURE" for e in self.told)
        if request.id != "pin":
            return LAST if unsure else NEXT
        self._count(card)
        if self.way.typo and not self.wrong:
            self.wrong += 1
            return WRONG
        if unsure and isinstance(request.problem, EbidError) and request.problem.code == "E-WRONG-PIN":
            return PIN
        if unsure:
            self.wrong += 1  # the new one first, then the old one, as the message says
            return NEXT
        return PIN

    async def ask_pin(self, request: PinRequest) -> Pin:
        pin = await super().ask_pin(request)
        self.given.append(pin)
        return pin

    def _count(self, card: VirtualCard) -> None:
        self.entered[id(card)] = self.entered.get(id(card), 0) + 1

    def _choice(self, question: Question) -> str:
        if question.id == "which_card":
            return question.preset or question.options[0].id
        return {"which": "only_new", "holder": "yes", "verdict": "menu"}.get(question.id, question.options[0].id)
