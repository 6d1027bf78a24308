"""One receipt on its way to paper: what was said last, and the job that is watched until it is over. Knows no screen.

A view may be closed and opened again meanwhile: the job goes on, and is still known.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine

from ebid_tui.errors import PrintError
from ebid_tui.flows.ui import Done
from ebid_tui.messages import t
from ebid_tui.printing.printers import Printer, PrintJob, PrintProgress
from ebid_tui.printing.targets import PrintTargets

EVERY = 0.7
"""Seconds between two looks at a job."""
SOON = 0.05
"""Seconds between two looks whether a page is on its way."""
GIVE_UP = 8
"""Looks in a row without an answer after which nobody asks any more."""


class Printout:
    """`said` is one or more short sentences, `alarm` whether they want attention. `changed` is called when they changed."""

    def __init__(self, outlet: PrintTargets, done: Done) -> None:
        self.outlet = outlet
        self.done = done
        self.said = ""
        self.alarm = False
        self.busy = False
        self.job: PrintJob | None = None
        self.changed: Callable[[], None] = lambda: None
        self._label = ""
        self._task: asyncio.Task[None] | None = None

    def tell(self, said: str, *, alarm: bool = False) -> None:
        """Say something new; the same again changes nothing."""
        if (said, alarm) != (self.said, self.alarm):
            self.said, self.alarm = said, alarm
            self.changed()

    def tell_error(self, error: PrintError) -> None:
        self.tell(t("print.error", title=error.title, remedy=error.remedy), alarm=True)

    async def printers(self) -> tuple[Printer, ...]:
        """Those to choose from; says why where there is none."""
        self.busy = True
        self.tell(t("print.looking"))
        try:
            found = await self.outlet.printers()
        except PrintError as error:
            self.tell_error(error)
            return ()
        except asyncio.CancelledError:
            self.tell("")  # the view was closed meanwhile
            raise
        finally:
            self.busy = False
        if not found:
            self.tell(t("print.gone", printer=self.outlet.printer) if self.outlet.printer else t("print.none"), alarm=True)
        else:
            self.tell("")
        return found

    def begin(self, printer: Printer) -> None:
        """Print, unless something is being printed."""
        if not self.busy:
            self.busy = True
            self._label = printer.label
            self._start(self._print(printer.name))

    def give_up(self) -> None:
        """Take the job back, if there is one under way."""
        if self.job is not None:
            self._start(self._cancel(self.job))

    async def sent(self) -> None:
        """Return once the print server has what was asked to be printed, or has refused it."""
        while self.busy:  # noqa: ASYNC110 - several things end it
            await asyncio.sleep(SOON)

    def close(self) -> None:
        """Nobody looks any more; what was sent is printed all the same."""
        self.changed = lambda: None
        if self._task is not None:
            self._task.cancel()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(work)

    async def _print(self, printer: str) -> None:
        self.tell(t("print.making"))
        try:
            self.job = await self.outlet.send(printer, self.done)
        except PrintError as error:
            self.tell_error(error)
            return
        finally:
            self.busy = False
        self.tell(t("print.state.waiting", printer=self._label))
        await self._watch(self.job)

    async def _watch(self, job: PrintJob) -> None:
        silent = 0
        while silent < GIVE_UP:
            try:
                progress = await self.outlet.progress(job)
                silent = 0
            except PrintError:
                silent += 1
            else:
                if progress.over:
                    self.job = None
                self.tell(sentence(self._label, progress), alarm=bool(progress.troubles) or progress.state in ("failed", "held"))
                if progress.over:
                    return
            await asyncio.sleep(EVERY)
        self.job = None
        self.tell(t("print.lost"), alarm=True)

    async def _cancel(self, job: PrintJob) -> None:
        self.tell(t("print.cancelling"))
        with contextlib.suppress(PrintError):  # what became of it is asked next
            await self.outlet.cancel(job)
        await self._watch(job)


def sentence(printer: str, progress: PrintProgress) -> str:
    """A job's state and what keeps it up, the trouble first."""
    return "".join((*progress.troubles, t(f"print.state.{progress.state}", printer=printer)))
