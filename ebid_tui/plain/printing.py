"""印刷 in line mode: which printer, what becomes of the page, and the file it may be saved in (R-20). One thing a line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ebid_tui.errors import PrintError
from ebid_tui.flows.ui import Done, Nav
from ebid_tui.messages import t
from ebid_tui.plain.answers import Prompt
from ebid_tui.plain.pages import print_error

if TYPE_CHECKING:
    from ebid_tui.printing.printers import Printer, PrintJob
    from ebid_tui.printing.targets import PrintTargets

NOWHERE = "none"
"""The answer that prints nothing; the preset."""

Choose = Callable[[str, list[tuple[str, str]], str], Awaitable[str | Nav]]
"""One of (id, label), by the prompt's id, with a preset."""

Ask = Callable[[Prompt, str], Awaitable[str]]
"""A line of text, after the prompt's label."""

PATIENCE = 30.0
"""Seconds that a job is watched: the flow goes on without it."""
EVERY = 0.5


async def print_out(outlet: PrintTargets, done: Done, choose: Choose, ask: Ask) -> None:
    """Ask for a printer (`printer`), then for a file (`file`); what fails is said and keeps nobody."""
    printer = await _printer(outlet, choose)
    if printer is not None:
        try:
            print(t("print.making"), flush=True)
            await _watched(outlet, await outlet.send(printer.name, done), printer.label)
        except PrintError as error:
            print_error(error)
    if outlet.to_file:
        await _into_file(outlet, done, choose, ask)


async def _printer(outlet: PrintTargets, choose: Choose) -> Printer | None:
    try:
        found = await outlet.printers()
    except PrintError as error:
        print_error(error)
        return None
    if not found:
        print(t("print.gone", printer=outlet.printer) if outlet.printer else t("print.none"))
        return None
    print(t("print.plain.printer"))
    options = [(printer.name, printer.label) for printer in found] + [(NOWHERE, t("print.plain.no_print"))]
    for number, (name, label) in enumerate(options, start=1):
        troubles = "".join(found[number - 1].troubles) if number <= len(found) else ""
        print(" ".join(dict.fromkeys((f"{number}", name, label))) + (t("print.plain.trouble", troubles=troubles) if troubles else ""))
    answer = await choose("printer", options, NOWHERE)
    return next((printer for printer in found if printer.name == answer), None)


async def _watched(outlet: PrintTargets, job: PrintJob, label: str) -> None:
    """Say the job's state whenever it changes, until it is over or was watched long enough."""
    from ebid_tui.printing.printout import sentence

    loop = asyncio.get_running_loop()
    end, said = loop.time() + PATIENCE, ""
    while loop.time() < end:
        progress = await outlet.progress(job)
        now = sentence(label, progress)
        if now != said:
            print(now, flush=True)
            said = now
        if progress.over:
            return
        await asyncio.sleep(EVERY)
    print(t("print.plain.goes_on"))


async def _into_file(outlet: PrintTargets, done: Done, choose: Choose, ask: Ask) -> None:
    from ebid_tui.printing.targets import FileExists

    name = (await ask(Prompt("file", ""), t("print.plain.file"))).strip()
    overwrite = False
    while name:
        try:
            print(t("print.save.saved", path=await outlet.save(name, done, overwrite=overwrite)))
            return
        except PrintError as error:
            print_error(error)
            return
        except FileExists:
            print(t("print.plain.overwrite"))
            options = [("yes", t("common.yes")), ("no", t("common.no"))]
            overwrite = await choose("overwrite", options, "no") == "yes"
            name = name if overwrite else ""
