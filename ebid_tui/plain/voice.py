"""The flows as line-by-line prompts: for screen readers, dumb terminals and scripts.

One thing per line, no cursor tricks, an error before its prompt. The last line of a completed flow is `receipt: <id>`.
Exit codes: 0 completed (where a flow has no receipt: what it shows was shown), 1 not completed, 2 a script met a prompt it
has no answer for, 130 interrupted.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ebid_tui.card.interface import Cards, CardTray
from ebid_tui.card.pin import Pin
from ebid_tui.domain.whereabouts import NOWHERE, Whereabouts
from ebid_tui.errors import CardBlocked, CardError, EbidError
from ebid_tui.flows.comparing import CardComparison
from ebid_tui.flows.leaving import LeftFlow, answered, stayed
from ebid_tui.flows.localising import localised
from ebid_tui.flows.ui import (
    Back,
    Blocks,
    CardRequest,
    Confirm,
    Done,
    Form,
    Nav,
    PinRequest,
    Question,
    Report,
    Review,
    Section,
    Trouble,
)
from ebid_tui.forms.notes import FormNotes
from ebid_tui.language import gloss
from ebid_tui.messages import retranslated, t
from ebid_tui.plain.answers import Answers, Prompt
from ebid_tui.plain.asking import Asker
from ebid_tui.plain.choosing import Chooser, names_of, really_left, way_on
from ebid_tui.plain.clock import ClockLine
from ebid_tui.plain.long_list import PAGE, LongList
from ebid_tui.plain.pages import (
    print_choice,
    print_comparison,
    print_done,
    print_error,
    print_options,
    print_pin_request,
    print_receipt_page,
    print_sections,
    print_warnings,
)
from ebid_tui.plain.words import nav_of

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile
    from ebid_tui.printing.targets import PrintTargets


class PlainUi:
    """`flows.ui.Ui` over prompts. `tray` is the demo's virtual reader; without it the reader is a real one."""

    def __init__(
        self,
        answers: Answers,
        cards: Cards,
        tray: CardTray | None = None,
        outlet: PrintTargets | None = None,
        profile: Profile | None = None,
    ) -> None:
        self.answers = answers
        self.asker = Asker(answers, profile)
        self._chooser = Chooser(answers, self.asker)
        self.cards = cards
        self.tray = tray
        self.outlet = outlet
        self._typed: dict[str, Blocks] = {}
        self._chosen: dict[str, bool] = {}
        self._notes = FormNotes()
        self._clock = ClockLine()
        self._told: EbidError | None = None
        """What was told last on a page of its own: the form that it leads back to does not say it again."""
        self.where = NOWHERE
        self._said_where = NOWHERE
        self.completed = False
        """True when what was asked for last was something to read, and it was shown."""

    # --- where one stands

    def stand(self, where: Whereabouts) -> None:
        self.where = where

    def only(self, question: Question) -> None:
        """A script that answers it is held to it."""
        option = question.options[0]
        self.answers.hold_to(Prompt(question.id, None, (option.label,)), tuple(name for name, _ in names_of([(option.id, option.label)])))

    def _begin(self, title: str) -> None:
        """A title, and under it where one stands, once it is elsewhere (R-47)."""
        print()
        print(title)
        if self.where != self._said_where:
            self._said_where = self.where
            if self.where:
                print(t("where.said", where=self.where.text(gloss)))

    # --- asking

    async def choose(self, question: Question) -> str | Back:
        question = localised(question)
        self._begin(question.title)
        if question.needs_clock:
            await self._clock.wait()
        if question.lead:
            print(question.lead)
        long = LongList(question.options) if len(question.options) > PAGE and not self.answers.names_prompts else None
        if long is not None:
            long.show()
        else:
            print_options(enumerate(question.options, start=1))
        names: list[tuple[str, str]] = []
        if question.by_name and self.answers.names_prompts:
            names = [(option.id, name) for option in question.options for name in option.names]
        preset = None if names else question.preset or question.unasked or None
        while True:
            answer = stayed(
                await self._chooser.one_of(
                    question.id, [(o.id, o.label) for o in question.options], preset, names, None if long is None else long.asked
                )
            )
            self.completed = answer == question.unasked  # never empty
            chosen = next((o for o in question.options if o.id == answer), None)
            if chosen is None or not chosen.unavailable:
                return answer
            print(chosen.unavailable)
            self.answers.may_repeat(Prompt(question.id, None, tuple(o.label for o in question.options if not o.unavailable)))

    async def confirm(self, question: Confirm) -> bool:
        question = localised(question)
        self._begin(question.title)
        for detail in question.details:
            print(detail)
        print(question.question)
        print(f"1 yes {question.yes}")
        print(f"2 no {question.no}")
        answers = [("yes", question.yes), ("no", question.no)]
        return await self._chooser.one_of(question.id, answers, question.preset or None) == "yes"

    async def insert_card(self, request: CardRequest) -> None:
        self._chooser.flow_ended = False
        request = localised(request)
        self._begin(request.title)
        if request.problem is not None:
            print_error(request.problem)
        print(request.lead)
        if self.tray is not None:
            await self._insert_into_tray(self.tray, request)
            return
        present = any(r.present and r.name != request.beside for r in self.cards.readers())
        print(t("plain.card_question"))
        print("1 ok")
        answered(await self._chooser.one_of(request.id, [("ok", "ok")], "ok" if present and request.problem is None else None))

    async def _insert_into_tray(self, tray: CardTray, request: CardRequest) -> None:
        for number, (name, description) in enumerate(tray.cards(), start=1):
            print(f"{number} {name} {description}")
        preset = next(iter(tray.inserted), None) if request.problem is None and not request.beside else None
        answer = answered(await self._chooser.one_of(request.id, [(name, name) for name, _ in tray.cards()], preset))
        if answer not in tray.inserted or request.problem is not None:
            tray.insert(answer, request.beside)

    async def ask_pin(self, request: PinRequest) -> Pin:
        request = localised(request)
        self._begin(request.title)
        print_pin_request(request)
        print(t("plain.pin_length", min=request.min_length, max=request.max_length))
        return answered(await self.asker.pin(Prompt(request.id, secret=True, card=request.names), request.pin_label))

    async def wait_for_pin_pad(self, request: PinRequest, entry: Callable[[], Awaitable[None]]) -> None:
        """A person may say :cancel meanwhile; a script's or a program's PIN is passed over: it does not enter the machine here."""
        self._begin(localised(request).title)
        print_pin_request(localised(request))
        print(t("plain.pin_pad"), flush=True)
        self.answers.pass_over(Prompt(request.id, secret=True, card=request.names))
        saying = asyncio.ensure_future(self._cancelled())
        given_up = False
        try:
            await entry()
        except CardBlocked:
            raise  # that has to be known, whoever gave up
        except CardError:
            given_up = _ended(saying)
            if not given_up:
                raise
        finally:
            given_up = given_up or _ended(saying)
            saying.cancel()
            await asyncio.wait({saying})
        print(t("plain.pin_pad_done"))
        if given_up:
            raise LeftFlow

    async def _cancelled(self) -> None:
        """Ends when a person at the keyboard gives up."""
        while not await self.answers.meanwhile(frozenset({":back", ":cancel"})):
            print(t("plain.pin_pad"), flush=True)
        print(t("plain.pin_pad_wait"), flush=True)

    async def fill(self, form: Form) -> Blocks | Back:
        from ebid_tui.forms.remarks import leaving_costs
        from ebid_tui.plain.form import FormInLines  # 25 modules that the first question can do without

        form = localised(form)
        self._begin(form.title)
        if form.lead:
            print(form.lead)

        def keep(values: Blocks) -> None:
            self._typed[form.id] = values
            if form.keep is not None:
                form.keep(values)

        lines = FormInLines(form, self._ask_field, keep, self._notes)
        self._typed[form.id] = lines.model.typed()
        if form.notice is not None and form.notice is not self._told:
            print_error(form.notice, form.notice_about)
        if form.notice is not None or form.problems:
            self.answers.may_repeat(Prompt(min(lines.group), None, group=lines.group))
        while (values := stayed(await lines.filled())) is Nav.BACK:
            costs = () if self.answers.names_prompts else leaving_costs(form, changed=lines.model.changed)  # programs mean what they say
            if await really_left(self._chooser, costs):
                break
        return values

    async def _ask_field(self, prompt: Prompt, label: str, about: Sequence[str]) -> str:
        ask = self.asker.secret if prompt.secret else self.asker.line
        answer = await ask(dataclasses.replace(prompt, again=self.completed), label, about)
        self.completed = False
        return answer

    def typed(self, form_id: str) -> Blocks:
        return self._typed.get(form_id, {})

    async def review(self, review: Review) -> Literal[True] | Back:
        review = self._notes.on(localised(review))
        self._begin(review.title)
        print_sections(review.sections)
        print_warnings(review.warnings)
        return await self._submit_or_back(review)

    async def _submit_or_back(self, asked: Review | CardComparison) -> Literal[True] | Back:
        if (choice := asked.choice) is not None:
            print_choice(choice)
            answer = stayed(
                await self._chooser.one_of(choice.id, [("yes", choice.yes), ("no", choice.no)], "yes" if choice.chosen else "no")
            )
            if answer is Nav.BACK:
                return answer
            self._chosen[asked.id] = answer == "yes"
        print(asked.question)
        print(f"1 submit {asked.submit}")
        print(f"2 back {asked.back}")
        answer = stayed(await self._chooser.one_of(asked.id, [("submit", asked.submit), ("back", asked.back)]))
        return True if answer == "submit" else Nav.BACK

    def chosen(self, request_id: str) -> bool | None:
        return self._chosen.get(request_id)

    async def compare(self, comparison: CardComparison) -> Literal[True] | Back:
        comparison = localised(comparison)
        self._begin(comparison.title)
        print_comparison(comparison)
        print_warnings(comparison.warnings)
        return await self._submit_or_back(comparison)

    async def read(self, report: Report) -> None:
        report = localised(report)
        self._begin(report.title)
        if report.lead:
            print(report.lead)
        print_sections(report.sections)
        self.completed = True

    async def done(self, done: Done) -> None:
        printed, done = done, localised(done)
        self._begin(done.title)
        print_done(done)
        preset = "close" if self.answers.names_prompts else "print"  # a person's first Enter prints, as on the screens
        while True:
            print(f"1 print {done.print}")
            print(f"2 close {t('common.close')}")
            answer = await self._chooser.one_of(done.id, [("print", done.print), ("close", t("common.close"))], preset)
            if answer != "print":
                return
            preset = "close"
            print_receipt_page(done)
            if self.outlet is not None:
                from ebid_tui.plain.printing import print_out

                await print_out(self.outlet, printed, self._chooser.one_of, self._line)

    async def _line(self, prompt: Prompt, label: str) -> str:
        answer = await self.asker.line(prompt, label)
        return "" if nav_of(answer) is not None else answer

    async def trouble(self, trouble: Trouble) -> str:
        trouble = localised(trouble)
        print()
        print_error(trouble.error)
        self._told = trouble.error
        print_sections((Section("", trouble.rows),))
        if "retry" in trouble.ways:
            print(t("plain.retry"))
            print(f"1 yes {t('common.yes')}")
            print(f"2 no {t('common.no')}")
            answer = await self._chooser.one_of("retry", [("yes", t("common.yes")), ("no", t("common.no"))], "no")
            return "retry" if answer == "yes" else "cancel"
        if len(trouble.ways) == 1:
            return trouble.ways[0]
        return await way_on(self._chooser, trouble)

    @asynccontextmanager
    async def busy(self, message: str) -> AsyncIterator[None]:
        self.asker.busy(retranslated(gloss(message)))
        yield

    # --- the server's clock

    def clock(self, now: datetime) -> None:
        self._clock.told(now)

    def clock_away(self, problem: EbidError) -> None:
        self._clock.away(problem)

    def forget(self, form_id: str = "") -> None:
        self._notes.clear()
        if form_id:
            self._typed.pop(form_id, None)
            return
        self._typed.clear()
        self._chosen.clear()
        self._chooser.flow_ended = True
        self.where = NOWHERE


def _ended(saying: asyncio.Future[None]) -> bool:
    """Whether the person gave up; a keyboard that is gone gives up nothing."""
    return saying.done() and not saying.cancelled() and saying.exception() is None
