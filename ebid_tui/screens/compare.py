"""電子証明書更新確認: both cards side by side, to be looked at before 更新."""

from __future__ import annotations

from collections.abc import Hashable

from ebid_tui.flows.comparing import CardComparison, DiffRow
from ebid_tui.flows.ui import Review
from ebid_tui.messages import t
from ebid_tui.screens.review import ReviewScreen
from ebid_tui.widgets.frame import PageFrame
from ebid_tui.widgets.styled_lines import Line, fit, fit_label, label_room, line, paragraph, wrap

BESIDE_VALUES = 6
"""Cells more for the labels than a quarter of the page."""

LOOKS = {"equal": (" ", "text"), "changed": ("*", "good"), "notable": ("!", "warning")}
"""Sign and role of each verdict: never told by colour alone."""


class CompareScreen(ReviewScreen):
    """A confirmation whose body has two columns of values; scrolling and answering are those of the confirmation."""

    def __init__(self, office: PageFrame, comparison: CardComparison) -> None:
        c = comparison
        super().__init__(office, Review(c.id, c.title, (), c.warnings, c.question, c.submit, c.back, c.choice))
        self.comparison = comparison

    def action_back(self) -> None:
        """Asks first: two PINs were entered for this page."""
        from ebid_tui.screens.leave import LeaveOverlay

        self.app.push_screen(LeaveOverlay(self.office, ("screen.leave.pin",), super().action_back))

    def parts(self, width: int) -> list[tuple[Line, Hashable]]:
        c = self.comparison
        label = label_room((row.label for row in c.rows), max(12, width // 4) + BESIDE_VALUES)
        column = max((width - label - 9) // 2, 8)
        titles = _row(" ", "", c.current, c.new, label, column, "heading")
        found: list[tuple[Line, Hashable]] = [((), None), *((row, "columns") for row in titles)]
        for number, row in enumerate(c.rows):
            found += [(shown, number) for shown in _diff(row, label, column, width)]
        return [*found, ((), None), (line((t("screen.compare.signs"), "dim")), "signs")]


def _diff(row: DiffRow, label: int, column: int, width: int) -> list[Line]:
    sign, role = LOOKS[row.verdict]
    missing = t("screen.missing")
    lines = _row(sign, row.label, row.current or missing, row.new or missing, label, column, role)
    if row.note:
        lines += paragraph(row.note, width - 2, role, indent=" " * (label + 5))
    return lines


def _row(sign: str, name: str, current: str, new: str, label: int, column: int, role: str) -> list[Line]:
    left, right = wrap(current, column), wrap(new, column)
    lines: list[Line] = []
    for index in range(max(len(left), len(right))):
        first = index == 0
        lines.append(
            line(
                (f" {sign if first else ' '} ", role),
                (fit_label(name if first else "", label) + "  ", "label"),
                (fit(left[index] if index < len(left) else "", column) + "  ", "heading" if role == "heading" else "text"),
                (right[index] if index < len(right) else "", role),
            )
        )
    return lines
