"""The flows' `Ui` as screens. The flow runs in a worker of the app; each request is a step screen and its answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from ebid_tui.domain.whereabouts import NOWHERE, Whereabouts
from ebid_tui.errors import CardBlocked, CardError, EbidError
from ebid_tui.flows.comparing import CardComparison
from ebid_tui.flows.leaving import LeftFlow, answered, stayed
from ebid_tui.flows.localising import localised
from ebid_tui.flows.ui import Back, Blocks, CardRequest, Confirm, Done, Form, Nav, PinRequest, Question, Report, Review, Trouble
from ebid_tui.forms.notes import FormNotes
from ebid_tui.screens.base import Page, Step
from ebid_tui.widgets.cursor import FEW
from ebid_tui.widgets.frame import PageFrame

if TYPE_CHECKING:
    from ebid_tui.card.interface import CardTray, ReaderState
    from ebid_tui.card.pin import Pin
    from ebid_tui.domain.profile.systems import Profile
    from ebid_tui.forms.model import FormPosition
    from ebid_tui.printing.printout import Printout
    from ebid_tui.printing.targets import PrintTargets
    from ebid_tui.screens.review import ReviewScreen

Answer = TypeVar("Answer")


class StepHost(Protocol):
    """What the voice needs of the app."""

    office: PageFrame
    tray: CardTray | None
    outlet: Callable[[Profile], PrintTargets] | None

    @property
    def readers(self) -> tuple[ReaderState, ...]:
        """The readers as last told."""
        ...

    async def show(self, step: Page) -> None:
        """Put a step in the place of the last one, as soon as no overlay is open."""
        ...

    def open_page(self, page: Page) -> None:
        """A page over the current one."""
        ...

    def block(self, message: str) -> None:
        """No key counts from now on; say why if it lasts."""
        ...

    def unblock(self) -> None: ...

    def clock_told(self, now: datetime) -> None: ...

    def clock_awaited(self, problem: str) -> None: ...


class ScreenUi:
    """Implements `flows.ui.Ui`. What is typed into forms stays here until `forget` (R-21)."""

    def __init__(self, stage: StepHost) -> None:
        self._stage = stage
        self._typed: dict[str, Blocks] = {}
        self._notes = FormNotes()
        self._places: dict[str, FormPosition] = {}
        self._chosen: dict[str, bool] = {}
        self._stored: dict[str, bool] = {}
        """By form: whether what is typed outlasts the program."""
        self._sent = False
        self.printout: Printout | None = None
        """The receipt's way to paper, while 処理完了 is shown."""

    async def _ask(self, step: Step[Answer]) -> Answer:
        await self._stage.show(step)
        return await step.answer

    @property
    def where(self) -> Whereabouts:
        return self._stage.office.standing.where

    def stand(self, where: Whereabouts) -> None:
        """The pages that come from now on show it."""
        self._stage.office.standing.where = where

    def only(self, question: Question) -> None:
        """Nothing to do: the line under the title says it."""

    async def choose(self, question: Question) -> str | Back:
        from ebid_tui.screens.choose import ChooseScreen

        kind = ChooseScreen
        if len(question.options) > FEW:
            from ebid_tui.screens.choose_long import LongChoiceScreen as kind
        return stayed(await self._ask(kind(self._stage.office, localised(question))))

    async def confirm(self, question: Confirm) -> bool:
        from ebid_tui.screens.confirm import ConfirmScreen

        return await self._ask(ConfirmScreen(self._stage.office, localised(question)))

    async def insert_card(self, request: CardRequest) -> None:
        """Returns as soon as the card is in a reader: at once if one is (beside another that stays), unless it is told first."""
        from ebid_tui.screens.card import CardScreen

        if not request.first and request.problem is None and any(r.present and r.name != request.beside for r in self._stage.readers):
            return
        answered(await self._ask(CardScreen(self._stage.office, localised(request), self._stage.readers, self._stage.tray)))

    async def ask_pin(self, request: PinRequest) -> Pin:
        """The PIN in a buffer of its own. Raises CardRemoved when the card leaves while the dialog is open."""
        from ebid_tui.screens.pin import PinScreen

        return answered(await self._ask(PinScreen(self._stage.office, localised(request), self._stage.readers)))

    async def wait_for_pin_pad(self, request: PinRequest, entry: Callable[[], Awaitable[None]]) -> None:
        from ebid_tui.screens.pin_pad import PinPadScreen

        step = PinPadScreen(self._stage.office, localised(request), self._stage.readers)
        await self._stage.show(step)
        try:
            await entry()
        except CardBlocked:
            raise  # that has to be known, whoever gave up
        except CardError:
            if not step.given_up:
                raise
        finally:
            step.finish(Nav.CANCEL if step.given_up else True)
        if step.given_up:
            raise LeftFlow

    async def fill(self, form: Form) -> Blocks | Back:
        from ebid_tui.screens.form import FormScreen

        def keep(values: Blocks) -> None:
            self._typed[form.id] = values
            self._stored[form.id] = form.keep is not None and form.keep(values)

        step = FormScreen(self._stage.office, localised(form), keep, self._places.get(form.id), self._notes)
        try:
            return stayed(await self._ask(step))
        finally:
            step.keep()
            if step.place is not None:
                self._places[form.id] = step.place

    @property
    def unsent(self) -> Literal["", "kept", "lost"]:
        """What becomes of what was typed, if the program ends now: nothing that is there is lost where one form's values are kept."""
        if self._sent or not any(value for blocks in self._typed.values() for row in blocks.values() for value in row.values()):
            return ""
        return "kept" if any(self._stored.values()) else "lost"

    def typed(self, form_id: str) -> Blocks:
        """What was last typed into a form, also if it was left with 戻る; empty if nothing."""
        return self._typed.get(form_id, {})

    async def review(self, review: Review) -> Literal[True] | Back:
        from ebid_tui.screens.review import ReviewScreen

        return await self._confirmed(review.id, ReviewScreen(self._stage.office, self._notes.on(localised(review))))

    async def _confirmed(self, request_id: str, step: ReviewScreen) -> Literal[True] | Back:
        try:
            return stayed(await self._ask(step))
        finally:
            self._chosen[request_id] = step.chosen

    def chosen(self, request_id: str) -> bool | None:
        """What was last chosen on a confirmation, also if it was left with 戻る; None before."""
        return self._chosen.get(request_id)

    async def compare(self, comparison: CardComparison) -> Literal[True] | Back:
        from ebid_tui.screens.compare import CompareScreen

        return await self._confirmed(comparison.id, CompareScreen(self._stage.office, localised(comparison)))

    async def read(self, report: Report) -> None:
        """Show it until the person closes it."""
        from ebid_tui.screens.report import ReportScreen

        await self._ask(ReportScreen(self._stage.office, localised(report)))

    async def done(self, done: Done) -> None:
        from ebid_tui.screens.done import DoneScreen
        from ebid_tui.screens.print_view import PrintScreen

        self.printout = printout = self._printout(done)
        self._sent = True

        def show_print(page: Done) -> None:
            self._stage.open_page(PrintScreen(self._stage.office, page, printout))

        try:
            await self._ask(DoneScreen(self._stage.office, localised(done), show_print))
            if printout is not None and printout.busy:
                async with self.busy(printout.said):
                    await printout.sent()
        finally:
            self.printout = None
            if printout is not None:
                printout.close()

    def _printout(self, done: Done) -> Printout | None:
        """The receipt's way to paper; None where there is none."""
        if self._stage.outlet is None:
            return None
        from ebid_tui.printing.printout import Printout

        return Printout(self._stage.outlet(self._stage.office.profile), done)

    async def trouble(self, trouble: Trouble) -> str:
        from ebid_tui.screens.trouble import TroubleScreen

        return await self._ask(TroubleScreen(self._stage.office, localised(trouble)))

    def busy(self, message: str) -> AbstractAsyncContextManager[None]:
        """Block all input and show progress while the card or the server works (R-02)."""
        return self._busy(message)

    @asynccontextmanager
    async def _busy(self, message: str) -> AsyncIterator[None]:
        self._stage.block(message)
        try:
            yield
        finally:
            self._stage.unblock()

    def clock(self, now: datetime) -> None:
        """The server's time has come: show it, and enable what waited for it (R-01)."""
        self._stage.clock_told(now)

    def clock_away(self, problem: EbidError) -> None:
        """The server's time cannot be had at present: say why; what waits for it stays disabled."""
        self._stage.clock_awaited(f"{problem.title}。{problem.remedy}")

    def forget(self, form_id: str = "") -> None:
        """Drop everything typed (R-21), or what was typed into one form."""
        from ebid_tui.terminal import painted_texts

        self._notes.clear()
        if form_id:
            for kept in (self._typed, self._stored, self._places):
                kept.pop(form_id, None)
            return
        self._typed.clear()
        self._stored.clear()
        self._sent = False
        self._places.clear()
        self.stand(NOWHERE)
        self._chosen.clear()
        painted_texts.forget()
