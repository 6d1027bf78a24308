"""What is still to be looked at when a form has been filled in: notes that its confirmation repeats, in every voice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:  # the first question can do without a form
    from ebid_tui.flows.ui import Review, Row
    from ebid_tui.forms.gaps import PastedGap
    from ebid_tui.forms.model import FormInput, FormModel


def note(model: FormModel, entry: FormInput) -> str:
    """What is said beside an input though it is no fault."""
    from ebid_tui.forms import gaps

    return gaps.note(entry) + model.assist.note(entry)


class FormNotes:
    """The notes of one visit, and the pasted gaps that they came from, for a form that is opened again."""

    def __init__(self) -> None:
        self._notes: dict[tuple[str, str, str], str] = {}
        self._gaps: dict[tuple[str, str, str], list[PastedGap]] = {}

    def clear(self) -> None:
        self._notes.clear()
        self._gaps.clear()

    def remember(self, model: FormModel) -> None:
        """What the form says now."""
        for entry in model.entries:
            value = entry.editor.value
            if told := note(model, entry):
                self._notes[entry.block.title, entry.field.label, value] = told
            else:
                self._notes.pop((entry.block.title, entry.field.label, value), None)
            if entry.gaps:
                self._gaps[entry.block.id, entry.field.id, value] = entry.gaps

    def bring_back(self, model: FormModel) -> None:
        """The gaps of values that stand in the form again, as they were left."""
        for entry in model.entries:
            if not entry.gaps:
                entry.gaps = self._gaps.get((entry.block.id, entry.field.id, entry.editor.value), [])

    def on(self, review: Review) -> Review:
        """The confirmation with each note on its row."""
        if not self._notes:
            return review
        sections = tuple(
            msgspec.structs.replace(section, rows=tuple(self._row(section.title, row) for row in section.rows))
            for section in review.sections
        )
        return msgspec.structs.replace(review, sections=sections)

    def _row(self, title: str, row: Row) -> Row:
        told = self._notes.get((title, row.label, row.value), "")
        return msgspec.structs.replace(row, sign="!", note=row.note + told) if told else row
