"""Sections of labels and values, as confirmation, completion and print show them. Lines only."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from ebid_tui.flows.ui import Row, Section
from ebid_tui.messages import t
from ebid_tui.widgets.styled_lines import Line, Piece, fit, label_room, label_rows, line, paragraph, wrap

SIGN = 3
"""Cells left of a label, for the sign of a row that wants attention."""

ROLES = {"": "text", "!": "warning", "*": "good"}


def section_lines(sections: Sequence[Section], width: int) -> list[Line]:
    """Titled groups of rows in two columns; long values are wrapped in theirs."""
    return [row for row, _ in section_parts(sections, width)]


def section_parts(sections: Sequence[Section], width: int) -> list[tuple[Line, Hashable]]:
    """The same lines, each with what it belongs to: the number of a section, and that of a row in it (-1: its title); None for a gap."""
    label = label_room((row.label for section in sections for row in section.rows), max(12, width // 3))
    lines: list[tuple[Line, Hashable]] = []
    for number, section in enumerate(sections):
        lines.append(((), None))
        lines += [(row, (number, -1)) for row in _title(section, width)]
        for at, row in enumerate(section.rows):
            lines += [(part, (number, at)) for part in _row(row, label, width)]
    return lines


def _title(section: Section, width: int) -> list[Line]:
    title = f" 【{section.title}】" if section.title else ""
    if not title and not section.remark:
        return []
    if section.remark and cell_len(title) + cell_len(section.remark) + 2 > width:
        return [((title, "heading"),), *paragraph(section.remark, width - 2, "dim", indent="  ")]
    pieces: list[Piece] = [(title, "heading")]
    if section.remark:
        pieces.append(((" " if title else "  ") + section.remark, "dim"))
    return [line(*pieces)]


def _row(row: Row, label: int, width: int) -> list[Line]:
    column = SIGN + label + 2
    values = wrap(row.value or t("screen.missing"), max(width - column - 2, 8))
    sign = f" {row.sign} " if row.sign else " " * SIGN
    role = ROLES[row.sign] if row.value else "dim"
    lines = [
        line((sign if at == 0 else " " * SIGN, ROLES[row.sign]), (fit(named, label) + "  ", "label"), (value, role))
        for at, (named, value) in enumerate(zip_longest(label_rows(row.label, label), values, fillvalue=""))
    ]
    if row.note:
        lines += paragraph(row.note, width - 2, ROLES[row.sign], indent=" " * column)
    return lines
