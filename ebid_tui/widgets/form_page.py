"""From a form's state to lines: blocks, labels, inputs with mark and limit, live counts, what is wrong. Lines only.

A row is `> label [value] (※) (60文字以内)`; the limit gives way to the live count `12/60` once something is typed, with `!`
where something is wrong. What is wrong stands in the line at the bottom while one types and leaves the field, so that no row
jumps, and below the field once the whole form was checked. The mark stands behind the input, as in the documents, where an
ambiguous-width ※ shifts nothing that is edited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
from rich.cells import cell_len

from ebid_tui.domain.fields import Field
from ebid_tui.domain.password_policy import PolicyPart
from ebid_tui.flows.register_pages import shown_value
from ebid_tui.flows.ui import Form, FormBlock
from ebid_tui.forms.model import FormInput, FormModel
from ebid_tui.forms.notes import note
from ebid_tui.forms.remarks import block_remark, policy_parts
from ebid_tui.forms.text_field import MASK
from ebid_tui.messages import t
from ebid_tui.widgets.frame import PageBody
from ebid_tui.widgets.keys import keys_of
from ebid_tui.widgets.notices import rest_of
from ebid_tui.widgets.styled_lines import (
    Line,
    Piece,
    cut_left,
    fit,
    fit_label,
    label_room,
    line,
    names_within,
    paragraph,
    shortened,
    widest,
    width_of,
    with_cursor,
    wrap,
)

HINT = 44
"""Cells of a field's hint, if its help has more than one sentence."""

SENTENCE = re.compile(r".+?(?:。|\.(?:\s+|$)|$)", re.DOTALL)

MARKER = 2
"""Cells left of the label."""


class FormColumns(msgspec.Struct, frozen=True):
    """Where things stand in a row, in cells."""

    width: int
    label: int
    mark: int

    @property
    def value(self) -> int:
        """Column of the value's first cell, behind the bracket."""
        return MARKER + self.label + 2

    def input(self, entry_field: Field) -> int:
        """Cells of a field's input: its limit and a place for the cursor, or what the row has."""
        right = max(cell_len(entry_field.note), 2 * len(str(entry_field.limit)) + 1) + 1
        room = self.width - self.value - 1 - (self.mark + 1 if self.mark else 0) - right - 1
        limit = entry_field.limit * (2 if entry_field.chars == "full_width" else 1) + 1
        return max(min(limit, room), 8)


def columns(form: Form, width: int) -> FormColumns:
    """The columns of a form at a width."""
    every = [f for block in form.blocks for f in block.fields]
    labels = label_room((f.label for f in every), max(12, width // 3))
    return FormColumns(width, labels, widest((f.mark for f in every if f.required), 8))


def paint_form(model: FormModel, width: int) -> PageBody:
    """The whole form, with the rows of the field being edited and the cell of its cursor."""
    form = model.form
    place = columns(form, width)
    body = PageBody([()])
    body.lines += rest_of(form.notice, width, form.notice_about)
    body.lines += paragraph(form.lead, width - 2, "text", indent="  ") if form.lead else []
    index = 0
    for block in form.blocks:
        body.lines += _heading(block, block_remark(form, block), width)
        for block_field in block.fields:
            if block.read_only or not block_field.input:
                body.lines += _shown(block_field, form.values.get(block.id, {}).get(block_field.id, ""), place)
                continue
            _input(model, index, place, body)
            index += 1
    body.stop = model.current
    return body


def _heading(block: FormBlock, remark: str, width: int) -> list[Line]:
    if not block.title:
        return paragraph(remark, width - 2, "dim", indent="  ") if remark else []
    title = f" 【{block.title}】"
    if not remark:
        return [(), ((title, "heading"),)]
    if cell_len(title) + cell_len(remark) + 2 <= width:
        return [(), ((title, "heading"), (" " + remark, "dim"))]
    return [(), ((title, "heading"),), *paragraph(remark, width - 2, "dim", indent="  ")]


def _shown(shown: Field, value: str, place: FormColumns) -> list[Line]:
    rows = [row for part in shown_value(shown, value).split("\n") for row in wrap(part, max(place.width - place.value - 1, 8))]
    head = line((" " * MARKER, "text"), (fit_label(shown.label, place.label) + "  ", "label"), (rows[0], "shown" if value else "dim"))
    return [head, *(line((" " * place.value, "text"), (row, "shown")) for row in rows[1:])]


def _input(model: FormModel, index: int, place: FormColumns, body: PageBody) -> None:
    entry = model.entries[index]
    editing = index == model.current
    cells = place.input(entry.field)
    mask = MASK * len(entry.editor.value) if entry.field.secret and not model.secrets_shown else None
    rows, (cursor_row, cursor_column) = entry.editor.rows(cells, mask)
    top = len(body.lines)
    for number, row in enumerate(rows):
        pieces: list[Piece] = []
        if number == 0:
            pieces += [("> " if editing else "  ", "marker"), (fit_label(entry.field.label, place.label) + " ", "label")]
        else:
            pieces.append((" " * (place.value - 1), "text"))
        pieces.append(("[", "label"))  # as the label before it: one change of style less to send
        shown = fit(row, cells)
        pieces += with_cursor(shown, cursor_column) if editing and number == cursor_row else line((shown, "input"))
        pieces.append(("]", "label"))
        if number == 0:
            mark = entry.field.mark if entry.field.required else ""
            pieces.append((" " + mark + " " * (place.mark - cell_len(mark) + 1) if place.mark else " ", "label"))
            pieces.append(_limit(entry, place.width - width_of(pieces)))
        body.lines.append(tuple(pieces))
    if entry.told:
        body.lines += _told(entry, place)
    if beside := note(model, entry):
        indent = " " * min(place.value, 8)
        body.lines += paragraph(beside, place.width - 2, "warning", first=indent + "! ", indent=indent + "  ")
    body.lines += _policy(policy_parts(model, entry, "new_password_again"), place)
    body.stops.append((top, len(body.lines) - 1))
    if editing:
        body.cursor = (place.value + cursor_column, top + cursor_row)


def _policy(parts: Sequence[PolicyPart], place: FormColumns) -> list[Line]:
    """R-04: every part of the policy, as far as it is met by what is typed."""
    indent = " " * min(place.value, 8)
    return [
        line((indent + ("[x] " if p.met else "[ ] "), "good" if p.met else "dim"), (p.label, "good" if p.met else "text")) for p in parts
    ]


def _limit(entry: FormInput, room: int) -> Piece:
    """What stands at the row's end: the limit, the live count, and the sign of a fault."""
    count = f"{entry.count}/{entry.field.limit}" if entry.field.limit else ""
    if entry.problem is not None:
        return ("! " + (count if entry.editor.value else t("screen.form.empty")), "error")
    return (count if entry.editor.value else shortened(entry.field.note, room), "label")


def _told(entry: FormInput, place: FormColumns) -> list[Line]:
    """Below an input that a check found faulty: what is wrong, or that it is mended. The row stays, nothing jumps while one types."""
    indent = " " * min(place.value, 8)
    if entry.problem is None:
        return [line((indent + "* " + t("screen.form.mended"), "good"))]
    return paragraph(entry.problem.message, place.width - 2, "error", first=indent + "! ", indent=indent + "  ")


def bottom(model: FormModel, width: int, mode: str = "", *, ask_off: bool = False, away: bool = False) -> list[Line]:
    """Two lines: what happened, what is wrong, or what the value will become; and the field's hint.

    `mode` is the sign of what an input method does now; with `ask_off` the hint begins by asking to switch it off. It stays while one
    types, or every first key would send the row again. `away`: the field is out of sight, so which one it is and how to get there is said.
    """
    sign, role, said = _news(model, width)
    known = _known(model, width)
    if away:
        named = t("screen.form.away", label=model.entry.field.label, key=keys_of("form.down")[0])
        return [line((fit(f" {sign} {said}" if said else "", width), role or "dim")), line((fit(" " + named, width), "dim"))]
    before = [mode] if mode else []
    before += [t("screen.input_method.off")] if ask_off else []
    room = width - 2 - sum(cell_len(part) + 1 for part in before)
    hint = line((fit(" " + " ".join([*before, _hint(model.entry.field, room)]), width), "dim"))
    if not said and known:
        sign, role, said, known = "*", "good", known, ""
    if not said:
        return [line((fit("", width), "dim")), hint]
    first, *more = wrap(said, width - 4)
    if more:
        hint = line((fit("   " + shortened(" ".join(more), width - 4), width), role))
    elif known:
        hint = line((fit(f" * {known}", width), "good"))
    return [line((fit(f" {sign} {first}", width), role)), hint]


def _hint(hinted: Field, room: int) -> str:
    """The beginning of a field's help: its first sentence, and those behind it that are short. F1 shows all of it.

    It is sent with every step to another field.
    """
    kept, *more = SENTENCE.findall(hinted.help) or [""]
    for sentence in more:
        if cell_len(kept + sentence.rstrip()) > min(HINT, room):
            break
        kept += sentence
    return shortened(kept.rstrip(), room)


def _known(model: FormModel, width: int) -> str:
    """What the field could be filled with, and by which key."""
    found = model.assist.suggestions()
    if not found:
        return ""
    key = keys_of("form.suggestion")[0]
    sentence = "screen.form.known" if len(found) == 1 else "screen.form.known_several"
    room = width - 4 - cell_len(t(sentence, count=len(found), value="", key=key))
    return t(sentence, count=len(found), value=names_within((s.told for s in found), room), key=key)


def _news(model: FormModel, width: int) -> tuple[str, str, str]:
    """Sign, role and text of the upper line; no text if there is nothing to say."""
    if model.said:
        return ("!", "warning", model.said) if model.alarm else ("*", "good", model.said)
    problem = model.entry.problem
    if problem is not None:
        offers = problem.suggestion is not None or bool(problem.choices)
        suggestion = t("screen.form.suggestion", key=keys_of("form.suggestion")[0]) if offers else ""
        return "!", "error", problem.message + suggestion
    if model.assist.suggestions():
        return "", "", ""  # what is known says more than what the width becomes
    lead = t("screen.form.offered")
    offered = model.offered()
    return "*", "dim", lead + cut_left(offered, width - 4 - cell_len(lead)) if offered else ""
