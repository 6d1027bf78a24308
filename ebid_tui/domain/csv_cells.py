"""Cells of a CSV file that a person may open: none is a formula to a spreadsheet, and what was guarded can be read back.

Excel, LibreOffice and others run a cell that begins with one of these characters (OWASP, "CSV Injection"); an apostrophe before it
makes it text. A cell that had apostrophes before such a character gets one more, so that reading takes off exactly what writing put on.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from ebid_tui.domain.text.cleaning import shown

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(cell: str) -> str:
    """The cell as it is written."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell that was meant. What this program did not write stays as it is, but for an apostrophe before a formula."""
    return cell[1:] if _GUARDED.match(cell) else cell


def line(cells: Iterable[str]) -> str:
    """One row (RFC 4180), with its CR LF. Cells may have several lines; characters that nobody sees are taken out."""
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator="\r\n").writerow(guarded(shown(cell, len(cell) + 1, lines=True)) for cell in cells)
    return made.getvalue()
