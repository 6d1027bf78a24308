"""Where a receipt's page can go: a printer, a file. What the screens and line mode are given; it brings nothing with it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import PrintError
from ebid_tui.flows.localising import relocalised
from ebid_tui.flows.ui import Done
from ebid_tui.language import SOURCE, speaking, speaking_of
from ebid_tui.messages import t
from ebid_tui.printing.printers import Cups, Printer, PrintJob, PrintProgress
from ebid_tui.process import private_files


class FileExists(Exception):
    """A file of this name exists: it is only written over by somebody who said so."""


@dataclass(frozen=True, slots=True)
class PrintTargets:
    """`printer` is the one that the settings name, `to_file` whether people may save files here (not at a kiosk)."""

    profile: Profile
    cups: Cups
    printer: str = ""
    to_file: bool = True

    async def printers(self) -> tuple[Printer, ...]:
        """Those that can be chosen: the settings' one alone where they name one. Raises PrintError."""
        found = await self.cups.printers()
        if not self.printer:
            return found
        return tuple(printer for printer in found if printer.name == self.printer)

    async def page(self, done: Done) -> bytes:
        """The page as a PDF; made in a thread, for the fonts take their time. Raises PrintError."""
        return await asyncio.to_thread(_pdf, done, self.profile)

    async def send(self, printer: str, done: Done) -> PrintJob:
        """Make the page and queue it. The title that print servers show to everybody is the receipt's number. Raises PrintError."""
        return await self.cups.send(printer, f"ebid-tui {done.receipt.id}", await self.page(done))

    async def progress(self, job: PrintJob) -> PrintProgress:
        """Raises PrintError where it cannot be told."""
        return await self.cups.progress(job)

    async def cancel(self, job: PrintJob) -> None:
        """Raises PrintError."""
        await self.cups.cancel(job)

    async def save(self, name: str, done: Done, *, overwrite: bool = False) -> Path:
        """Write the page into a file that only its owner can read; the path that was written.

        Raises FileExists unless `overwrite`, PrintError.
        """
        path = _absolute(name)
        if not overwrite and _there(path):
            raise FileExists
        data = await self.page(done)
        try:
            await asyncio.to_thread(private_files.put, path, data, replace=overwrite)
        except FileExistsError:
            raise FileExists from None
        except (OSError, ValueError) as error:  # a ValueError is a name with a NUL in it
            raise PrintError(code="E-PRINT-FILE", reason=getattr(error, "strerror", None) or type(error).__name__) from None
        return path


def suggested_name(done: Done) -> str:
    """What a saved page is called unless somebody says otherwise."""
    return t("print.save.suggested", id=done.receipt.id)


def completed_name(typed: str) -> str:
    """The rest of a file's name, as far as only one thing can be meant; unchanged where nothing is found."""
    found = sorted(_begun(typed))
    if not found:
        return typed
    first, last = found[0], found[-1]  # sorted: what these two have in common, all have
    whole = first[: next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))]
    return whole + "/" if len(found) == 1 and Path(whole).expanduser().is_dir() else whole


def _begun(typed: str) -> Iterator[str]:
    folder, slash, beginning = typed.rpartition("/")
    place = Path((folder + slash) or ".").expanduser()
    try:
        names = [entry.name for entry in place.iterdir()]
    except OSError:
        return
    for name in names:
        if name.startswith(beginning) and (beginning or not name.startswith(".")):
            yield folder + slash + name


def _absolute(name: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(name)))


def _there(path: Path) -> bool:
    return os.path.lexists(path)


def _pdf(done: Done, profile: Profile) -> bytes:
    from ebid_tui.printing.paper import pdf  # the PDF library: 150 ms, only when something is printed
    from ebid_tui.printing.receipt import receipt_paper

    with speaking(SOURCE), speaking_of(profile.words):  # a document of the office, whatever the person at the screen reads
        return pdf(receipt_paper(relocalised(done), profile))
