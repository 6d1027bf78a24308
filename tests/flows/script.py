"""The third voice: a script of answers, for flows in milliseconds. Every request and every error told is recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Literal

from ebid_tui.card.pin import Pin
from ebid_tui.domain import fields
from ebid_tui.domain.whereabouts import NOWHERE, Whereabouts
from ebid_tui.errors import EbidError
from ebid_tui.flows.comparing import CardComparison
from ebid_tui.flows.desk.session import LeftDesk
from ebid_tui.flows.leaving import LeftFlow, LeftStep, answered, stayed
from ebid_tui.flows.ui import Back, Blocks, CardRequest, Confirm, Done, Form, Nav, PinRequest, Question, Report, Review, Trouble


async def outcome(flow: Awaitable[Any]) -> Any:
    """What a flow returns, or how it was left: BACK or CANCEL, as the person said it; LeftDesk for the end of an operator's visit."""
    try:
        return await flow
    except LeftStep:
        return Nav.BACK
    except LeftFlow:
        return Nav.CANCEL
    except LeftDesk:
        return LeftDesk


class ScriptUi:
    """`flows.ui.Ui` answering from `answers`: (id, answer) in order; an answer may be a callable that gets the request.

    Forms are checked as every voice checks them: a faulty answer fails the test. `requests` records what was asked.
    """

    def __init__(self, *answers: tuple[str, Any]) -> None:
        self.answers = list(answers)
        self.requests: list[Any] = []
        self.told: list[EbidError] = []
        self.works: list[str] = []
        self.busy_now = 0
        self.forgotten = False
        self.times: list[datetime] = []
        self.where = NOWHERE
        self.stood: list[tuple[str, Whereabouts]] = []
        """What was asked, and where one stood then."""
        self.known: list[tuple[str, str]] = []
        """Questions with one answer, which were not asked."""
        self._typed: dict[str, Blocks] = {}
        self._chosen: dict[str, bool] = {}

    def _answer(self, request_id: str, request: Any) -> Any:
        assert self.busy_now == 0, f"{request_id} was asked while work was going on (R-02)"
        self.requests.append(request)
        self.stood.append((request_id, self.where))
        assert self.answers, f"the script ends before {request_id}"
        expected, answer = self.answers.pop(0)
        assert expected == request_id, f"the script expects {expected}, the flow asks {request_id}"
        return answer(request) if callable(answer) else answer

    def stand(self, where: Whereabouts) -> None:
        self.where = where

    def only(self, question: Question) -> None:
        assert len(question.options) == 1
        self.known.append((question.id, question.options[0].id))

    def asked(self, kind: type) -> list[Any]:
        """Every request of one kind, in order."""
        return [r for r in self.requests if isinstance(r, kind)]

    async def choose(self, question: Question) -> str | Back:
        answer: str | Nav = self._answer(question.id, question)
        return stayed(answer)

    async def confirm(self, question: Confirm) -> bool:
        answer: bool = self._answer(question.id, question)
        return answer

    async def insert_card(self, request: CardRequest) -> None:
        if request.problem is not None:
            self.told.append(request.problem)
        answered(self._answer(request.id, request))

    async def ask_pin(self, request: PinRequest) -> Pin:
        answer = answered(self._answer(request.id, request))
        return Pin.from_bytes(bytearray(answer)) if isinstance(answer, bytes) else answer

    async def wait_for_pin_pad(self, request: PinRequest, entry: Callable[[], Awaitable[None]]) -> None:
        """The answer says what the person does at the reader (a callable), or here (Nav.CANCEL) after the reader is done."""
        answer = self._answer(request.id, request)
        await entry()
        answered(answer)

    async def fill(self, form: Form) -> Blocks | Back:
        if form.notice is not None:
            self.told.append(form.notice)
        answer: Blocks | Back = stayed(self._answer(form.id, form))
        if answer is Nav.BACK:
            return answer
        filled = {b.id: {f.id: form.values.get(b.id, {}).get(f.id, "") for f in b.fields if f.input} for b in form.blocks}
        for block_id, values in answer.items():
            filled[block_id].update(values)
        self._typed[form.id] = filled
        if form.keep is not None:
            form.keep(filled)
        for block in form.blocks:
            if not block.read_only:
                inputs = tuple(f for f in block.fields if f.input)
                assert fields.block_problems(inputs, filled[block.id], form.policy) == {}
        return filled

    def typed(self, form_id: str) -> Blocks:
        return self._typed.get(form_id, {})

    async def review(self, review: Review) -> Literal[True] | Back:
        return self._confirmed(review)

    async def compare(self, comparison: CardComparison) -> Literal[True] | Back:
        return self._confirmed(comparison)

    def _confirmed(self, asked: Review | CardComparison) -> Literal[True] | Back:
        """An answer (choice, answer) chooses first."""
        answer = self._answer(asked.id, asked)
        if asked.choice is not None:
            self._chosen[asked.id] = answer[0] if isinstance(answer, tuple) else asked.choice.chosen
        return stayed(answer[1] if isinstance(answer, tuple) else answer)

    def chosen(self, request_id: str) -> bool | None:
        return self._chosen.get(request_id)

    async def read(self, report: Report) -> None:
        self._answer(report.id, report)

    async def done(self, done: Done) -> None:
        self._answer(done.id, done)

    async def trouble(self, trouble: Trouble) -> str:
        self.told.append(trouble.error)
        answer: str = self._answer("trouble", trouble)
        assert answer in trouble.ways
        return answer

    @asynccontextmanager
    async def busy(self, message: str) -> AsyncIterator[None]:
        self.works.append(message)
        self.busy_now += 1
        try:
            yield
        finally:
            self.busy_now -= 1

    def clock(self, now: datetime) -> None:
        self.times.append(now)

    def clock_away(self, problem: EbidError) -> None:
        self.told.append(problem)

    def forget(self, form_id: str = "") -> None:
        if form_id:
            self._typed.pop(form_id, None)
            return
        self._typed.clear()
        self.where = NOWHERE
        self._chosen.clear()
        self.forgotten = True
